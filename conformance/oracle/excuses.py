"""Decides whether EC2 might give a refusal that the specification does not permit.

AWS documents when it uses each code (`model/evidence/documented_refusals.py`). A refusal is excused only by a fact that
the specification does not hold: one about the request, or about the history of what it names. Refusals about
credentials, the account, capacity, throttling or a server fault are never judged, because they are not about the
lifecycle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...model.evidence.documented_refusals import CODES, Circumstance, Excuse, Row, rows_of
from ...model.requests import ErrorCode, LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import RootDevice
from ...model.world import Instance, Volume, VolumeRecord
from ..adapter.error_codes import NO_CREDENTIALS, NO_PERMISSION, THROTTLED, UNFINISHED
from ..adapter.failures import NO_CODE
from ..adapter.observation import Refused
from ..adapter.sent import usual_paths
from .belief import Hypothesis
from .divergence import SERVER_ERROR
from .engine import Engine
from .past import SURELY_A_DEVICE, DeviceNames, Past, under


@dataclass(frozen=True, slots=True)
class Sent:
    """The facts about a request that the request itself does not hold.

    `paths` are all its parameters; None: those that a target usually sends. `may_lack_permission`: the permissions of
    the caller are unknown. `holder` is the instance that a DetachVolume names. `values` are the values of the
    parameters that replies must show again.
    """

    paths: frozenset[str] | None = None
    may_lack_permission: bool = False
    holder: Instance | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def paths_of(self, request: Request) -> frozenset[str]:
        """Return the parameters with which a request was sent."""
        return usual_paths(request) if self.paths is None else self.paths


AS_USUAL: Final = Sent()


@dataclass(frozen=True, slots=True)
class Excused:
    """A refusal that is not judged.

    `always`: it is excused for every request. `may_have_acted`: EC2 may have carried out the request.
    """

    operation: Operation
    code: str
    always: bool = False
    may_have_acted: bool = False


_CLIENT_CODES: Final = frozenset(code.value for code in ErrorCode) | CODES
_NOTHING: Final = frozenset[str]()
_IDS: Final = frozenset({"DryRun", "InstanceId", "InstanceIds", "VolumeId", "VolumeIds"})
HELD: Final[Mapping[Operation, frozenset[str]]] = {
    Operation.RUN: frozenset(
        {
            "MinCount",
            "MaxCount",
            "DisableApiTermination",
            "DisableApiStop",
            "InstanceInitiatedShutdownBehavior",
            "BlockDeviceMappings.Ebs.DeleteOnTermination",
        }
    ),
    Operation.MODIFY: frozenset(
        {
            "Attribute",
            "Value",
            "DisableApiTermination",
            "DisableApiStop",
            "InstanceInitiatedShutdownBehavior",
            "BlockDeviceMappings.DeviceName",
            "BlockDeviceMappings.Ebs.DeleteOnTermination",
        }
    ),
    Operation.STOP: frozenset({"Force", "SkipOsShutdown"}),
    Operation.TERMINATE: frozenset({"Force", "SkipOsShutdown"}),
    Operation.DESCRIBE_ATTRIBUTE: frozenset({"Attribute"}),
    Operation.CREATE_VOLUME: frozenset({"AvailabilityZone"}),
    # The device is looked at by itself: it may be in use, or none that EC2 takes.
    Operation.ATTACH: frozenset({"Device"}),
}
"""The parameters that the specification holds, by operation; all operations also hold DryRun and the ids of what
exists.
"""

_USUAL: Final = (
    "BlockDeviceMappings",
    "ClientToken",
    "Hibernate",
    "ImageId",
    "InstanceType",
    "KeyName",
    "Placement.AvailabilityZone",
    "Placement.AvailabilityZoneId",
    "SecurityGroupIds",
    "SecurityGroups",
    "Size",
    "SubnetId",
    "TagSpecifications",
    "UserData",
)
"""Parameters that are never the reason for a refusal of permission."""

_LEFT_OUT: Final = {Operation.RUN: ("ImageId", "InstanceType"), Operation.CREATE_VOLUME: ("Size",)}
"""Parameters that matter whether sent or not: without one, EC2 uses a default of its own, or the parameter is missing.
"""

_HARMLESS_TO_START: Final = (
    *(f"RunInstances:{path}" for path in (*_USUAL, *sorted(HELD[Operation.RUN]))),
    *(
        f"RunInstances:{path}"
        for path in (
            "DryRun",
            "IamInstanceProfile",
            "Ipv6AddressCount",
            "Ipv6Addresses",
            "MaintenanceOptions",
            "MetadataOptions",
            "Monitoring",
            "PrivateDnsNameOptions",
            "PrivateIpAddress",
        )
    ),
    *(f"ModifyInstanceAttribute:{path}" for path in sorted(HELD[Operation.MODIFY] | {"Groups", "SourceDestCheck"})),
    *(f"ModifyInstanceAttribute:{path}" for path in sorted(_IDS)),
    *(f"CreateVolume:{path}" for path in (*_USUAL, "AvailabilityZone", "DryRun", "Iops", "Throughput", "VolumeType")),
    "AttachVolume:VolumeId",
    "StopInstances:Hibernate",
)
"""The marks that do not keep an instance from starting, unless its volumes may fail."""
_MAY_FAIL: Final = (
    "CreateVolume:Encrypted",
    "CreateVolume:KmsKeyId",
    "CreateVolume:SnapshotId",
    "RunInstances:BlockDeviceMappings.Ebs.Encrypted",
    "RunInstances:BlockDeviceMappings.Ebs.KmsKeyId",
    "RunInstances:BlockDeviceMappings.Ebs.SnapshotId",
)
"""The marks of a volume whose key or snapshot EC2 checks only after its answer: the volume may fail, and be gone."""
_SPOT: Final = ("RunInstances:InstanceMarketOptions", "RunInstances:LaunchTemplate")
_MATTERS: Final[Mapping[Operation, tuple[str, ...]]] = {
    Operation.STOP: _SPOT,
    Operation.MODIFY: (*_SPOT, "RunInstances:NetworkInterfaces"),
    Operation.ATTACH: (
        *_SPOT,
        "CreateVolume:Encrypted",
        "CreateVolume:KmsKeyId",
        "CreateVolume:MultiAttachEnabled",
        "CreateVolume:OutpostArn",
        "CreateVolume:SnapshotId",
        "ModifyInstanceAttribute:InstanceType",
        "RunInstances:EnclaveOptions",
        "RunInstances:HibernationOptions",
        "RunInstances:Placement.Tenancy",
        "StopInstances:Hibernate",
    ),
    Operation.DETACH: (
        "CreateVolume:MultiAttachEnabled",
        "CreateVolume:OutpostArn",
        "StopInstances:Hibernate",
    ),
    Operation.DELETE_VOLUME: (
        "CreateVolume:MultiAttachEnabled",
        "CreateVolume:OutpostArn",
    ),
}
"""The marks that may explain a general code. For a start, all marks outside `_HARMLESS_TO_START` may."""

_FEWEST_VOLUMES: Final = 3
"""The smallest documented limit of EBS volumes of an instance type (d3.8xlarge)."""
_LIMIT: Final = "LimitExceeded"
"""The suffix of codes about limits. An undocumented one of these is about no limit of what a request names."""


@dataclass(frozen=True, slots=True)
class Excuses:
    """Knows the belief when a request is refused, and the earlier requests about what it names.

    An operation may not know volumes that were made after `since`.
    """

    engine: Engine
    past: Past
    since: float

    def of(self, request: Request, refused: Refused, sent: Sent, hypotheses: tuple[Hypothesis, ...]) -> Excused | None:
        """Return the excuse for a refusal, or None; without an excuse only the specification can permit it."""
        if refused.crashed:
            return None  # a client that fails inside is no EC2 that answers
        operation, code = request.operation, refused.code
        rows = _rows(operation, code)
        kinds = {code, code.partition(".")[0]}
        about_limits = code.endswith(_LIMIT) and code not in CODES
        if about_limits or kinds & (THROTTLED | NO_CREDENTIALS) or any(row.needs is Excuse.ALWAYS for row in rows):
            return Excused(operation, code, always=True)
        if may_have_acted(operation, code) or _is_server_fault(refused):
            return Excused(operation, code, always=True, may_have_acted=True)
        if kinds & NO_PERMISSION:
            return Excused(operation, code, always=True) if sent.may_lack_permission else None
        is_documented = code in _CLIENT_CODES or code == NO_CODE
        if is_documented and not any(isinstance(row.needs, tuple) for row in rows):
            return None
        case = _Case(self, request, sent, hypotheses)
        # The page of error codes is not complete.
        excused = any(map(case.meets, rows)) if is_documented else case.is_unusual
        return Excused(operation, code) if excused else None


def may_have_acted(operation: Operation, code: str) -> bool:
    """Tell whether EC2 may have carried out a request that it answered with this code (fact E-34)."""
    return code in UNFINISHED or any(row.needs is Excuse.SERVER_FAULT for row in _rows(operation, code))


def _rows(operation: Operation, code: str) -> tuple[Row, ...]:
    """Return the rows that say when an operation may answer with a code.

    A start does again what a launch does. In a code about the credentials or the account, the part after the dot only
    adds detail.
    """
    operations = (operation, Operation.RUN) if operation is Operation.START else (operation,)
    rows = tuple(dict.fromkeys(row for one in operations for row in rows_of(one.value, code)))
    if rows:
        return rows
    wider = (row for one in operations for row in rows_of(one.value, code.partition(".")[0]))
    return tuple(row for row in wider if row.needs is Excuse.ALWAYS)


def _is_server_fault(refused: Refused) -> bool:
    """Tell whether a reply reports a fault of EC2; a code that blames the client does not, whatever its status."""
    return refused.status >= SERVER_ERROR and refused.code not in _CLIENT_CODES and refused.code != NO_CODE


class _Case:
    """One refused request, in every possible world."""

    def __init__(self, excuses: Excuses, request: Request, sent: Sent, hypotheses: tuple[Hypothesis, ...]) -> None:
        self._engine, self._past, self._since = excuses.engine, excuses.past, excuses.since
        self._request, self._sent, self._hypotheses = request, sent, hypotheses
        self._paths = sent.paths_of(request)
        held = self._held() if request.operation is Operation.START else ()
        self._marks = self._past.of((*request.instances, *request.volume_ids, *held))

    def meets(self, row: Row) -> bool:
        """Tell whether one of the conditions of a refusal may be met."""
        if not isinstance(row.needs, tuple):
            return False
        if self._request.operation.value not in row.operations:
            return any(map(self._has_as_launched, row.needs))
        return any(self._holds(need) if isinstance(need, Circumstance) else self._has(need) for need in row.needs)

    @property
    def is_unusual(self) -> bool:
        """Whether the specification lacks something about the request, or about the history of what it names."""
        return self._holds(Circumstance.ANY_PARAMETER) or self._history_matters()

    def _held(self) -> Iterator[Volume]:
        """Yield the volumes that a named instance may hold."""
        for hypothesis in self._hypotheses:
            for v, records in hypothesis.volumes.items():
                if any(record.holder in self._request.instances for record in records):
                    yield v

    def _has_as_launched(self, need: Circumstance | str) -> bool:
        """Tell whether a start may meet a condition of a launch, because of how the instance was launched and changed.

        The launch succeeded. So a setting that every launch has is a reason only together with something that no longer
        fits it.
        """
        if need is Circumstance.MANY_VOLUMES:
            return self._has("AttachVolume:VolumeId") and self._holds(need)
        if isinstance(need, Circumstance):
            return False
        if ":" in need:
            return self._has(need)
        reasons = list(filter(_may_prevent_start, self._marks))
        paths = (f"{Operation.RUN.value}:{need}", f"{Operation.MODIFY.value}:{need}")
        return any(map(under(paths), reasons)) or (bool(reasons) and need in _LEFT_OUT[Operation.RUN])

    def _has(self, path: str) -> bool:
        """Tell whether this request sent a parameter, or an earlier one that made or changed what it names."""
        if ":" in path:
            return any(map(under((path,)), self._marks))
        operation = self._request.operation
        sent = any(map(under((path,)), self._paths)) or path in _LEFT_OUT.get(operation, ())
        # A template may set any parameter of a launch.
        return sent or (operation is Operation.RUN and any(map(under(("LaunchTemplate",)), self._paths)))

    def _holds(self, circumstance: Circumstance) -> bool:
        match circumstance:
            case Circumstance.ANY_PARAMETER:
                return self._request.operation in _LEFT_OUT or any(self._beyond())
            case Circumstance.UNUSUAL_PARAMETER:
                return not all(map(under(_USUAL), self._beyond()))
            case Circumstance.ANY_HISTORY:
                return self._history_matters()
            case Circumstance.NO_SUBNET:
                return not any(map(under(("SubnetId", "NetworkInterfaces.SubnetId")), self._paths))
            case Circumstance.NO_SIZE:
                return not self._paths & {"Size", "SnapshotId"}
            case Circumstance.NO_ZONE:
                return "AvailabilityZone" not in self._paths
            case Circumstance.NO_PERMISSION | Circumstance.MANAGED:
                return False  # whoever does not know the caller says so; what a service manages is not judged
            case Circumstance.INSTANCE_STORE:
                return self._may_be_instance_store()
            case _:
                return self._holds_of_device(circumstance)

    def _holds_of_device(self, circumstance: Circumstance) -> bool:
        """Tell whether a condition may be met by the devices of an instance, or by the state of the volume."""
        volumes = self._request.volume_ids
        match circumstance:
            case Circumstance.DEVICE_IN_USE:
                return self._device_may_be_in_use()
            case Circumstance.DEVICE_NAME:
                return SURELY_A_DEVICE.fullmatch(self._device()) is None
            case Circumstance.MANY_VOLUMES:
                names = (self._past.devices.get(i, DeviceNames()) for i in self._request.instances)
                return any(name.shown is None or len(name.known) >= _FEWEST_VOLUMES for name in names)
            case Circumstance.OTHER_DEVICE:
                known = (self._past.device_of.get(v) for v in volumes)
                return "Device" in self._paths and any(device != self._device() for device in known)
            case Circumstance.MAY_HAVE_FAILED:
                return any(map(_may_fail, self._past.of(volumes)))
            case Circumstance.NEW_VOLUME:
                return any(self._past.is_new(v, self._request.operation, self._since) for v in volumes)
            case _:
                return self._holds_of_volume(circumstance)

    def _holds_of_volume(self, circumstance: Circumstance) -> bool:
        """Tell whether a condition may be met by the volume to attach or detach, or by its instance."""
        match circumstance:
            case Circumstance.IS_ROOT:
                return any(map(self._past.may_be_root, self._request.volume_ids))
            case Circumstance.FROM_AN_IMAGE:
                return any(record.root for _, record in self._volumes()) or any(
                    map(under(("RunInstances:ImageId",)), self._past.of(self._request.volume_ids))
                )
            case Circumstance.OTHER_HOLDER:
                named = self._sent.holder
                return named is not None and any(record.holder != named for _, record in self._volumes())
            case Circumstance.HOLDER_ENDING:
                return any(
                    self._engine.may_be_dead(self._engine.holders(hypothesis, frozenset({record})))
                    for hypothesis, record in self._volumes()
                )
            case _:
                raise AssertionError(circumstance)

    def _beyond(self) -> Iterator[str]:
        """Yield the parameters that the specification does not hold."""
        is_held = under(_IDS | HELD.get(self._request.operation, _NOTHING))
        yield from (path for path in self._paths if not is_held(path))

    def _history_matters(self) -> bool:
        operation = self._request.operation
        if operation is Operation.START:
            return any(map(_may_prevent_start, self._marks))
        return any(map(under(_MATTERS.get(operation, ())), self._marks))

    def _device(self) -> str:
        return self._request.device if isinstance(self._request, VolumeRequest) else ""

    def _device_may_be_in_use(self) -> bool:
        device = self._device()
        return any(self._past.devices.get(i, DeviceNames()).may_be_in_use(device) for i in self._request.instances)

    def _may_be_instance_store(self) -> bool:
        if isinstance(self._request, LaunchRequest):
            return self._request.root_device is RootDevice.INSTANCE_STORE
        return any(
            record.root_device is RootDevice.INSTANCE_STORE
            for hypothesis in self._hypotheses
            for i in self._request.instances
            for record in hypothesis.instances.get(i, ())
        )

    def _volumes(self) -> Iterator[tuple[Hypothesis, VolumeRecord]]:
        """Yield each record that a named volume may have, with the hypothesis that permits it."""
        for hypothesis in self._hypotheses:
            for v in self._request.volume_ids:
                yield from ((hypothesis, record) for record in hypothesis.volumes.get(v, ()))


_is_harmless_to_start: Final = under(_HARMLESS_TO_START)
_may_fail: Final = under(_MAY_FAIL)


def _may_prevent_start(mark: str) -> bool:
    """Tell whether a mark may keep an instance from starting."""
    return not _is_harmless_to_start(mark) or _may_fail(mark)
