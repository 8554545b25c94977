"""The gate that every request to a live account passes: it checks each one against the run's journal.

A mutating request may name only resources of the run, or ids that no resource has.
Resources are journalled before they are requested, and carry the run's tags and a token.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import uuid4

from botocore import exceptions as wrong
from botocore.exceptions import ClientError

from ..adapter.clock import Clock
from ..adapter.ec2_target import Client
from ..adapter.error_codes import NO_CAPACITY, NO_CREDENTIALS, NO_PERMISSION
from ..adapter.failures import code_and_status
from ..adapter.reply_parts import Reply, WrongPart, items, required, structure
from ..adapter.retries import RetryPolicy, may_repeat, with_retries
from ..adapter.target import Broken, Unsupported
from ..oracle.settings import Settings
from .journal import VOLUME, Entry, Gone, Intent, Made, Record, now
from .limits import Limits
from .meter import Meter
from .ownership import Arguments, instances_in, own_token, shows_nothing, state_of, tags

RETRY_POLICY: Final = RetryPolicy(tries=9, first_pause=0.5, longest_pause=20.0)
"""About a minute; a throttled account soon has 20 descriptions per second again."""
_SERVER_ERROR: Final = 500
_YOUNG: Final = timedelta(seconds=Settings().launch_visibility)
_OVER: Final = frozenset({"shutting-down", "terminated"})
_LOST: Final = (wrong.ConnectionClosedError, wrong.ReadTimeoutError, wrong.ResponseStreamingError)
_NOT_RENEWED: Final = (
    wrong.CredentialRetrievalError,
    wrong.NoCredentialsError,
    wrong.PartialCredentialsError,
    wrong.SSOError,
    wrong.TokenRetrievalError,
)
"""Expired credentials that botocore could not renew."""


class JournalWriter(Protocol):
    """The journal, as the gate uses it."""

    @property
    def record(self) -> Record:
        """The content of the journal."""
        ...

    def write(self, entry: Entry) -> None:
        """Append an entry durably."""
        ...


@dataclass(slots=True)
class Gate:
    """An EC2 client that sends only descriptions, and requests on resources of the run.

    Raises `Unsupported` and `LimitReached` if the sandbox file does not allow a launch,
    and `Broken` for a request on a foreign resource, which is not sent, or if the account refuses the caller.
    """

    client: Client
    limits: Limits
    journal: JournalWriter
    clock: Clock
    meter: Meter = field(init=False)
    calls: int = 0
    _unused_ids: set[str] = field(default_factory=set[str])
    """Ids that no resource has, according to a description."""

    def __post_init__(self) -> None:
        self.meter = Meter(self.limits, self.clock)

    # Requests that create resources.

    def run_instances(self, **arguments: Any) -> object:  # noqa: ANN401 - as boto3's
        """Launch within the limits of the sandbox file; a lost reply is requested again with the same token."""
        kind, count = arguments.get("InstanceType"), arguments["MaxCount"]
        if kind not in self.limits.instance_types:
            raise Broken(f"The instance type {kind} is not in the sandbox file; nothing was launched.")
        if not arguments.get("DryRun"):
            self.meter.check_launch(count)
        return self._make("run_instances", arguments, ("instance", "volume"), count, _ids_of_instances)

    def create_volume(self, **arguments: Any) -> object:  # noqa: ANN401
        """Create a volume."""
        self.meter.check_time_and_money()
        return self._make("create_volume", arguments, ("volume",), 0, _id_of_volume)

    def _make(
        self,
        method: str,
        arguments: Arguments,
        kinds: Iterable[str],
        instances: int,
        ids_in: Callable[[Reply], Sequence[str]],
    ) -> object:
        """Create resources; every try is journalled before it is sent."""
        token, ask, may_be_there = uuid4().hex, getattr(self.client, method), False
        arguments = {
            **arguments,
            "ClientToken": token,
            "TagSpecifications": tags(self.journal.record, token, kinds),
        }

        def once(**arguments: object) -> object:
            nonlocal may_be_there
            self.journal.write(Intent(token, now(), instances))
            try:
                return ask(**arguments)
            except Exception as error:
                may_be_there = may_be_there or not _changed_nothing(error)
                raise

        self.meter.asked(token, instances)
        try:
            reply = self._send(method, arguments, repeatable=True, ask=once)
        except Exception:
            if not may_be_there:
                self.journal.write(Made(token, ()))
                self.meter.refused(token)
            raise
        # The caller judges an unreadable reply; its resources are found by their tags.
        if ids := _read_from(reply, ids_in):
            self.adopt(token, ids)
        return reply

    def adopt(self, token: str, ids: Sequence[str]) -> None:
        """Record what a request has created, as its reply or a description shows."""
        self.journal.write(Made(token, tuple(ids)))
        self.meter.launched(token, (i for i in ids if not i.startswith(VOLUME)))

    # Requests that change resources.

    def terminate_instances(self, **arguments: Any) -> object:  # noqa: ANN401
        """Terminate instances of the run."""
        reply = self._change("terminate_instances", arguments)
        self.meter.ended(_read_from(reply, _ids_of_ending))
        return reply

    def start_instances(self, **arguments: Any) -> object:  # noqa: ANN401
        """Start instances of the run."""
        ids = arguments.get("InstanceIds") or ()
        self.meter.check_time_and_money(len(ids))
        reply = self._change("start_instances", arguments)
        self.meter.started(len(ids))
        return reply

    def stop_instances(self, **arguments: Any) -> object:  # noqa: ANN401
        """Stop instances of the run."""
        return self._change("stop_instances", arguments)

    def reboot_instances(self, **arguments: Any) -> object:  # noqa: ANN401
        """Reboot instances of the run."""
        return self._change("reboot_instances", arguments)

    def modify_instance_attribute(self, **arguments: Any) -> object:  # noqa: ANN401
        """Change an attribute of an instance of the run."""
        return self._change("modify_instance_attribute", arguments)

    def attach_volume(self, **arguments: Any) -> object:  # noqa: ANN401
        """Attach a volume of the run to an instance of the run."""
        return self._change("attach_volume", arguments)

    def detach_volume(self, **arguments: Any) -> object:  # noqa: ANN401
        """Detach a volume of the run."""
        return self._change("detach_volume", arguments)

    def delete_volume(self, **arguments: Any) -> object:  # noqa: ANN401
        """Delete a volume of the run."""
        reply = self._change("delete_volume", arguments)
        self.journal.write(Gone(tuple(named_in(arguments))))
        return reply

    def _change(self, method: str, arguments: Arguments) -> object:
        for i in named_in(arguments):
            self._check_is_own(i)
        return self._send(method, arguments)

    def _check_is_own(self, real_id: str) -> None:
        """Raise `Broken` for the id of a foreign resource; an id that no resource has may be sent."""
        if real_id in self.journal.record.made or real_id in self._unused_ids:
            return
        for resource in self._resources(real_id):
            shown = required(resource, "VolumeId" if real_id.startswith(VOLUME) else "InstanceId", "a resource")
            token = own_token(self.journal.record, resource, shown)
            if token is None:
                raise Broken(f"{shown} was not made by this run, so a request that names it was not sent.")
            if shown not in self.journal.record.made:
                self.adopt(token, (shown,))
            if shown == real_id:
                return
        self._unused_ids.add(real_id)

    def _resources(self, real_id: str) -> Sequence[Reply]:
        """Return what a description shows for an id; empty if no resource has it."""
        try:
            if real_id.startswith(VOLUME):
                return items(structure(self.describe_volumes(VolumeIds=[real_id]), "the reply"), "Volumes", "the reply")
            return tuple(instances_in(structure(self.describe_instances(InstanceIds=[real_id]), "the reply")))
        except ClientError as error:
            if shows_nothing(code_and_status(error)[0]):
                return ()
            raise Broken(
                f"The run could not check whether it created {real_id}, so it sent no request that names it ({error})."
            ) from error

    # Requests that change nothing.

    def describe_instances(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe instances."""
        return self._send("describe_instances", arguments, repeatable=True)

    def describe_volumes(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe volumes."""
        return self._send("describe_volumes", arguments, repeatable=True)

    def describe_instance_attribute(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe one attribute of an instance."""
        return self._send("describe_instance_attribute", arguments, repeatable=True)

    def describe_availability_zones(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe zones."""
        return self._send("describe_availability_zones", arguments, repeatable=True)

    def describe_subnets(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe subnets."""
        return self._send("describe_subnets", arguments, repeatable=True)

    def describe_images(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe images."""
        return self._send("describe_images", arguments, repeatable=True)

    def describe_instance_types(self, **arguments: Any) -> object:  # noqa: ANN401
        """Describe instance types."""
        return self._send("describe_instance_types", arguments, repeatable=True)

    def _send(
        self, method: str, arguments: Arguments, *, repeatable: bool = False, ask: Callable[..., object] | None = None
    ) -> object:
        """Send a request, again where that cannot change anything; raises what the client does, and `Broken`."""
        call = with_retries(
            ask or getattr(self.client, method),
            self.clock.sleep,
            changes_nothing=repeatable,
            policy=RETRY_POLICY,
            also=_failed_inside,
        )
        self.calls += 1
        try:
            return call(**arguments)
        except ClientError as error:
            raise self._read(error, arguments) from error
        except _LOST as error:
            if repeatable:
                raise
            raise Unsupported(f"the reply to {method} was lost ({error})") from error
        except _NOT_RENEWED as error:
            raise Broken(f"The credentials no longer work for {method} ({error}); renew them.") from error

    def _names_the_young(self, arguments: Arguments) -> bool:
        """Tell whether a request names a resource so new that parts of EC2 may not know it yet."""
        record = self.journal.record
        return any(record.is_young(record.made[i], _YOUNG) for i in named_in(arguments) if i in record.made)

    def _read(self, error: ClientError, arguments: Arguments) -> Exception:
        """Return the exception to raise for an error; those about the account become target errors."""
        code, message, status = code_and_status(error)
        action = f"ec2:{error.operation_name}"
        # A tag-based policy cannot allow a request on something without tags.
        if code in NO_PERMISSION and not self._unused_ids.isdisjoint(named_in(arguments)):
            return Unsupported(f"{action} names an id that does not exist, and a policy by tags cannot allow that")
        if code in NO_PERMISSION and self._names_the_young(arguments):
            return Unsupported(f"{action} names an id that is so new that a policy by tags may not allow it yet")
        if code in NO_PERMISSION:
            return Broken(f"The account does not allow {action} ({code}); see the policy of the sandbox.")
        if code in NO_CREDENTIALS:
            return Broken(f"AWS refuses the credentials at {action} ({code}: {message}); renew them.")
        if _failed_inside(error):
            return Unsupported(f"{action} failed inside AWS (HTTP {status} {code})")
        return error


def named_in(arguments: Arguments) -> list[str]:
    """Return all ids that a request names."""
    alone = (arguments.get("InstanceId"), arguments.get("VolumeId"))
    return [*(arguments.get("InstanceIds") or ()), *(i for i in alone if i is not None)]


def _failed_inside(error: BaseException) -> bool:
    """Tell whether AWS failed internally: EC2 refuses with a 5xx status only for lack of capacity."""
    if not isinstance(error, ClientError):
        return False
    code, _, status = code_and_status(error)
    return status >= _SERVER_ERROR and code not in NO_CAPACITY


def _changed_nothing(error: Exception) -> bool:
    """Tell whether a failed request certainly changed nothing: it was never sent, or EC2 refused it."""
    if isinstance(error, wrong.ParamValidationError) or may_repeat(error, changes_nothing=False):
        return True
    return isinstance(error, ClientError) and not _failed_inside(error)


def _read_from(reply: object, ids_in: Callable[[Reply], Sequence[str]]) -> Sequence[str]:
    """Return the ids in a reply; none if it is unreadable."""
    try:
        return ids_in(structure(reply, "the reply"))
    except WrongPart:
        return ()


def _ids_of_instances(reply: Reply) -> Sequence[str]:
    return [required(instance, "InstanceId", "an instance") for instance in items(reply, "Instances", "the reply")]


def _id_of_volume(reply: Reply) -> Sequence[str]:
    return [required(reply, "VolumeId", "the reply")]


def _ids_of_ending(reply: Reply) -> Sequence[str]:
    """Return the instances that no longer cost anything, from the reply to a termination."""
    changed = items(reply, "TerminatingInstances", "the reply")
    return [
        required(each, "InstanceId", "an instance")
        for each in changed
        if state_of({"State": each.get("CurrentState")}) in _OVER
    ]
