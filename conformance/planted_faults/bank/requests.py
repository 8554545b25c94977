"""Faults of single requests, seen after a few of them: ids in certain places, repeats, dry runs, launches, replies."""

from dataclasses import replace
from typing import Final

from ....model.outcomes import Refusal
from ....model.requests import Caller, Operation, Request
from ....model.states import InstanceState
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..handlers import FaultySimulation, forced, named, only, showing_after, showing_before, zones_named

RUN: Final = Operation.RUN
START: Final = Operation.START
STOP: Final = Operation.STOP
REBOOT: Final = Operation.REBOOT
TERMINATE: Final = Operation.TERMINATE


@bank_fault(
    "TERM-3",
    3,
    Tag.BAD_IDS,
    on=TERMINATE,
    steps="""
- run: {name: A}
- terminate: [A, {malformed: "i-foo"}]
- describe: [A]
""",
)
def the_loop_ends_at_the_bad_id(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances goes through the ids in order, and has terminated those before the first bad one."""
    bad = next((n for n, i in enumerate(request.instances) if not ec2.knows(i)), 0)
    if bad and not any(map(ec2.protected, request.instances)):
        ec2.really(only(request, request.instances[:bad]))
    return ec2.really(request)


@bank_fault(
    "ERR-1",
    2,
    Tag.BAD_IDS,
    on=TERMINATE,
    also=("ERR-2",),
    steps="""
- run: {name: A}
- terminate: [{unknown-short: 1}, A]
""",
)
def a_bad_id_in_front_is_skipped(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances leaves out a bad id in the first place, where known ones follow it."""
    first, others = request.instances[:1], request.instances[1:]
    if others and all(map(ec2.knows, others)) and not any(map(ec2.knows, first)):
        return ec2.really(only(request, others))
    return ec2.really(request)


@bank_fault(
    "ERR-2",
    3,
    Tag.BAD_IDS,
    on=STOP,
    steps="""
- run: {name: A}
- run: {name: B}
- stop: [A, {malformed: "foo"}, B]
""",
)
def only_the_ends_of_the_list_are_looked_at(ec2: FaultySimulation, request: Request) -> Answer:
    """StopInstances looks for bad ids only at both ends of the list."""
    ids = request.instances
    if ids and ec2.knows(ids[0]) and ec2.knows(ids[-1]):
        return ec2.really(only(request, filter(ec2.knows, ids)))
    return ec2.really(request)


@bank_fault(
    "ERR-3",
    2,
    Tag.BAD_IDS,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, DisableApiTermination: true}
- terminate: [A, {malformed: "foo"}]
""",
)
def protection_in_front_hides_a_bad_id(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances is refused for a protected instance where a bad id stands behind it."""
    for n, i in enumerate(request.instances):
        if not ec2.knows(i):
            break
        if ec2.record(i).disable_api_termination and not all(map(ec2.knows, request.instances[n:])):
            return ec2.refuse(request, Refusal.TERMINATION_PROTECTED, i)
    return ec2.really(request)


@bank_fault(
    "TERM-2",
    4,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- run: {name: B}
- terminate: [A]
- terminate: [B, A]
""",
)
def a_terminated_instance_is_unknown_among_others(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances does not find a terminated instance where it is named behind one that is not."""
    ids = named(request)
    if all(map(ec2.knows, ids)) and not any(map(ec2.protected, ids)):
        over = [ec2.record(i).state is InstanceState.TERMINATED for i in ids]
        if any(over[1:]) and not over[0]:
            return ec2.refuse(request, Refusal.NOT_FOUND, ids[over.index(True)])
    return ec2.really(request)


@bank_fault(
    "TERM-10",
    2,
    Tag.REPEATED_IDS,
    Tag.REPLIES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- terminate: [A, A]
""",
)
def a_repeated_id_cancels_itself(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply to TerminateInstances has no item for an id that was sent twice."""
    answer = ec2.really(request)
    if answer.refusal is not None:
        return answer
    return replace(answer, request=only(request, (i for i in named(request) if request.instances.count(i) % 2)))


@bank_fault(
    "STOP-10",
    2,
    Tag.REPEATED_IDS,
    Tag.REPLIES,
    on=STOP,
    steps="""
- run: {name: A}
- stop: [A, A]
""",
)
def a_repeated_id_is_stopped_twice(ec2: FaultySimulation, request: Request) -> Answer:
    """StopInstances does a repeated id twice, so that it reports stopping as the state that it found."""
    answer = ec2.really(request)
    for i in named(request):
        if answer.refusal is None and request.instances.count(i) > 1:
            answer = showing_before(answer, i, state=answer.after.state(i))
    return answer


@bank_fault(
    "TERM-1",
    4,
    Tag.REPEATED_IDS,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- run: {name: B}
- terminate: [A, A, B]
- describe: [B]
""",
)
def a_repeated_id_ends_the_work(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances reports all, and does nothing with what stands behind an id that was sent before."""
    ids = request.instances
    again = next((n for n, i in enumerate(ids) if i in ids[:n]), len(ids))
    answer = ec2.really(request)
    if answer.refusal is None:
        ec2.restore(answer, *(i for i in named(request) if i not in ids[:again]))
    return answer


@bank_fault(
    "DRY-1",
    2,
    Tag.DRY_RUN,
    on=TERMINATE,
    dry_too=True,
    steps="""
- run: {name: A}
- terminate: {ids: [A], Force: true, DryRun: true}
""",
)
def force_overrides_the_dry_run(ec2: FaultySimulation, request: Request) -> Answer:
    """A dry run of TerminateInstances with Force is carried out."""
    if request.caller is Caller.OWNER and request.dry_run and forced(request):
        return ec2.really(replace(request, dry_run=False))
    return ec2.really(request)


@bank_fault(
    "DRY-2",
    3,
    Tag.DRY_RUN,
    on=(TERMINATE, STOP, START),
    dry_too=True,
    steps="""
- run: {name: A}
- run: {name: B}
- stop: {ids: [A, B], DryRun: true, as: nobody}
""",
)
def a_dry_run_of_several_asks_for_no_permission(ec2: FaultySimulation, request: Request) -> Answer:
    """A dry run that names several instances is answered without a look at the caller's permission."""
    if request.caller is Caller.NOBODY and request.dry_run and len(named(request)) > 1:
        return ec2.really(replace(request, caller=Caller.OWNER))
    return ec2.really(request)


@bank_fault(
    "RUN-4",
    3,
    Tag.PROTECTION,
    on=RUN,
    steps="""
- run: {name: A, DisableApiTermination: true, DisableApiStop: true}
- describe: [A]
- describe-attribute: {id: A, attribute: DisableApiStop}
""",
)
def a_launch_keeps_one_protection(ec2: FaultySimulation, request: Request) -> Answer:
    """A launch with both protections keeps only DisableApiTermination."""
    answer = ec2.really(request)
    for i in named(request):
        if answer.refusal is None and ec2.record(i).disable_api_termination:
            ec2.change(i, disable_api_stop=False)
    return answer


@bank_fault(
    "TERM-12",
    3,
    Tag.REPLIES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- stop: [A]
- terminate: [A]
""",
)
def a_stopped_instance_is_said_to_shut_down(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply says shutting-down of whatever is terminated, also of what was stopped."""
    answer = ec2.really(request)
    for i in named(request):
        if answer.refusal is None and answer.before.state(i) is InstanceState.STOPPED:
            answer = showing_after(answer, i, state=InstanceState.SHUTTING_DOWN)
    return answer


@bank_fault(
    "START-9",
    2,
    Tag.REPLIES,
    on=START,
    steps="""
- run: {name: A}
- start: [A]
""",
)
def whatever_is_started_was_stopped(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply to StartInstances says of every instance that it was stopped."""
    answer = ec2.really(request)
    for i in named(request):
        if answer.refusal is None:
            answer = showing_before(answer, i, state=InstanceState.STOPPED)
    return answer


@bank_fault(
    "REBOOT-5",
    4,
    Tag.STATES,
    on=REBOOT,
    also=("REBOOT-2",),
    steps="""
- run: {name: A}
- terminate: [A]
- reboot: [A]
- describe: [A]
""",
)
def a_reboot_brings_back_the_dead(ec2: FaultySimulation, request: Request) -> Answer:
    """RebootInstances lets a terminated instance run again."""
    answer = ec2.really(request)
    for i in named(request):
        if answer.refusal is None and answer.before.state(i) is InstanceState.TERMINATED:
            ec2.change(i, state=InstanceState.RUNNING)
    return answer


@bank_fault(
    "PROT-1",
    3,
    Tag.PROTECTION,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A, DisableApiTermination: true}
- stop: [A]
- terminate: [A]
""",
)
def what_is_stopped_is_not_protected(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances disregards the protection of stopped instances."""
    known = filter(ec2.knows, named(request))
    with ec2.unprotected(i for i in known if ec2.record(i).state is InstanceState.STOPPED):
        return ec2.really(request)


@bank_fault(
    "RUN-3",
    4,
    Tag.STATES,
    on=STOP,
    also=("FRAME-1",),
    steps="""
- run: {name: A}
- run: {name: B}
- stop: {ids: [A], Force: true}
- describe: [B]
""",
)
def a_forced_stop_takes_the_zone_along(ec2: FaultySimulation, request: Request) -> Answer:
    """StopInstances with Force stops also the instance that was launched last in the same zone."""
    answer = ec2.really(request)
    if answer.refusal is None and forced(request):
        for zone in zones_named(ec2, request):
            last = [i for i, record in ec2.account.instances.items() if record.zone == zone][-1]
            if ec2.record(last).state is InstanceState.RUNNING:
                ec2.change(last, state=InstanceState.STOPPED)
    return answer


REQUESTS: Final[tuple[BankFault, ...]] = (
    the_loop_ends_at_the_bad_id,
    a_bad_id_in_front_is_skipped,
    only_the_ends_of_the_list_are_looked_at,
    protection_in_front_hides_a_bad_id,
    a_terminated_instance_is_unknown_among_others,
    a_repeated_id_cancels_itself,
    a_repeated_id_is_stopped_twice,
    a_repeated_id_ends_the_work,
    force_overrides_the_dry_run,
    a_dry_run_of_several_asks_for_no_permission,
    a_launch_keeps_one_protection,
    a_stopped_instance_is_said_to_shut_down,
    whatever_is_started_was_stopped,
    a_reboot_brings_back_the_dead,
    what_is_stopped_is_not_protected,
    a_forced_stop_takes_the_zone_along,
)
