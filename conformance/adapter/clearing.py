"""Terminates what a scenario left alive, so that an endpoint does not fill up with the instances of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ...model.requests import Operation
from .ec2_target import Client
from .failures import failed, is_unimplemented
from .names import Names
from .target import Cleared

_PROTECTIONS: Final = ("DisableApiTermination", "DisableApiStop")
"""Each of them alone prevents a termination (fact P-04)."""


class _UselessError(Exception):
    """The target does not answer, or has no such operation."""


def terminate_all(client: Client, ids: Sequence[str]) -> Cleared:
    """Terminate instances by their ids, as far as the EC2 behind a boto3 client can.

    If a request is refused, each half of it is tried. A single instance that is refused loses its protections first.
    After a call without an answer, or where there is no such operation, nothing more is tried.
    """
    requests = _Requests(client)
    waiting = [tuple(ids)] if ids else []
    left = 0
    while waiting:
        batch = waiting.pop()
        try:
            if not requests.terminate(*batch):
                first, second = batch[: len(batch) // 2], batch[len(batch) // 2 :]
                if first:
                    waiting += [second, first]
                else:
                    left += not requests.terminate_unprotected(*second)
        except _UselessError:
            left += len(batch) + sum(map(len, waiting))
            break
    return Cleared(requests.calls, left)


@dataclass(slots=True)
class _Requests:
    """Requests to an EC2, and their number."""

    client: Client
    calls: int = 0

    def terminate(self, *ids: str) -> bool:
        """Tell whether instances can be terminated; raises `_UselessError`."""
        return self._is_granted(self.client.terminate_instances, InstanceIds=list(ids))

    def terminate_unprotected(self, real_id: str) -> bool:
        """Remove one protection of an instance after the other, until it can be terminated; raises `_UselessError`."""
        for protection in _PROTECTIONS:
            change = {"InstanceId": real_id, protection: {"Value": False}}
            if self._is_granted(self.client.modify_instance_attribute, **change) and self.terminate(real_id):
                return True
        return False

    def _is_granted(self, method: Callable[..., object], **arguments: object) -> bool:
        self.calls += 1
        try:
            method(**arguments)
        except ClientError as refusal:
            if is_unimplemented(failed(Operation.TERMINATE, refusal, Names())):
                raise _UselessError from refusal
            return False
        except (BotoCoreError, ResponseParserError, OSError) as error:
            raise _UselessError from error
        return True
