"""Faults of requests over three zones, and of requests for fifty ids and more."""

from dataclasses import replace
from typing import Final

from ....model.outcomes import Refusal
from ....model.requests import Operation, Request
from ....model.states import InstanceState
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..faulty_ec2 import AT_ONCE_EC2, rewriting
from ..handlers import FaultySimulation, about_another, named, only, zones_named
from ..replies import Reply

STOP: Final = Operation.STOP
TERMINATE: Final = Operation.TERMINATE
THREE: Final = 3
CHUNK: Final = 50
"""How many ids emulators and their databases like to take at a time."""


# Three zones.


@bank_fault(
    "TERM-5",
    5,
    Tag.THREE_ZONES,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, zone: 1, DisableApiTermination: true}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- terminate: [A, B, C]
- settle
""",
)
def the_shield_covers_the_last_zone(ec2: FaultySimulation, request: Request) -> Answer:
    """A termination over three zones that is refused for the first of them spares the last one too."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is not None and answer.refusal.by_zone:
        first, _, last = zones.values()
        if any(map(ec2.protected, first)):
            ec2.restore(answer, *last)
    return answer


@bank_fault(
    "TERM-1",
    5,
    Tag.THREE_ZONES,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- terminate: [A, B, C]
- describe: [A, B, C]
""",
)
def the_third_zone_is_forgotten(ec2: FaultySimulation, request: Request) -> Answer:
    """A termination of instances in three zones reports success, and does nothing in the last zone."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is None:
        ec2.restore(answer, *list(zones.values())[-1])
    return answer


@bank_fault(
    "TERM-4",
    6,
    Tag.THREE_ZONES,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, zone: 1, DisableApiTermination: true}
- run: {name: B, zone: 2, DisableApiTermination: true}
- run: {name: C, zone: 2}
- run: {name: D, zone: 3}
- terminate: [A, B, C, D]
- describe: [A, B, C, D]
""",
)
def only_the_first_shield_counts(ec2: FaultySimulation, request: Request) -> Answer:
    """Where two zones of three hold a protected instance, the second one is spared, and its neighbours are not."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is not None and answer.refusal.by_zone:
        shielded = [ids for ids in zones.values() if any(map(ec2.protected, ids))]
        for i in (i for ids in shielded[1:] for i in ids if not ec2.protected(i)):
            ec2.really(only(request, (i,)))
    return answer


@bank_fault(
    "STOP-8",
    6,
    Tag.THREE_ZONES,
    Tag.STATES,
    on=STOP,
    steps="""
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- terminate: [C]
- stop: [A, B, C]
- describe: [A, B, C]
""",
)
def a_refused_stop_has_begun(ec2: FaultySimulation, request: Request) -> Answer:
    """A stop over three zones that is refused for a state in the last zone has stopped the instances of the first."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is not None and answer.refusal.refusal is Refusal.DEAD:
        first, *_, last = zones.values()
        over = any(ec2.record(i).state is InstanceState.TERMINATED for i in last)
        if over and all(ec2.record(i).state is InstanceState.RUNNING and not ec2.protected(i) for i in first):
            ec2.really(only(request, first))
    return answer


@bank_fault(
    "ERR-6",
    4,
    Tag.THREE_ZONES,
    Tag.REPLIES,
    on=TERMINATE,
    steps="""
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3, DisableApiTermination: true}
- terminate: [A, B, C]
""",
)
def the_refusal_names_another_zone(ec2: FaultySimulation, request: Request) -> Answer:
    """A termination over three zones that is refused for the last one names an instance of the first."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is not None and answer.refusal.by_zone:
        first, second, _ = zones.values()
        if not any(map(ec2.protected, (*first, *second))):
            return replace(answer, refusal=about_another(answer.refusal, first[0]))
    return answer


@bank_fault(
    "STOP-7",
    5,
    Tag.THREE_ZONES,
    Tag.STATES,
    on=STOP,
    steps="""
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- stop: [A, B, C]
- describe: [A, B, C]
""",
)
def two_zones_of_three_stop(ec2: FaultySimulation, request: Request) -> Answer:
    """A stop in three zones leaves the instances of the last one running."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if len(zones) == THREE and answer.refusal is None:
        ec2.restore(answer, *list(zones.values())[-1])
    return answer


# Fifty ids.


@bank_fault(
    "TERM-10",
    2,
    Tag.FIFTY_IDS,
    Tag.REPLIES,
    on=TERMINATE,
    steps="""
- run: {name: A, count: 51}
- terminate: [{all: A}]
""",
)
def the_reply_ends_after_fifty_items(ec2: FaultySimulation, request: Request) -> Answer:
    """The reply to TerminateInstances has no more than fifty items."""
    answer = ec2.really(request)
    return answer if answer.refusal is not None else replace(answer, request=only(request, named(request)[:CHUNK]))


@bank_fault(
    "TERM-1",
    3,
    Tag.FIFTY_IDS,
    Tag.STATES,
    on=TERMINATE,
    steps="""
- run: {name: A, count: 51}
- terminate: [{all: A}]
- describe: [A51]
""",
)
def fifty_are_terminated(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances says that it terminates all, and does so with the first fifty."""
    answer = ec2.really(request)
    if answer.refusal is None:
        ec2.restore(answer, *named(request)[CHUNK:])
    return answer


@bank_fault(
    "PROT-1",
    3,
    Tag.FIFTY_IDS,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, count: 50}
- run: {name: B, DisableApiTermination: true}
- terminate: [{all: A}, B]
""",
)
def protection_is_looked_up_for_fifty(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances looks at the protection of the first fifty ids, and terminates the others."""
    with ec2.unprotected(named(request)[CHUNK:]):
        return ec2.really(request)


@bank_fault(
    "TERM-3",
    3,
    Tag.FIFTY_IDS,
    Tag.BAD_IDS,
    on=TERMINATE,
    steps="""
- run: {name: A, count: 50}
- terminate: [{all: A}, {malformed: "foo"}]
- describe: [A1]
""",
)
def the_first_fifty_go_before_a_bad_id(ec2: FaultySimulation, request: Request) -> Answer:
    """TerminateInstances takes fifty ids at a time: a bad id behind them does not save the first fifty."""
    ids = named(request)
    chunk, rest = ids[:CHUNK], ids[CHUNK:]
    if rest and all(map(ec2.knows, chunk)) and not all(map(ec2.knows, rest)) and not any(map(ec2.protected, ids)):
        ec2.really(only(request, chunk))
    return ec2.really(request)


def _only_the_first_fifty(reply: Reply) -> None:
    left = CHUNK
    for reservation in reply["Reservations"]:
        del reservation["Instances"][left:]
        left -= len(reservation["Instances"])


a_page_has_fifty: Final = BankFault(
    name="a page has fifty",
    sentence="DescribeInstances shows fifty instances, and gives no token for the others.",
    clause="DESC-2",
    requests=2,
    tags=frozenset({Tag.FIFTY_IDS, Tag.REPLIES}),
    steps="""
- run: {name: A, count: 51}
- describe: [{all: A}]
""",
    ec2=rewriting(Operation.DESCRIBE, _only_the_first_fifty, AT_ONCE_EC2),
)


BATCHES: Final[tuple[BankFault, ...]] = (
    the_shield_covers_the_last_zone,
    the_third_zone_is_forgotten,
    only_the_first_shield_counts,
    a_refused_stop_has_begun,
    the_refusal_names_another_zone,
    two_zones_of_three_stop,
    the_reply_ends_after_fifty_items,
    fifty_are_terminated,
    protection_is_looked_up_for_fifty,
    the_first_fifty_go_before_a_bad_id,
    a_page_has_fifty,
)
