"""What the oracle held possible after each step of a play, as a finding tells it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from ...model.states import InstanceState, Visibility
from ...model.world import Instance, InstanceRecord, VolumeRecord
from ...reports.events import InstanceBelief, StepBelief
from ..oracle.belief import Hypothesis, Records
from ..oracle.engine import Engine
from ..oracle.oracle import Oracle

TOLD: Final = 24
"""Instances of which a finding tells what was believed; a scenario of a thousand has the blamed one among them."""
MOST_WORLDS: Final = 10**15
"""Worlds above which nobody counts on."""
FORGOTTEN: Final = "forgotten"
"""The state of a terminated instance that EC2 has forgotten; a reply never shows it."""
_LIFE: Final = (
    *(state.value for state in (InstanceState.PENDING, InstanceState.RUNNING)),
    *(state.value for state in (InstanceState.STOPPING, InstanceState.STOPPED)),
    *(state.value for state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)),
    FORGOTTEN,
)
"""States in the order of a life."""


@dataclass(frozen=True, slots=True)
class Note:
    """The oracle's belief at the end of a step. Both values are immutable, so taking a note copies nothing."""

    hypotheses: tuple[Hypothesis, ...]
    doubted: frozenset[str]

    @classmethod
    def of(cls, oracle: Oracle) -> "Note":
        """Take a note of what an oracle believes now."""
        return cls(oracle.without_unseen_ends, frozenset((*oracle.unjudged, *oracle.opened)))


def beliefs(engine: Engine, notes: Iterable[Note], blamed: str | None) -> tuple[StepBelief, ...]:
    """Return the beliefs of a finding from notes, one for each step; they always include `blamed`."""
    told: list[StepBelief] = []
    before = Note((Hypothesis(),), frozenset())
    for note in notes:
        told.append(
            StepBelief(
                _worlds(_passed(engine, before), note.doubted),
                _worlds(note.hypotheses, note.doubted),
                len(note.hypotheses),
                dict(_instances(note, blamed)),
            )
        )
        before = note
    return tuple(told)


def _worlds(hypotheses: Iterable[Hypothesis], doubted: frozenset[str]) -> int:
    """Count worlds: for each hypothesis, every combination of the records of what is in no doubt."""
    return min(sum(prod(_choices_of(hypothesis, doubted)) for hypothesis in hypotheses), MOST_WORLDS)


def _choices_of(hypothesis: Hypothesis, doubted: frozenset[str]) -> Iterator[int]:
    things: Mapping[str, frozenset[InstanceRecord] | frozenset[VolumeRecord]]
    things = {**hypothesis.instances, **hypothesis.volumes}
    yield from (len(records) for name, records in things.items() if name not in doubted)


def _passed(engine: Engine, note: Note) -> Iterator[Hypothesis]:
    """Yield the hypotheses as they may have become by the passage of time alone."""
    for hypothesis in note.hypotheses:
        instances = {i: engine.settled(records) for i, records in hypothesis.instances.items()}
        volumes = {
            v: engine.settled_volumes(records, engine.holders(hypothesis, records))
            for v, records in hypothesis.volumes.items()
        }
        yield Hypothesis(instances, volumes)


def _instances(note: Note, blamed: str | None) -> Iterator[tuple[str, InstanceBelief]]:
    names = list(dict.fromkeys(i for hypothesis in note.hypotheses for i in hypothesis.instances))
    told = names[:TOLD] if blamed not in names[TOLD:] else [*names[: TOLD - 1], Instance(str(blamed))]
    for i in told:
        records = frozenset(r for hypothesis in note.hypotheses for r in hypothesis.instances.get(i, ()))
        yield i, _belief(records, doubted=i in note.doubted)


def _belief(records: Records, *, doubted: bool) -> InstanceBelief:
    return InstanceBelief(
        states=tuple(sorted({_state(record) for record in records}, key=_LIFE.index)),
        records=len(records),
        protected=tuple(
            attribute
            for attribute, every in (
                ("DisableApiTermination", [record.disable_api_termination for record in records]),
                ("DisableApiStop", [record.disable_api_stop for record in records]),
            )
            if records and all(every)
        ),
        doubted=doubted,
    )


def _state(record: InstanceRecord) -> str:
    return FORGOTTEN if record.visibility is Visibility.FORGOTTEN else record.state.value
