"""What a request met: the records that instances and volumes may have had just then."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...model.requests import Operation, Request
from ...model.world import IdForm, Instance, Volume, VolumeRecord, World
from ..observation import Changes, Observation, StateSeen
from .batch import Subjects
from .belief import Hypothesis, Records, VolumeRecords
from .engine import Engine
from .history import History
from .settings import Settings


@dataclass(slots=True)
class Situation:
    """What time may have done to a hypothesis. Times are the target's clock, in seconds."""

    engine: Engine
    settings: Settings
    history: History
    strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    sent: float = 0.0
    received: float = 0.0
    as_last_seen: bool = False
    """For blame: nothing is taken to have happened since the last reply, which is what most likely was."""

    def records(self, hypothesis: Hypothesis, i: Instance, operation: Operation) -> Records:
        """Return the records that an instance may have when an operation meets it."""
        history, settings = self.history, self.settings
        if self.as_last_seen:
            return self.engine.lag_over(hypothesis.instances[i])
        records = self.engine.settled(hypothesis.instances[i])
        cleared = history.cleared.get(i)
        if cleared is not None and self.sent - cleared > settings.protection_lag:
            records = self.engine.lag_over(records)
        if self.received - history.ended.get(i, history.confirmed[i]) >= settings.forget_after:
            records = self.engine.with_forgotten(records)
        new = self.sent - history.launched[i] <= settings.launch_visibility
        if new and (operation, i) not in history.known_to:
            records = self.engine.seen_by_new(records)
        return records

    def held_lately(self, i: Instance) -> Records:
        """Return the records that an instance may have had within the time by which a read may be late."""
        since = self.sent - self.settings.read_lag
        return frozenset(r for until, records in self.history.held.get(i, ()) if until >= since for r in records)

    def subjects(
        self, hypothesis: Hypothesis, request: Request, observation: Observation | None = None
    ) -> dict[Instance, Subjects]:
        """Return, for each id that a request names, its possible records, or the form of an id never given out.

        A reply that lists previous states tells in which of them the request met each instance.
        """
        previous = (
            {item.instance: item.previous for item in observation.items} if isinstance(observation, Changes) else {}
        )
        return {
            i: self._met(self.records(hypothesis, i, request.operation), previous.get(i))
            if i in hypothesis.instances
            else self.strangers.get(i, IdForm.UNKNOWN)
            for i in dict.fromkeys(request.instances)
        }

    def _met(self, records: Records, previous: StateSeen | None) -> Records:
        """Return the records of the state that a reply shows as previous; all where none has it."""
        if previous is None or len(records) == 1:
            return records
        return self.engine.in_state(records, previous.name) or records

    def volumes(self, hypothesis: Hypothesis, volumes: Iterable[Volume]) -> dict[Volume, VolumeRecords]:
        """Return the records that volumes may have, going by what may have become of their instances."""
        return {
            v: self.engine.settled_volumes(records, self.engine.holders(hypothesis, records))
            for v in volumes
            if (records := hypothesis.volumes.get(v)) is not None
        }

    def volume_rests(self, hypothesis: Hypothesis, v: Volume, record: VolumeRecord) -> bool:
        """Tell whether a volume of this record can be at rest."""
        rests = self.engine.spec.volume_at_rest
        if record.holder is None:
            return rests(World({}, {v: record}), v)
        holders = hypothesis.instances.get(record.holder, frozenset())
        return any(rests(World({record.holder: holder}, {v: record}), v) for holder in holders)
