"""Wrong targets that are wrappers over the replies of the model."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError
from wrong_doubles import Make

from ec2_lifecycle.conformance.adapter.arguments import METHODS
from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.target import Capability
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.refusals import client_error
from ec2_lifecycle.conformance.targets.model import PATIENCE
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, InstanceState

Reply: TypeAlias = dict[str, Any]
"""A reply, and a structure in one, as boto3 shows it."""
Call: TypeAlias = Callable[..., Reply]
"""A method of a boto3-shaped client."""


@dataclass(frozen=True, slots=True)
class Ec2:
    """What stands behind a wrapper: the call that was made, and the client it was made to, for calls of one's own."""

    call: Call
    client: ModelClient
    owner: ModelClient
    """The same account, by a caller who may do everything."""


Around: TypeAlias = Callable[[Ec2, Reply], Reply]
"""Answers a call in the place of EC2: its keyword arguments in, the reply out."""


class Wrapper:
    """A boto3-shaped client that answers some operations itself and leaves the others to the model."""

    capabilities: Final = tuple(c.name.lower().replace("_", "-") for c in Capability)
    patience_polls: Final = PATIENCE.polls

    def __init__(
        self, around: Mapping[Operation, Around], client: ModelClient, clock: VirtualClock, owner: ModelClient
    ) -> None:
        self.clock = clock
        self._around = {METHODS[operation]: answer for operation, answer in around.items()}
        self._client = client
        self._owner = owner
        self.push = client.push

    def for_nobody(self) -> "Wrapper":
        """Return a client of the same account whose caller has no permission."""
        around = {operation: self._around[name] for operation, name in METHODS.items() if name in self._around}
        return Wrapper(around, self._client.for_nobody(), self.clock, self._owner)

    def __getattr__(self, name: str) -> Call:
        call: Call = getattr(self._client, name)
        answer = self._around.get(name)
        if answer is None:
            return call

        def answered(**sent: Any) -> Reply:  # noqa: ANN401 - whatever is sent
            return answer(Ec2(call, self._client, self._owner), sent)

        return answered


def wrapped(around: Callable[[], Mapping[Operation, Around]], behaviour: Behaviour | None = None) -> Make:
    """Put a wrapper over the model; `around` is asked anew for each target, so that it may remember what it saw."""

    def client() -> Wrapper:
        clock = VirtualClock()
        model = ModelClient(EC2, behaviour or Behaviour(), clock)
        return Wrapper(around(), model, clock, model)

    return lambda: factory_target("double", client)


def changed(operation: Operation, change: Callable[[Reply], object]) -> Make:
    """Change every successful reply of one operation, in place."""

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        reply = deepcopy(ec2.call(**sent))
        change(reply)
        return reply

    return wrapped(lambda: {operation: answer})


def error(code: str, message: str) -> ClientError:
    """Return an error reply, as a boto3 client raises it."""
    return client_error("Double", code, message)


def code_of(refused: ClientError) -> str:
    """Return the error code of a refusal."""
    return str(refused.response.get("Error", {}).get("Code"))


def message_of(refused: ClientError) -> str:
    """Return the message of a refusal."""
    return str(refused.response.get("Error", {}).get("Message"))


def instances_of(reply: Reply) -> list[Reply]:
    """Return the instances that a description shows."""
    return [instance for reservation in reply["Reservations"] for instance in reservation["Instances"]]


def described(change: Callable[[Reply], object], *states: InstanceState) -> Make:
    """Change the description of every instance, or of those in some states."""
    names = [state.value for state in states]

    def change_all(reply: Reply) -> None:
        for instance in instances_of(reply):
            if not names or instance["State"]["Name"] in names:
                change(instance)

    return changed(Operation.DESCRIBE, change_all)


def one_by_one(ec2: Ec2, sent: Reply) -> Reply:
    """Do with one id after the other what is asked, until one of them is refused."""
    replies = [ec2.call(**{**sent, "InstanceIds": [i]}) for i in sent["InstanceIds"]] or [ec2.call(**sent)]
    together = replies[0]
    for key, value in together.items():
        if isinstance(value, list):
            together[key] = [item for reply in replies for item in reply[key]]
    return together


def despite_refusal(*codes: str) -> Around:
    """Refuse a request as EC2 does, by one of these codes, and carry it out on every id that permits it."""

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        try:
            return ec2.call(**sent)
        except ClientError as refused:
            if code_of(refused) in codes:
                for i in sent["InstanceIds"]:
                    with suppress(ClientError):
                        ec2.call(**{**sent, "InstanceIds": [i]})
            raise

    return answer


_LISTS: Final = {
    Operation.TERMINATE: "TerminatingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.START: "StartingInstances",
}


def _is_free(ec2: Ec2, i: str) -> bool:
    """Tell whether an instance runs without any protection."""
    try:
        ((instance,),) = (r["Instances"] for r in ec2.owner.describe_instances(InstanceIds=[i])["Reservations"])
    except ClientError:
        return False
    flags = ("disableApiTermination", "disableApiStop")
    return instance["State"]["Name"] == "running" and not any(
        ec2.owner.describe_instance_attribute(InstanceId=i, Attribute=flag)[f"D{flag[1:]}"]["Value"] for flag in flags
    )


def forgetting_the_last(operation: Operation, current: InstanceState) -> Make:
    """Answer for the last id of a request, if it is running and not protected, and do nothing about it."""
    key = _LISTS[operation]

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        *_, last = sent["InstanceIds"] or [""]
        if sent.get("DryRun") or ec2.client is not ec2.owner or not _is_free(ec2, last):
            return ec2.call(**sent)
        others = [i for i in sent["InstanceIds"] if i != last]
        reply: Reply = ec2.call(**{**sent, "InstanceIds": others}) if others else {key: []}
        item = {
            "InstanceId": last,
            "PreviousState": {"Code": 16, "Name": "running"},
            "CurrentState": {"Code": CODES[current], "Name": current.value},
        }
        return {**reply, key: [*reply[key], item]}

    return wrapped(lambda: {operation: answer})
