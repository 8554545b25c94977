"""Families of faults: one mistake that emulators make, in each operation that can have it.

Emulators handle a batch in a loop, look ids up one by one, and forget the special request. So each family stands for
all operations, and the covering suite must find every member.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from ...model.outcomes import Refusal
from ...model.requests import Attribute, AttributeRequest, Operation, Request
from ...model.states import InstanceState
from ...model.world import IdForm, Instance
from ...strategies.scenario.translate import form_of
from ..emulator.simulation import Answer
from .fault import Fault
from .faulty_ec2 import AT_ONCE_EC2
from .handlers import FaultySimulation, Handle, Handler, named, only, zones_named

SEEN: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
"""The operations whose effects a caller can see."""
BATCHES: Final = (*SEEN, Operation.REBOOT)
FAILED: Final = {Operation.TERMINATE: "TERM-3", Operation.STOP: "STOP-8", Operation.START: "START-7"}
"""By operation, the clause that a refused batch changes nothing."""

Spared: TypeAlias = Callable[[FaultySimulation, Sequence[Instance]], Collection[Instance]]
"""Says which of the known ids of a termination that names protected ones are spared."""


def _fault(clause: str, sentence: str, on: Operation, handle: Handle, *also: str, dry_too: bool = False) -> Fault:
    handler = Handler(handle, frozenset({on}), dry_too)
    return Fault(clause, sentence, replace(AT_ONCE_EC2, handler=handler), also=frozenset(also))


# Bad ids.


def _without_bad_ids(ec2: FaultySimulation, request: Request) -> Answer:
    good = tuple(filter(ec2.knows, request.instances))
    return ec2.really(only(request, good) if good else request)


def _bad_ids_last(ec2: FaultySimulation, request: Request) -> Answer:
    """Do a batch with a bad id for all others, and refuse it then."""
    good = tuple(filter(ec2.knows, request.instances))
    if len(good) < len(request.instances) and good and not any(map(ec2.protected, good)):
        ec2.really(only(request, good))
    return ec2.really(request)


def _malformed_as_unknown(ec2: FaultySimulation, request: Request) -> Answer:
    malformed = next((i for i in request.instances if form_of(i) is IdForm.MALFORMED), None)
    return ec2.really(request) if malformed is None else ec2.refuse(request, Refusal.NOT_FOUND, malformed)


def _with_bad_ids() -> Iterator[Fault]:
    for on in BATCHES:
        sentence = f"{on.value} leaves out bad ids beside good ones"
        yield _fault("ERR-1", sentence, on, _without_bad_ids, "ERR-2", "TERM-3")
    for on in (*BATCHES, Operation.DESCRIBE):
        yield _fault("ERR-2", f"{on.value} calls a malformed id unknown", on, _malformed_as_unknown)
    for on in SEEN:
        sentence = f"{on.value} with a bad id is refused, and done for the other ids"
        yield _fault(FAILED[on], sentence, on, _bad_ids_last, "FRAME-2", "TERM-3")


# Dry runs.


def _carried_out(ec2: FaultySimulation, request: Request) -> Answer:
    answer = ec2.really(request)
    if answer.refusal is not None and answer.refusal.refusal is Refusal.DRY_RUN:
        ec2.really(replace(request, dry_run=False))
    return answer


def _of_several(ec2: FaultySimulation, request: Request) -> Answer:
    return _carried_out(ec2, request) if len(named(request)) > 1 else ec2.really(request)


def _of(attribute: Attribute) -> Handle:
    def handle(ec2: FaultySimulation, request: Request) -> Answer:
        is_it = isinstance(request, AttributeRequest) and request.attribute is attribute
        return _carried_out(ec2, request) if is_it else ec2.really(request)

    return handle


def _with_dry_runs() -> Iterator[Fault]:
    for on in SEEN:
        yield _fault("DRY-1", f"a dry run of {on.value} is carried out", on, _carried_out, dry_too=True)
        sentence = f"a dry run of {on.value} for several instances is carried out"
        yield _fault("DRY-1", sentence, on, _of_several, dry_too=True)
    for attribute in Attribute:
        sentence = f"a dry run that changes {attribute.value} is carried out"
        yield _fault("DRY-1", sentence, Operation.MODIFY, _of(attribute), dry_too=True)


# Batches that a state refuses.


def _up_to_the_first_refused(ec2: FaultySimulation, request: Request) -> Answer:
    """Go through the ids, and stop at the first one that is refused."""
    ids = named(request)
    if all(map(ec2.knows, ids)) and len(ids) > 1:
        for i in ids:
            if ec2.really(only(request, (i,))).refusal is not None:
                return ec2.really(only(request, (i,)))
    return ec2.really(request)


def _with_refused_states() -> Iterator[Fault]:
    for on in (Operation.STOP, Operation.START):
        sentence = f"{on.value} acts on the ids one by one, until one is refused"
        yield _fault(FAILED[on], sentence, on, _up_to_the_first_refused, "PROT-2", "START-9", "STOP-10", "FRAME-2")


# The zones of protected instances.


def _protected_zones(ec2: FaultySimulation, ids: Sequence[Instance]) -> list[str]:
    return [ec2.record(i).zone for i in ids if ec2.protected(i) and _lives(ec2, i)]


def _lives(ec2: FaultySimulation, i: Instance) -> bool:
    return ec2.record(i).state not in {InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED}


def _sparing(spared: Spared) -> Handle:
    """Terminate, in a request that a protection refuses, all but some."""

    def handle(ec2: FaultySimulation, request: Request) -> Answer:
        ids = named(request)
        if not all(map(ec2.knows, ids)) or not _protected_zones(ec2, ids):
            return ec2.really(request)
        stay = spared(ec2, ids)
        gone = [i for i in ids if i not in stay]
        with ec2.unprotected(gone):
            if gone:
                ec2.really(only(request, gone))
        first = next((i for i in ids if ec2.protected(i) and _lives(ec2, i)), None)
        if first is None:
            return ec2.really(request)
        return ec2.refuse(request, Refusal.TERMINATION_PROTECTED, first)

    return handle


def _in_zones(ec2: FaultySimulation, ids: Sequence[Instance], zones: Collection[str]) -> set[Instance]:
    return {i for i in ids if ec2.record(i).zone in zones or ec2.protected(i)}


def _in_the_first_zone(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    return _in_zones(ec2, ids, _protected_zones(ec2, ids)[:1])


def _in_the_last_zone(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    return _in_zones(ec2, ids, _protected_zones(ec2, ids)[-1:])


def _only_protected(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    return _in_zones(ec2, ids, ())


def _everything(_ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    return {*ids}


def _what_follows(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    """Spare what stands behind the first protected instance of its zone."""
    seen: set[str] = set()
    spared: set[Instance] = set()
    for i in ids:
        zone = ec2.record(i).zone
        if ec2.protected(i):
            seen.add(zone)
        if zone in seen:
            spared.add(i)
    return spared


def _what_stands_before(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    return {*_what_follows(ec2, ids[::-1])}


def _the_neighbour(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    """Spare, beside the protected instances, the one that stands next to each in the list."""
    places = [n for n, i in enumerate(ids) if ec2.protected(i)]
    return {i for n, i in enumerate(ids) if any(abs(n - place) <= 1 for place in places)}


def _the_largest_zone(ec2: FaultySimulation, ids: Sequence[Instance]) -> set[Instance]:
    """Spare the zone with the most ids, where it holds a protected instance."""
    zones = {ec2.record(i).zone: 0 for i in ids}
    for i in ids:
        zones[ec2.record(i).zone] += 1
    most = max(zones, key=lambda zone: zones[zone])
    return _in_zones(ec2, ids, {most} & {*_protected_zones(ec2, ids)})


def _with_zones() -> Iterator[Fault]:
    for sentence, spared in (
        ("only the zone of the first protected instance is spared", _in_the_first_zone),
        ("only the zone of the last protected instance is spared", _in_the_last_zone),
        ("a protected instance spares only itself", _only_protected),
        ("a protected instance spares what stands behind it", _what_follows),
        ("a protected instance spares what stands before it", _what_stands_before),
        ("only the largest zone is spared", _the_largest_zone),
        ("a protected instance spares its neighbours in the list", _the_neighbour),
    ):
        yield _fault("TERM-4", sentence, Operation.TERMINATE, _sparing(spared), "TERM-5", "TERM-11")
    sentence = "a protected instance spares all zones"
    yield _fault("TERM-5", sentence, Operation.TERMINATE, _sparing(_everything), "TERM-4")


def _one_zone_at_a_time(ec2: FaultySimulation, request: Request) -> Answer:
    """Do only the first zone of a batch that spans several."""
    zones = zones_named(ec2, request)
    answer = ec2.really(request)
    if answer.refusal is None and len(zones) > 1:
        ec2.restore(answer, *(i for ids in list(zones.values())[1:] for i in ids))
    return answer


def _over_zones() -> Iterator[Fault]:
    for on, clause in ((Operation.TERMINATE, "TERM-1"), (Operation.STOP, "STOP-7")):  # EC2 itself may fail to start one
        sentence = f"{on.value} over several zones reports all, and acts in the first zone only"
        yield _fault(clause, sentence, on, _one_zone_at_a_time, "TERM-18", "STOP-1", "TERM-5")


FAMILIES: Final = (
    *_with_bad_ids(),
    *_with_dry_runs(),
    *_with_refused_states(),
    *_with_zones(),
    *_over_zones(),
)
"""Every member of every family."""
