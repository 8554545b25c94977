"""Faults in what StopInstances, StartInstances and RebootInstances promise, and for kinds of instance."""

from dataclasses import replace
from typing import Final

from ....model.background import StepName, is_launching
from ....model.choices import STOP_BATCH, Choices, Scope
from ....model.outcomes import Move, Refusal
from ....model.requests import BatchRequest, ErrorCode, Operation
from ....model.states import InstanceState
from ....model.world import Instance, InstanceRecord, World
from ..clauses.instance_changes import refused, wrong_items, wrong_row
from ..fault import Fault
from ..faulty_ec2 import intercepting, obeying
from ..replies import despite_refusal, forgetting_the_last
from ..rules import Trips, accepting, blind, in_state, never, refusing, with_moves, with_step

STOP: Final = Operation.STOP
START: Final = Operation.START
REBOOT: Final = Operation.REBOOT

PENDING: Final = InstanceState.PENDING
RUNNING: Final = InstanceState.RUNNING
STOPPING: Final = InstanceState.STOPPING
STOPPED: Final = InstanceState.STOPPED
SHUTTING_DOWN: Final = InstanceState.SHUTTING_DOWN
TERMINATED: Final = InstanceState.TERMINATED


def _accepted(clause: str, operation: Operation, refusal: Refusal, to: InstanceState | None, what: str = "") -> Fault:
    how = f", and the instance is then {to.value}" if to else " without effect"
    return Fault(clause, f"{what or refusal.value} is accepted{how}", obeying(accepting(operation, refusal, to=to)))


def _restarted(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    return in_state(PENDING)(world, request, choices, i) and world.has_run(i)


def _always(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    del request, choices
    return i in world.instances


def _stopped(world: World, request: BatchRequest, move: Move, i: Instance) -> InstanceRecord:
    del request
    record = world.record(i)
    return replace(record, state=STOPPED) if record.state is RUNNING else move.after


def _unsupported(operation: Operation, trips: Trips, wording: str) -> Fault:
    return Fault(
        "KIND-1",
        f"{operation.value} does not know EBS-backed instances",
        obeying(refusing(operation, trips, ErrorCode.UNSUPPORTED, wording)),
    )


STOP_FAULTS: Final = (
    wrong_row("STOP-1", STOP, RUNNING, STOPPED),
    wrong_row("STOP-1", STOP, RUNNING, RUNNING),
    refused("STOP-1", STOP, RUNNING),
    wrong_row("STOP-2", STOP, STOPPED, STOPPING),
    refused("STOP-2", STOP, STOPPED),
    Fault("STOP-4", "it is refused", obeying(refusing(STOP, _restarted))),
    wrong_row("STOP-4", STOP, PENDING, STOPPED),
    _accepted("STOP-5", STOP, Refusal.NEVER_RUN, STOPPING),
    _accepted("STOP-5", STOP, Refusal.NEVER_RUN, None),
    _accepted("STOP-6", STOP, Refusal.DEAD, None),
    _accepted("STOP-6", STOP, Refusal.DEAD, STOPPED),
    Fault("STOP-7", "stopping never ends", obeying(with_step(StepName.STOP_COMPLETES, enabled=never))),
    Fault(
        "STOP-7",
        "the last one named is said to stop, and runs on",
        intercepting(lambda: {STOP: forgetting_the_last(STOP, STOPPING)}),
    ),
    Fault(
        "STOP-8",
        "it is refused for the state of one, and the others are stopped",
        intercepting(lambda: {STOP: despite_refusal("IncorrectInstanceState")}),
    ),
    *wrong_items("STOP-10", STOP),
    Fault("PROT-2", "stop protection is disregarded", obeying(blind(STOP, disable_api_stop=False))),
    Fault(
        "PROT-2",
        "it is refused, and done all the same",
        obeying(blind(STOP, in_refusals=False, disable_api_stop=False), {STOP_BATCH.id: Scope.ZONE}),
    ),
)

START_FAULTS: Final = (
    wrong_row("START-1", START, STOPPED, RUNNING),
    wrong_row("START-1", START, STOPPED, STOPPED),
    refused("START-1", START, STOPPED),
    wrong_row("START-2", START, RUNNING, PENDING),
    refused("START-2", START, RUNNING),
    _accepted("START-4", START, Refusal.WRONG_STATE, PENDING, "a stopping instance"),
    _accepted("START-4", START, Refusal.WRONG_STATE, None, "a stopping instance"),
    _accepted("START-5", START, Refusal.DEAD, PENDING, "a terminated instance"),
    _accepted("START-5", START, Refusal.DEAD, None, "a terminated instance"),
    Fault(
        "START-6",
        "a restarted instance stays pending",
        obeying(with_step(StepName.LAUNCH_COMPLETES, enabled=is_launching)),
    ),
    Fault(
        "START-7",
        "it is refused for the state of one, and the others are started",
        intercepting(lambda: {START: despite_refusal("IncorrectInstanceState")}),
    ),
    *wrong_items("START-9", START),
)

REBOOT_FAULTS: Final = (
    Fault("REBOOT-1", "a running instance is stopped", obeying(with_moves(REBOOT, _stopped))),
    wrong_row("REBOOT-1", REBOOT, RUNNING, PENDING),
    refused("REBOOT-1", REBOOT, RUNNING),
    wrong_row("REBOOT-2", REBOOT, TERMINATED, RUNNING),
    refused("REBOOT-2", REBOOT, TERMINATED),
    wrong_row("REBOOT-5", REBOOT, STOPPED, PENDING),
    wrong_row("REBOOT-5", REBOOT, STOPPING, RUNNING),
)

KIND_FAULTS: Final = (
    _unsupported(STOP, _always, "The instance '{id}' does not have an 'ebs' root device type and cannot be stopped."),
    _unsupported(START, in_state(STOPPED), "The instance '{id}' cannot be started."),
    _accepted("KIND-2", STOP, Refusal.INSTANCE_STORE, STOPPING),
    _accepted("KIND-2", START, Refusal.INSTANCE_STORE, None),
)
