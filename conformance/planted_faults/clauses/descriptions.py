"""Faults in what a description shows."""

from collections.abc import Callable
from typing import Any, Final

from ....model.requests import Operation
from ....model.states import InstanceState
from ..fault import Fault
from ..faulty_ec2 import describing, rewriting
from ..replies import Reply

RUNNING: Final = InstanceState.RUNNING
STOPPED: Final = InstanceState.STOPPED
SHUTTING_DOWN: Final = InstanceState.SHUTTING_DOWN
TERMINATED: Final = InstanceState.TERMINATED
ENDED: Final = (STOPPED, SHUTTING_DOWN, TERMINATED)

_VALUES: Final[dict[str, Any]] = {
    "PrivateIpAddress": "10.0.0.1",
    "PublicIpAddress": "54.0.0.1",
    "VpcId": "vpc-12345678",
    "SubnetId": "subnet-12345678",
    "SourceDestCheck": True,
    "PrivateDnsName": "ip-10-0-0-1.ec2.internal",
    "PublicDnsName": "ec2-54-0-0-1.compute-1.amazonaws.com",
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-12345678"}}],
    "NetworkInterfaces": [{"NetworkInterfaceId": "eni-12345678"}],
    "SecurityGroups": [{"GroupId": "sg-12345678", "GroupName": "default"}],
    "StateReason": {"Code": "Client.UserInitiatedShutdown", "Message": "Client.UserInitiatedShutdown"},
    "StateTransitionReason": "User initiated (2026-01-01 00:00:00 GMT)",
}


def _showing(field: str) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        instance[field] = instance.get(field) or _VALUES[field]

    return change


def _hiding(field: str) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        instance.pop(field, None)

    return change


def _shown(clause: str, state: InstanceState, *fields: str) -> tuple[Fault, ...]:
    return tuple(
        Fault(clause, f"a {state.value} instance shows {field}", describing(_showing(field), state)) for field in fields
    )


def _reason(code: str) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        if instance.get("StateReason", {}).get("Code", "").startswith("Client.UserInitiated"):
            instance["StateReason"] = {"Code": code, "Message": code}

    return change


def _transition(write: Callable[[str], str]) -> Callable[[Reply], None]:
    def change(instance: Reply) -> None:
        instance["StateTransitionReason"] = write(instance["StateTransitionReason"])

    return change


def _one_less(reply: Reply) -> None:
    del reply["Reservations"][-1:]


def _one_twice(reply: Reply) -> None:
    reply["Reservations"] += reply["Reservations"][:1]


def _one_more(reply: Reply) -> None:
    first = reply["Reservations"][0]["Instances"][0]
    reply["Reservations"] += [{"Instances": [{**first, "InstanceId": "i-0123456789abcdef0"}]}]


DESCRIPTION_FAULTS: Final = (
    Fault("DESC-2", "an instance is missing", rewriting(Operation.DESCRIBE, _one_less)),
    Fault("DESC-2", "an instance comes twice", rewriting(Operation.DESCRIBE, _one_twice)),
    Fault("DESC-2", "an instance that was not asked for", rewriting(Operation.DESCRIBE, _one_more)),
    *_shown(
        "SHAPE-1",
        TERMINATED,
        "PrivateIpAddress",
        "PublicIpAddress",
        "VpcId",
        "SubnetId",
        "SourceDestCheck",
        "PrivateDnsName",
        "PublicDnsName",
    ),
    *_shown("SHAPE-2", TERMINATED, "BlockDeviceMappings", "NetworkInterfaces", "SecurityGroups"),
    Fault("SHAPE-3", "a user's end has no reason", describing(_hiding("StateReason"), *ENDED)),
    Fault("SHAPE-3", "a user's end is the guest's", describing(_reason("Client.InstanceInitiatedShutdown"), *ENDED)),
    Fault("SHAPE-3", "a user's end is EC2's", describing(_reason("Server.InternalError"), *ENDED)),
    Fault("SHAPE-4", "the time is UTC", describing(_transition(lambda text: text.replace("GMT", "UTC")), *ENDED)),
    Fault("SHAPE-4", "there is no time", describing(_transition(lambda text: text.partition(" (")[0]), *ENDED)),
    Fault("SHAPE-4", "it is empty", describing(_transition(lambda _: ""), *ENDED)),
    *_shown(
        "SHAPE-5",
        SHUTTING_DOWN,
        "PrivateIpAddress",
        "VpcId",
        "SubnetId",
        "PrivateDnsName",
        "PublicDnsName",
        "SecurityGroups",
    ),
    *_shown("SHAPE-6", RUNNING, "StateReason", "StateTransitionReason"),
    Fault("SHAPE-7", "a stopped instance loses its address", describing(_hiding("PrivateIpAddress"), STOPPED)),
    Fault("SHAPE-7", "a stopped instance shows no devices", describing(_hiding("BlockDeviceMappings"), STOPPED)),
)
