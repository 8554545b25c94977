"""A boto3-shaped client with fixed answers, and requests to send through it."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.arguments import Image
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Observation
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.world import Instance, Volume, Zone

ID_A, ID_B = "i-0000000000000000a", "i-0000000000000000b"
VOL_A, VOL_D, VOL_V = "vol-0000000000000000a", "vol-0000000000000000d", "vol-0000000000000000f"
A, B = Instance("A"), Instance("B")
ROOT, D, V = Volume("A.root"), Volume("d"), Volume("v")


class Client:
    """A boto3-shaped client with one answer, returned or raised, for every call; notes what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Callable[..., object]:
        if method.startswith("_"):
            raise AttributeError(method)

        def call(**arguments: object) -> object:
            self.asked.append((method, arguments))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


def target_of(client: object) -> Ec2Target:
    return Ec2Target(client, name="fake", zones=("z-a", "z-b"), image=Image("ami-1", "/dev/sda1", 8))


def named() -> Names:
    names = Names()
    names.bind(A, ID_A)
    names.bind(B, ID_B)
    names.bind(V, VOL_V)
    return names


def sent_for(request: Request, names: Names | None = None) -> tuple[str, dict[str, Any]]:
    client = Client({})
    target_of(client).perform(request, names or named())
    [asked] = client.asked
    return asked


def seen(request: Request, *answers: object, names: Names | None = None) -> Observation:
    return target_of(Client(*answers)).perform(request, names or named())


def error(code: object, message: str = "", status: int | None = 400) -> ClientError:
    metadata = {} if status is None else {"HTTPStatusCode": status}
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(reply, "AnyOperation")


def state(code: object, name: str) -> dict[str, object]:
    return {"Code": code, "Name": name}


def batch(operation: Operation, *instances: str, dry_run: bool = False) -> BatchRequest:
    return BatchRequest(operation, instances=tuple(map(Instance, instances)), dry_run=dry_run)


TERMINATE = batch(Operation.TERMINATE, "A")
DESCRIBE = batch(Operation.DESCRIBE, "A")
LAUNCH = LaunchRequest(
    instances=(A,),
    zone=Zone("2"),
    volumes=((LaunchVolume(ROOT, root=True), LaunchVolume(D, delete_on_termination=False)),),
)
EVERY_REQUEST = (
    LAUNCH,
    *(batch(op, "A", "B") for op in (Operation.START, Operation.STOP, Operation.REBOOT, Operation.TERMINATE)),
    DESCRIBE,
    *(
        AttributeRequest(operation, instances=(A,), attribute=attribute, volume=V)
        for operation in (Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE)
        for attribute in Attribute
    ),
    *(
        VolumeRequest(operation, instances=(A,), volumes=(V,), device="/dev/sdf")
        for operation in (Operation.CREATE_VOLUME, Operation.ATTACH, Operation.DETACH, Operation.DESCRIBE_VOLUMES)
    ),
)
