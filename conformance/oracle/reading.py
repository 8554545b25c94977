"""The ways to read a reply: each with what the world may be then, and with what is wrong if it is read so."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from ...model.outcomes import Rung
from ...model.requests import BatchRequest, ErrorCode, LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import Cause
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ..adapter.observation import Changes, Instances, NoAnswer, Observation, Refused
from .batch import Explanation, Question, Wanted
from .belief import Hypothesis, Records, VolumeRecords, joined
from .counts import only_made
from .divergence import SERVER_ERROR
from .fault import Fault, either
from .headers import Way, clause_of
from .history import History
from .items import (
    SHAPE_CLAUSE,
    Items,
    by_instance,
    described_items,
    from_state,
    item_faults,
    launch_items,
)
from .messages import named_by
from .options import Fates
from .previous_states import Unfitting, unfitting_faults
from .single import SingleExplanation, single_explanations
from .situation import Situation
from .values import as_observed, shown_in, value_checks, value_fault
from .views import View, judge_devices, judge_view
from .widening import changed_or_not, or_shown_as, with_volumes_of_revived

NO_DEVICES: Final = "missing:BlockDeviceMappings"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a reply.

    `because` and `states`: for what the request names, the clause by which it is as it is now, and its state before.
    `checked`: the clauses that the reply could have broken; `withheld`: those that it seemed to, had an earlier reply
    not left open what the instance is.
    """

    hypothesis: Hypothesis
    faults: tuple[Fault, ...] = ()
    because: Mapping[str, str] | None = None
    states: Mapping[str, str] | None = None
    checked: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    rung: Rung | None = None
    suspicion: Fault | None = None
    """What is wrong unless EC2 ended the instance by itself, unseen: nobody knows until the next look."""


class _Kept(NamedTuple):
    """What is left of the fates of an instance once the reply's item for it was read."""

    fates: Fates
    after: Records
    rows: frozenset[str]
    because: str
    states: str


@dataclass(slots=True)
class Reader:
    """Reads one reply in a situation: under one hypothesis after the other."""

    situation: Situation
    history: History
    unjudged: Collection[str]
    opened: Mapping[str, Collection[str]]
    request: Request
    observation: Observation
    _items: Mapping[Instance, Items] = field(init=False)
    """What the reply says of each instance, where it lists changes of state."""
    _question: Question | None = field(init=False)
    """In which ways a request for several instances was answered so."""
    _explained: list[Explanation] = field(default_factory=list[Explanation])
    """What it answered, under every hypothesis by which the reply was read."""
    _kept: dict[tuple[int, object], _Kept] = field(default_factory=dict[tuple[int, object], _Kept])
    """What is left of these fates, by their identity, where the reply shows these states; `_explained` keeps them.

    Of a thousand instances most have the same fates, and the reply says the same of them.
    """

    def __post_init__(self) -> None:
        self._items = by_instance(self.observation)
        self._question = self._asked(_wanted(self.observation))

    def _asked(self, wanted: Wanted) -> Question | None:
        request = self.request
        return Question(self.situation.engine, request, wanted) if isinstance(request, BatchRequest) else None

    def readings(self, hypothesis: Hypothesis) -> Iterator[Reading]:
        """Yield every way to read the reply under one hypothesis; none where it permits no such reply."""
        request, observation = self.request, self.observation
        wanted = _wanted(observation)
        if isinstance(request, LaunchRequest):
            yield from self._launch(hypothesis, request, observation, wanted)
        elif isinstance(request, BatchRequest) and self._question is not None:
            found = self._question.explanations(self.situation.subjects(hypothesis, request, self._items))
            self._explained += found
            for explanation in found:
                if isinstance(observation, Refused) and names_another(explanation, observation.message):
                    continue
                if request.operation is Operation.DESCRIBE and isinstance(observation, Instances):
                    yield self._described(hypothesis, request, observation, explanation)
                else:
                    yield self._batch(hypothesis, request, observation, explanation)
        elif request.operation is Operation.CREATE_VOLUME and isinstance(request, VolumeRequest):
            yield from self._created_volume(hypothesis, request, wanted)
        else:
            yield from self._single(hypothesis, request, observation, wanted)

    def ways(self, hypotheses: Iterable[Hypothesis], wanted: Wanted = lambda _: True) -> list[Way]:
        """Return the wanted ways in which the request may have been answered, whatever came back."""
        question = self._asked(wanted)
        return [way for hypothesis in hypotheses for way in self._ways(hypothesis, question, wanted)]

    def permitted(self, hypotheses: Iterable[Hypothesis], rungs: Collection[Rung]) -> list[Way]:
        """Return the ways in which the reply is one of these refusals, once it was read under these hypotheses."""
        if self._question is None:
            return self.ways(hypotheses, lambda rung: rung in rungs)
        return [Way(e.rung, e.fates, e.possible, e.certain) for e in self._explained if e.rung in rungs]

    def _ways(self, hypothesis: Hypothesis, question: Question | None, wanted: Wanted) -> Iterator[Way]:
        request = self.request
        if question is not None:
            for e in question.explanations(self.situation.subjects(hypothesis, request, self._items)):
                yield Way(e.rung, e.fates, e.possible, e.certain)
        else:
            made = isinstance(request, LaunchRequest) or request.operation is Operation.CREATE_VOLUME
            asked = _made_nothing(request) if made else request
            for s in self._explanations(hypothesis, asked, wanted):
                by_id = s.rung is None or s.rung.trips is not None
                about = frozenset(asked.instances if by_id else ())
                records = [record for found in s.volumes.values() for record, _ in found]
                of_root, holders = any(r.root for r in records), frozenset(r.holder for r in records if r.holder)
                yield Way(s.rung, s.fates, about, frozenset(), of_root, holders)

    def _launch(
        self, hypothesis: Hypothesis, request: LaunchRequest, observation: Observation, wanted: Wanted
    ) -> Iterator[Reading]:
        for e in single_explanations(self.situation.engine, _made_nothing(request), {}, {}, wanted):
            if e.rung is not None or not isinstance(observation, Instances):
                yield Reading(hypothesis, checked=_rung_checks(e.rung, request), rung=e.rung)
                continue
            yield self.launched(hypothesis, request, observation)

    def launched(self, hypothesis: Hypothesis, request: LaunchRequest, observation: Instances) -> Reading:
        """Read the reply to a launch that succeeded; nothing can be known of instances that it leaves out."""
        faults = list(launch_items(request, observation))
        request = only_made(request, observation)
        engine = self.situation.engine
        rules = engine.spec.operations[Operation.RUN]
        records = {
            i: engine.in_full_view(frozenset({rules.created_instance(request, i)}))
            for i in request.instances
            if rules.created_instance is not None
        }
        volumes = {
            v: frozenset({rules.created_volume(request, v)})
            for v in request.volume_ids
            if rules.created_volume is not None
        }
        checked = ["RUN-1"]
        for seen in observation.items:
            if seen.instance in records:
                view = judge_view(engine, Operation.RUN, seen, records[seen.instance])
                faults.extend(fault if fault.clause else replace(fault, clause="RUN-1") for fault in view.faults)
                checked.extend(view.checked)
                if any(fault.opens for fault in view.faults):
                    records[seen.instance] = view.records
        because = dict.fromkeys(map(str, request.instances), "RUN-3")
        because.update(
            (volume.volume, "VOL-1" if volume.delete_on_termination is None else "VOL-3")
            for group in request.volumes
            for volume in group
        )
        return Reading(hypothesis.having(records, volumes), tuple(faults), because, checked=tuple(checked))

    def _batch(
        self, hypothesis: Hypothesis, request: BatchRequest, observation: Observation, explanation: Explanation
    ) -> Reading:
        engine = self.situation.engine
        faults: list[Fault] = []
        checked = list(_rung_checks(explanation.rung, request))
        if explanation.outranks:
            checked.append("ERR-3")
        items = self._items
        if isinstance(observation, Changes):
            faults.extend(item_faults(request, items))
            checked.append(SHAPE_CLAUSE[request.operation])
            if request.operation is not Operation.TERMINATE:
                checked.append("KIND-1")
        after: dict[Instance, Records] = {
            i: or_shown_as(hypothesis.instances[i], seen.first[1])
            for i, seen in items.items()
            if i not in request.instances and i in hypothesis.instances
        }
        because: dict[str, str] = {}
        states: dict[str, str] = {}
        unfitting: list[Unfitting] = []
        for i, fates in explanation.fates.items():
            if not fates:
                continue
            seen = items.get(i)
            key = (id(fates), seen.first if seen else None)
            left = self._kept.get(key) or self._kept.setdefault(key, self._left(fates, seen))
            after[i] = left.after
            if seen is None and isinstance(observation, Changes):  # left out, so that it may not have been carried out
                after[i] = changed_or_not(left.after | engine.in_full_view(fates.before), request)
            because[i] = left.because
            states[i] = left.states
            if isinstance(observation, Changes):
                checked.extend(left.rows)
                if seen is not None and not left.fates:
                    unfitting.append((i, fates, seen))
        faults.extend(unfitting_faults(request, unfitting, self.history))
        return Reading(hypothesis.having(after), tuple(faults), because, states, tuple(checked), rung=explanation.rung)

    def _described(
        self, hypothesis: Hypothesis, request: BatchRequest, observation: Instances, explanation: Explanation
    ) -> Reading:
        engine = self.situation.engine
        faults = list(described_items(request, observation))
        checks: list[str] = []
        withheld: list[str] = []
        after: dict[Instance, Records] = {}
        volumes: dict[Volume, VolumeRecords] = {}
        held = self._volumes_by_holder(hypothesis)
        for seen in observation.items:
            i = seen.instance
            fates = explanation.fates.get(i)
            if not fates or i in after:
                continue
            checked = withheld if i in self.opened else checks
            records = engine.in_full_view(fates.before)
            late = self.situation.held_lately(i)
            view = judge_view(engine, request.operation, seen, records | late if late else records)
            again = self.history.shows_again(i, f"state:{seen.state.name}")
            if again and any(not fault.clause and i in fault.opens for fault in view.faults):
                view = View.of(view.records, (), view.checked, devices=False)  # it was blamed before
            if view.records & late and not view.faults:
                # A read that may be from before the last request says nothing of what became of that.
                view = View.of(records, (), view.checked, devices=False)
            checked.extend(view.checked)
            if view.ended:
                checked.append("TERM-7")
            after[i] = view.records | records if again else view.records
            if view.faults:
                holds = self._surely_holds(hypothesis, i, held.get(i, ()))
                faults.extend(fault for fault in view.faults if holds or fault.observed_class != NO_DEVICES)
                if not view.devices and any(fault.opens for fault in view.faults):
                    continue
            if i in self.history.seen_after:
                checked.append("STATE-3")
            if i in self.history.touched and self.history.touched[i].sure:
                checked.append(self.history.touched[i].because)
            mine = held.get(i)
            bare = any(fault.observed_class == NO_DEVICES for fault in view.faults)
            if mine and view.devices and not late and not bare:
                left = self.situation.volumes(hypothesis, mine, {i: view.records})
                devices = judge_devices(engine, request.operation, seen, left)
                volumes.update(devices.volumes)
                # Where a reply left open what a volume is, only a description of the volume decides it.
                volumes.update({v: left[v] | devices.volumes[v] for v in devices.volumes if v in self.opened})
                if devices.faults:
                    stopped = self.history.why(i, "") == "STOP-7"
                    faults.extend(
                        replace(f, clause="VOL-4") if stopped and f.observed_class == "device:not attached" else f
                        for f in devices.faults
                    )
                checked.extend(devices.checked)
                checked.extend(self.history.why(v, "VOL-9") for v in devices.flagged)
        read = hypothesis.having(after, volumes)
        if any(fault.opens for fault in faults):
            read = with_volumes_of_revived(hypothesis, read)
        return Reading(read, tuple(faults), checked=tuple(checks), withheld=tuple(withheld))

    def _left(self, fates: Fates, seen: Items | None) -> _Kept:
        engine = self.situation.engine
        fitting = fates if seen is None else fates.going_by(*seen.first)
        possible = fitting or (fates if seen is None else from_state(fates, seen)) or fates
        after = engine.in_full_view(possible.after)
        if seen is not None and not fitting:
            after = changed_or_not(or_shown_as(after | engine.in_full_view(fates.before), seen.first[1]), self.request)
        return _Kept(fitting, after, fates.clauses, possible[0][1].because, possible.found_in)

    @staticmethod
    def _surely_holds(hypothesis: Hypothesis, i: Instance, volumes: Iterable[Volume]) -> bool:
        """Tell whether an instance has a volume, so that a description must list one."""
        return any(all(r.holder == i and not r.detaching for r in hypothesis.volumes[v]) for v in volumes)

    def _volumes_by_holder(self, hypothesis: Hypothesis) -> dict[Instance, list[Volume]]:
        """Return, for each instance, the volumes that it may hold and of which something can be said."""
        held: dict[Instance, list[Volume]] = {}
        for v, records in hypothesis.volumes.items():
            if v not in self.unjudged:
                for holder in self.situation.engine.names_of_holders(records):
                    held.setdefault(holder, []).append(v)
        return held

    def _single(
        self, hypothesis: Hypothesis, request: Request, observation: Observation, wanted: Wanted
    ) -> Iterator[Reading]:
        engine = self.situation.engine
        instances: dict[Rung | None, dict[Instance, set[InstanceRecord]]] = {}
        attached: dict[Rung | None, dict[Volume, set[VolumeRecord]]] = {}
        around: dict[Rung | None, dict[Instance, set[InstanceRecord]]] = {}
        because: dict[str, str] = {}
        states: dict[str, str] = {}
        near: list[Fault] = []
        either_way: list[Hypothesis] = []
        for e in self._explanations(hypothesis, request, wanted):
            fault = value_fault(request, observation, e.fates, e.volumes, self.history)
            if fault is not None:
                near.append(fault)
                either_way.append(as_observed(hypothesis, request, observation, e.volumes))
                continue
            for i, fates in e.fates.items():
                instances.setdefault(e.rung, {}).setdefault(i, set()).update(move.after for _, move in fates)
                because[i] = fates[0][1].because
                states[i] = fates[0][0].state.value
            for i, record in e.around.items():
                around.setdefault(e.rung, {}).setdefault(i, set()).add(record)
            for v, volume_fates in e.volumes.items():
                attached.setdefault(e.rung, {}).setdefault(v, set()).update(move.after for _, move in volume_fates)
                because[v] = volume_fates[0][1].because
            instances.setdefault(e.rung, {})
        told = [record for found in instances.values() for records in found.values() for record in records]
        failed = bool(told) and all(record.cause is Cause.SERVICE for record in told)
        for rung, found in instances.items():
            read = hypothesis.having(
                {
                    i: engine.in_full_view(frozenset(records))
                    for i, records in (*found.items(), *around.get(rung, {}).items())
                },
                {v: frozenset(records) for v, records in attached.get(rung, {}).items()},
            )
            again = any(self.history.shows_again(name, shown) for name, shown in shown_in(request, observation))
            yield Reading(
                joined((read, hypothesis)) if again else read,
                (),
                because,
                states,
                (*_rung_checks(rung, request), *value_checks(request, observation, self.history)),
                rung=rung,
                suspicion=either(near) if near and failed else None,
            )
        if not instances and near:
            yield Reading(joined(either_way), (either(near),))

    def _explanations(self, hypothesis: Hypothesis, request: Request, wanted: Wanted) -> Iterator[SingleExplanation]:
        for subjects, volumes in self.situation.met_by(hypothesis, request):
            yield from single_explanations(self.situation.engine, request, subjects, volumes, wanted)

    def _created_volume(self, hypothesis: Hypothesis, request: VolumeRequest, wanted: Wanted) -> Iterator[Reading]:
        engine = self.situation.engine
        create = engine.spec.operations[Operation.CREATE_VOLUME].created_volume
        for e in single_explanations(engine, _made_nothing(request), {}, {}, wanted):
            made = {v: frozenset({create(request, v)}) for v in request.volumes if create is not None}
            yield Reading(
                hypothesis if e.rung is not None else hypothesis.having(volumes=made),
                because=dict.fromkeys(map(str, request.volumes), "VOL-10"),
                checked=_rung_checks(e.rung, request),
                rung=e.rung,
            )


def names_another(explanation: Explanation, message: str) -> bool:
    """Tell whether a refusal says, in known words, that it is about instances that this explanation is not about."""
    rung = explanation.rung
    if rung is None or rung.trips is None:
        return False
    named = named_by(rung, message)
    return bool(named) and not named <= explanation.possible


def _made_nothing(request: Request) -> Request:
    """Return a request for something new as the rules can judge it before anything is made."""
    if isinstance(request, LaunchRequest):
        return replace(request, instances=(), volumes=())
    if isinstance(request, VolumeRequest):
        return replace(request, volumes=())
    return request


def _rung_checks(rung: Rung | None, request: Request) -> tuple[str, ...]:
    if rung is None:
        return ()
    return (clause_of(rung, request), "ERR-4")


def _wanted(observation: Observation) -> Callable[[Rung | None], bool]:
    """Return which answers could look like this reply."""
    if isinstance(observation, NoAnswer):
        return lambda _: True
    if isinstance(observation, Refused):
        code, crashed = observation.code, observation.status >= SERVER_ERROR
        return lambda rung: rung is not None and not crashed and (rung.code is ErrorCode.ANY or rung.code.value == code)
    return lambda rung: rung is None
