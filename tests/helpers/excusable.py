"""A right target in a bad mood: now and then it gives a refusal that AWS documents and that EC2 might give too."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any, Final

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.arguments import METHODS
from ec2_lifecycle.conformance.adapter.sent import paths_of
from ec2_lifecycle.model.evidence.documented_refusals import ROWS, Circumstance, Excuse, Row
from ec2_lifecycle.model.requests import Operation

Fields = dict[str, Any]

_OPERATIONS: Final[Mapping[str, Operation]] = {method: operation for operation, method in METHODS.items()}
_NOT_OF_A_GOOD_CLIENT: Final = frozenset(f"R-{number:03}" for number in range(14, 22))
"""A request that is not well formed: boto3 sends none."""


def refusal(code: str, status: int = 400, message: str = "It is not to be.") -> ClientError:
    """Return an error as boto3 raises it."""
    told: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "AnyOperation")


class Moody:
    """A client of the model that gives, at this rate, a refusal whose documented condition may hold.

    `given` are the rows and operations of the refusals so far.
    """

    def __init__(self, client: Any, seed: int, rate: float = 0.1) -> None:  # noqa: ANN401 - a client of EC2
        self._client = client
        self._random = Random(seed)  # noqa: S311 - so that it can be repeated
        self._rate = rate
        self.given: list[tuple[str, Operation]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        value = getattr(self._client, name)
        operation = _OPERATIONS.get(name)
        return value if operation is None else lambda **sent: self._call(operation, value, sent)  # type: ignore[reportUnknownLambdaType]

    def _call(self, operation: Operation, method: Callable[..., Fields], sent: Fields) -> Fields:
        if self._random.random() >= self._rate:
            return method(**sent)
        rows = [row for row in ROWS if operation.value in row.operations and self._may_hold(row, operation, sent)]
        row = self._random.choice(rows)
        self.given.append((row.id, operation))
        if row.needs is Excuse.SERVER_FAULT:
            if self._random.random() < 0.5:
                with suppress(ClientError):
                    method(**sent)
            raise refusal(row.code, 500)
        raise refusal(row.code)

    def _may_hold(self, row: Row, operation: Operation, sent: Fields) -> bool:
        if row.id in _NOT_OF_A_GOOD_CLIENT or row.needs is Excuse.NEVER:
            return False
        if isinstance(row.needs, Excuse):
            return True
        paths = paths_of(sent)
        return any(
            self._is_so(need, operation, sent, paths)
            if isinstance(need, Circumstance)
            else any(path == need or path.startswith(f"{need}.") for path in paths)
            for need in row.needs
        )

    def _is_so(self, need: Circumstance, operation: Operation, sent: Fields, paths: frozenset[str]) -> bool:
        match need:
            case Circumstance.ANY_PARAMETER:
                return operation in (Operation.RUN, Operation.CREATE_VOLUME) or "Hibernate" in paths
            case Circumstance.NO_SUBNET:
                return "SubnetId" not in paths
            case Circumstance.DEVICE_IN_USE:
                return sent["Device"] in self._devices(sent["InstanceId"])
            case Circumstance.DEVICE_NAME:
                return not sent["Device"].startswith("/dev/sd")
            case Circumstance.MANY_VOLUMES:
                return operation is Operation.ATTACH and len(self._devices(sent["InstanceId"])) >= 3
            case _:
                return False

    def _devices(self, instance_id: str) -> list[str]:
        """Return the devices that an instance has in use."""
        with suppress(ClientError):
            [reservation] = self._client.describe_instances(InstanceIds=[instance_id])["Reservations"]
            return [mapping["DeviceName"] for mapping in reservation["Instances"][0]["BlockDeviceMappings"]]
        return []
