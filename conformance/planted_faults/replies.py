"""Faults in replies: a client of the model, with a function that intercepts some of its calls."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError

from ...model.requests import Operation
from ...model.states import CODES, InstanceState
from ..adapter.arguments import METHODS
from ..emulator.client import ModelClient
from ..emulator.refusals import client_error

Reply: TypeAlias = dict[str, Any]
"""A reply, and a structure in one, as boto3 shows it."""
Call: TypeAlias = Callable[..., Reply]
"""A method of a boto3-shaped client."""


@dataclass(frozen=True, slots=True)
class Original:
    """The call that an interceptor replaces, and the client, for its own calls."""

    call: Call
    client: ModelClient
    owner: ModelClient
    """The same account, by a caller who may do everything."""


Interceptor: TypeAlias = Callable[[Original, Reply], Reply]
"""Answers a call in the place of EC2: its keyword arguments in, the reply out."""


class InterceptedClient:
    """A boto3-shaped client that answers some operations itself and leaves the others to the model."""

    def __init__(self, interceptors: Mapping[Operation, Interceptor], client: ModelClient, owner: ModelClient) -> None:
        self._interceptors = interceptors
        self._by_method = {METHODS[operation]: intercept for operation, intercept in interceptors.items()}
        self._client = client
        self._owner = owner

    def for_nobody(self) -> "InterceptedClient":
        """Return a client of the same account whose caller has no permission."""
        return InterceptedClient(self._interceptors, self._client.for_nobody(), self._owner)

    def push(self, step: str, instance_id: str) -> None:
        """Make a background step happen, as the model does."""
        self._client.push(step, instance_id)

    def __getattr__(self, name: str) -> Call:
        call: Call = getattr(self._client, name)
        intercept = self._by_method.get(name)
        if intercept is None:
            return call

        def answered(**sent: Any) -> Reply:  # noqa: ANN401 - whatever is sent
            return intercept(Original(call, self._client, self._owner), sent)

        return answered


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


def one_by_one(ec2: Original, sent: Reply) -> Reply:
    """Do with one id after the other what is asked, until one of them is refused."""
    replies = [ec2.call(**{**sent, "InstanceIds": [i]}) for i in sent["InstanceIds"]] or [ec2.call(**sent)]
    together = replies[0]
    for key, value in together.items():
        if isinstance(value, list):
            together[key] = [item for reply in replies for item in reply[key]]
    return together


def despite_refusal(*codes: str) -> Interceptor:
    """Refuse a request as EC2 does, by one of these codes, and carry it out on every id that permits it."""

    def answer(ec2: Original, sent: Reply) -> Reply:
        try:
            return ec2.call(**sent)
        except ClientError as refused:
            if code_of(refused) in codes:
                for i in sent["InstanceIds"]:
                    with suppress(ClientError):
                        ec2.call(**{**sent, "InstanceIds": [i]})
            raise

    return answer


LISTS: Final = {
    Operation.TERMINATE: "TerminatingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.START: "StartingInstances",
}
"""The list of items in the reply of each operation that has one."""


def _is_free(ec2: Original, i: str) -> bool:
    """Tell whether an instance runs without any protection."""
    try:
        ((instance,),) = (r["Instances"] for r in ec2.owner.describe_instances(InstanceIds=[i])["Reservations"])
    except ClientError:
        return False
    flags = ("disableApiTermination", "disableApiStop")
    return instance["State"]["Name"] == "running" and not any(
        ec2.owner.describe_instance_attribute(InstanceId=i, Attribute=flag)[f"D{flag[1:]}"]["Value"] for flag in flags
    )


def forgetting_the_last(operation: Operation, current: InstanceState) -> Interceptor:
    """Answer for the last id of a request, if it is running and not protected, and do nothing about it."""
    key = LISTS[operation]

    def answer(ec2: Original, sent: Reply) -> Reply:
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

    return answer
