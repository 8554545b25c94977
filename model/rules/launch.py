"""RunInstances: what a launch makes."""

from typing import Final

from ..choices import Choices
from ..clauses import clause
from ..outcomes import OperationRules, Refusal, Rung
from ..requests import ErrorCode, LaunchRequest
from ..states import Cause, InstanceState, RootDevice, Visibility, VolumeState
from ..world import Instance, InstanceRecord, Volume, VolumeRecord, World
from .common import DRY_RUN, UNAUTHORIZED


@clause("PROT-9")
def stop_protection_unsupported(world: World, request: LaunchRequest, choices: Choices) -> bool:
    """An instance that cannot be stopped cannot be protected from it (fact P-02)."""
    return request.root_device is RootDevice.INSTANCE_STORE and request.disable_api_stop


@clause("RUN-1", "RUN-2", "RUN-4", "PROT-3", "KIND-3")
def launched(request: LaunchRequest, i: Instance) -> InstanceRecord:
    """A new instance: pending, in the zone asked for, with the attributes given."""
    return InstanceRecord(
        zone=request.zone,
        state=InstanceState.PENDING,
        root_device=request.root_device,
        has_run=False,
        disable_api_termination=request.disable_api_termination,
        disable_api_stop=request.disable_api_stop,
        shutdown_behavior=request.shutdown_behavior,
        hibernation=request.hibernation,
        cause=Cause.LAUNCH,
        visibility=Visibility.SETTLING,
    )


@clause("VOL-1", "VOL-3")
def deleted_with_instance(request: LaunchRequest, v: Volume) -> bool:
    """A volume made at launch is deleted with its instance, unless the launch says otherwise."""
    return not request.says_what_becomes_of(v) or request.delete_on_termination(v)


def launched_volume(request: LaunchRequest, v: Volume) -> VolumeRecord:
    """A volume made at launch: attached to its instance, in its zone."""
    return VolumeRecord(
        zone=request.zone,
        state=VolumeState.IN_USE,
        holder=request.holder(v),
        delete_on_termination=deleted_with_instance(request, v),
        root=request.root(v),
    )


RULES: Final = OperationRules(
    ladder=(
        UNAUTHORIZED,
        DRY_RUN,
        Rung(
            Refusal.STOP_PROTECTION_UNSUPPORTED,
            "PROT-9",
            ErrorCode.ANY,
            status=None,
            holds=stop_protection_unsupported,
            after=frozenset({Refusal.UNAUTHORIZED}),
        ),
    ),
    created_instance=launched,
    created_volume=launched_volume,
)
