"""Judges descriptions of everything or with a filter: what they leave out, and what a filter should have left out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ...model.requests import BatchRequest, Operation
from ...model.states import Visibility
from ...model.world import Instance, Zone
from ..adapter.observation import InstanceSeen
from .belief import Records
from .fault import Fault, state_of

EVERYTHING: Final = "LIST-1"
FILTERED: Final = "LIST-2"


class Listed(NamedTuple):
    """What is wrong with a listing, and the clauses that it could have broken."""

    faults: tuple[Fault, ...]
    checked: tuple[str, ...]


def judge_listing(
    request: BatchRequest, shown: Iterable[InstanceSeen], left_out: Iterable[str], known: Mapping[Instance, Records]
) -> Listed:
    """Compare a listing with the instances that must be in it, and with those that its filters leave out.

    `known` are the records that each judged instance may have, of those named if the request names some.
    `left_out` are listed ones that cannot be read.
    """
    clause = FILTERED if request.is_filtered else EVERYTHING
    seen = {one.instance: one for one in shown}
    listed = {*seen, *map(Instance, left_out)}
    must = [i for i, records in known.items() if _must_be_listed(request, records)]
    faults = [_fault(clause, i, "listed", "missing", "it") for i in must if i not in listed]
    faults.extend(_wrongly_listed(request, seen))
    excluded = [i for i, records in known.items() if records and not _may_pass(request, records)]
    return Listed(tuple(faults), (clause,) if must or excluded else ())


def _must_be_listed(request: BatchRequest, records: Records) -> bool:
    """Tell whether an instance is known to every operation, whatever it may be, and passes the filters."""
    return bool(records) and all(
        record.visibility is Visibility.VISIBLE and request.passes(record.state, record.zone) for record in records
    )


def _may_pass(request: BatchRequest, records: Records) -> bool:
    return any(request.passes(record.state, record.zone) for record in records)


def _wrongly_listed(request: BatchRequest, seen: Mapping[Instance, InstanceSeen]) -> Iterator[Fault]:
    """Yield a fault for each instance that the reply itself shows in a state or zone that a filter leaves out."""
    for i, one in seen.items():
        state = state_of(one.state)
        if state is None or "Placement" in one.unread:
            continue
        if not request.passes(state, Zone(one.zone)):
            what = f"{i} {state.value}" + (f" in zone {one.zone}" if request.zones else "")
            yield _fault(FILTERED, i, "missing", "listed", what)


def _fault(clause: str, i: Instance, expected: str, observed: str, what: str) -> Fault:
    told = f"{i} {expected}" if expected == "listed" else f"only instances that pass the filter, not {i}"
    return Fault(
        clause,
        Operation.DESCRIBE,
        "-",
        f"items:{expected}",
        f"items:{observed}",
        (told,),
        f"{i} {observed}" if what == "it" else f"{what} {observed}",
        instance=i,
    )
