"""What a request met: the records that instances and volumes may have had just then."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import Final

from ...model.requests import Operation, Request
from ...model.world import IdForm, Instance, Volume, VolumeRecord, World
from .batch import Subjects
from .belief import Hypothesis, Records, VolumeRecords
from .engine import NOTHING_SHOWN, Engine
from .history import History
from .items import Items
from .settings import Settings

NO_RECORDS: Final[Records] = frozenset()
NO_ITEMS: Final[Mapping[Instance, Items]] = {}


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
        cleared = history.cleared.get(i)
        new = self.sent - history.launched[i] <= settings.launch_visibility
        return self.engine.met(
            hypothesis.instances[i],
            lag_over=cleared is not None and self.sent - cleared > settings.protection_lag,
            forgotten=self.received - history.ended.get(i, history.confirmed[i]) >= settings.forget_after,
            unheard=new and i not in history.known_to[operation],
        )

    def held_lately(self, i: Instance) -> Records:
        """Return the records, in full view, that an instance may have had while a read may be late."""
        held = self.history.held.get(i)
        if not held:
            return NO_RECORDS
        lately = (r for until, records in held if self.sent <= self._late_until(until) for r in records)
        return self.engine.in_full_view(frozenset(lately))

    def late_until(self, operation: Operation, names: Iterable[str]) -> float:
        """Return the last moment at which a read of these may be sent that shows them as before their last change.

        Whatever a read shows was so at some time in the `read_lag` seconds before it is sent. One that is sent later
        than that after a change shows what came of it. Of each change is known when it had happened at the latest: by
        the reply to the request for it, or the first read that showed it. Attributes do not change by themselves.
        """
        changed = self.history.asked if operation is Operation.DESCRIBE_ATTRIBUTE else self.history.changed
        return self._late_until(max((changed.get(name, -inf) for name in names), default=-inf))

    def _late_until(self, changed: float) -> float:
        return changed + self.settings.read_lag if self.settings.read_lag else -inf

    def subjects(
        self, hypothesis: Hypothesis, request: Request, items: Mapping[Instance, Items] = NO_ITEMS
    ) -> dict[Instance, Subjects]:
        """Return, for each id that a request names, its possible records, or the form of an id never given out.

        The `items` of a reply that lists previous states tell in which of them the request met each instance.
        """
        return {
            i: self._met(self.records(hypothesis, i, request.operation), items.get(i))
            if i in hypothesis.instances
            else self.strangers.get(i, IdForm.UNKNOWN)
            for i in dict.fromkeys(request.instances)
        }

    def _met(self, records: Records, seen: Items | None) -> Records:
        """Return the records of the state that a reply shows as previous; all where none has it."""
        if seen is None or len(records) == 1:
            return records
        previous, _ = seen.seen[0]
        return self.engine.in_state(records, previous.name) or records

    def volumes(
        self, hypothesis: Hypothesis, volumes: Iterable[Volume], shown: Mapping[Instance, Records] = NOTHING_SHOWN
    ) -> dict[Volume, VolumeRecords]:
        """Return the records that volumes may have, going by what may have become of their instances.

        What a reply has just `shown` of an instance stands for what it might have been.
        """
        return {
            v: self.engine.settled_volumes(records, self.engine.holders(hypothesis, records, shown))
            for v in volumes
            if (records := hypothesis.volumes.get(v)) is not None
        }

    def met_by(
        self, hypothesis: Hypothesis, request: Request
    ) -> Iterator[tuple[dict[Instance, Subjects], dict[Volume, VolumeRecords]]]:
        """Yield the instances and volumes that a request about one instance or volume may have met.

        What became of a volume goes by what the instance is that holds it. A detachment asks about both, and so does a
        change of DeleteOnTermination. For these, each record of that instance is taken by itself.
        """
        subjects = self.subjects(hypothesis, request)
        volumes = {v: hypothesis.volumes[v] for v in request.volume_ids if v in hypothesis.volumes}
        found = frozenset(record for records in volumes.values() for record in records)
        holders = [i for i in sorted(self.engine.names_of_holders(found)) if i in hypothesis.instances]
        if request.operation not in (Operation.DETACH, Operation.MODIFY) or not holders:
            yield subjects, self.volumes(hypothesis, request.volume_ids)
            return
        possible = (sorted(self.records(hypothesis, i, request.operation), key=repr) for i in holders)
        for chosen in product(*possible):
            alone = {i: frozenset({record}) for i, record in zip(holders, chosen, strict=True)}
            settled = {v: self.engine.settled_volumes(records, frozenset(chosen)) for v, records in volumes.items()}
            yield {**subjects, **alone}, settled

    def volume_rests(self, hypothesis: Hypothesis, v: Volume, record: VolumeRecord) -> bool:
        """Tell whether a volume of this record can be at rest."""
        rests = self.engine.spec.volume_at_rest
        if record.holder is None:
            return rests(World({}, {v: record}), v)
        holders = hypothesis.instances.get(record.holder, frozenset())
        return any(rests(World({record.holder: holder}, {v: record}), v) for holder in holders)
