"""`step` over unknown worlds: what a request or a background step may do.

Proofs rely on this module and on the reading of rules. Tests compare both with plain execution.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from ..background import BackgroundStep, VolumeStep
from ..outcomes import Refusal, Rung
from ..specification import Specification
from ..theorems.happenings import Happened, Sent, Standing
from .reading import Reader, Symbolic
from .terms import BOOL, FALSE, Term, and_, apply, eq, exists, implies, less, not_, or_
from .values import INSTANCE, VOLUME, Members, Table, Value, chosen, condition
from .worlds import (
    ANY_INSTANCE,
    ANY_VOLUME,
    SymbolicChoices,
    SymbolicRequest,
    SymbolicWorld,
    facts_of_counts,
)


@dataclass(eq=False)
class Stage:
    """Where symbolic requests are sent: one specification, one reader, and what is taken to hold."""

    spec: Specification
    reader: Reader = field(default_factory=Reader)
    facts: list[Term] = field(default_factory=list[Term])
    """What holds of every world, request and answer that the proof speaks of."""
    sent: int = 0
    requests: list[SymbolicRequest] = field(default_factory=list[SymbolicRequest])


class SymbolicSent(Symbolic):
    """A request that was sent and answered; nothing is known but its operation."""

    def __init__(self, stage: Stage, before: SymbolicWorld, request: SymbolicRequest, choices: SymbolicChoices) -> None:
        self.cls = Sent
        self._stage = stage
        self.spec = stage.spec
        self.reader = stage.reader
        self._rules = stage.spec.operations[request.operation]
        self._number = stage.sent
        stage.sent += 1
        self.before = before
        self.request = request
        self.choices = choices
        self.name = request.operation
        self.unprotected = _of(self._unprotected)
        self.again = _of(lambda: SymbolicSent(stage, self.after, request, choices))
        self.refused_for = _of(self._refused_for)
        self.sent_in = _of(self._sent_in)
        self.within = _of(self._within)
        self.beyond = _of(self._beyond)

    def _sent_in(self, world: SymbolicWorld) -> "SymbolicSent":
        return SymbolicSent(self._stage, world, self.request, self.choices)

    def _within(self, zones: Members) -> "SymbolicSent":
        return self._part(zones.has, "within")

    def _beyond(self, zones: Members) -> "SymbolicSent":
        return self._part(lambda zone: not_(zones.has(zone)), "beyond")

    def _part(self, keep: Callable[[Term], Term], name: str) -> "SymbolicSent":
        part = self.request.restricted(
            f"{self.request.name}.{name}", lambda i: keep(self.before.instances.at(i).fields["zone"])
        )
        self._stage.requests.append(part)
        self._stage.facts.extend(facts_of_counts(part))
        self._stage.facts.append(not_(less(self.request.count, part.count)))
        self._stage.facts.append(not_(less(self.request.distinct, part.distinct)))
        return SymbolicSent(self._stage, self.before, part, self.choices)

    def _unprotected(self) -> "SymbolicSent":
        table = self.after.instances
        free = dict.fromkeys(
            ("disable_api_termination", "disable_api_stop", "termination_settling", "stop_settling"), FALSE
        )
        cleared = Table(
            INSTANCE,
            table.has,
            lambda i: chosen(self.request.instances.has(i), table.at(i).having(**free), table.at(i)),
        )
        return SymbolicSent(self._stage, self.after.having(cleared), self.request, self.choices)

    # The ladder.

    def trips(self, rung: Rung, i: Term) -> Term:
        """Return whether a rung applies because of one instance."""
        if rung.trips is None:
            return FALSE
        return condition(self._stage.reader.call(rung.trips, self.before, self.request, self.choices, i))

    def applies(self, rung: Rung) -> Term:
        """Return whether the condition of a rung holds, wherever it stands on the ladder."""
        holds: Term = FALSE
        if rung.holds is not None:
            holds = condition(self._stage.reader.call(rung.holds, self.before, self.request, self.choices))
        if rung.trips is None:
            return holds
        only = self.request.instances.only
        if only is not None:
            return or_(holds, self.trips(rung, only))
        named = self.request.instances.has(ANY_INSTANCE)
        with self._stage.reader.within(ANY_INSTANCE, named):
            trips = self.trips(rung, ANY_INSTANCE)
        return or_(holds, exists(ANY_INSTANCE, and_(named, trips)))

    @cached_property
    def applying(self) -> dict[Rung, Term]:
        """Whether each rung applies, by the rung (equal rungs are one)."""
        return {rung: self.applies(rung) for rung in self._rules.ladder}

    def permitted(self, rung: Rung) -> Term:
        """Return whether a rung may answer: it applies, and none that comes strictly earlier does."""
        earlier = (test for other, test in self.applying.items() if other.refusal in rung.after)
        return and_(self.applying[rung], not_(or_(*earlier)))

    @cached_property
    def succeeds(self) -> Term:
        """Whether the request succeeds: nothing refuses it."""
        return not_(or_(*self.applying.values()))

    @cached_property
    def is_answered(self) -> Term:
        """Whether some answer is permitted."""
        return or_(self.succeeds, *(self.permitted(rung) for rung in self._rules.ladder))

    @cached_property
    def can_be_refused(self) -> Term:
        """Whether some refusal is permitted."""
        return or_(*(self.permitted(rung) for rung in self._rules.ladder))

    @cached_property
    def can_be_carried_out(self) -> Term:
        """Whether plain execution of the ladder and of every permitted effect fails nowhere."""
        return not_(self.undefined)

    @cached_property
    def _answers(self) -> dict[Rung, Term]:
        """The refusal that answers, by the rung; it is one that is permitted."""
        answers = {
            rung: apply(f"answer{self._number}.{number}", BOOL) for number, rung in enumerate(self._rules.ladder)
        }
        self._stage.facts.append(or_(self.succeeds, *answers.values()))
        earlier: Term = FALSE
        for rung, answer in answers.items():
            self._stage.facts.append(implies(answer, and_(self.permitted(rung), not_(earlier))))
            earlier = or_(earlier, answer)
        return answers

    def in_every_way(self) -> "SymbolicSent":
        """Let every permitted answer be given at once: what is done by any of them, is done."""
        vars(self)["_answers"] = {rung: self.permitted(rung) for rung in self._rules.ladder}
        return self

    @cached_property
    def carried_out(self) -> Term:
        """Whether the request does anything: it succeeds, or is refused for some zones only."""
        if not any(rung.by_zone for rung in self._rules.ladder):
            return self.succeeds
        return or_(self.succeeds, *(answer for rung, answer in self._answers.items() if rung.by_zone))

    def _refused_for(self, *refusals: Refusal) -> Term:
        return or_(*(answer for rung, answer in self._answers.items() if rung.refusal in refusals))

    # The effect.

    def move(self, i: Term) -> Value:
        """Return what the request makes of an instance that it names, as the rule has it; None where it has none."""
        rule = self._rules.instance
        return None if rule is None else self._stage.reader.call(rule, self.before, self.request, self.choices, i)

    def volume_move(self, v: Term) -> Value:
        """Return what the request makes of a volume that it names; None where the operation has no such effect."""
        rule = self._rules.volume
        return None if rule is None else self._stage.reader.call(rule, self.before, self.request, self.choices, v)

    def made_instance(self, i: Term) -> Value:
        """Return the record of an instance that the request makes; None where it makes none."""
        rule = self._rules.created_instance
        return None if rule is None else self._stage.reader.call(rule, self.request, i)

    def made_volume(self, v: Term) -> Value:
        """Return the record of a volume that the request makes; None where it makes none."""
        rule = self._rules.created_volume
        return None if rule is None else self._stage.reader.call(rule, self.request, v)

    @cached_property
    def after(self) -> SymbolicWorld:
        """The world after."""
        instances = self._changed(
            self.before.instances, self.request.instances.has, self.made_instance, lambda i: _after(self.move(i))
        )
        volumes = self._changed(
            self.before.volumes, self.request.volume_ids.has, self.made_volume, lambda v: _after(self.volume_move(v))
        )
        return self.before.having(instances, volumes)

    def _changed(
        self, table: Table, names: Callable[[Term], Term], make: Callable[[Term], Value], move: Callable[[Term], Value]
    ) -> Table:
        creates = make(ANY_INSTANCE if table.sort == INSTANCE else ANY_VOLUME) is not None

        def has(key: Term) -> Term:
            return or_(table.has(key), and_(self.carried_out, names(key))) if creates else table.has(key)

        def at(key: Term) -> Value:
            concerned = and_(self.carried_out, names(key))
            after = make(key) if creates else move(key)
            return table.at(key) if after is None else chosen(concerned, after, table.at(key))

        return Table(table.sort, has, _remembered(at))

    @cached_property
    def undefined(self) -> Term:
        """Where plain execution of the ladder or of a permitted effect would fail."""
        watching = Reader(watch=True)
        watched = SymbolicSent(
            Stage(self._stage.spec, watching, self._stage.facts, self._stage.sent),
            self.before,
            self.request,
            self.choices,
        )
        vars(watched)["_answers"] = self._answers
        for rung in self._rules.ladder:
            watched.applies(rung)
        with watching.where(self.carried_out):
            for bound, names, effects in (
                (ANY_INSTANCE, self.request.instances.has, (watched.move, watched.made_instance)),
                (ANY_VOLUME, self.request.volume_ids.has, (watched.volume_move, watched.made_volume)),
            ):
                with watching.within(bound, names(bound)):
                    for effect in effects:
                        effect(bound)
        return or_(*watching.undefined)


class SymbolicStep(Symbolic):
    """A background step that came to some instance or volume; nothing is known but its name."""

    def __init__(
        self, stage: Stage, before: SymbolicWorld, step: BackgroundStep | VolumeStep, choices: SymbolicChoices
    ) -> None:
        self.cls = Happened
        self.spec = stage.spec
        self.before = before
        self.name = step.name
        self.spontaneous = True
        table = before.volumes if isinstance(step, VolumeStep) else before.instances
        self.subject = subject = apply("subject", table.sort)
        if isinstance(step, VolumeStep):
            enabled = stage.reader.call(step.enabled, before, choices, subject)
        else:
            enabled = stage.reader.call(step.enabled, before, subject)
            self.spontaneous = step.spontaneous
        stage.facts += [table.has(subject), condition(enabled)]

        def at(key: Term) -> Value:
            return chosen(eq(key, subject), stage.reader.call(step.after, before, subject), table.at(key))

        changed = Table(table.sort, table.has, _remembered(at))
        self.after = before.having(**{"volumes" if table.sort == VOLUME else "instances": changed})
        self._asked: tuple[Value, ...] = (choices, subject) if isinstance(step, VolumeStep) else (subject,)
        self._step = step

    @cached_property
    def can_be_carried_out(self) -> Term:
        """Whether plain execution of the step fails nowhere."""
        watching = Reader(watch=True)
        watching.call(self._step.enabled, self.before, *self._asked)
        watching.call(self._step.after, self.before, self.subject)
        return not_(or_(*watching.undefined))


def _after(move: Value) -> Value:
    return None if move is None else move.fields["after"]


def _of(function: Callable[..., Value]) -> Callable[..., Value]:
    vars(function)["symbolic"] = True
    return function


def _remembered(function: Callable[[Term], Value]) -> Callable[[Term], Value]:
    done: dict[Term, Value] = {}

    def remembered(key: Term) -> Value:
        if key not in done:
            done[key] = function(key)
        return done[key]

    return remembered


class SymbolicStanding(Symbolic):
    """One moment in an arbitrary world."""

    def __init__(self, stage: Stage, world: SymbolicWorld, choices: SymbolicChoices) -> None:
        self.cls = Standing
        self.spec = stage.spec
        self.world = world
        self.choices = choices
