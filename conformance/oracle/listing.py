"""Judges descriptions of everything or with a filter: what they leave out, and what a filter should have left out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ...model.requests import BatchRequest, Operation, Request
from ...model.states import Visibility
from ...model.world import Instance, Zone
from ..adapter.observation import Instances, InstanceSeen, Observation
from .belief import Hypothesis, Records
from .fault import Fault, state_of
from .items import left_out

EVERYTHING: Final = "LIST-1"
FILTERED: Final = "LIST-2"


class Listed(NamedTuple):
    """What is wrong with a listing, and the clauses that it could have broken."""

    faults: tuple[Fault, ...]
    checked: tuple[str, ...]


def as_named(request: Request, observation: Observation, hypothesis: Hypothesis) -> tuple[Request, Observation]:
    """Return a description of everything, or with a filter, as one of the known instances that it shows (F-01).

    What else the caller has is no business of ours; `judge_listing` judges what is missing.
    Where the request names instances, all that it shows must be among them, and a bad id is still one.
    """
    if not isinstance(request, BatchRequest) or request.operation is not Operation.DESCRIBE:
        return request, observation
    if not isinstance(observation, Instances) or (request.instances and not request.is_filtered):
        return request, observation
    made = hypothesis.instances
    shown = {seen.instance for seen in observation.items} | {*map(Instance, left_out(observation))}
    if request.instances:
        named = tuple(i for i in request.instances if i in shown or i not in made)
        return BatchRequest(Operation.DESCRIBE, request.caller, request.dry_run, named), observation
    known = tuple(seen for seen in observation.items if seen.instance in made)
    unread = sorted(i for i in map(Instance, left_out(observation)) if i in made)
    named = tuple(dict.fromkeys((*(seen.instance for seen in known), *unread)))
    described = BatchRequest(Operation.DESCRIBE, request.caller, request.dry_run, named)
    return described, Instances(known, observation.unread)


def judge_listing(
    request: BatchRequest, shown: Iterable[InstanceSeen], unread: Iterable[str], known: Mapping[Instance, Records]
) -> Listed:
    """Compare a listing with the instances that must be in it, and with those that its filters leave out.

    `known` are the records that each judged instance may have, of those named if the request names some.
    `unread` are listed ones that cannot be read.
    """
    clause = FILTERED if request.is_filtered else EVERYTHING
    seen = {one.instance: one for one in shown}
    listed = {*seen, *map(Instance, unread)}
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
