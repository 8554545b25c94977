"""Volumes that come and go after the launch: CreateVolume, Attach-, Detach- and DeleteVolume, DescribeVolumes."""

from dataclasses import replace
from typing import Final

from ..choices import ATTACH_STOPPING, DELETE_UNREADY, DETACH_ROOT, Choices, Verdict
from ..clauses import clause
from ..outcomes import OperationRules, Refusal, Rung, VolumeMove
from ..requests import ErrorCode, VolumeRequest
from ..states import InstanceState, VolumeState
from ..world import Instance, Volume, VolumeRecord, World
from .common import DRY_RUN, MALFORMED_AS_ID, MALFORMED_AS_VALUE, NOT_FOUND, UNAUTHORIZED, known
from .protection import alive


@clause("VOL-7")
def volume_not_found(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """A volume that the request names is deleted."""
    return any(world.volume_state(v) is VolumeState.DELETED for v in request.volumes)


@clause("VOL-8")
def not_started(world: World, request: VolumeRequest, choices: Choices, i: Instance) -> bool:
    """The instance is still starting."""
    return known(world, choices, i) and world.state(i) is InstanceState.PENDING


@clause("VOL-11")
def stopping(world: World, request: VolumeRequest, choices: Choices, i: Instance) -> bool:
    """The instance is stopping, and that is refused."""
    return (
        known(world, choices, i)
        and world.state(i) is InstanceState.STOPPING
        and choices.of(ATTACH_STOPPING) is Verdict.REFUSED
    )


@clause("VOL-8")
def gone(world: World, request: VolumeRequest, choices: Choices, i: Instance) -> bool:
    """The instance is shutting down or terminated."""
    return known(world, choices, i) and not alive(world, i)


@clause("VOL-14")
def being_created(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume is not ready yet."""
    return any(world.volume_state(v) is VolumeState.CREATING for v in request.volumes)


@clause("VOL-13", "VOL-21")
def attached_already(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume is attached to an instance."""
    return any(world.volume_state(v) is VolumeState.IN_USE and not world.detaching(v) for v in request.volumes)


@clause("VOL-11")
def unavailable(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume is being detached or deleted."""
    return any(
        world.volume_state(v) is VolumeState.DELETING
        or (world.volume_state(v) is VolumeState.IN_USE and world.detaching(v))
        for v in request.volumes
    )


@clause("VOL-12")
def elsewhere(world: World, request: VolumeRequest, choices: Choices, i: Instance) -> bool:
    """The volume is in another zone than the instance."""
    return known(world, choices, i) and any(world.volume_zone(v) != world.zone(i) for v in request.volumes)


@clause("VOL-15")
def not_attached(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume to detach is attached to nothing."""
    return any(not world.attached(v) for v in request.volumes)


@clause("VOL-11")
def being_detached(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume is being detached."""
    return any(world.detaching(v) for v in request.volumes)


@clause("VOL-17")
def root_in_use(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume to detach is the root of an instance that is not stopped."""
    return any(
        world.volume_state(v) is VolumeState.IN_USE
        and world.attached(v)
        and world.root(v)
        and keeps_root(world, choices, world.holder(v))
        for v in request.volumes
    )


@clause("VOL-17")
def keeps_root(world: World, choices: Choices, i: Instance) -> bool:
    """The instance is running; or it is neither running nor stopped, and keeps its root then too."""
    if world.state(i) is InstanceState.RUNNING:
        return True
    return world.state(i) is not InstanceState.STOPPED and choices.of(DETACH_ROOT) is Verdict.REFUSED


@clause("VOL-18")
def held_elsewhere(world: World, request: VolumeRequest, choices: Choices, i: Instance) -> bool:
    """The named instance does not have the volume to detach."""
    return any(not world.attached(v) or world.holder(v) != i for v in request.volumes)


@clause("VOL-20")
def unready(world: World, request: VolumeRequest, choices: Choices) -> bool:
    """The volume to delete is still being created, or is being deleted, and that is refused."""
    return choices.of(DELETE_UNREADY) is Verdict.REFUSED and any(
        world.volume_state(v) in (VolumeState.CREATING, VolumeState.DELETING) for v in request.volumes
    )


def created(request: VolumeRequest, v: Volume) -> VolumeRecord:
    """A new volume, attached to nothing."""
    return VolumeRecord(zone=request.zone, state=VolumeState.CREATING)


@clause("VOL-2", "VOL-5")
def attach(world: World, request: VolumeRequest, choices: Choices, v: Volume) -> VolumeMove:
    """Attach the volume; it outlives the instance unless someone says otherwise.

    Whether it is a root again depends on its device, which the specification does not hold.
    """
    return VolumeMove(
        replace(
            world.volume_record(v),
            state=VolumeState.IN_USE,
            holder=request.instance,
            delete_on_termination=False,
            root=False,
        ),
        because="VOL-5",
    )


@clause("VOL-10", "VOL-17")
def detach(world: World, request: VolumeRequest, choices: Choices, v: Volume) -> VolumeMove:
    """Begin to detach the volume."""
    return VolumeMove(replace(world.volume_record(v), detaching=True), because="VOL-10")


@clause("VOL-20")
def delete(world: World, request: VolumeRequest, choices: Choices, v: Volume) -> VolumeMove:
    """Begin to delete the volume."""
    return VolumeMove(replace(world.volume_record(v), state=VolumeState.DELETING), because="VOL-20")


VOLUME_NOT_FOUND: Final = Rung(
    Refusal.VOLUME_NOT_FOUND,
    "VOL-7",
    ErrorCode.VOLUME_NOT_FOUND,
    holds=volume_not_found,
    wordings=("The volume '{volume}' does not exist.",),
)

# The page of error codes has two codes for a volume in another zone, and two for one that is not attached.
ELSEWHERE_BY_ID: Final = Rung(Refusal.VOLUME_ELSEWHERE, "VOL-12", ErrorCode.ZONE_MISMATCH_OF_ID, trips=elsewhere)
NO_ATTACHMENT: Final = Rung(
    Refusal.NOT_ATTACHED,
    "VOL-15",
    ErrorCode.ATTACHMENT_NOT_FOUND,
    status=None,
    holds=not_attached,
    after=frozenset({Refusal.VOLUME_NOT_FOUND}),
)

CREATE: Final = OperationRules(ladder=(UNAUTHORIZED, DRY_RUN), created_volume=created)

ATTACH: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        MALFORMED_AS_ID,
        MALFORMED_AS_VALUE,
        NOT_FOUND,
        VOLUME_NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.WRONG_STATE,
            "VOL-8",
            ErrorCode.INCORRECT_STATE,
            trips=not_started,
            wordings=("Instance '{id}' is not 'running'.",),
        ),
        Rung(Refusal.STOPPING, "VOL-11", ErrorCode.ANY, status=None, trips=stopping),
        Rung(Refusal.DEAD, "VOL-8", ErrorCode.ANY, status=None, trips=gone),
        Rung(
            Refusal.VOLUME_UNAVAILABLE,
            "VOL-11",
            ErrorCode.ANY,
            status=None,
            holds=unavailable,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.VOLUME_CREATING,
            "VOL-14",
            ErrorCode.INCORRECT_STATE,
            status=None,
            holds=being_created,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.VOLUME_ATTACHED,
            "VOL-13",
            ErrorCode.VOLUME_IN_USE,
            holds=attached_already,
            wordings=("{volume} is already attached to an instance",),
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.VOLUME_ELSEWHERE,
            "VOL-12",
            ErrorCode.ZONE_MISMATCH,
            trips=elsewhere,
            wordings=("The volume '{volume}' is not in the same availability zone as instance '{id}'",),
        ),
        ELSEWHERE_BY_ID,
    ),
    volume=attach,
    unmoved="VOL-8",
)

DETACH: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        MALFORMED_AS_ID,
        MALFORMED_AS_VALUE,
        NOT_FOUND,
        VOLUME_NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.NOT_ATTACHED,
            "VOL-15",
            ErrorCode.INCORRECT_STATE,
            holds=not_attached,
            wordings=("Volume '{volume}' is in the 'available' state.",),
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        NO_ATTACHMENT,
        Rung(
            Refusal.DETACHING,
            "VOL-11",
            ErrorCode.ANY,
            status=None,
            holds=being_detached,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.ROOT_IN_USE,
            "VOL-17",
            ErrorCode.ANY,
            status=None,
            holds=root_in_use,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.HELD_ELSEWHERE,
            "VOL-18",
            ErrorCode.ATTACHMENT_NOT_FOUND,
            status=None,
            trips=held_elsewhere,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
    ),
    volume=detach,
    unmoved="VOL-18",
)

DELETE: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        VOLUME_NOT_FOUND,
        DRY_RUN,
        Rung(
            Refusal.VOLUME_ATTACHED,
            "VOL-21",
            ErrorCode.VOLUME_IN_USE,
            holds=attached_already,
            wordings=("Volume {volume} is currently attached to {holder}",),
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.DETACHING,
            "VOL-11",
            ErrorCode.ANY,
            status=None,
            holds=being_detached,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
        Rung(
            Refusal.VOLUME_UNREADY,
            "VOL-20",
            ErrorCode.ANY,
            status=None,
            holds=unready,
            after=frozenset({Refusal.VOLUME_NOT_FOUND}),
        ),
    ),
    volume=delete,
)

DESCRIBE: Final = OperationRules(ladder=(UNAUTHORIZED, VOLUME_NOT_FOUND, DRY_RUN))
