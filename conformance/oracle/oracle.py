"""Judges a scenario's replies, one after the other."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from math import inf

from ...model.background import StepName
from ...model.requests import (
    AttributeRequest,
    BatchRequest,
    ErrorCode,
    LaunchRequest,
    Operation,
    Request,
)
from ...model.states import InstanceState, RootDevice, VolumeState
from ...model.world import IdForm, Instance, Volume
from ...strategies.scenario.steps import READS
from ..adapter.failures import SUCCESSES
from ..adapter.observation import Changes, Done, Instances, NoAnswer, Observation, Refused, Unreadable, Volumes
from .belief import Hypothesis, merged
from .blame import blamed, stuck
from .divergence import NO_STATUS, Divergence
from .engine import Engine
from .excuses import AS_USUAL, Excused, Excuses, Sent
from .fault import Fault
from .headers import error_as_success, header_fault, refusal_faults
from .history import History, Touch
from .items import DEAD, left_out, unreadable
from .past import Past
from .reading import Reader, Reading
from .settings import Settings
from .situation import Situation

_REST_CLAUSES = {
    InstanceState.RUNNING: "RUN-3",
    InstanceState.STOPPED: "STOP-7",
    InstanceState.TERMINATED: "TERM-18",
}
_SHOWN_BY = (Operation.RUN, Operation.CREATE_VOLUME, Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES)
"""The operations whose replies alone show what instances and volumes there are, and their states."""
_GONE = (VolumeState.DELETING, VolumeState.DELETED)
FAILED = "error"
"""The state of a volume that failed: at any time, and for ever."""
ALIVE = ("pending", "running", "stopping", "stopped")


@dataclass(slots=True)
class Oracle:
    """What the world may be, given every reply of one scenario so far.

    `strangers` gives the form of ids that the scenario made up.
    `doubted` are the names of which nothing more can be said, because something about them diverged.
    `checks` counts, for each clause, the judgements at which a reply that breaks it would have been caught.
    """

    engine: Engine
    settings: Settings = field(default_factory=Settings)
    hypotheses: tuple[Hypothesis, ...] = (Hypothesis(),)
    strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    history: History = field(default_factory=History)
    doubted: set[str] = field(default_factory=set[str])
    checks: Counter[str] = field(default_factory=Counter[str])
    past: Past = field(default_factory=Past)
    """What was done beyond what the specification holds, as far as it may explain a refusal."""
    excused: Excused | None = None
    """Why the last reply was not judged, where it was a refusal that may be EC2's although no rule permits it."""
    excusals: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each such refusal came."""
    _suspicions: dict[Instance, Fault] = field(default_factory=dict[Instance, Fault])
    _situation: Situation = field(init=False)
    _last_under_way: tuple[tuple[Hypothesis, ...], tuple[Instance, ...]] = ((), ())
    """What was on its way when this was asked last, by these hypotheses: it is asked several times of each belief."""

    def __post_init__(self) -> None:
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
        told: tuple[Divergence, ...] = ()
        since = self._new_since(sent)
        if isinstance(observation, Refused):
            excuses = Excuses(self.engine, self.past, since)
            self.excused = excuses.of(request, observation, how, self.hypotheses)
        if self.excused is None or not self.excused.always:
            if isinstance(observation, Refused) and observation.status in SUCCESSES:
                told = self._reported(step, (error_as_success(request, observation),))
                observation = replace(observation, status=NO_STATUS)
            found = self._judged(step, *self._listed(request, observation), sent, received)
        else:
            found = ()
            if self.excused.may_have_acted and request.operation not in READS:
                self._may_have_acted(step, request, sent, received)
        if self.excused is not None:
            self.excusals[self.excused] += 1
            if request.operation in (Operation.RUN, Operation.CREATE_VOLUME):
                self.doubt((*request.instances, *request.volume_ids))  # nobody knows whether it was made
            elif self.excused.code == ErrorCode.VOLUME_NOT_FOUND.value:
                self.doubt(v for v in request.volume_ids if not self.past.is_new(v, request.operation, since))
        if not isinstance(observation, Refused) or (self.excused is not None and self.excused.may_have_acted):
            times = (sent, received)
            self.past.take(request, observation, how.paths_of(request), times, self.settings.read_lag)
        return (*told, *found)

    def _new_since(self, sent: float) -> float:
        """Return the time since which a volume must have been made to be unknown still, where reads may be late."""
        return sent - self.settings.launch_visibility if self.settings.read_lag else inf

    def _listed(self, request: Request, observation: Observation) -> tuple[Request, Observation]:
        """Return a description of everything as one of what it shows of the known instances (fact F-01).

        What else the caller has is no business of ours, and what is missing is not judged.
        """
        if request.operation is not Operation.DESCRIBE or request.instances or not isinstance(observation, Instances):
            return request, observation
        first, *_ = self.hypotheses
        known = tuple(seen for seen in observation.items if seen.instance in first.instances)
        unread = sorted(i for i in map(Instance, left_out(observation)) if i in first.instances)
        named = tuple(dict.fromkeys((*(seen.instance for seen in known), *unread)))
        return replace(request, instances=named), Instances(known, observation.unread)

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
            self.doubt(seen.volume for seen in observation.items if seen.state == FAILED)
        told = self._unread_parts(step, request, observation)
        reduced = self._without_doubted(request, observation)
        return told if reduced is None else (*told, *self._read(step, reduced, observation))

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
            self.doubt((*request.instances, *request.volume_ids))
        elif request.operation not in READS:
            self._may_have_acted(step, request, sent, received)
        return self._reported(step, (unreadable(request, observation),))

    def _unread_refusal(
        self, step: int, request: Request, observation: Refused, sent: float, received: float
    ) -> tuple[Divergence, ...]:
        """Report a refusal whose code cannot be read: why it is one, and whether it should be, nobody knows."""
        if request.operation in _SHOWN_BY:  # nothing was made, or nothing was shown
            self.doubt((*request.instances, *request.volume_ids))
        elif request.distinct > 1 and request.operation not in READS:
            self._may_have_acted(step, request, sent, received)  # in another zone than the reason's
        return self._reported(step, (unreadable(request, one) for one in observation.unread))

    def _unread_parts(self, step: int, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Report the parts of listed items that cannot be read; an item without its state shows nothing."""
        if not isinstance(observation, Instances | Volumes | Done) or not observation.unread:
            return ()
        if isinstance(observation, Done):
            return self._reported(step, (unreadable(request, one) for one in observation.unread))
        named = {*map(str, request.instances), *map(str, request.volume_ids)}
        about = [one for one in observation.unread if str(one.about) in named]
        if request.operation in READS:
            self.doubt(left_out(observation) & named)
        by_path = {one.path: one for one in reversed(about)}
        return self._reported(step, (unreadable(request, one) for one in reversed(by_path.values())))

    def _read(self, step: int, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Take in what a reply says that can be read."""
        sent, received = self._situation.sent, self._situation.received
        reader = Reader(self._situation, self.history, self.doubted, request, observation)
        readings = [reading for hypothesis in self.hypotheses for reading in reader.readings(hypothesis)]
        # Descriptions of instances are compared with what there was before; other late reads are only not judged.
        late = request.operation is not Operation.DESCRIBE and self.may_be_late(request, sent)
        if not readings:
            return () if late or self._may_be_excused(request, observation) else self._unexplained(step, reader)
        least = min(map(_wrong, readings))
        best = [reading for reading in readings if _wrong(reading) == least]
        faults = best[0].faults
        if isinstance(observation, Refused):
            faults += self._refusal_faults(reader, request, observation, best)
        if late and faults:
            return ()
        if self.excused is not None and faults:
            self.hypotheses = merged((*self.hypotheses, *(reading.hypothesis for reading in best)))
            return ()
        divergences = self._reported(step, faults)
        before = self.hypotheses
        # Where no answer came, the request was carried out or never arrived.
        # A refusal that the specification permits may still have had another reason.
        lost = self.hypotheses if isinstance(observation, NoAnswer) or self.excused is not None else ()
        self.excused = None
        if not late:  # otherwise what it shows may be no longer so
            self.hypotheses = merged((*lost, *(reading.hypothesis for reading in best)))
        if self.settings.read_lag:
            self._keep_what_was(request, before, received)
        self._remember(step, request, observation, best[0], may_act=any(map(_may_act, best)))
        suspicion = best[0].suspicion
        if suspicion is not None and suspicion.instance is not None:
            self._suspicions[suspicion.instance] = suspicion
        if late:
            return ()  # and so no clause was held to anything
        self.checks.update(best[0].checked)
        rung = best[0].rung
        if isinstance(observation, Refused) and rung is not None and rung.wordings and len(request.instances) > 1:
            self.checks["ERR-6"] += 1
        return divergences

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
        self._situation.as_last_seen = True
        ways = reader.ways(self.hypotheses)
        self._situation.as_last_seen = False
        ways = ways or reader.ways(self.hypotheses)
        fault, doubtful = header_fault(self.engine.spec, request, reader.observation, ways, self.history)
        found = self._reported(step, () if fault is None else (fault,))
        if doubtful:
            self.doubt((*request.instances, *request.volume_ids))
        return found

    def _refusal_faults(
        self, reader: Reader, request: Request, observation: Refused, best: list[Reading]
    ) -> tuple[Fault, ...]:
        """Judge status and message of a refusal that is permitted as such."""
        rungs = list(dict.fromkeys(reading.rung for reading in best if reading.rung is not None))
        return refusal_faults(request, observation, rungs, reader.permitted(self.hypotheses, rungs))

    # What follows from a reply.

    def _reported(self, step: int, faults: Iterable[Fault]) -> tuple[Divergence, ...]:
        """Blame faults on steps and clauses; leave out what is only assumed or already in doubt."""
        told = [f for f in faults if f.instance not in self.doubted and f.volume not in self.doubted]
        found = [blamed(self.engine.spec, self.history, step, self._suspected(fault)) for fault in told]
        self.doubt(name for fault in told for name in fault.doubts)
        return tuple(divergence for divergence in found if divergence is not None)

    def _suspected(self, fault: Fault) -> Fault:
        """Return the fault that explains a state that nobody expected, where an earlier reply had raised one."""
        if fault.clause or fault.instance is None:
            return fault
        return self._suspicions.get(fault.instance, fault)

    def doubt(self, names: Iterable[str]) -> None:
        """Hold back everything more about these, and about the volumes that they may hold."""
        doubtful = frozenset(names)
        if not doubtful:
            return
        self.doubted |= doubtful
        self.doubted |= {
            v
            for hypothesis in self.hypotheses
            for v, records in hypothesis.volumes.items()
            if any(record.holder in doubtful for record in records)
        }

    def _without_doubted(self, request: Request, observation: Observation) -> Request | None:
        """Return the part of a request that can be judged although it names something doubtful; None: no part."""
        names = (*request.instances, *request.volume_ids)
        if not self.doubted or not any(name in self.doubted for name in names):
            return request
        sure = tuple(i for i in request.instances if i not in self.doubted)
        if isinstance(request, BatchRequest) and isinstance(observation, Changes | Instances) and sure:
            return replace(request, instances=sure)
        if request.operation not in READS:
            self.doubt(names)
        return None

    @staticmethod
    def _touched(request: Request, hypotheses: tuple[Hypothesis, ...]) -> tuple[str, ...]:
        """Return what a request may change: what it names, the volumes of that, and what they are attached to."""
        named = {*request.instances, *request.volume_ids}
        attached = ((v, r.holder) for h in hypotheses for v, records in h.volumes.items() for r in records if r.holder)
        pairs = {(str(v), str(holder)) for v, holder in attached if v in named or holder in named}
        return tuple(sorted(set(map(str, named)).union(*pairs)))

    def _keep_what_was(self, request: Request, before: tuple[Hypothesis, ...], received: float) -> None:
        """Note what everything was that a request may change, or that a read showed to have changed by itself.

        A read that is late may still show it.
        """
        touched = set(self._touched(request, before)) if request.operation not in READS else set[str]()
        self.history.asked.update(dict.fromkeys(touched, received))
        touched |= _told_apart(before, self.hypotheses)
        self.history.changed.update(dict.fromkeys(touched, received))
        for i in map(Instance, sorted(touched)):
            held = frozenset(r for h in before for r in h.instances.get(i, frozenset()))
            if held:
                self.history.held.setdefault(i, []).append((received, self.engine.settled(held)))

    def _remember(
        self, step: int, request: Request, observation: Observation, reading: Reading, *, may_act: bool
    ) -> None:
        """Keep the times and reasons that later judgements need."""
        history = self.history
        succeeded = not isinstance(observation, Refused | NoAnswer)
        if succeeded:
            self._remember_success(step, request)
        if isinstance(request, AttributeRequest) and request.operation is Operation.MODIFY and not request.value:
            # Cleared, perhaps even where no answer came.
            history.cleared.update(dict.fromkeys(request.instances, self._situation.received))
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
            because, states = reading.because or {}, reading.states or {}
            for name in (*request.instances, *request.volume_ids):
                if name in because:
                    touch = Touch(step, request.operation, because[name], states.get(name, "-"))
                    history.touch(name, touch, lasting=may_act)
            history.bystander = Touch(step, request.operation, "FRAME-1", "-")

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

    def may_be_late(self, request: Request, sent: float) -> bool:
        """Tell whether the reply to a request that is sent then may show what was before the last change."""
        names = (*request.instances, *request.volume_ids)
        return request.operation in READS and sent <= self._situation.late_until(request.operation, names)

    def late_until(self, names: Iterable[str]) -> float:
        """Return the last moment at which a description of these may be sent that shows what was before."""
        return self._situation.late_until(Operation.DESCRIBE, names)

    def restless(self, volumes: Collection[Volume] = ()) -> tuple[Instance | Volume, ...]:
        """Return what is surely still on its way, going by the last replies.

        Only those `volumes` count that someone looks at: unseen, they would never be seen to rest. So none counts
        while an instance is on its way, since until then none is looked at.
        """
        moving = tuple(i for i in self._under_way() if i not in self.doubted)
        if moving:
            return moving
        first, *_ = self.hypotheses
        waiting = (
            v
            for v in volumes
            if v in first.volumes
            and not any(self._situation.volume_rests(h, v, r) for h in self.hypotheses for r in h.volumes[v])
        )
        return tuple(v for v in waiting if v not in self.doubted)

    def _under_way(self) -> tuple[Instance, ...]:
        """Return the instances that are surely on their way, the doubtful ones too."""
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

    def is_over(self, i: Instance) -> bool:
        """Tell whether an instance has surely ended."""
        return all(r.state is InstanceState.TERMINATED for h in self.hypotheses for r in h.instances.get(i, ()))

    def is_plain(self, v: Volume) -> bool:
        """Tell whether all is known of a volume, and neither it nor the instance that holds it is gone or going."""
        return all(self._is_plain(hypothesis, v) for hypothesis in self.hypotheses)

    def is_gone(self, v: Volume) -> bool:
        """Tell whether a volume was surely deleted."""
        return all(
            record.state is VolumeState.DELETED
            for hypothesis in self.hypotheses
            for record in hypothesis.volumes.get(v, ())
        )

    @staticmethod
    def _is_plain(hypothesis: Hypothesis, v: Volume) -> bool:
        records = hypothesis.volumes.get(v, frozenset())
        if len(records) != 1:
            return False
        [record] = records
        holders = () if record.holder is None else hypothesis.instances.get(record.holder, ())
        return record.state not in _GONE and all(holder.state not in DEAD for holder in holders)

    def rested(self) -> None:
        """Note that everything was seen to have come to rest: what had not would have been blamed."""
        for hypothesis in self.hypotheses[:1]:
            for i, records in hypothesis.instances.items():
                if i not in self.doubted:
                    self.checks.update({_REST_CLAUSES[r.state] for r in records if r.state in _REST_CLAUSES})

    def waited_for(self, volumes: Collection[Volume] = ()) -> frozenset[str]:
        """Return of what kinds the things are that are surely still on their way."""
        faults = (stuck(self.hypotheses, self.history, name) for name in self.restless(volumes))
        return frozenset(f"{f.clause} {f.operation.value} {f.state} {f.expected_class}" for f in faults)

    def stuck(self, step: int, volumes: Collection[Volume] = ()) -> tuple[Divergence, ...]:
        """Blame whatever did not come to rest although it was given its time."""
        left = self.restless(volumes)
        return self._reported(step, [stuck(self.hypotheses, self.history, name) for name in left])

    def push(self, step: int, i: Instance, name: StepName) -> None:
        """Take in that a background step was asked for and happened."""
        pushed = [
            h.having({i: self.engine.stepped(self.engine.settled(h.instances[i]), name)}) for h in self.hypotheses
        ]
        before = self.hypotheses[0].instances[i]
        self.hypotheses = merged(h for h in pushed if h.instances[i]) or self.hypotheses
        clause = next(s.clause for s in self.engine.spec.steps if s.name is name)
        if all(r.disable_api_termination or r.disable_api_stop for r in before):
            clause = "PROT-6"
        elif name is StepName.GUEST_SHUTDOWN and all(r.root_device is RootDevice.INSTANCE_STORE for r in before):
            clause = "SHUT-2"
        self.history.touch(i, Touch(step, Operation.DESCRIBE, clause, "-"), lasting=True)


def _may_act(reading: Reading) -> bool:
    """Tell whether a request, if this is how it was answered, may have changed something."""
    return reading.rung is None or reading.rung.by_zone


def _wrong(reading: Reading) -> tuple[int, int]:
    """Return how much is wrong if a reply is read so: a wrong state is more than any wrong look of the right one."""
    return sum(bool(fault.doubts) for fault in reading.faults), len(reading.faults)


def _told_apart(before: tuple[Hypothesis, ...], after: tuple[Hypothesis, ...]) -> set[str]:
    """Return the instances and volumes of which other things are believed than before."""
    was, now = _beliefs(before), _beliefs(after)
    return {name for name in was if was[name] != now.get(name)}


def _beliefs(hypotheses: tuple[Hypothesis, ...]) -> dict[str, frozenset[object]]:
    """Return all that each instance and volume may be."""
    found: dict[str, frozenset[object]] = {}
    for hypothesis in hypotheses:
        for name, records in (*hypothesis.instances.items(), *hypothesis.volumes.items()):
            found[name] = found.get(name, frozenset()) | records
    return found
