"""Wrong targets for what StopInstances, StartInstances and RebootInstances promise, and for kinds of instance."""

from dataclasses import replace
from typing import Final

from wrong_doubles import WrongTarget
from wrong_replies import Reply, changed, despite_refusal, forgetting_the_last, wrapped
from wrong_rules import Trips, accepting, blind, in_state, never, played, refusing, with_moves, with_row, with_step

from ec2_lifecycle.model.background import StepName, is_launching
from ec2_lifecycle.model.choices import STOP_BATCH, Choices, Scope
from ec2_lifecycle.model.outcomes import Move, Refusal
from ec2_lifecycle.model.requests import BatchRequest, ErrorCode, Operation
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.model.world import Instance, InstanceRecord, World

STOP: Final = Operation.STOP
START: Final = Operation.START
REBOOT: Final = Operation.REBOOT

PENDING: Final = InstanceState.PENDING
RUNNING: Final = InstanceState.RUNNING
STOPPING: Final = InstanceState.STOPPING
STOPPED: Final = InstanceState.STOPPED
SHUTTING_DOWN: Final = InstanceState.SHUTTING_DOWN
TERMINATED: Final = InstanceState.TERMINATED

_LISTS: Final = {STOP: "StoppingInstances", START: "StartingInstances"}


def _row(clause: str, operation: Operation, before: InstanceState, after: InstanceState) -> WrongTarget:
    return WrongTarget(
        clause, f"{before.value} goes to {after.value}", played(with_row(operation, before, state=after))
    )


def _refused(clause: str, operation: Operation, *states: InstanceState) -> WrongTarget:
    names = " or ".join(state.value for state in states)
    return WrongTarget(clause, f"{names} instances are refused", played(refusing(operation, in_state(*states))))


def _accepted(
    clause: str, operation: Operation, refusal: Refusal, to: InstanceState | None, what: str = ""
) -> WrongTarget:
    how = f", and the instance is then {to.value}" if to else " without effect"
    return WrongTarget(
        clause, f"{what or refusal.value} is accepted{how}", played(accepting(operation, refusal, to=to))
    )


def _items(clause: str, operation: Operation) -> tuple[WrongTarget, ...]:
    key = _LISTS[operation]

    def less(reply: Reply) -> None:
        del reply[key][-1:]

    def twice(reply: Reply) -> None:
        reply[key] += reply[key][:1]

    def more(reply: Reply) -> None:
        reply[key] += [{**reply[key][0], "InstanceId": "i-0123456789abcdef0"}]

    def current_as_previous(reply: Reply) -> None:
        for item in reply[key]:
            item["PreviousState"] = item["CurrentState"]

    changes = (
        ("an item is missing", less),
        ("an item comes twice", twice),
        ("an item for an instance that was not named", more),
        ("the current state stands as the previous one", current_as_previous),
    )
    return tuple(WrongTarget(clause, what, changed(operation, change)) for what, change in changes)


def _restarted(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    return in_state(PENDING)(world, request, choices, i) and world.has_run(i)


def _always(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    del request, choices
    return i in world.instances


def _stopped(world: World, request: BatchRequest, move: Move, i: Instance) -> InstanceRecord:
    del request
    record = world.record(i)
    return replace(record, state=STOPPED) if record.state is RUNNING else move.after


def _unsupported(operation: Operation, trips: Trips, wording: str) -> WrongTarget:
    return WrongTarget(
        "KIND-1",
        f"{operation.value} does not know EBS-backed instances",
        played(refusing(operation, trips, ErrorCode.UNSUPPORTED, wording)),
    )


WRONG_STOP: Final = (
    _row("STOP-1", STOP, RUNNING, STOPPED),
    _row("STOP-1", STOP, RUNNING, RUNNING),
    _refused("STOP-1", STOP, RUNNING),
    _row("STOP-2", STOP, STOPPED, STOPPING),
    _refused("STOP-2", STOP, STOPPED),
    _row("STOP-3", STOP, STOPPING, STOPPED),
    _refused("STOP-3", STOP, STOPPING),
    WrongTarget("STOP-4", "it is refused", played(refusing(STOP, _restarted))),
    _row("STOP-4", STOP, PENDING, STOPPED),
    _accepted("STOP-5", STOP, Refusal.NEVER_RUN, STOPPING),
    _accepted("STOP-5", STOP, Refusal.NEVER_RUN, None),
    _accepted("STOP-6", STOP, Refusal.DEAD, None),
    _accepted("STOP-6", STOP, Refusal.DEAD, STOPPED),
    WrongTarget("STOP-7", "stopping never ends", played(with_step(StepName.STOP_COMPLETES, enabled=never))),
    WrongTarget("STOP-7", "the last one named is said to stop, and runs on", forgetting_the_last(STOP, STOPPING)),
    WrongTarget(
        "STOP-8",
        "it is refused for the state of one, and the others are stopped",
        wrapped(lambda: {STOP: despite_refusal("IncorrectInstanceState")}),
    ),
    *_items("STOP-10", STOP),
    WrongTarget("PROT-2", "stop protection is disregarded", played(blind(STOP, disable_api_stop=False))),
    WrongTarget(
        "PROT-2",
        "it is refused, and done all the same",
        played(blind(STOP, in_refusals=False, disable_api_stop=False), {STOP_BATCH.id: Scope.ZONE}),
    ),
)

WRONG_START: Final = (
    _row("START-1", START, STOPPED, RUNNING),
    _row("START-1", START, STOPPED, STOPPED),
    _refused("START-1", START, STOPPED),
    _row("START-2", START, RUNNING, PENDING),
    _refused("START-2", START, RUNNING),
    _accepted("START-4", START, Refusal.WRONG_STATE, PENDING, "a stopping instance"),
    _accepted("START-4", START, Refusal.WRONG_STATE, None, "a stopping instance"),
    _accepted("START-5", START, Refusal.DEAD, PENDING, "a terminated instance"),
    _accepted("START-5", START, Refusal.DEAD, None, "a terminated instance"),
    WrongTarget(
        "START-6",
        "a restarted instance stays pending",
        played(with_step(StepName.LAUNCH_COMPLETES, enabled=is_launching)),
    ),
    WrongTarget(
        "START-7",
        "it is refused for the state of one, and the others are started",
        wrapped(lambda: {START: despite_refusal("IncorrectInstanceState")}),
    ),
    *_items("START-9", START),
)

WRONG_REBOOT: Final = (
    WrongTarget("REBOOT-1", "a running instance is stopped", played(with_moves(REBOOT, _stopped))),
    _row("REBOOT-1", REBOOT, RUNNING, PENDING),
    _refused("REBOOT-1", REBOOT, RUNNING),
    _row("REBOOT-2", REBOOT, TERMINATED, RUNNING),
    _refused("REBOOT-2", REBOOT, TERMINATED),
)

WRONG_KINDS: Final = (
    _unsupported(STOP, _always, "The instance '{id}' does not have an 'ebs' root device type and cannot be stopped."),
    _unsupported(START, in_state(STOPPED), "The instance '{id}' cannot be started."),
    _accepted("KIND-2", STOP, Refusal.INSTANCE_STORE, STOPPING),
    _accepted("KIND-2", START, Refusal.INSTANCE_STORE, None),
)
