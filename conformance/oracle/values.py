"""Compares attributes and volumes with the record of a possible world."""

from collections.abc import Iterator, Mapping
from typing import Final

from ...model.requests import Attribute, AttributeRequest, Operation, Request
from ...model.states import InstanceState, ShutdownBehavior, VolumeState
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ..adapter.observation import AttributeValue, Observation, Volumes, VolumeSeen
from .belief import Hypothesis, VolumeRecords
from .fault import Fault
from .history import History
from .items import shown_attribute_clause
from .options import Fates
from .single import VolumeFates
from .widening import any_volume, with_attribute

ENDS: Final = ("TERM-1", "TERM-5", "RUN-3", "SHUT-1", "SHUT-2", "RETIRE-1", "PROT-6")
"""The clauses by which an instance may have come to its end."""
_PROTECTIONS: Final = frozenset({Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP})


def value_fault(
    request: Request,
    observation: Observation,
    fates: Mapping[Instance, Fates],
    volumes: Mapping[Volume, VolumeFates],
    history: History,
) -> Fault | None:
    """Compare a value that was asked for with the one of a possible world."""
    if isinstance(observation, AttributeValue) and isinstance(request, AttributeRequest):
        for i, found in fates.items():
            return _attribute_fault(request, observation, i, found[0][0], history)
    if isinstance(observation, Volumes) and request.operation is Operation.DESCRIBE_VOLUMES:
        seen = {item.volume: item for item in observation.items}
        for v, found_volumes in volumes.items():
            if v not in seen:
                return _listing_of_volume(v)
            return _volume_fault(seen[v], found_volumes[0][0], history)
    return None


def _listing_of_volume(v: Volume) -> Fault:
    return Fault(
        "VOL-10",
        Operation.DESCRIBE_VOLUMES,
        "-",
        "items:listed",
        "items:missing",
        (f"volume {v}",),
        f"no volume {v}",
        volume=v,
        opens=frozenset({v}),
    )


def _attribute_fault(
    request: AttributeRequest, observation: AttributeValue, i: Instance, record: InstanceRecord, history: History
) -> Fault | None:
    if record.state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED):
        return None  # what the attributes of the dead read as is open (D-09)
    if request.attribute is Attribute.DISABLE_API_TERMINATION:
        expected: bool | str = record.disable_api_termination
    elif request.attribute is Attribute.DISABLE_API_STOP:
        expected = record.disable_api_stop
    elif request.attribute is Attribute.SHUTDOWN_BEHAVIOR:
        expected = record.shutdown_behavior.value
    else:
        return None
    observed = observation.value
    if observed == expected:
        return None
    clause = _attribute_clause(request.attribute, i, expected, history)
    name = request.attribute.value
    by = history.modified.get((i, request.attribute))
    if clause == "FRAME-1":
        by = max(step for (_, modified), step in history.modified.items() if modified is request.attribute)
    operation = Operation.RUN if by is None else Operation.MODIFY
    change = history.only_change_since_read(i, request.attribute)
    if change is not None:
        by, changed = change
        operation = changed.operation
        clause = _clause_of_change(changed, i, request.attribute)
    return Fault(
        clause,
        operation,
        "-",
        f"{name}:{str(expected).lower()}",
        f"{name}:{str(observed).lower()}",
        (f"{name} of {i} is {str(expected).lower()}",),
        f"{name} of {i} is {str(observed).lower()}",
        instance=i,
        opens=frozenset({i}),
        step=history.made.get(i) if by is None else by,
    )


def _attribute_clause(attribute: Attribute, i: Instance, expected: bool | str, history: History) -> str:  # noqa: FBT001
    """Return the clause by which an attribute has its value: it was set, given at launch, or left alone."""
    if (i, attribute) in history.modified:
        return shown_attribute_clause(attribute)
    if expected not in (False, ShutdownBehavior.STOP.value):
        return "RUN-4"
    if attribute is Attribute.SHUTDOWN_BEHAVIOR:
        return "SHUT-2"
    if any(other != i for other, modified in history.modified if modified is attribute):
        return "FRAME-1"
    others = _PROTECTIONS - {attribute}
    return "PROT-5" if any((i, other) in history.modified for other in others) else "PROT-3"


def _clause_of_change(request: Request, i: Instance, attribute: Attribute) -> str:
    """Return the clause by which a request that is not about an attribute should have left it alone."""
    if i not in request.instances:
        return "FRAME-1"
    if isinstance(request, AttributeRequest) and frozenset({request.attribute, attribute}) == _PROTECTIONS:
        return "PROT-5"
    return shown_attribute_clause(attribute)


def written(request: AttributeRequest) -> tuple[str, str, str]:
    """Return the instance or volume, the attribute and the value of a change, in the words of classes of replies."""
    if request.volume is not None:
        return request.volume, "DeleteOnTermination", str(request.value)
    is_behavior = request.attribute is Attribute.SHUTDOWN_BEHAVIOR
    value = request.shutdown_behavior.value if is_behavior else str(request.value).lower()
    return next(iter(request.instances)), request.attribute.value, value


def _volume_fault(seen: VolumeSeen, record: VolumeRecord, history: History) -> Fault | None:
    if seen.state != record.state.value:
        return _volume_differs(
            seen.volume, record, f"volume:{record.state.value}", f"volume:{_volume_class(seen)}", history
        )
    if record.state is VolumeState.IN_USE and seen.holder is not None and seen.holder != record.holder:
        return _volume_differs(seen.volume, record, "device:own", "device:other", history)
    if (
        record.state is VolumeState.IN_USE
        and seen.delete_on_termination is not None
        and seen.delete_on_termination is not record.delete_on_termination
    ):
        flag = record.delete_on_termination
        return _volume_differs(
            seen.volume, record, f"DeleteOnTermination:{flag}", f"DeleteOnTermination:{not flag}", history
        )
    return None


def _volume_class(seen: VolumeSeen) -> str:
    return seen.state if seen.state in {state.value for state in VolumeState} else "other"


def _volume_differs(v: Volume, record: VolumeRecord, expected: str, observed: str, history: History) -> Fault:
    return Fault(
        "VOL-7" if observed == "volume:deleted" else volume_clause(v, record, history),
        Operation.DESCRIBE_VOLUMES,
        "-",
        expected,
        observed,
        (f"{v}: {expected.replace(':', ' ', 1)}",),
        f"{v}: {observed.replace(':', ' ', 1)}",
        volume=v,
        opens=frozenset({v}),
    )


def volume_clause(v: Volume, record: VolumeRecord, history: History) -> str:
    """Return the clause by which a volume should be as this record says."""
    if record.holder is None or record.state is not VolumeState.IN_USE:
        return released_clause(v, history)
    why = history.why(record.holder, "")
    if why in ENDS:
        return released_clause(v, history)
    return "VOL-4" if why == "STOP-7" else "VOL-10"


def released_clause(v: Volume, history: History) -> str:
    """Return the clause that says what becomes of a volume when its instance ends."""
    why = history.why(v, "VOL-10")
    return "VOL-2" if why == "VOL-5" else why


def as_observed(
    hypothesis: Hypothesis, request: Request, observation: Observation, volumes: Mapping[Volume, VolumeFates]
) -> Hypothesis:
    """Return a hypothesis in which the value that a reply shows, and no world has, is possible too."""
    if isinstance(request, AttributeRequest):
        known = {i: hypothesis.instances[i] for i in request.instances if i in hypothesis.instances}
        return hypothesis.having({i: with_attribute(records, request.attribute) for i, records in known.items()})
    seen = {item.volume: item for item in observation.items} if isinstance(observation, Volumes) else {}
    left: dict[Volume, VolumeRecords] = {}
    for v, fates in volumes.items():
        before = frozenset(record for record, _ in fates)
        holder = seen[v].holder if v in seen else None
        left[v] = any_volume(before, () if holder is None else (holder,)) if v in seen else before
    return hypothesis.having(volumes=left)


def shown_in(request: Request, observation: Observation) -> Iterator[tuple[str, str]]:
    """Yield the classes of the values that a reply shows, each with what it is about."""
    if isinstance(observation, AttributeValue) and isinstance(request, AttributeRequest):
        for i in request.instances:
            yield i, f"{request.attribute.value}:{str(observation.value).lower()}"
    if isinstance(observation, Volumes):
        for seen in observation.items:
            yield seen.volume, f"volume:{_volume_class(seen)}"


def value_checks(request: Request, observation: Observation, history: History) -> Iterator[str]:
    """Yield the clauses that the value of a reply could have broken."""
    if isinstance(observation, AttributeValue) and isinstance(request, AttributeRequest):
        for i in request.instances:
            for expected in (True, False):
                yield _attribute_clause(request.attribute, i, expected, history)
    if isinstance(observation, Volumes):
        for item in observation.items:
            why = history.why(item.volume, "VOL-10")
            yield from (why, "VOL-10")
            if item.holder is None:
                yield "VOL-6"
                yield from ("VOL-2",) if why == "VOL-5" else ()
            elif history.why(item.holder, "") == "STOP-7":
                yield "VOL-4"
