"""The steps of a scenario: requests to EC2 over named instances and volumes, and what happens between them."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar, Final, Literal, TypeAlias

from ...model.requests import Attribute, Caller, Operation
from ...model.states import InstanceState, RootDevice, ShutdownBehavior

BatchOperation: TypeAlias = Literal[
    Operation.TERMINATE, Operation.STOP, Operation.START, Operation.REBOOT, Operation.DESCRIBE
]
"""The operations that take a list of instance ids."""

FLAGS: Final[dict[BatchOperation, tuple[str, ...]]] = {
    Operation.TERMINATE: ("force", "skip_os_shutdown"),
    Operation.STOP: ("force", "skip_os_shutdown", "hibernate"),
    Operation.START: (),
    Operation.REBOOT: (),
    Operation.DESCRIBE: (),
}
"""The flags that EC2 has for each of them, by their names in `BatchStep`."""

READS: Final = frozenset({Operation.DESCRIBE, Operation.DESCRIBE_ATTRIBUTE, Operation.DESCRIBE_VOLUMES})
"""The operations that change nothing."""

MAX_COUNT: Final = 1001
"""The largest `count` of a run: one more than a request may name (TERM-9)."""


class Push(Enum):
    """A background step on demand; if a target cannot do it, the clauses about it stay not-exercised."""

    GUEST_SHUTDOWN = "shutdown-in-guest"
    RETIRE = "retire"
    LAUNCH_FAILURE = "fail-launch"


@dataclass(frozen=True, slots=True)
class Named:
    """The id of the instance that a run of this scenario made under `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A well-formed id that was never issued, the same one for the same number: 17 hex digits, or 8 when `short`."""

    number: int = 1
    short: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text that is no instance id; the run sends it unchanged (fact E-04)."""

    text: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The id of an instance that this scenario made and that EC2 has forgotten by now (facts T-01, T-02)."""

    name: str


@dataclass(frozen=True, slots=True)
class All:
    """The ids of all instances that the run called `name` made, in reply order.

    `{all: A}` is `A1`, `A2`, `A3` after a run with count 3, and `A` after one without a count.
    The scenario keeps it as it is. The translator replaces it by the instances.
    If two runs have this name, it means the instances of both.
    """

    name: str


SingleId: TypeAlias = Named | Unknown | Malformed | Gone
"""The forms of an id where EC2 takes one instance id."""
IdRef: TypeAlias = SingleId | All
"""The forms of an id in a list of instance ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """The common part of all requests: whether it is a dry run, and who sends it."""

    dry_run: bool = False
    caller: Caller = Caller.OWNER

    @property
    def in_earnest(self) -> bool:
        """Whether the request can have an effect: dry runs and callers without permission have none (DRY-1, DRY-2)."""
        return not self.dry_run and self.caller is Caller.OWNER


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A volume in the block device mapping of RunInstances; `None` lets the target choose the device, and EC2 the rest.

    In a run with count 3 a volume named `d` means `d1`, `d2` and `d3`, one for each instance.
    """

    name: str
    device: str | None = None
    delete_on_termination: bool | None = None


@dataclass(frozen=True, slots=True)
class RunStep(_Call):
    """RunInstances: launches `count` instances in one zone; `None` leaves an attribute out of the request.

    `count` is the MaxCount. With a `min_count` below it, EC2 may launch fewer; without one, all or none.
    `hibernation` is HibernationOptions.Configured.
    `token` is the name of the ClientToken, by which a `RunAgainStep` repeats the launch.
    Raises `ValueError` if `min_count` is above `count`.
    """

    operation: ClassVar = Operation.RUN

    name: str
    zone: int = 1
    count: int = 1
    root: RootDevice = RootDevice.EBS
    disable_api_termination: bool | None = None
    disable_api_stop: bool | None = None
    shutdown_behavior: ShutdownBehavior | None = None
    hibernation: bool | None = None
    volumes: tuple[VolumeSpec, ...] = ()
    min_count: int | None = None
    token: str = ""

    def __post_init__(self) -> None:
        if self.min_count is not None and self.min_count > self.count:
            raise ValueError(f"MinCount {self.min_count} is above the count {self.count}")

    @property
    def instance_names(self) -> tuple[str, ...]:
        """The names of its instances, in reply order: `A`, or `A1`, `A2`, `A3` where count is 3."""
        return self._numbered(self.name)

    @property
    def volume_names(self) -> tuple[tuple[str, ...], ...]:
        """For each instance, the names of the volumes in `volumes`; the root device is not among them."""
        columns = [self._numbered(volume.name) for volume in self.volumes]
        return tuple(tuple(column[index] for column in columns) for index in range(self.count))

    def _numbered(self, name: str) -> tuple[str, ...]:
        return (name,) if self.count == 1 else tuple(f"{name}{number}" for number in range(1, self.count + 1))


@dataclass(frozen=True, slots=True)
class RunAgainStep(_Call):
    """RunInstances with the ClientToken and parameters of the run called `name`, except those given here.

    EC2 launches nothing by it (TOKEN-1, TOKEN-2), unless it names another zone (TOKEN-3).
    """

    operation: ClassVar = Operation.RUN

    name: str
    zone: int | None = None
    count: int | None = None
    disable_api_termination: bool | None = None
    disable_api_stop: bool | None = None
    shutdown_behavior: ShutdownBehavior | None = None

    def of(self, run: RunStep) -> RunStep:
        """Return the run with what is given here in place of its own."""
        given = {
            "zone": self.zone,
            "count": self.count,
            "disable_api_termination": self.disable_api_termination,
            "disable_api_stop": self.disable_api_stop,
            "shutdown_behavior": self.shutdown_behavior,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if self.count is not None:
            changes["min_count"] = None
        return replace(run, dry_run=self.dry_run, caller=self.caller, **changes)

    def is_elsewhere(self, run: RunStep) -> bool:
        """Tell whether it names another zone than the run."""
        return self.of(run).zone != run.zone

    def changes(self, run: RunStep) -> bool:
        """Tell whether it names the run's zone and other parameters, which EC2 refuses (TOKEN-2)."""
        plain = replace(self, dry_run=run.dry_run, caller=run.caller)
        return not self.is_elsewhere(run) and plain.of(run) != run


@dataclass(frozen=True, slots=True)
class BatchStep(_Call):
    """TerminateInstances, StopInstances, StartInstances, RebootInstances or DescribeInstances.

    The request has the ids in this order, including repeated ones.
    Raises `ValueError` for a flag that the operation does not have.
    """

    operation: BatchOperation
    ids: tuple[IdRef, ...]
    force: bool = False
    skip_os_shutdown: bool = False
    hibernate: bool = False
    states: tuple[InstanceState, ...] = ()
    zones: tuple[int, ...] = ()
    """A description lists only instances in one of these states and zones; empty: in any."""

    @property
    def is_filtered(self) -> bool:
        """Whether a description has a filter."""
        return bool(self.states or self.zones)

    def __post_init__(self) -> None:
        if self.is_filtered and self.operation is not Operation.DESCRIBE:
            raise ValueError(f"a filter belongs to a description, not to {self.operation.value}")
        given = {"force": self.force, "skip_os_shutdown": self.skip_os_shutdown, "hibernate": self.hibernate}
        for flag in (flag for flag, is_set in given.items() if is_set and flag not in FLAGS[self.operation]):
            raise ValueError(f"{self.operation.value} has no {flag}")


@dataclass(frozen=True, slots=True)
class ModifyStep(_Call):
    """ModifyInstanceAttribute: writes one attribute of one instance (fact B-12).

    `value` is a `ShutdownBehavior` for that attribute and a flag for the others.
    For BlockDeviceMappings it is the DeleteOnTermination of `volume`; for other attributes there is no volume.
    Raises `ValueError` if attribute, value and volume do not fit.
    """

    operation: ClassVar = Operation.MODIFY

    id: SingleId
    attribute: Attribute
    value: bool | ShutdownBehavior
    volume: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.value, ShutdownBehavior) != (self.attribute is Attribute.SHUTDOWN_BEHAVIOR):
            raise ValueError(f"{self.value} is no value of {self.attribute.value}")
        if (self.volume is not None) != (self.attribute is Attribute.BLOCK_DEVICE_MAPPINGS):
            raise ValueError(f"a volume belongs to BlockDeviceMappings and to no other attribute: {self}")


@dataclass(frozen=True, slots=True)
class DescribeAttributeStep(_Call):
    """DescribeInstanceAttribute: reads one attribute of one instance (fact B-12)."""

    operation: ClassVar = Operation.DESCRIBE_ATTRIBUTE

    id: SingleId
    attribute: Attribute


@dataclass(frozen=True, slots=True)
class CreateVolumeStep(_Call):
    """CreateVolume: makes an unattached volume in a zone."""

    operation: ClassVar = Operation.CREATE_VOLUME

    name: str
    zone: int = 1


@dataclass(frozen=True, slots=True)
class AttachStep(_Call):
    """AttachVolume: attaches a volume after launch, so that it survives the instance (VOL-2)."""

    operation: ClassVar = Operation.ATTACH

    volume: str
    id: SingleId
    device: str


@dataclass(frozen=True, slots=True)
class DetachStep(_Call):
    """DetachVolume: detaches a volume from the instance `id`; without one, from wherever it is attached."""

    operation: ClassVar = Operation.DETACH

    volume: str
    id: SingleId | None = None


@dataclass(frozen=True, slots=True)
class DeleteVolumeStep(_Call):
    """DeleteVolume: deletes a volume that is attached to no instance."""

    operation: ClassVar = Operation.DELETE_VOLUME

    volume: str


@dataclass(frozen=True, slots=True)
class DescribeVolumesStep(_Call):
    """DescribeVolumes: reads the state and the attachments of volumes."""

    operation: ClassVar = Operation.DESCRIBE_VOLUMES

    volumes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettleStep:
    """Repeats DescribeInstances until every instance is at rest, or until its time is over (stuck)."""


@dataclass(frozen=True, slots=True)
class WaitStep:
    """No request: time passes on the target's clock, and EC2 may take background steps."""

    seconds: int


@dataclass(frozen=True, slots=True)
class PushStep:
    """No request: makes one background step happen to the instance named `id`."""

    push: Push
    id: str


RequestStep: TypeAlias = (
    RunStep
    | RunAgainStep
    | BatchStep
    | ModifyStep
    | DescribeAttributeStep
    | CreateVolumeStep
    | AttachStep
    | DetachStep
    | DeleteVolumeStep
    | DescribeVolumesStep
)
"""The steps that send one request; each has `operation`, `dry_run` and `caller`."""

Step: TypeAlias = RequestStep | SettleStep | WaitStep | PushStep
