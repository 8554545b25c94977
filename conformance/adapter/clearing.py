"""Terminates what a scenario left alive, so that an endpoint does not fill up with the instances of a run."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from ...model.requests import Operation
from ...model.rules.attributes import PROTECTIONS
from .failures import failed, is_unimplemented
from .names import Names
from .target import Alive, Cleared, TargetError

Client: TypeAlias = Any
"""A boto3-shaped EC2 client: keyword arguments in, dictionaries out, botocore exceptions.

boto3 creates the methods of its clients at run time, so there is no type to name.
"""


class _UselessError(Exception):
    """The target does not answer, or has no such operation."""


def terminate_all(client: Client, alive: Alive) -> Cleared:
    """Clear the protections of instances and terminate them, as far as the EC2 behind a boto3 client allows.

    If the request is refused, each half of it is tried. A single instance that is refused loses every protection.
    After a call without an answer, or where there is no such operation, nothing more is tried.
    Raises what the client raises of `TargetError`.
    """
    requests = _Requests(client)
    waiting = [tuple(alive)] if alive else []
    left = 0
    try:
        for real_id, protections in alive.items():
            for protection in protections:
                requests.unprotect(real_id, protection)
        while waiting:
            batch = waiting[-1]
            granted = requests.terminate(*batch)
            if not granted and len(batch) == 1:
                left += not requests.terminate_unprotected(*batch)
            waiting.pop()
            if not granted and len(batch) > 1:
                middle = len(batch) // 2
                waiting += [batch[middle:], batch[:middle]]
    except _UselessError:
        left += sum(map(len, waiting))
    return Cleared(requests.calls, left)


@dataclass(slots=True)
class _Requests:
    """Requests to an EC2, and their number."""

    client: Client
    calls: int = 0

    def terminate(self, *ids: str) -> bool:
        """Tell whether instances can be terminated; raises `_UselessError`."""
        return self._is_granted("terminate_instances", InstanceIds=list(ids))

    def unprotect(self, real_id: str, protection: str) -> bool:
        """Tell whether an instance can be made to lose a protection; raises `_UselessError`."""
        change = {"InstanceId": real_id, protection: {"Value": False}}
        return self._is_granted("modify_instance_attribute", **change)

    def terminate_unprotected(self, real_id: str) -> bool:
        """Remove one protection of an instance after the other, until it can be terminated; raises `_UselessError`."""
        return any(self.unprotect(real_id, each.value) and self.terminate(real_id) for each in PROTECTIONS)

    def _is_granted(self, method: str, **arguments: object) -> bool:
        call: Any = getattr(self.client, method, None)
        if call is None:
            raise _UselessError
        self.calls += 1
        try:
            call(**arguments)
        except ClientError as refusal:
            if is_unimplemented(failed(Operation.TERMINATE, refusal, Names())):
                raise _UselessError from refusal
            return False
        except TargetError:
            raise
        except Exception as error:
            raise _UselessError from error
        return True
