"""Faults that show only after much has happened to one instance: stops and starts, refusals, dry runs, changes."""

from dataclasses import replace
from typing import Final

from ....model.requests import Attribute, BatchRequest, Caller, Operation, Request
from ....model.states import Cause, InstanceState, ShutdownBehavior, Visibility
from ....model.world import Instance
from ...emulator.regions import DEFAULT_REGION
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..handlers import FaultySimulation, changed, named, showing_before

START: Final = Operation.START
STOP: Final = Operation.STOP
REBOOT: Final = Operation.REBOOT
TERMINATE: Final = Operation.TERMINATE
MODIFY: Final = Operation.MODIFY


@bank_fault(
    "RUN-4",
    8,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=START,
    steps="""
- run: {name: A, DisableApiTermination: true}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- describe-attribute: {id: A, attribute: DisableApiTermination}
""",
)
def the_third_restart_unprotects(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance loses DisableApiTermination when it is started again for the third time."""
    answer = ec2.really(request)
    for i in changed(answer):
        if ec2.past.effective(i, START) == 2:
            ec2.change(i, disable_api_termination=False)
    return answer


@bank_fault(
    "TERM-1",
    7,
    Tag.HISTORY,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- reboot: [A]
- stop: [A]
- terminate: [A]
- describe: [A]
""",
)
def stopped_twice_and_rebooted_it_survives(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance that was stopped twice and rebooted is said to be terminated, and is stopped as before."""
    answer = ec2.really(request)
    for i in changed(answer):
        if (
            answer.refusal is None
            and answer.before.state(i) is InstanceState.STOPPED
            and ec2.past.effective(i, STOP) > 1
            and ec2.past.done(i, REBOOT)
        ):
            ec2.restore(answer, i)
    return answer


@bank_fault(
    "PROT-1",
    6,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, DisableApiTermination: true}
- terminate: [A]
- terminate: [A]
- stop: [A]
- start: [A]
- terminate: [A]
""",
)
def refused_twice_and_restarted_it_goes(ec2: FaultySimulation, request: Request) -> Answer:
    """A protected instance whose termination was refused twice is terminated once it was started again."""
    worn = [i for i in named(request) if ec2.past.refused(i, TERMINATE) > 1 and ec2.past.effective(i, START)]
    with ec2.unprotected(worn):
        return ec2.really(request)


@bank_fault(
    "PROT-7",
    7,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=MODIFY,
    steps="""
- run: {name: A}
- describe: [A]
- modify: {id: A, DisableApiTermination: true}
- modify: {id: A, DisableApiStop: true}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate}
- modify: {id: A, DisableApiStop: false}
- describe-attribute: {id: A, attribute: DisableApiStop}
""",
)
def the_fourth_change_is_not_stored(ec2: FaultySimulation, request: Request) -> Answer:
    """The fourth change of an attribute of an instance is answered, and not stored."""
    answer = ec2.really(request)
    for i in changed(answer):
        if ec2.past.effective(i, MODIFY) == 3:
            ec2.restore(answer, i)
    return answer


@bank_fault(
    "DRY-1",
    7,
    Tag.HISTORY,
    Tag.DRY_RUN,
    on=(STOP, TERMINATE),
    dry_too=True,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- terminate: {ids: [A], DryRun: true}
- stop: {ids: [A], DryRun: true}
- terminate: {ids: [A], DryRun: true}
- describe: [A]
""",
)
def the_third_dry_run_counts(ec2: FaultySimulation, request: Request) -> Answer:
    """The third dry run on an instance that was started again is answered as one, and carried out."""
    answer = ec2.really(request)
    if request.dry_run and request.caller is Caller.OWNER:
        for i in filter(ec2.knows, named(request)):
            if ec2.past.dry(i) == 2 and ec2.past.effective(i, START):
                ec2.really(replace(request, dry_run=False, instances=(i,)))
    return answer


@bank_fault(
    "PROT-1",
    8,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=START,
    also=("RUN-4",),
    steps="""
- run: {name: A, DisableApiTermination: true}
- stop: [A]
- terminate: [A]
- start: [A]
- stop: [A]
- terminate: [A]
- start: [A]
- terminate: [A]
""",
)
def refused_while_stopped_twice_it_starts_unprotected(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance whose termination was refused in each of two stops starts without DisableApiTermination."""
    answer = ec2.really(request)
    for i in changed(answer):
        if _stops_with_a_refusal(ec2, i) > 1:
            ec2.change(i, disable_api_termination=False)
    return answer


def _stops_with_a_refusal(ec2: FaultySimulation, i: Instance) -> int:
    """Count the stops of an instance during which its termination was refused."""
    refused = [d for d in ec2.past.of(i, TERMINATE) if d.refusal is not None and d.in_earnest]
    return len(
        {
            sum(stop.number < d.number and stop.changed(i) for stop in ec2.past.of(i, STOP))
            for d in refused
            if d.before.state(i) is InstanceState.STOPPED
        }
    )


@bank_fault(
    "STOP-2",
    6,
    Tag.HISTORY,
    Tag.REPLIES,
    on=STOP,
    also=("STOP-10",),
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- stop: [A]
""",
)
def the_third_stop_answers_from_memory(ec2: FaultySimulation, request: Request) -> Answer:
    """The third time that an instance is stopped, the reply says that it was stopped before."""
    answer = ec2.really(request)
    for i in changed(answer):
        if answer.refusal is None and ec2.past.effective(i, STOP) == 2:
            answer = showing_before(answer, i, state=InstanceState.STOPPED)
    return answer


@bank_fault(
    "STOP-7",
    6,
    Tag.HISTORY,
    Tag.STATES,
    on=STOP,
    steps="""
- run: {name: A}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate}
- modify: {id: A, InstanceInitiatedShutdownBehavior: stop}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate}
- stop: [A]
- describe: [A]
""",
)
def a_stop_does_what_the_guest_would(ec2: FaultySimulation, request: Request) -> Answer:
    """StopInstances terminates an instance whose shutdown behavior was changed three times, to terminate."""
    answer = ec2.really(request)
    for i in changed(answer):
        if (
            ec2.record(i).shutdown_behavior is ShutdownBehavior.TERMINATE
            and len(ec2.past.written(i, Attribute.SHUTDOWN_BEHAVIOR)) > 2
        ):
            ec2.change(i, state=InstanceState.TERMINATED)
    return answer


@bank_fault(
    "REBOOT-1",
    8,
    Tag.HISTORY,
    Tag.STATES,
    on=REBOOT,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- describe: [A]
- reboot: [A]
- describe: [A]
""",
)
def after_two_restarts_a_reboot_stops(ec2: FaultySimulation, request: Request) -> Answer:
    """A reboot leaves an instance stopped that was started again twice."""
    answer = ec2.really(request)
    for i in named(request):
        if (
            answer.refusal is None
            and answer.before.state(i) is InstanceState.RUNNING
            and ec2.past.effective(i, START) > 1
        ):
            ec2.change(i, state=InstanceState.STOPPED)
    return answer


@bank_fault(
    "TERM-7",
    7,
    Tag.HISTORY,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- describe: [A]
- stop: [A]
- start: [A]
- stop: [A]
- terminate: [A]
- describe: [A]
""",
)
def terminated_in_its_second_stop_it_vanishes(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance that is terminated while it is stopped for the second time is gone at once."""
    answer = ec2.really(request)
    for i in changed(answer):
        if answer.before.state(i) is InstanceState.STOPPED and ec2.past.effective(i, STOP) == 2:
            ec2.change(i, visibility=Visibility.FORGOTTEN)
    return answer


@bank_fault(
    "RUN-2",
    6,
    Tag.HISTORY,
    on=START,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- describe: [A]
""",
)
def the_second_restart_moves_it(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance that is started again for the second time comes up in the next zone."""
    answer = ec2.really(request)
    for i in changed(answer):
        if ec2.past.effective(i, START) == 1:
            zones = DEFAULT_REGION.zones
            ec2.change(i, zone=zones[(zones.index(ec2.record(i).zone) + 1) % len(zones)])
    return answer


@bank_fault(
    "PROT-1",
    6,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=STOP,
    also=("PROT-7",),
    steps="""
- run: {name: A}
- stop: [A]
- modify: {id: A, DisableApiTermination: true}
- start: [A]
- stop: [A]
- terminate: [A]
""",
)
def protected_while_stopped_it_is_so_for_one_run(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiTermination that was set while an instance was stopped holds until it is stopped again."""
    answer = ec2.really(request)
    for i in changed(answer):
        writes = [d for d in ec2.past.of(i, MODIFY) if d.changed(i) and d.after.disable_api_termination(i)]
        if writes and writes[-1].before.state(i) is InstanceState.STOPPED:
            ec2.change(i, disable_api_termination=False)
    return answer


@bank_fault(
    "STOP-6",
    6,
    Tag.HISTORY,
    Tag.STATES,
    on=STOP,
    steps="""
- run: {name: A}
- terminate: [A]
- stop: [A]
- stop: [A]
- stop: [A]
- describe: [A]
""",
)
def the_third_refused_stop_stops_the_dead(ec2: FaultySimulation, request: Request) -> Answer:
    """A terminated instance is stopped once a stop of it was refused for the third time."""
    answer = ec2.really(request)
    for i in filter(ec2.knows, named(request)):
        over = ec2.record(i).state is InstanceState.TERMINATED
        if over and answer.refusal is not None and ec2.past.refused(i, STOP) == 2:
            ec2.change(i, state=InstanceState.STOPPED)
    return answer


@bank_fault(
    "START-5",
    6,
    Tag.HISTORY,
    Tag.STATES,
    on=START,
    steps="""
- run: {name: A}
- stop: [A]
- terminate: [A]
- start: [A]
- start: [A]
- describe: [A]
""",
)
def the_second_refused_start_revives(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance that was terminated while it was stopped runs again after the second start that is refused."""
    answer = ec2.really(request)
    for i in filter(ec2.knows, named(request)):
        over = ec2.record(i).state is InstanceState.TERMINATED and ec2.past.effective(i, STOP)
        if over and answer.refusal is not None and ec2.past.refused(i, START) == 1:
            ec2.change(i, state=InstanceState.RUNNING)
    return answer


@bank_fault(
    "TERM-10",
    6,
    Tag.HISTORY,
    Tag.REPLIES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- reboot: [A]
- reboot: [A]
- reboot: [A]
- reboot: [A]
- terminate: [A]
""",
)
def four_reboots_look_like_a_stop(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply says of an instance that was rebooted four times that it was stopped when it was terminated."""
    answer = ec2.really(request)
    for i in changed(answer):
        if answer.refusal is None and ec2.past.done(i, REBOOT) > 3:
            answer = showing_before(answer, i, state=InstanceState.STOPPED)
    return answer


@bank_fault(
    "PROT-4",
    7,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=MODIFY,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- terminate: [A]
- modify: {id: A, DisableApiTermination: true}
""",
)
def restarted_twice_it_can_be_changed_when_dead(ec2: FaultySimulation, request: Request) -> Answer:
    """A change of an attribute of a terminated instance is accepted where it was started again twice."""
    i = request.instance
    if ec2.knows(i) and ec2.record(i).state is InstanceState.TERMINATED and ec2.past.effective(i, START) > 1:
        ec2.change(i, state=InstanceState.STOPPED)
        answer = ec2.really(request)
        ec2.change(i, state=InstanceState.TERMINATED)
        return answer
    return ec2.really(request)


@bank_fault(
    "SHAPE-3",
    6,
    Tag.HISTORY,
    Tag.REPLIES,
    on=STOP,
    steps="""
- run: {name: A, HibernationOptions.Configured: true}
- stop: {ids: [A], Hibernate: true}
- start: [A]
- reboot: [A]
- stop: [A]
- describe: [A]
""",
)
def once_hibernated_it_always_hibernates(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance that hibernated once and was rebooted since shows a plain stop as a hibernation."""
    answer = ec2.really(request)
    for i in changed(answer):
        hibernated = any(
            isinstance(d.request, BatchRequest) and d.request.hibernate and d.changed(i) for d in ec2.past.of(i, STOP)
        )
        if hibernated and ec2.past.done(i, REBOOT):
            ec2.change(i, cause=Cause.USER_HIBERNATE)
    return answer


@bank_fault(
    "START-9",
    6,
    Tag.HISTORY,
    Tag.REPLIES,
    on=START,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- stop: [A]
- start: [A]
""",
)
def stopped_twice_in_a_row_it_starts_from_running(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply says that it was running of an instance that is started again after a second, idle stop."""
    answer = ec2.really(request)
    for i in changed(answer):
        if ec2.past.effective(i, START) and ec2.past.done(i, STOP) > ec2.past.effective(i, STOP):
            answer = showing_before(answer, i, state=InstanceState.RUNNING)
    return answer


HISTORIES: Final[tuple[BankFault, ...]] = (
    the_third_restart_unprotects,
    stopped_twice_and_rebooted_it_survives,
    refused_twice_and_restarted_it_goes,
    the_fourth_change_is_not_stored,
    the_third_dry_run_counts,
    refused_while_stopped_twice_it_starts_unprotected,
    the_third_stop_answers_from_memory,
    a_stop_does_what_the_guest_would,
    after_two_restarts_a_reboot_stops,
    terminated_in_its_second_stop_it_vanishes,
    the_second_restart_moves_it,
    protected_while_stopped_it_is_so_for_one_run,
    the_third_refused_stop_stops_the_dead,
    the_second_refused_start_revives,
    four_reboots_look_like_a_stop,
    restarted_twice_it_can_be_changed_when_dead,
    once_hibernated_it_always_hibernates,
    stopped_twice_in_a_row_it_starts_from_running,
)
