"""Judges the fields of instances that EC2 keeps and shows again, whatever becomes of the instance otherwise.

No rule of the model speaks of them, since no request's outcome depends on them: what was sent, or was seen first, has
to be shown by every later reply. LaunchTime alone changes, at a start (fact S-34).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ...model.requests import LaunchRequest, Operation, Request
from ...model.states import InstanceState
from ...model.surface import Effect, with_effect
from ...model.world import Instance
from ..adapter.carried_fields import LAUNCHED, RESERVATION
from ..adapter.observation import CarriedSeen, Changes, Instances, InstanceSeen, Observation
from .fault import Fault
from .past import Past, under

_TYPE: Final = "InstanceType"
_CLAUSE: Final = {RESERVATION: "RUN-7"}
"""The clauses about single fields; the others have `_AS_SENT`."""
_AS_SENT: Final = "RUN-6"
_STAYS: Final = "DESC-4"
_RENEWED: Final = "START-11"
_GRAIN: Final = 1.0
"""EC2 shows times in whole seconds."""
_SURELY_LATER: Final = 2.0
"""So many seconds between two times that are shown leave no doubt which of them was first."""
_ENDING: Final = (InstanceState.STOPPING.value, InstanceState.STOPPED.value)
_RETYPED: Final = under(
    frozenset(
        f"{Operation.MODIFY.value}:{path.removesuffix('.Value')}" for path in with_effect(Operation.MODIFY, Effect.TYPE)
    )
)
_NOT_RESTARTED: Final = "stale"


class Found(NamedTuple):
    """What is wrong with the carried fields of a reply, and the clauses that it could have broken."""

    faults: list[Fault]
    checked: list[str]


class _Stop(NamedTuple):
    """When an instance was stopped, by its StateTransitionReason, and the LaunchTime that it showed then."""

    at: float
    launched: float


@dataclass(slots=True)
class Carried:
    """What instances have to show again; `read_lag`: how late a description may be."""

    read_lag: float = 0.0
    _fields: dict[Instance, dict[str, str]] = field(default_factory=dict[Instance, "dict[str, str]"])
    _launched: dict[Instance, float] = field(default_factory=dict[Instance, float])
    """The LaunchTime of each instance, unless a request may have changed it since it was seen."""
    _stopped: dict[Instance, _Stop] = field(default_factory=dict[Instance, _Stop])
    _started: dict[Instance, float] = field(default_factory=dict[Instance, float])
    """When a start of each instance was answered last, by the target's clock, since it was seen as stopped."""
    _changed: dict[Instance, float] = field(default_factory=dict[Instance, float])
    """When a request that may change the LaunchTime was answered last."""

    def asked(self, request: Request, observation: Observation, received: float) -> None:
        """Take in a request that may have been carried out: a start or a reboot may change the LaunchTime.

        A start of an instance that is not shown as stopped before may have changed nothing.
        """
        if request.dry_run or request.operation not in (Operation.START, Operation.REBOOT):
            return
        for i in request.instances:
            self._launched.pop(i, None)
            self._changed[i] = received
        if request.operation is Operation.START and isinstance(observation, Changes):
            for item in observation.items:
                if item.previous.name == InstanceState.STOPPED.value:
                    self._started[item.instance] = received

    def may_have_started(self, instances: Iterable[Instance]) -> None:
        """Take in that nobody knows the states of these instances: a start that nobody asked for changes LaunchTime."""
        for i in instances:
            self._launched.pop(i, None)
            self._stopped.pop(i, None)

    def judge(
        self,
        request: Request,
        observation: Observation,
        sent: float,
        values: Mapping[str, str],
        past: Past,
        unjudged: Collection[str],
    ) -> Found:
        """Compare a reply that lists instances with what they have to show; `values` are those of the request."""
        found = Found([], [])
        if request.dry_run or not isinstance(observation, Instances):
            return found
        if isinstance(request, LaunchRequest):
            self._launch(request, observation, values, found)
        for seen in observation.items:
            if seen.instance in unjudged or seen.instance not in self._fields:
                continue
            self._judge_fields(request.operation, seen, past, found)
            if request.operation is Operation.DESCRIBE:
                self._judge_time(seen, sent, found)
        return found

    def _launch(self, request: LaunchRequest, observation: Instances, values: Mapping[str, str], found: Found) -> None:
        """Take in a launch: its instances have to show what it asked for, in a reservation of their own."""
        others = {fields.get(RESERVATION) for fields in self._fields.values()}
        own = {dict(seen.carried.fields).get(RESERVATION) for seen in observation.items} - {None}
        if own and others - {None}:
            found.checked.append(_CLAUSE[RESERVATION])
        if own & others:
            found.faults.append(
                Fault(
                    _CLAUSE[RESERVATION],
                    request.operation,
                    "-",
                    f"new:{RESERVATION}",
                    f"reused:{RESERVATION}",
                    (f"a {RESERVATION} of its own",),
                    f"the {RESERVATION} of another launch",
                )
            )
        for i in request.instances:
            self._fields[i] = dict(values)

    def _judge_fields(self, operation: Operation, seen: InstanceSeen, past: Past, found: Found) -> None:
        known, shown = self._fields[seen.instance], dict(seen.carried.fields)
        if any(map(_RETYPED, past.of((seen.instance,)))):
            known.pop(_TYPE, None)
            shown.pop(_TYPE, None)
        for name, value in known.items():
            found.checked.append(_CLAUSE.get(name, _AS_SENT))
            if shown.get(name) != value:
                found.faults.append(_changed(operation, seen.instance, name, value, shown.get(name)))
        known.update(shown)

    def _judge_time(self, seen: InstanceSeen, sent: float, found: Found) -> None:
        i, state, times = seen.instance, seen.state.name, seen.carried
        if times.launched is None or state == InstanceState.PENDING.value or self._may_be_late(i, sent):
            return
        stop = self._stopped.get(i)
        if state in _ENDING:
            self._started.pop(i, None)
            self._note_stop(i, times)
        elif state == InstanceState.RUNNING.value and stop is not None and i in self._started:
            if stop.at - stop.launched >= _SURELY_LATER:
                found.checked.append(_RENEWED)
                if stop.at - times.launched >= _SURELY_LATER:
                    found.faults.append(_time_fault(_RENEWED, i, "renewed", _NOT_RESTARTED))
            del self._stopped[i], self._started[i]
        before = self._launched.get(i)
        if before is not None:
            found.checked.append(_STAYS)
            if abs(times.launched - before) >= _GRAIN:
                found.faults.append(_time_fault(_STAYS, i, "kept", "changed"))
        self._launched[i] = times.launched

    def _note_stop(self, i: Instance, times: CarriedSeen) -> None:
        if times.ended is None or times.launched is None:
            self._stopped.pop(i, None)
        else:
            self._stopped[i] = _Stop(times.ended, times.launched)

    def _may_be_late(self, i: Instance, sent: float) -> bool:
        """Tell whether a description may show what was before a start."""
        return bool(self.read_lag) and sent <= self._changed.get(i, float("-inf")) + self.read_lag


def _changed(operation: Operation, i: Instance, name: str, value: str, shown: str | None) -> Fault:
    tells = name == _TYPE  # ids and names are others in every run, and in a trace
    return Fault(
        _CLAUSE.get(name, _AS_SENT),
        operation,
        "-",
        f"kept:{name}",
        f"changed:{name}",
        (f"{name} {value!r}" if tells else f"the {name} that was shown before",),
        (f"{name} {shown!r}" if tells else f"another {name}") if shown else f"no {name}",
        instance=i,
    )


def _time_fault(clause: str, i: Instance, expected: str, observed: str) -> Fault:
    words = {
        "renewed": f"a {LAUNCHED} after the stop",
        "stale": f"a {LAUNCHED} from before the stop",
        "kept": f"the {LAUNCHED} that was shown before",
        "changed": f"another {LAUNCHED}, and no start in between",
    }
    return Fault(
        clause,
        Operation.DESCRIBE,
        "-",
        f"{expected}:{LAUNCHED}",
        f"{observed}:{LAUNCHED}",
        (words[expected],),
        words[observed],
        instance=i,
    )
