"""What a caller sends: operations and requests, and the error codes of refusals.

A request contains only identities of instances and volumes, never their attributes, so it is valid in any world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .states import Hibernation, InstanceState, RootDevice, ShutdownBehavior
from .world import Instance, Volume, Zone


class Operation(Enum):
    """The operations of EC2 that the specification covers."""

    RUN = "RunInstances"
    START = "StartInstances"
    STOP = "StopInstances"
    REBOOT = "RebootInstances"
    TERMINATE = "TerminateInstances"
    MODIFY = "ModifyInstanceAttribute"
    DESCRIBE_ATTRIBUTE = "DescribeInstanceAttribute"
    DESCRIBE = "DescribeInstances"
    CREATE_VOLUME = "CreateVolume"
    ATTACH = "AttachVolume"
    DETACH = "DetachVolume"
    DELETE_VOLUME = "DeleteVolume"
    DESCRIBE_VOLUMES = "DescribeVolumes"


class Attribute(Enum):
    """The instance attributes that the specification covers, by EC2's names."""

    DISABLE_API_TERMINATION = "DisableApiTermination"
    DISABLE_API_STOP = "DisableApiStop"
    SHUTDOWN_BEHAVIOR = "InstanceInitiatedShutdownBehavior"
    BLOCK_DEVICE_MAPPINGS = "BlockDeviceMappings"


class Caller(Enum):
    """Who sends a request."""

    OWNER = "owner"
    NOBODY = "nobody"
    """A caller without any permission (DRY-2, ERR-5)."""


class ErrorCode(Enum):
    """The error codes in the facts; `ANY` means that no fact gives a code, so any client error is permitted."""

    MALFORMED = "InvalidInstanceID.Malformed"
    NOT_FOUND = "InvalidInstanceID.NotFound"
    INVALID_VALUE = "InvalidParameterValue"
    INVALID_COMBINATION = "InvalidParameterCombination"
    NOT_PERMITTED = "OperationNotPermitted"
    INCORRECT_INSTANCE_STATE = "IncorrectInstanceState"
    INCORRECT_STATE = "IncorrectState"
    UNSUPPORTED = "UnsupportedOperation"
    UNSUPPORTED_HIBERNATION = "UnsupportedHibernationConfiguration"
    UNAUTHORIZED = "UnauthorizedOperation"
    DRY_RUN = "DryRunOperation"
    VOLUME_NOT_FOUND = "InvalidVolume.NotFound"
    VOLUME_IN_USE = "VolumeInUse"
    ZONE_MISMATCH = "InvalidVolume.ZoneMismatch"
    ZONE_MISMATCH_OF_ID = "InvalidVolumeID.ZoneMismatch"
    ATTACHMENT_NOT_FOUND = "InvalidAttachment.NotFound"
    ANY = "any client error"


class TokenError(Enum):
    """The error codes of refused client tokens. No rule gives them, because no rule speaks of tokens."""

    IDEMPOTENT_MISMATCH = "IdempotentParameterMismatch"
    IDEMPOTENT_TERMINATED = "IdempotentInstanceTerminated"


@dataclass(frozen=True, slots=True)
class Request:
    """The common part of all requests: the operation, the caller, whether it is a dry run, and the named instances."""

    operation: Operation
    caller: Caller = Caller.OWNER
    dry_run: bool = False
    instances: tuple[Instance, ...] = ()
    """In the order sent, including repeated ones; for a launch, the instances that it creates."""

    @property
    def volume_ids(self) -> tuple[Volume, ...]:
        """The volumes that the request names or makes."""
        return ()

    @property
    def instance(self) -> Instance:
        """The instance of a request that names one."""
        return self.instances[0]

    @property
    def count(self) -> int:
        """The number of instance ids in the request, including repeated ones."""
        return len(self.instances)

    @property
    def distinct(self) -> int:
        """The number of different instance ids in the request."""
        return len(set(self.instances))


@dataclass(frozen=True, slots=True)
class LaunchVolume:
    """A volume in the block device mapping of a launch; `delete_on_termination` None leaves EC2's default (VOL-1)."""

    volume: Volume
    device: str = ""
    delete_on_termination: bool | None = None
    root: bool = False


@dataclass(frozen=True, slots=True)
class LaunchRequest(Request):
    """RunInstances: `instances` are the instances that the launch creates, `volumes` the volumes of each of them.

    `min_count`: EC2 may create fewer, if it lacks capacity, but not fewer than these; None: it creates all or none.
    `token` is the name of the ClientToken; empty: the launch has none that a later one repeats.
    """

    operation: Operation = Operation.RUN
    zone: Zone = Zone("1")
    root_device: RootDevice = RootDevice.EBS
    disable_api_termination: bool = False
    disable_api_stop: bool = False
    shutdown_behavior: ShutdownBehavior = ShutdownBehavior.STOP
    hibernation: Hibernation = Hibernation.UNKNOWN
    volumes: tuple[tuple[LaunchVolume, ...], ...] = ()
    min_count: int | None = None
    token: str = ""

    @property
    def volume_ids(self) -> tuple[Volume, ...]:
        """The volumes that the launch makes, those of each instance in turn."""
        return tuple(launch.volume for group in self.volumes for launch in group)

    def holder(self, v: Volume) -> Instance:
        """The instance with which a volume is made."""
        return next(
            i for i, group in zip(self.instances, self.volumes, strict=True) for one in group if one.volume == v
        )

    def root(self, v: Volume) -> bool:
        """Whether a volume is made for a root device."""
        return self._made(v).root

    def says_what_becomes_of(self, v: Volume) -> bool:
        """Whether the launch gives a volume's DeleteOnTermination."""
        return self._made(v).delete_on_termination is not None

    def delete_on_termination(self, v: Volume) -> bool:
        """The DeleteOnTermination that the launch gives a volume, if it does."""
        return self._made(v).delete_on_termination is True

    def _made(self, v: Volume) -> LaunchVolume:
        return next(one for group in self.volumes for one in group if one.volume == v)


@dataclass(frozen=True, slots=True)
class BatchRequest(Request):
    """Start-, Stop-, Reboot-, Terminate- or DescribeInstances: any number of ids.

    `states` and `zones` are the filters instance-state-name and availability-zone of a description. It lists only
    instances that pass both, of those named or else of all. An empty one lets all pass.
    """

    force: bool = False
    skip_os_shutdown: bool = False
    hibernate: bool = False
    states: tuple[InstanceState, ...] = ()
    zones: tuple[Zone, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether a description has a filter."""
        return bool(self.states or self.zones)

    def passes(self, state: InstanceState, zone: Zone) -> bool:
        """Tell whether the filters list an instance in this state and zone (fact D-06: values OR, filters AND)."""
        return (not self.states or state in self.states) and (not self.zones or zone in self.zones)


@dataclass(frozen=True, slots=True)
class AttributeRequest(Request):
    """ModifyInstanceAttribute or DescribeInstanceAttribute: one instance, one attribute (B-12).

    `value` is the new value of a protection, or of DeleteOnTermination of the attached `volume`.
    `shutdown_behavior` is the new value of that attribute.
    """

    attribute: Attribute = Attribute.DISABLE_API_TERMINATION
    value: bool = False
    shutdown_behavior: ShutdownBehavior = ShutdownBehavior.STOP
    volume: Volume | None = None

    @property
    def volume_ids(self) -> tuple[Volume, ...]:
        """The volume whose DeleteOnTermination is to change."""
        return () if self.volume is None else (self.volume,)


@dataclass(frozen=True, slots=True)
class VolumeRequest(Request):
    """CreateVolume, AttachVolume, DetachVolume, DeleteVolume, DescribeVolumes."""

    volumes: tuple[Volume, ...] = ()
    zone: Zone = Zone("1")
    device: str = ""

    @property
    def volume_ids(self) -> tuple[Volume, ...]:
        """The volumes that the request names or makes."""
        return self.volumes


REQUEST_TYPES: Final[Mapping[Operation, type[Request]]] = {
    Operation.RUN: LaunchRequest,
    Operation.START: BatchRequest,
    Operation.STOP: BatchRequest,
    Operation.REBOOT: BatchRequest,
    Operation.TERMINATE: BatchRequest,
    Operation.DESCRIBE: BatchRequest,
    Operation.MODIFY: AttributeRequest,
    Operation.DESCRIBE_ATTRIBUTE: AttributeRequest,
    Operation.CREATE_VOLUME: VolumeRequest,
    Operation.ATTACH: VolumeRequest,
    Operation.DETACH: VolumeRequest,
    Operation.DELETE_VOLUME: VolumeRequest,
    Operation.DESCRIBE_VOLUMES: VolumeRequest,
}
"""The class of each operation's request."""
