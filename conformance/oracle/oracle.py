"""Judges a scenario's replies, one after the other."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from ...model.background import StepName
from ...model.requests import (
    AttributeRequest,
    BatchRequest,
    Caller,
    ErrorCode,
    LaunchRequest,
    Operation,
    Request,
)
from ...model.states import Cause, InstanceState, RootDevice, Visibility
from ...model.world import IdForm, Instance, InstanceRecord, Volume
from ...strategies.scenario.steps import READS
from ..adapter.failures import SUCCESSES
from ..adapter.observation import Changes, Done, Instances, NoAnswer, Observation, Refused, Unreadable, Volumes
from .belief import Hypothesis, Records, merged
from .blame import blamed, stuck
from .carried import Carried
from .certain import is_over
from .counts import Counts, as_made
from .divergence import NO_STATUS, Divergence
from .engine import Engine
from .excuses import AS_USUAL, Excused, Excuses, Sent
from .fault import ENDED, Fault, state_of
from .headers import Way, clause_of, error_as_success, header_fault, is_foreign, may_be_due, refusal_faults
from .history import History, Touch
from .items import DEAD, by_instance, left_out, unreadable
from .late_reads import Pushed, keep_what_was
from .listing import as_named, judge_listing
from .outside import without_affected
from .past import Past
from .previous_states import PREVIOUS
from .reading import Reader, Reading
from .roots_and_devices import Due, due_refusal
from .settings import Settings
from .situation import Situation
from .tokens import ABOUT_TOKENS, How, Repeat, Tokens, judge_repeat
from .values import written
from .widening import (
    any_volume,
    changed_or_not,
    ended_or_forgotten,
    or_shown_as,
    widened,
    with_attribute,
    with_volumes_of_revived,
)

_REST_CLAUSES = {
    InstanceState.RUNNING: "RUN-3",
    InstanceState.STOPPED: "STOP-7",
    InstanceState.TERMINATED: "TERM-18",
}
_SHOWN_BY = (Operation.RUN, Operation.CREATE_VOLUME, Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES)
"""The operations whose replies alone show what instances and volumes there are, and their states."""
FAILED = "error"
"""The state of a volume that failed: at any time, and for ever."""
STATE: Final = "state"
"""What a reply leaves open that does not speak of one attribute."""
NOTHING_ASKED: Final = Request(Operation.DESCRIBE)
ALIVE = ("pending", "running", "stopping", "stopped")
ZONE_PATH: Final = "Placement.AvailabilityZone"
"""The parameter by which a launch names its zone."""


@dataclass(slots=True)
class Oracle:
    """What the world may be, given every reply of one scenario so far.

    `strangers` gives the form of ids that the scenario made up.
    `unjudged` are the names that are not judged, because they depend on what the specification leaves out.
    `opened` are those that a reply left open which EC2 would not give: they are as EC2 would have them, or as it says.
    `checks` counts, for each clause, the judgements at which a reply that breaks it would have been caught.
    """

    engine: Engine
    settings: Settings = field(default_factory=Settings)
    hypotheses: tuple[Hypothesis, ...] = (Hypothesis(),)
    strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    history: History = field(default_factory=History)
    unjudged: set[str] = field(default_factory=set[str])
    opened: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    ever_opened: set[str] = field(default_factory=set[str])
    withheld: Counter[str] = field(default_factory=Counter[str])
    """The judgements that count for no clause, since a breach of it would have been permitted."""
    _not_awaited: set[str] = field(default_factory=set[str])
    """What never came to rest, or could not be looked at: nobody waits for it until it is seen again."""
    checks: Counter[str] = field(default_factory=Counter[str])
    carried: Carried = field(init=False)
    """What instances have to show again."""
    tokens: Tokens = field(default_factory=Tokens)
    """What launches are repeated by."""
    counts: Counts = field(init=False)
    """How many instances launches made that might have made more."""
    past: Past = field(default_factory=Past)
    """What was done beyond what the specification holds, as far as it may explain a refusal."""
    excused: Excused | None = None
    """Why the last reply was not judged, where it was a refusal that may be EC2's although no rule permits it."""
    excusals: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each such refusal came."""
    _suspicions: dict[Instance, tuple[Fault, Records]] = field(default_factory=dict[Instance, "tuple[Fault, Records]"])
    """What is wrong with an earlier reply, and what an instance is then, unless something happened to it unseen."""
    _pushed: Pushed = field(default_factory=Pushed)
    _situation: Situation = field(init=False)
    _due: Due | None = None
    """The refusal that is due for the present request, for reasons of devices."""
    _last_under_way: tuple[tuple[Hypothesis, ...], tuple[Instance, ...]] = ((), ())
    """What was on its way when this was asked last, by these hypotheses: it is asked several times of each belief."""

    def __post_init__(self) -> None:
        self.carried = Carried(self.settings.read_lag)
        self.counts = Counts(shared=bool(self.settings.read_lag))
        self._situation = Situation(self.engine, self.settings, self.history, self.strangers)

    def judge(
        self,
        step: int,
        request: Request,
        observation: Observation,
        sent: float,
        received: float,
        how: Sent = AS_USUAL,
    ) -> tuple[Divergence, ...]:
        """Take in the reply to a request; return what nothing that is still possible permits.

        `sent` and `received` are the target's clock in seconds; `how` tells what the request was sent with.
        """
        self.excused = None
        self._pushed.keep(self.engine, self.history, sent)
        observation = without_affected(observation, self.past)
        since = self._new_since(sent)
        rootless = self._may_lose_roots(request)
        unsure = {*self.unjudged, *self.opened}
        self._due = due_refusal(self._situation, self.hypotheses, self.past, unsure, request)
        if isinstance(request, LaunchRequest) and request.token:
            repeat = self.tokens.repeated(request, sent)
            if repeat is not None:
                found = self._judged_repeat(step, request, observation, how, repeat, (sent, received))
                if found is not None:
                    return found
            self.tokens.take(request, observation, received)
        told = self._judged_counts(step, request, observation, how, (sent, received))
        request = as_made(request, observation)
        if isinstance(observation, Refused):
            excuses = Excuses(self.engine, self.past, since)
            self.excused = excuses.of(request, observation, how, self.hypotheses)
        if self._due is not None:
            if isinstance(observation, Refused) and self._due.is_given_by(observation.code):
                self.excused = None
                self.checks[self._due.clause] += 1
                return told
            told += self._judged_due(step, request, observation, self._due)
        if self.excused is None or not self.excused.always:
            if isinstance(observation, Refused) and observation.status in SUCCESSES:
                told += self._reported(step, request, (error_as_success(request, observation),))
                observation = replace(observation, status=NO_STATUS)
            listed = self._judged_listing(step, request, observation, sent, received)
            found = (*listed, *self._judged(step, *as_named(request, observation, self.hypotheses[0]), sent, received))
        else:
            found = ()
            if self.excused.may_have_acted and request.operation not in READS:
                self._may_have_acted(step, request, sent, received)
        if self.excused is not None:
            self._excuse(request, self.excused, since)
        if not isinstance(observation, Refused) or (self.excused is not None and self.excused.may_have_acted):
            times = (sent, received)
            self.carried.asked(request, observation, received)
            self.past.take(request, observation, how.paths_of(request), times, self.settings.read_lag)
            self.past.loses_roots(request, rootless)
        return (*told, *found, *self._judged_as_kept(step, request, observation, how))

    def _judged_counts(
        self, step: int, request: Request, observation: Observation, how: Sent, times: tuple[float, float]
    ) -> tuple[Divergence, ...]:
        """Judge the number of instances of a launch with a MinCount."""
        counted = self.counts.judge(request, observation, how.values.get("InstanceType", ""), *times)
        self.checks.update(counted.checked)
        return self._reported(step, request, counted.faults)

    def _judged_repeat(
        self,
        step: int,
        request: LaunchRequest,
        observation: Observation,
        how: Sent,
        repeat: Repeat,
        times: tuple[float, float],
    ) -> tuple[Divergence, ...] | None:
        """Judge a launch that was sent before with its token; None: it is a new launch, and is judged as one."""
        if isinstance(observation, Unreadable):
            return self._reported(step, request, (unreadable(request, observation),))
        if isinstance(observation, Refused):
            excused = Excuses(self.engine, self.past, inf).of(request, observation, how, self.hypotheses)
            # What was no reason for the first launch may have become one since.
            if excused is not None and (excused.always or observation.code not in ABOUT_TOKENS):
                self.excused = excused
                self.excusals[excused] += 1
                return ()
        if repeat.how is How.ELSEWHERE and ZONE_PATH not in how.paths_of(request):
            return ()  # whether another subnet makes it a new launch is not known (fact K-03)
        self._situation.sent, self._situation.received = times
        dead = frozenset(i for i in repeat.made if any(record.state in DEAD for record in self._met_by_launch(i)))
        gone = frozenset(i for i in repeat.made if any(map(_is_forgotten, self._met_by_launch(i))))
        found = judge_repeat(repeat, request, observation, dead, gone)
        self.checks.update(found.checked)
        if repeat.how is How.OTHER_CASE and not found.faults:
            return None
        if isinstance(observation, Instances):
            self.leave_unjudged(seen.instance for seen in observation.items if seen.instance not in repeat.made)
        return self._reported(step, request, found.faults)

    def _met_by_launch(self, i: Instance) -> Records:
        """Return the records that an instance may have when a launch is sent again."""
        known = (self._situation.records(h, i, Operation.RUN) for h in self.hypotheses if i in h.instances)
        return frozenset(record for records in known for record in records)

    def _judged_as_kept(
        self, step: int, request: Request, observation: Observation, how: Sent
    ) -> tuple[Divergence, ...]:
        """Judge the fields that EC2 keeps and shows again."""
        sent = self._situation.sent
        faults, checked = self.carried.judge(request, observation, sent, how.values, self.past, self.unjudged)
        self.checks.update(checked)
        return self._reported(step, request, faults)

    def _excuse(self, request: Request, excused: Excused, since: float) -> None:
        """Count a refusal that is not judged, and leave unjudged what it leaves unknown."""
        self.excusals[excused] += 1
        if request.operation in (Operation.RUN, Operation.CREATE_VOLUME):
            self.leave_unjudged((*request.instances, *request.volume_ids))  # nobody knows whether it was made
        elif excused.code == ErrorCode.VOLUME_NOT_FOUND.value:
            self.leave_unjudged(v for v in request.volume_ids if not self.past.is_new(v, request.operation, since))

    def _judged_due(self, step: int, request: Request, observation: Observation, due: Due) -> tuple[Divergence, ...]:
        """Judge that a request does not succeed if a refusal is due for reasons of devices."""
        if isinstance(observation, Refused | NoAnswer | Unreadable):
            return ()
        found = self._reported(step, request, (due.success(request),))
        there = due.about
        if there is not None:  # either volume may be there now
            self.hypotheses = merged(
                h.having(volumes={there: any_volume(h.volumes[there], request.instances)}) for h in self.hypotheses
            )
        return found

    def _may_lose_roots(self, request: Request) -> frozenset[Instance]:
        """Return the instances that a request may leave without a root, so that they cannot start (fact E-19)."""
        if request.operation is not Operation.DETACH or request.dry_run:
            return frozenset()
        records = (r for h in self.hypotheses for v in request.volume_ids for r in h.volumes.get(v, ()))
        moved = any(map(self.past.may_be_root, request.volume_ids))
        return frozenset(r.holder for r in records if r.holder is not None and (r.root or moved))

    def _new_since(self, sent: float) -> float:
        """Return the time since which a volume must have been made to be unknown still, where reads may be late."""
        return sent - self.settings.launch_visibility if self.settings.read_lag else inf

    def _judged_listing(
        self, step: int, request: Request, observation: Observation, sent: float, received: float
    ) -> tuple[Divergence, ...]:
        """Judge what a description of everything or with a filter leaves out, and what its filter should have."""
        if not isinstance(request, BatchRequest) or not isinstance(observation, Instances):
            return ()
        if request.instances and not request.is_filtered:
            return ()
        if request.dry_run or request.caller is not Caller.OWNER:
            return ()  # a refusal was due, which is judged by itself
        situation = self._situation
        situation.sent, situation.received = sent, received
        first, *_ = self.hypotheses
        known = {
            i: frozenset(r for h in self.hypotheses for r in situation.records(h, i, request.operation))
            for i in first.instances
            if (not request.instances or i in request.instances)
            and i not in self.unjudged
            and i not in self.opened
            and not self._is_new_or_changing(i, sent)
        }
        shown = (seen for seen in observation.items if seen.instance in known)
        faults, checked = judge_listing(request, shown, left_out(observation), known)
        self.checks.update(checked)
        return self._reported(step, request, faults)

    def _is_new_or_changing(self, i: Instance, sent: float) -> bool:
        """Tell whether reads may be late, and a listing may not know an instance or its state yet."""
        if not self.settings.read_lag:
            return False
        new = sent - self.history.launched.get(i, sent) <= self.settings.launch_visibility
        return new or sent <= self._situation.late_until(Operation.DESCRIBE, (i,))

    def _may_have_acted(self, step: int, request: Request, sent: float, received: float) -> None:
        """Take in that a request was carried out, or was not, or for some of what it names (fact E-34)."""
        before, checks, excused = self.hypotheses, Counter(self.checks), self.excused
        last = dict(self.history.last)
        self._judged(step, request, NoAnswer("a server fault"), sent, received)
        self.checks, self.excused = checks, excused
        self.history.last = last
        for name in (*request.instances, *request.volume_ids):
            if name in self.history.touched:
                self.history.touched[name] = replace(self.history.touched[name], sure=False)
        if request.distinct > 1:
            after = {
                i: frozenset(record for h in self.hypotheses for record in h.instances[i])
                for i in request.instances
                if i in before[0].instances
            }
            self.hypotheses = merged(hypothesis.having(after) for hypothesis in before)

    def _judged(
        self, step: int, request: Request, observation: Observation, sent: float, received: float
    ) -> tuple[Divergence, ...]:
        self._situation.sent, self._situation.received = sent, received
        if isinstance(observation, NoAnswer) and isinstance(request, LaunchRequest):
            return ()  # what it may have made has no id
        if isinstance(observation, Unreadable):
            return self._unread(step, request, observation, sent, received)
        if isinstance(observation, Refused) and observation.unread:
            return self._unread_refusal(step, request, observation, sent, received)
        if isinstance(observation, Volumes):  # EC2 failed to create it, or its storage failed (fact V-07)
            self.leave_unjudged(seen.volume for seen in observation.items if seen.state == FAILED)
        told = self._unread_parts(step, request, observation)
        reduced = self._without_unjudged(request, observation)
        if reduced is None:
            return told
        refuted = self._refuted(step, reduced, observation)
        return (*told, *refuted, *self._read(step, reduced, observation))

    def _unread(
        self, step: int, request: Request, observation: Unreadable, sent: float, received: float
    ) -> tuple[Divergence, ...]:
        """Report a success that cannot be read: a change was carried out or was not, and a read shows nothing."""
        dead = (
            self.engine.may_be_dead(h.instances[i])
            for h in self.hypotheses
            for i in request.instances
            if i in h.instances
        )
        if request.operation is Operation.DESCRIBE_ATTRIBUTE and any(dead):
            return ()  # what the attributes of the dead read as is open (D-09)
        if request.operation in _SHOWN_BY:  # what was made has no id, or what it came to was not shown
            self.leave_unjudged((*request.instances, *request.volume_ids))
        elif request.operation not in READS:
            self._may_have_acted(step, request, sent, received)
        return self._reported(step, request, (unreadable(request, observation),))

    def _unread_refusal(
        self, step: int, request: Request, observation: Refused, sent: float, received: float
    ) -> tuple[Divergence, ...]:
        """Report a refusal whose code cannot be read: why it is one, and whether it should be, nobody knows."""
        if request.operation in _SHOWN_BY:  # nothing was made, or nothing was shown
            self.leave_unjudged((*request.instances, *request.volume_ids))
        elif request.distinct > 1 and request.operation not in READS:
            self._may_have_acted(step, request, sent, received)  # in another zone than the reason's
        return self._reported(step, request, (unreadable(request, one) for one in observation.unread))

    def _unread_parts(self, step: int, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Report the parts of listed items that cannot be read; an item without its state shows nothing."""
        if not isinstance(observation, Instances | Volumes | Done) or not observation.unread:
            return ()
        if isinstance(observation, Done):
            return self._reported(step, request, (unreadable(request, one) for one in observation.unread))
        named = {*map(str, request.instances), *map(str, request.volume_ids)}
        about = [one for one in observation.unread if str(one.about) in named]
        if request.operation in READS:
            self.leave_unjudged(left_out(observation) & named)
        by_path = {one.path: one for one in reversed(about)}
        return self._reported(step, request, (unreadable(request, one) for one in reversed(by_path.values())))

    def _read(self, step: int, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Take in what a reply says that can be read."""
        sent, received = self._situation.sent, self._situation.received
        reader = Reader(self._situation, self.history, self.unjudged, self.opened, request, observation)
        readings = [reading for hypothesis in self.hypotheses for reading in reader.readings(hypothesis)]
        # Descriptions of instances are compared with what there was before; other late reads are only not judged.
        late = request.operation is not Operation.DESCRIBE and self.may_be_late(request, sent)
        if not readings:
            return () if late or self._may_be_excused(request, observation) else self._unexplained(step, reader)
        least = min(map(_wrong, readings))
        best = sorted((reading for reading in readings if _wrong(reading) == least), key=_is_far_fetched)
        faults = best[0].faults
        if isinstance(observation, Refused):
            faults += self._refusal_faults(reader, request, observation, best)
        if late and faults:
            return ()
        if self.excused is not None and faults:
            self.hypotheses = merged((*self.hypotheses, *(reading.hypothesis for reading in best)))
            return ()
        self._suspect(reader, best)
        divergences = self._reported(step, request, faults)
        before = self.hypotheses
        # Where no answer came, the request was carried out or never arrived.
        # A refusal that the specification permits may still have had another reason.
        lost = self.hypotheses if isinstance(observation, NoAnswer) or self.excused is not None else ()
        self.excused = None
        if not late:  # otherwise what it shows may be no longer so
            self.hypotheses = merged((*lost, *(reading.hypothesis for reading in best)))
        if self.settings.read_lag:
            keep_what_was(self.engine, self.history, request, (before, self.hypotheses), received)
        self._remember(step, request, observation, best[0], may_act=any(map(_may_act, best)))
        if late:
            return ()  # and so no clause was held to anything
        self._count_checks(request, observation, best[0], reader, before)
        self._note_seen(step, request, observation, faults)
        return divergences

    def _count_checks(
        self,
        request: Request,
        observation: Observation,
        reading: Reading,
        reader: Reader,
        before: tuple[Hypothesis, ...],
    ) -> None:
        """Count the judgements at which a breach would have been caught, and those at which it would not."""
        self.withheld.update(reading.withheld)
        checked = list(reading.checked)
        if isinstance(observation, Refused) and reading.rung is not None:
            if reading.rung.wordings and len(request.instances) > 1:
                checked.append("ERR-6")
            if request.operation not in READS and any(way.rung is None for way in reader.ways(before)):
                self.withheld[clause_of(reading.rung, request)] += 1
                checked.remove(clause_of(reading.rung, request))
        if request.operation is not Operation.DESCRIBE and self._is_open(request):
            self.withheld.update(checked)
        else:
            self.checks.update(checked)

    def _is_open(self, request: Request) -> bool:
        """Tell whether an earlier reply left open something of what a request is about."""
        named = (*request.instances, *request.volume_ids)
        if request.operation is Operation.DESCRIBE_ATTRIBUTE:
            return any(_aspect(request) in self.opened.get(name, ()) for name in named)
        return any(name in self.opened for name in named)

    def _note_seen(self, step: int, request: Request, observation: Observation, faults: Collection[Fault]) -> None:
        """Note of what a look says what it is: it is open no more."""
        if request.operation not in READS or isinstance(observation, Refused | NoAnswer):
            return
        wrong = {name for fault in faults for name in fault.opens}
        if isinstance(request, AttributeRequest) and not faults:
            self.history.read.update(((i, request.attribute), step) for i in request.instances)
        looks_at_all = request.operation in (Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES)
        if looks_at_all:
            # What a look leaves out may be anything: it is not stuck.
            shown = _shown_in(observation)
            self._not_awaited.update(name for name in (*request.instances, *request.volume_ids) if name not in shown)
        for name in (*request.instances, *request.volume_ids):
            if name in wrong:
                continue
            if looks_at_all:
                self._not_awaited.discard(name)
            if name in self.opened and name not in self.history.misread:
                self.opened[name].discard(_aspect(request))
                if not self.opened[name]:
                    del self.opened[name]

    def _may_be_excused(self, request: Request, observation: Observation) -> bool:
        """Tell whether a refusal that nothing permits is not judged: it changed nothing."""
        rarely = (
            request.operation is Operation.DESCRIBE
            and not request.instances
            and isinstance(observation, Refused)
            and observation.code == ErrorCode.NOT_FOUND.value
        )  # a description of everything may meet an id that has not spread yet (fact E-25)
        return rarely or self.excused is not None

    def _unexplained(self, step: int, reader: Reader) -> tuple[Divergence, ...]:
        """Blame a reply that no hypothesis permits: a success for a refusal, the reverse, or another error."""
        request = reader.request
        ways = self._ways(reader)
        fault, doubtful = header_fault(self.engine.spec, request, reader.observation, ways, self.history)
        if fault is not None and self._due is not None:
            fault = self._due.instead(fault)
        found = self._reported(step, request, () if fault is None else (fault,))
        if doubtful:
            self.hypotheses = merged(self._after_unexplained(each, reader, ways) for each in self.hypotheses)
            self._open((*request.instances, *request.volume_ids), request)
            self._remember(step, request, reader.observation, Reading(self.hypotheses[0]), may_act=True)
            for name in (*request.instances, *request.volume_ids):
                if name in self.history.touched:
                    self.history.touched[name] = replace(self.history.touched[name], sure=False)
        if request.operation is Operation.DESCRIBE:
            self._not_awaited.update(request.instances)
        return found

    def _ways(self, reader: Reader) -> list[Way]:
        """Return the ways in which a request may have been answered, by what most likely was when it came.

        To a code that no refusal of the operation has, it matters only whether any refusal may be due.
        """
        self._situation.as_last_seen = True
        ways = reader.ways(self.hypotheses)
        self._situation.as_last_seen = False
        foreign = is_foreign(self.engine.spec, reader.request, reader.observation)
        if ways and not (foreign and all(way.rung is None for way in ways)):
            return ways
        at_any_time = reader.ways(self.hypotheses)
        due = [way for way in at_any_time if way.rung is not None and may_be_due(way.rung, reader.request)]
        return at_any_time if due or not ways else ways

    def _after_unexplained(self, hypothesis: Hypothesis, reader: Reader, ways: Collection[Way]) -> Hypothesis:
        """Return what the world may be: as any permitted answer would leave it, or as the one that came says."""
        request, engine = reader.request, self.engine
        observation = reader.observation
        if isinstance(observation, Refused) and observation.code == ErrorCode.NOT_FOUND.value:
            return ended_or_forgotten(engine, hypothesis, request)  # what is unknown was not changed
        after = widened(engine, hypothesis, request)
        if isinstance(observation, Instances) and isinstance(request, LaunchRequest):
            return reader.launched(after, request, observation).hypothesis
        moved: dict[Instance, Records] = {}
        for i, records in after.instances.items():
            if i in request.instances and request.operation not in READS:
                permitted = (move.after for way in ways for _, move in way.fates.get(i, ()))
                moved[i] = engine.in_full_view(records | frozenset(permitted))
        if isinstance(observation, Instances):
            moved.update(
                (seen.instance, or_shown_as(after.instances[seen.instance], state_of(seen.state)))
                for seen in observation.items
                if seen.instance in after.instances
            )
        for i, seen in by_instance(observation).items():
            if i in after.instances:
                moved[i] = or_shown_as(moved.get(i, after.instances[i]), seen.first[1])
        return with_volumes_of_revived(after, after.having(moved))

    def _refusal_faults(
        self, reader: Reader, request: Request, observation: Refused, best: list[Reading]
    ) -> tuple[Fault, ...]:
        """Judge status and message of a refusal that is permitted as such."""
        rungs = list(dict.fromkeys(reading.rung for reading in best if reading.rung is not None))
        return refusal_faults(request, observation, rungs, reader.permitted(self.hypotheses, rungs))

    # What follows from a reply.

    def _reported(self, step: int, request: Request, faults: Iterable[Fault]) -> tuple[Divergence, ...]:
        """Blame faults on steps and clauses; leave out what is only assumed."""
        told = [f for f in faults if f.instance not in self.unjudged and f.volume not in self.unjudged]
        found = [blamed(self.engine.spec, self.history, step, fault) for fault in told]
        for fault in told:
            self._open(fault.opens, request)
            if fault.observed_class.startswith(PREVIOUS):
                self.history.misstating.add(request.operation)
            if request.operation in READS:
                for name in fault.opens:
                    self.history.misread.setdefault(name, set()).add(fault.observed_class)
        return tuple(divergence for divergence in found if divergence is not None)

    def _suspect(self, reader: Reader, readings: Sequence[Reading]) -> None:
        """Note what is wrong with a reply that is right only if something happened to an instance, unseen.

        It comes up if the next look refutes that; until then nobody knows.
        """
        request = reader.request
        if isinstance(reader.observation, Instances):
            return  # it shows what became of the instance
        ended = [i for i in request.instances if self._only_unseen(i, readings)]
        if not ended:
            return
        ways = self._ways(reader)
        told, _ = header_fault(self.engine.spec, request, reader.observation, ways, self.history)
        fault = readings[0].suspicion or told
        if fault is None:
            return
        others = [self._after_unexplained(hypothesis, reader, ways) for hypothesis in self.hypotheses]
        for i in ended:
            alive = frozenset(record for other in others for record in other.instances[i])
            if isinstance(request, AttributeRequest):
                alive = with_attribute(alive, request.attribute)
            self._suspicions[i] = replace(fault, instance=i), alive

    def _refuted(self, step: int, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Report what was wrong before, where a reply shows that nothing had happened to the instance, unseen."""
        if not self._suspicions:
            return ()
        refuted = {i: self._suspicions[i] for i in self._suspicions if self._is_refuted(i, request, observation)}
        for i in (*refuted, *self._shown_lately(observation)):
            self._suspicions.pop(i, None)
        alive = {i: records for i, (_, records) in refuted.items()}
        if alive:
            self.hypotheses = merged(h.having(alive) for h in self.hypotheses)
        return self._reported(step, request, [fault for fault, _ in refuted.values()])

    def _shown_lately(self, observation: Observation) -> list[Instance]:
        """Return the instances that a description shows in a state that is not from before the last change."""
        items = observation.items if isinstance(observation, Instances) else ()
        late = {i: {r.state.value for r in self._situation.held_lately(i)} for i in self._suspicions}
        return [seen.instance for seen in items if seen.state.name not in late.get(seen.instance, ())]

    def _is_refuted(self, i: Instance, request: Request, observation: Observation) -> bool:
        """Tell whether a reply is right only if an instance was not gone, or had not ended or started, as it seemed."""
        if isinstance(observation, Instances):
            shown = [seen.state.name for seen in observation.items if seen.instance == i]
            lately = {record.state.value for record in self._situation.held_lately(i)}  # a late look may show it
            forgotten = all(_is_forgotten(record) for h in self.hypotheses for record in h.instances[i])
            believed = {r.state.value for h in self.hypotheses for r in self.engine.settled(h.instances[i])}
            other = {*ALIVE} - (set[str]() if forgotten else believed)
            return any((forgotten or state in other) and state not in lately for state in shown)
        if i not in request.instances or self.may_be_late(request, self._situation.sent):
            return False
        alive_too = {j: alive for j, (_, alive) in self._suspicions.items()}
        unsure = [h.having({j: records | h.instances[j] for j, records in alive_too.items()}) for h in self.hypotheses]
        reader = Reader(self._situation, self.history, self.unjudged, self.opened, request, observation)
        ended = (h.having({i: was.instances[i]}) for h, was in zip(unsure, self.hypotheses, strict=True))
        alive = (h.having({i: alive_too[i]}) for h in unsure)
        return not _permitted(reader, ended) and _permitted(reader, alive)

    def _only_unseen(self, i: Instance, readings: Collection[Reading]) -> bool:
        """Tell whether an instance must have ended, been forgotten, or come to run, unseen, if a reply is read so."""
        before = [r for h in self.hypotheses for r in h.instances.get(i, ())]
        after = [r for reading in readings for r in reading.hypothesis.instances.get(i, ())]
        return bool(after) and any(
            all(map(unseen, after)) and not all(map(unseen, before))
            for unseen in (_ended_by_itself, _is_forgotten, _is_running)
        )

    def _open(self, names: Collection[str], request: Request) -> None:
        """Note that what these are is open, as far as a request could tell."""
        for name in names:
            self.opened.setdefault(name, set()).add(_aspect(request))
            self.ever_opened.add(name)
        if _aspect(request) == STATE:
            self.carried.may_have_started(map(Instance, names))

    def leave_unjudged(self, names: Iterable[str]) -> None:
        """Judge nothing more of these, nor of the volumes that they may hold."""
        these = frozenset(names)
        if not these:
            return
        self.unjudged |= these
        self.unjudged |= {
            v
            for hypothesis in self.hypotheses
            for v, records in hypothesis.volumes.items()
            if any(record.holder in these for record in records)
        }

    def _without_unjudged(self, request: Request, observation: Observation) -> Request | None:
        """Return the part of a request that is judged although it names something that is not; None: no part."""
        names = (*request.instances, *request.volume_ids)
        if not self.unjudged or not any(name in self.unjudged for name in names):
            return request
        sure = tuple(i for i in request.instances if i not in self.unjudged)
        if isinstance(request, BatchRequest) and isinstance(observation, Changes | Instances) and sure:
            return replace(request, instances=sure)
        if request.operation not in READS:
            self.leave_unjudged(names)
        return None

    def _remember(
        self, step: int, request: Request, observation: Observation, reading: Reading, *, may_act: bool
    ) -> None:
        """Keep the times and reasons that later judgements need."""
        history = self.history
        succeeded = not isinstance(observation, Refused | NoAnswer)
        if succeeded:
            self._remember_success(step, request)
        if isinstance(request, AttributeRequest) and request.operation is Operation.MODIFY:
            self._remember_change(step, request, observation, reading)
        dead = {
            i
            for hypothesis in self.hypotheses
            for i in request.instances
            if i in hypothesis.instances and self.engine.may_be_dead(hypothesis.instances[i])
        }
        for i in request.instances:
            if i in dead:
                # Unless this request ended it, it may have been dead ever since it was last surely alive.
                ended_it = succeeded and (reading.states or {}).get(i) in ALIVE and request.operation not in READS
                history.ended.setdefault(i, self._situation.sent if ended_it else history.confirmed[i])
            elif succeeded and i in history.launched:
                history.ended.pop(i, None)
                history.confirmed[i] = self._situation.sent
        if isinstance(observation, Instances) and request.operation is Operation.DESCRIBE:
            history.seen((seen.instance for seen in observation.items), step)
        if request.operation not in READS:
            history.changes.append((step, request))
            for i in self._suspicions.keys() & {*request.instances}:
                fault, alive = self._suspicions[i]
                self._suspicions[i] = fault, changed_or_not(alive, request)
            because, states = reading.because or {}, reading.states or {}
            for name in (*request.instances, *request.volume_ids):
                if name in because:
                    touch = Touch(step, request.operation, because[name], states.get(name, "-"))
                    history.touch(name, touch, lasting=may_act)
            history.bystander = Touch(step, request.operation, "FRAME-1", "-")

    def _remember_change(
        self, step: int, request: AttributeRequest, observation: Observation, reading: Reading
    ) -> None:
        """Keep when a protection was cleared, and which values were refused since the last change."""
        history = self.history
        if not request.value:  # cleared, perhaps even where no answer came
            history.cleared.update(dict.fromkeys(request.instances, self._situation.received))
        name, attribute, value = written(request)
        if not isinstance(observation, Refused):
            history.refused.pop((name, attribute), None)
        elif reading.rung is not None:
            touch = Touch(step, request.operation, clause_of(reading.rung, request), "-")
            history.refused.setdefault((name, attribute), {})[value] = touch

    def _remember_success(self, step: int, request: Request) -> None:
        history = self.history
        if isinstance(request, LaunchRequest):
            history.made.update(dict.fromkeys(request.instances, step))
            history.launched.update(dict.fromkeys(request.instances, self._situation.received))
            history.confirmed.update(dict.fromkeys(request.instances, self._situation.sent))
        else:
            history.known_to[request.operation].update(request.instances)
            late = self._situation.sent - self.settings.launch_visibility
            if any(history.launched.get(i, late) < late for i in request.instances):
                self.checks["VIS-1"] += 1
        if isinstance(request, AttributeRequest) and request.operation is Operation.MODIFY:
            history.modified.update(((i, request.attribute), step) for i in request.instances)

    # What a runner asks.

    @property
    def without_unseen_ends(self) -> tuple[Hypothesis, ...]:
        """The hypotheses, without those in which EC2 ended or forgot an instance before any reply showed it.

        A finding shows these hypotheses, because such an end would not make the reply wrong.
        """
        alive = {i: records for i, (_, records) in self._suspicions.items()}
        return merged(h.having(alive) for h in self.hypotheses) if alive else self.hypotheses

    def may_be_late(self, request: Request, sent: float) -> bool:
        """Tell whether the reply to a request that is sent then may show what was before the last change."""
        names = (*request.instances, *request.volume_ids)
        return request.operation in READS and sent <= self._situation.late_until(request.operation, names)

    def late_until(self, names: Iterable[str]) -> float:
        """Return the last moment at which a description of these may be sent that shows what was before."""
        return self._situation.late_until(Operation.DESCRIBE, names)

    def restless(self, volumes: Collection[Volume] = ()) -> tuple[Instance | Volume, ...]:
        """Return the instances and volumes that are certainly in transition, according to the last replies.

        Only `volumes` count, because no reply shows the others. While an instance is in transition none counts,
        because the run describes no volume until then.
        """
        skipped = self.unjudged | self._not_awaited
        moving = tuple(i for i in self._under_way() if i not in skipped)
        if moving:
            return moving
        first, *_ = self.hypotheses
        waiting = (
            v
            for v in volumes
            if v in first.volumes
            and not any(self._situation.volume_rests(h, v, r) for h in self.hypotheses for r in h.volumes[v])
        )
        return tuple(v for v in waiting if v not in skipped)

    def _under_way(self) -> tuple[Instance, ...]:
        """Return the instances that are surely on their way, those too that nobody waits for."""
        hypotheses, known = self._last_under_way
        if hypotheses is not self.hypotheses:
            first, *others = hypotheses = self.hypotheses
            rests = self.engine.may_rest
            known = tuple(
                i
                for i, records in first.instances.items()
                if not rests(records) and not any(rests(h.instances[i]) for h in others)
            )
            self._last_under_way = hypotheses, known
        return known

    def may_be_unknown(self, i: Instance) -> bool:
        """Tell whether an instance ended, or a reply left open whether the target still knows it.

        A description that names it may then show no other one.
        """
        records = [r for h in self.hypotheses for r in h.instances.get(i, ())]
        unsure = i in self.opened and any(map(_is_forgotten, records))
        return unsure or is_over(self.hypotheses, i)

    def rested(self) -> None:
        """Count a check for each transition that has ended, after a wait in which nothing was stuck."""
        for hypothesis in self.hypotheses[:1]:
            for i, records in hypothesis.instances.items():
                if i not in self.unjudged and i not in self._not_awaited:
                    self.checks.update({_REST_CLAUSES[r.state] for r in records if r.state in _REST_CLAUSES})

    def waited_for(self, volumes: Collection[Volume] = ()) -> frozenset[str]:
        """Return the kinds of the divergences that a wait would report if it ended now."""
        faults = (stuck(self.hypotheses, self.history, name) for name in self.restless(volumes))
        return frozenset(f"{f.clause} {f.operation.value} {f.state} {f.expected_class}" for f in faults)

    def stuck(self, step: int, volumes: Collection[Volume] = ()) -> tuple[Divergence, ...]:
        """Return a divergence for each instance or volume that is still in transition after the wait."""
        left = self.restless(volumes)
        self._not_awaited.update(left)
        return self._reported(step, NOTHING_ASKED, [stuck(self.hypotheses, self.history, name) for name in left])

    def push(self, step: int, i: Instance, name: StepName) -> None:
        """Take in that a background step was asked for and happened."""
        pushed = [
            h.having({i: self.engine.stepped(self.engine.settled(h.instances[i]), name)}) for h in self.hypotheses
        ]
        if self.settings.read_lag:
            self._pushed.held.append((i, frozenset(r for h in self.hypotheses for r in h.instances[i])))
        before = self.hypotheses[0].instances[i]
        self.hypotheses = merged(h for h in pushed if h.instances[i]) or self.hypotheses
        clause = next(s.clause for s in self.engine.spec.steps if s.name is name)
        if all(r.disable_api_termination or r.disable_api_stop for r in before):
            clause = "PROT-6"
        elif name is StepName.GUEST_SHUTDOWN and all(r.root_device is RootDevice.INSTANCE_STORE for r in before):
            clause = "SHUT-2"
        self.history.touch(i, Touch(step, Operation.DESCRIBE, clause, "-"), lasting=True)


def _shown_in(observation: Observation) -> frozenset[str]:
    """Return the instances or volumes that a description shows."""
    if isinstance(observation, Volumes):
        return frozenset(seen.volume for seen in observation.items)
    return frozenset(seen.instance for seen in observation.items) if isinstance(observation, Instances) else frozenset()


def _aspect(request: Request) -> str:
    """Return what a request is about: one attribute, or the state."""
    return request.attribute.value if isinstance(request, AttributeRequest) else STATE


def _may_act(reading: Reading) -> bool:
    """Tell whether a request, if this is how it was answered, may have changed something."""
    return reading.rung is None or reading.rung.by_zone


def _wrong(reading: Reading) -> tuple[int, int]:
    """Return how much is wrong if a reply is read so: a wrong state is more than any wrong look of the right one."""
    return sum(bool(fault.opens) for fault in reading.faults), len(reading.faults)


def _ended_by_itself(record: InstanceRecord) -> bool:
    return record.cause is Cause.SERVICE


def _is_running(record: InstanceRecord) -> bool:
    return record.state is InstanceState.RUNNING


def _is_forgotten(record: InstanceRecord) -> bool:
    return record.visibility is Visibility.FORGOTTEN


def _permitted(reader: Reader, hypotheses: Iterable[Hypothesis]) -> bool:
    """Tell whether EC2 may give a reply in one of these worlds."""
    return any(not reading.faults for hypothesis in hypotheses for reading in reader.readings(hypothesis))


def _is_far_fetched(reading: Reading) -> bool:
    """Tell whether a reading takes it that the instance of a volume ended by itself."""
    return any(fault.expected_class in ENDED for fault in reading.faults)
