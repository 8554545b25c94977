"""What a request makes of each instance and volume, field by field, and what a background step makes of them."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from ..background import StepName, VolumeStepName
from ..outcomes import Refusal
from ..requests import Attribute, Operation
from ..states import Cause, InstanceState, Visibility, VolumeState
from ..world import Fate, Instance, Volume, World
from .happenings import Happened, Sent
from .invariants import holds
from .requests import REQUESTS
from .theorem import theorem
from .vocabulary import ended, is_named, same_instance, same_volume

MOVING: Final = (InstanceState.PENDING, InstanceState.RUNNING)
"""The states that a stop changes."""
BY_USER: Final = (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE)


def same_protection(before: World, after: World, i: Instance) -> bool:
    """Both protections are as they were, and so is what is still enforced of them."""
    return (
        after.disable_api_termination(i) == before.disable_api_termination(i)
        and after.disable_api_stop(i) == before.disable_api_stop(i)
        and after.termination_settling(i) == before.termination_settling(i)
        and after.stop_settling(i) == before.stop_settling(i)
    )


def same_situation(before: World, after: World, i: Instance) -> bool:
    """The state of the instance is as it was, with its reason, its history, its visibility and what is to come."""
    return (
        after.state(i) is before.state(i)
        and after.cause(i) is before.cause(i)
        and after.has_run(i) == before.has_run(i)
        and after.visibility(i) is before.visibility(i)
        and after.fate(i) is before.fate(i)
    )


@theorem(
    "T36",
    broken_by="rules.start/RULES/set-flag/3",
    over=REQUESTS,
    clauses=("FRAME-2", "TERM-3", "START-7", "STOP-8", "REBOOT-5"),
)
def a_refusal_changes_nothing(sent: Sent, i: Instance, v: Volume) -> bool:
    """A refused request changes no instance and no volume, unless it is refused for protection."""
    if not sent.succeeds and not sent.refused_for(Refusal.TERMINATION_PROTECTED, Refusal.STOP_PROTECTED):
        return same_instance(sent, i) and same_volume(sent, v)
    return True


@theorem(
    "T37",
    broken_by="rules.attributes/modify/drop-field/1",
    over=(Operation.MODIFY,),
    clauses=("PROT-5", "PROT-8", "SHUT-1"),
)
def a_modification_sets_one_attribute(sent: Sent, i: Instance) -> bool:
    """A modification of a living instance that succeeds sets the named attribute to the value in the request, and
    changes nothing else. A protection that it turns off may still be enforced, and one that it sets is not.
    """
    if not sent.succeeds or not is_named(sent, i) or ended(sent.before, i):
        return True
    return (
        same_situation(sent.before, sent.after, i)
        and sent.after.disable_api_termination(i)
        == (
            sent.request.value
            if sent.request.attribute is Attribute.DISABLE_API_TERMINATION
            else sent.before.disable_api_termination(i)
        )
        and sent.after.disable_api_stop(i)
        == (
            sent.request.value
            if sent.request.attribute is Attribute.DISABLE_API_STOP
            else sent.before.disable_api_stop(i)
        )
        and sent.after.termination_settling(i)
        == (
            not sent.request.value and (sent.before.disable_api_termination(i) or sent.before.termination_settling(i))
            if sent.request.attribute is Attribute.DISABLE_API_TERMINATION
            else sent.before.termination_settling(i)
        )
        and sent.after.stop_settling(i)
        == (
            not sent.request.value and (sent.before.disable_api_stop(i) or sent.before.stop_settling(i))
            if sent.request.attribute is Attribute.DISABLE_API_STOP
            else sent.before.stop_settling(i)
        )
        and sent.after.shutdown_behavior(i)
        is (
            sent.request.shutdown_behavior
            if sent.request.attribute is Attribute.SHUTDOWN_BEHAVIOR
            else sent.before.shutdown_behavior(i)
        )
    )


@theorem("T37b", broken_by="rules.attributes/modify_volume/drop-field/1", over=(Operation.MODIFY,), clauses=("VOL-3",))
def a_modification_sets_delete_on_termination(sent: Sent, v: Volume) -> bool:
    """A modification of DeleteOnTermination that succeeds for a living instance sets this flag of the volume to the
    value in the request, and leaves the volume attached.
    """
    if not sent.succeeds or v not in sent.request.volume_ids or ended(sent.before, sent.before.holder(v)):
        return True
    return (
        sent.after.delete_on_termination(v) == sent.request.value
        and sent.after.volume_state(v) is sent.before.volume_state(v)
        and sent.after.attached(v)
        and sent.after.holder(v) == sent.before.holder(v)
        and sent.after.detaching(v) == sent.before.detaching(v)
    )


@theorem(
    "T38",
    broken_by="rules.stop/cause_of_stop/negate/1",
    over=(Operation.STOP, Operation.START, Operation.TERMINATE),
    clauses=("SHAPE-3", "PROT-4"),
)
def the_reason_names_the_user(sent: Sent, i: Instance) -> bool:
    """A stop or a termination that succeeds leaves on each instance that it moves the reason of a user's request, and a
    hibernation only if the request asked for one. Neither changes a protection, and nor does a start.
    """
    if not sent.succeeds or not is_named(sent, i):
        return True
    if sent.name is Operation.START:
        return same_protection(sent.before, sent.after, i) and (
            sent.before.state(i) is InstanceState.STOPPED or sent.after.cause(i) is sent.before.cause(i)
        )
    moves = not ended(sent.before, i) if sent.name is Operation.TERMINATE else sent.before.state(i) in MOVING
    hibernates = sent.name is Operation.STOP and sent.request.hibernate
    return same_protection(sent.before, sent.after, i) and (
        (sent.after.cause(i) is sent.before.cause(i) and not moves)
        or sent.after.cause(i) is Cause.USER_SHUTDOWN
        or (sent.after.cause(i) is Cause.USER_HIBERNATE and hibernates)
    )


@theorem(
    "T39",
    broken_by="rules.stop/later/swap-arms/1",
    over=(Operation.STOP,),
    clauses=("STOP-11", "PROT-2", "TERM-5"),
)
def a_partly_refused_stop_stops_the_other_zones(sent: Sent, i: Instance) -> bool:
    """If a stop is refused zone by zone, each named instance in a zone without a stop-protected instance is stopped, or
    will be. A pending termination stays pending, and nothing becomes of an instance that is neither running nor
    pending.
    """
    if not sent.refused_for(Refusal.STOP_PROTECTED) or not is_named(sent, i) or sent.request.dry_run:
        return True
    if sent.before.state(i) not in MOVING:
        return sent.after.state(i) is sent.before.state(i) and sent.after.fate(i) is sent.before.fate(i)
    if any(
        (sent.before.disable_api_stop(j) or sent.before.stop_settling(j)) and sent.before.zone(j) == sent.before.zone(i)
        for j in sent.request.instances
    ):
        return sent.before.fate(i) is sent.after.fate(i) or sent.after.fate(i) is Fate.STOP
    return (sent.after.state(i) is InstanceState.STOPPING or sent.after.fate(i) in (Fate.STOP, Fate.TERMINATE)) and (
        sent.before.fate(i) is not Fate.TERMINATE or sent.after.fate(i) is Fate.TERMINATE
    )


@theorem(
    "T40",
    broken_by="rules.launch/launched/other-member/1",
    over=(Operation.RUN,),
    clauses=("RUN-1", "RUN-5", "VOL-1", "VIS-1"),
)
def how_a_launch_begins(sent: Sent, i: Instance, v: Volume) -> bool:
    """A new instance has not run, shows the reason of a launch, and may be unknown to other operations for a moment. It
    can hibernate if the launch configured this.
    Each of its volumes is attached to it, in its zone, and is a root device only if the launch says so.
    """
    if not sent.succeeds or not is_named(sent, i):
        return True
    return (
        sent.after.state(i) is InstanceState.PENDING
        and not sent.after.has_run(i)
        and sent.after.cause(i) is Cause.LAUNCH
        and sent.after.hibernation(i) is sent.request.hibernation
        and sent.after.visibility(i) is Visibility.SETTLING
        and not sent.after.termination_settling(i)
        and not sent.after.stop_settling(i)
        and (
            v not in sent.request.volume_ids
            or (
                sent.after.volume_state(v) is VolumeState.IN_USE
                and sent.after.attached(v)
                and sent.after.holder(v) == sent.request.holder(v)
                and sent.after.volume_zone(v) == sent.request.zone
                and sent.after.root(v) == sent.request.root(v)
                and not sent.after.detaching(v)
            )
        )
    )


@theorem(
    "T41",
    broken_by="rules.volumes/attach/drop-field/1",
    over=(Operation.ATTACH, Operation.DETACH, Operation.DELETE_VOLUME),
    clauses=("VOL-5", "VOL-10", "VOL-20"),
)
def what_attaching_detaching_and_deleting_do(sent: Sent, v: Volume) -> bool:
    """An attachment that succeeds puts the volume in use by the named instance, not as its root device. A detachment
    that succeeds begins to detach it, and changes nothing else. A deletion that succeeds begins to delete it, and
    changes nothing else.
    """
    if not sent.succeeds or v not in sent.request.volume_ids:
        return True
    if sent.name is Operation.ATTACH:
        return (
            sent.after.volume_state(v) is VolumeState.IN_USE
            and sent.after.attached(v)
            and is_named(sent, sent.after.holder(v))
            and sent.after.detaching(v) == sent.before.detaching(v)
            and not sent.after.root(v)
        )
    if sent.name is Operation.DELETE_VOLUME:
        return (
            sent.after.volume_state(v) is VolumeState.DELETING
            and sent.after.detaching(v) == sent.before.detaching(v)
            and sent.after.attached(v) == sent.before.attached(v)
            and sent.after.holder(v) == sent.before.holder(v)
            and sent.after.delete_on_termination(v) == sent.before.delete_on_termination(v)
        )
    return (
        sent.after.detaching(v)
        and sent.after.volume_state(v) is sent.before.volume_state(v)
        and sent.after.attached(v) == sent.before.attached(v)
        and sent.after.holder(v) == sent.before.holder(v)
        and sent.after.delete_on_termination(v) == sent.before.delete_on_termination(v)
    )


# Background steps.

ENDS_IN: Final[Mapping[Enum, tuple[InstanceState, ...]]] = {
    StepName.LAUNCH_COMPLETES: (InstanceState.RUNNING,),
    StepName.LAUNCH_FAILS: (InstanceState.TERMINATED,),
    StepName.START_FAILS: (InstanceState.STOPPED,),
    StepName.STOP_COMPLETES: (InstanceState.STOPPED,),
    StepName.SHUTDOWN_COMPLETES: (InstanceState.TERMINATED,),
    StepName.FATE_TERMINATES: (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
    StepName.GUEST_SHUTDOWN: (InstanceState.STOPPING, InstanceState.SHUTTING_DOWN),
    StepName.RETIREMENT: (InstanceState.STOPPING, InstanceState.SHUTTING_DOWN),
}
"""The states in which a background step can leave an instance, if it changes the state at all."""
BEGINS_IN: Final[Mapping[Enum, InstanceState]] = {
    StepName.LAUNCH_COMPLETES: InstanceState.PENDING,
    StepName.LAUNCH_FAILS: InstanceState.PENDING,
    StepName.START_FAILS: InstanceState.PENDING,
    StepName.STOP_COMPLETES: InstanceState.STOPPING,
    StepName.SHUTDOWN_COMPLETES: InstanceState.SHUTTING_DOWN,
    StepName.GUEST_SHUTDOWN: InstanceState.RUNNING,
    StepName.RETIREMENT: InstanceState.RUNNING,
}
"""The state in which a background step finds an instance."""
REASONS: Final[Mapping[Enum, Cause]] = {
    StepName.LAUNCH_COMPLETES: Cause.NONE,
    StepName.LAUNCH_FAILS: Cause.SERVICE,
    StepName.GUEST_SHUTDOWN: Cause.GUEST_SHUTDOWN,
}
"""The reason that an instance shows after a background step."""
SETTLING_STEPS: Final = (
    StepName.BECOMES_VISIBLE,
    StepName.TERMINATION_CLEARS,
    StepName.STOP_CLEARS,
    StepName.FORGOTTEN,
)
"""The background steps that change no state."""


@theorem(
    "T42",
    broken_by="background/comes_to_a_stop/other-member/1",
    over=tuple(ENDS_IN),
    clauses=("RUN-3", "START-6", "STOP-7", "TERM-5", "TERM-18", "SHUT-1", "RETIRE-1"),
)
def where_a_background_step_leads(happened: Happened, i: Instance) -> bool:
    """Each background step leads to its own states: a launch completes in running, a stop in stopped, a shutdown in
    terminated. A failed launch ends terminated, and a failed start stopped.
    """
    if i != happened.subject:
        return True
    return happened.after.state(i) in ENDS_IN[happened.name]


@theorem(
    "T42b",
    broken_by="background/is_running/negate/1",
    over=tuple(BEGINS_IN),
    clauses=("RUN-3", "START-6", "STOP-7", "TERM-18", "SHUT-1", "RETIRE-1"),
)
def where_a_background_step_begins(happened: Happened, i: Instance) -> bool:
    """A launch completes or fails only while the instance is pending, a stop only while it is stopping, and a shutdown
    only while it is shutting down. Only a running instance shuts down from inside or is retired.
    """
    if i != happened.subject:
        return True
    return happened.before.state(i) is BEGINS_IN[happened.name]


@theorem(
    "T42c",
    broken_by="background/runs/other-member/6",
    over=tuple(REASONS),
    clauses=("RUN-3", "SHUT-3", "SHAPE-6"),
)
def which_reason_a_background_step_leaves(happened: Happened, i: Instance) -> bool:
    """An instance that runs shows no reason. A failed launch shows a reason of EC2's, and a shutdown from inside shows
    that of its guest.
    """
    if i != happened.subject:
        return True
    return happened.after.cause(i) is REASONS[happened.name]


@theorem(
    "T42d",
    broken_by="background/is_terminated_after_all/other-member/3",
    over=(StepName.FATE_TERMINATES, StepName.FATE_STOPS),
    clauses=("TERM-5", "STOP-11", "SHAPE-3"),
)
def a_late_effect_is_that_of_its_request(happened: Happened, i: Instance) -> bool:
    """If a request takes effect only after its answer, the instance that it moves shows the reason of a user's request,
    and nothing else is pending. A late stop stops only an instance that is running or pending.
    """
    if i != happened.subject:
        return True
    if happened.name is StepName.FATE_STOPS:
        return (
            happened.after.fate(i) is Fate.NONE
            and happened.before.fate(i) is Fate.STOP
            and (
                (happened.after.state(i) is InstanceState.STOPPING and happened.after.cause(i) is Cause.USER_SHUTDOWN)
                if happened.before.state(i) in MOVING
                else (
                    happened.after.state(i) is happened.before.state(i)
                    and happened.after.cause(i) is happened.before.cause(i)
                )
            )
        )
    return (
        happened.after.fate(i) is Fate.NONE
        and happened.before.fate(i) is Fate.TERMINATE
        and (
            (
                happened.after.state(i) is happened.before.state(i)
                and happened.after.cause(i) is happened.before.cause(i)
            )
            if ended(happened.before, i)
            else happened.after.cause(i) is Cause.USER_SHUTDOWN
        )
    )


@theorem(
    "T43",
    broken_by="background/STEPS/other-member/1",
    over=tuple(StepName),
    clauses=("PROT-8", "VIS-1", "TERM-7"),
)
def what_a_background_step_leaves_alone(happened: Happened, i: Instance) -> bool:
    """A background step that ends the enforcement of a cleared protection, makes an id known, or forgets an instance
    changes nothing else. No other background step does any of this.
    """
    if i != happened.subject:
        return True
    return (
        (
            happened.after.termination_settling(i) == happened.before.termination_settling(i)
            or happened.name is StepName.TERMINATION_CLEARS
        )
        and (
            happened.after.stop_settling(i) == happened.before.stop_settling(i) or happened.name is StepName.STOP_CLEARS
        )
        and (
            happened.after.visibility(i) is happened.before.visibility(i)
            or happened.name in (StepName.BECOMES_VISIBLE, StepName.FORGOTTEN)
        )
        and (
            happened.name not in SETTLING_STEPS
            or (
                happened.after.state(i) is happened.before.state(i)
                and happened.after.cause(i) is happened.before.cause(i)
                and happened.after.has_run(i) == happened.before.has_run(i)
                and happened.after.fate(i) is happened.before.fate(i)
            )
        )
        and (happened.after.has_run(i) == happened.before.has_run(i) or happened.name is StepName.LAUNCH_COMPLETES)
    )


VOLUME_BEGINS_IN: Final[Mapping[Enum, tuple[VolumeState, ...]]] = {
    VolumeStepName.CREATED: (VolumeState.CREATING,),
    VolumeStepName.DETACHED: (VolumeState.IN_USE,),
    VolumeStepName.RELEASED: (VolumeState.IN_USE,),
    VolumeStepName.DELETED: (VolumeState.DELETING,),
}
VOLUME_ENDS_IN: Final[Mapping[Enum, tuple[VolumeState, ...]]] = {
    VolumeStepName.CREATED: (VolumeState.AVAILABLE,),
    VolumeStepName.DETACHED: (VolumeState.AVAILABLE,),
    VolumeStepName.RELEASED: (VolumeState.AVAILABLE, VolumeState.DELETING),
    VolumeStepName.DELETED: (VolumeState.DELETED,),
}
"""The states between which a background step moves a volume."""


@theorem(
    "T44",
    broken_by="background/becomes_available/other-member/1",
    over=tuple(VolumeStepName),
    clauses=("VOL-1", "VOL-3", "VOL-6", "VOL-7", "VOL-10"),
)
def how_a_volume_moves(happened: Happened, v: Volume) -> bool:
    """In every reachable world, a volume that is created or detached becomes available, and a volume that is being
    deleted is deleted. A volume leaves an instance that ends only once this is shutting down or terminated.
    """
    if v != happened.subject or not all(holds(happened.before, w) for w in happened.before.volumes):
        return True
    return (
        happened.before.volume_state(v) in VOLUME_BEGINS_IN[happened.name]
        and happened.after.volume_state(v) in VOLUME_ENDS_IN[happened.name]
        and not happened.after.attached(v)
        and not happened.after.detaching(v)
        and (happened.name is not VolumeStepName.RELEASED or ended(happened.before, happened.before.holder(v)))
        and (happened.name is not VolumeStepName.DETACHED or happened.before.detaching(v))
    )
