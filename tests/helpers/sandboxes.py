"""A sandbox in process: a journal on disk, a gate before a played EC2, and one clock for all of it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ConnectionClosedError
from fake_ec2 import error

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.images import EBS
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.sandbox import gate as gates
from ec2_lifecycle.conformance.sandbox import journal as journals
from ec2_lifecycle.conformance.sandbox.gate import Gate
from ec2_lifecycle.conformance.sandbox.journal import Began, Journal
from ec2_lifecycle.conformance.sandbox.limits import Limits
from ec2_lifecycle.conformance.sandbox.sweep import Sweep

RUN: Final = "20260101T000000Z-0badcafe"
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
BEGAN: Final = Began(RUN, "123456789012", "us-east-1", "sandbox", BEGINNING + timedelta(hours=1))
ZONE: Final = "us-east-1a"
LIMITS: Final = Limits(
    accounts=("123456789012",),
    regions=("us-east-1",),
    instance_types=("t3.nano",),
    max_alive=10,
    max_launches=30,
    time_to_live="1h",
    price_per_instance_hour=0.5,
    cost_ceiling=100.0,
)
LOST: Final = ConnectionClosedError(endpoint_url="there")
THROTTLED: Final = error("RequestLimitExceeded", "Request limit exceeded.", 503)
BROKE: Final = error("InternalError", "An internal error has occurred", 500)
MUTATIONS: Final = frozenset(
    {
        "attach_volume",
        "create_volume",
        "delete_volume",
        "detach_volume",
        "modify_instance_attribute",
        "reboot_instances",
        "run_instances",
        "start_instances",
        "stop_instances",
        "terminate_instances",
    }
)

Call = Callable[..., Any]
Around = Callable[..., object]
"""What is done with a request: gets the method and its arguments."""


@dataclass(slots=True)
class Wire:
    """What is between a gate and EC2: notes what is sent, and does to it what a test says.

    `around[method]` gets the call, and its arguments; it may answer by itself. `before` is called before each request.
    """

    client: ModelClient
    around: dict[str, Around] = field(default_factory=dict[str, Around])
    before: Callable[[str], object] = lambda _: None
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def __getattr__(self, name: str) -> Call:
        method: Call = getattr(self.client, name)

        def call(**arguments: Any) -> object:  # noqa: ANN401 - as boto3's
            self.before(name)
            self.sent.append((name, arguments))
            return self.around[name](method, **arguments) if name in self.around else method(**arguments)

        return call

    def of(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of all requests of a method."""
        return [arguments for name, arguments in self.sent if name == method]

    @property
    def changes(self) -> list[str]:
        """The methods of the requests that may have changed something."""
        return [name for name, _ in self.sent if name in MUTATIONS]


@dataclass(slots=True)
class Sandbox:
    """A run's sandbox."""

    wire: Wire
    clock: VirtualClock
    journal: Journal
    limits: Limits = LIMITS
    gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self.gate = Gate(self.wire, self.limits, self.journal, self.clock)

    @property
    def ec2(self) -> ModelClient:
        """The account, past the gate: as its owner sees it, and as others use it."""
        return self.wire.client

    def launch(self, count: int = 1, zone: int = 0, **more: Any) -> list[str]:  # noqa: ANN401
        """Launch through the gate and return the ids."""
        return ids_of(self.gate.run_instances(**launch(count, zone, **more)))

    def crash(self, limits: Limits = LIMITS) -> None:
        """Go on as a new process does, perhaps with another sandbox file: all it has is the journal."""
        self.journal.close()
        self.journal = Journal(self.journal.path)
        self.gate = Gate(self.wire, limits, self.journal, self.clock)

    def sweep(self) -> Sweep:
        """Return a new sweep."""
        return Sweep(self.gate)

    def states(self) -> dict[str, str]:
        """Return the state of every instance in the account."""
        return {
            each["InstanceId"]: each["State"]["Name"]
            for reservation in self.ec2.describe_instances()["Reservations"]
            for each in reservation["Instances"]
        }

    def volumes(self) -> set[str]:
        """Return every volume in the account."""
        return {each["VolumeId"] for each in self.ec2.describe_volumes()["Volumes"]}


def launch(count: int = 1, zone: int = 0, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the arguments of a launch."""
    place = {"Placement": {"AvailabilityZone": DEFAULT_REGION.zones[zone]}}
    return {"ImageId": EBS.id, "InstanceType": "t3.nano", "MinCount": count, "MaxCount": count, **place, **more}


def ids_of(reply: Any) -> list[str]:  # noqa: ANN401
    """Return the instances in the reply to a launch."""
    return [each["InstanceId"] for each in reply["Instances"]]


def tagged(**tags: str) -> list[dict[str, str]]:
    """Return tags as EC2 has them; `__` stands for the colon."""
    return [{"Key": key.replace("__", ":").replace("_", "-"), "Value": value} for key, value in tags.items()]


def answering(reply: object) -> Around:
    """Return what carries a request out and answers with something else."""

    def around(method: Call, **arguments: object) -> object:
        method(**arguments)
        return reply

    return around


def first(count: int, problem: BaseException, *, carried_out: bool = False) -> Around:
    """Return what fails the first requests of a method, carried out or not."""
    left = count

    def around(method: Call, **arguments: object) -> object:
        nonlocal left
        if left == 0:
            return method(**arguments)
        left -= 1
        if carried_out:
            method(**arguments)
        raise problem

    return around


@contextmanager
def sandbox(folder: Path, behaviour: Behaviour | None = None, limits: Limits = LIMITS) -> Generator[Sandbox]:
    """Make a sandbox in an empty account, where the time of the journal is that of the clock."""
    clock = VirtualClock()
    client = ModelClient(behaviour=behaviour or Behaviour(delays=AT_ONCE), clock=clock)
    with pytest.MonkeyPatch.context() as patch:
        for module in (gates, journals):
            patch.setattr(module, "now", lambda: BEGINNING + timedelta(seconds=clock.now()))
        there = Sandbox(Wire(client), clock, Journal(Journal.begin(folder, BEGAN)), limits)
        try:
            yield there
        finally:
            there.journal.close()


def foreign(there: Sandbox, **more: Any) -> str:  # noqa: ANN401
    """Let others launch an instance."""
    return ids_of(there.ec2.run_instances(**launch(**more)))[0]


def volume(there: Sandbox) -> str:
    """Make a volume of the run's own."""
    made: Any = there.gate.create_volume(AvailabilityZone=ZONE, Size=1)
    return made["VolumeId"]
