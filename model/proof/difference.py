"""The semantic difference of two specifications: a situation that they treat differently, or a proof that none exists.

Both get the same world, request and choices. A difference is shown in the smallest scope that has one,
and confirmed by plain execution of both. That there is none is proved for any number of instances.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from ..background import BackgroundStep, StepName, VolumeStep, VolumeStepName
from ..choices import Choice
from ..outcomes import Rung
from ..requests import Operation
from ..specification import Specification
from ..states import InstanceState
from ..theorems.invariants import cannot_stop, holds, stands
from .counterexample import Example, ProverBug
from .expansion import counted, expanded, scopes_for
from .models import Found, Picked
from .naming import named
from .obligations import CHOICES, REQUEST, WORLD
from .outcome_text import LISTING, outcome_of_request, outcome_of_rest, outcome_of_step
from .reading import Reader
from .sending import Stage, SymbolicSent
from .simplest import find, wishes
from .smtlib import Script
from .solvers import Z3_LIMIT, Answer, ask_z3
from .terms import FALSE, TRUE, Sort, Term, and_, apply, eq, forall, implies, member, not_, or_, subterms
from .values import INSTANCE, VOLUME, Table, Value, chosen, condition, same, sort_of_enum
from .worlds import (
    ANY_INSTANCE,
    ANY_VOLUME,
    SymbolicChoices,
    SymbolicRequest,
    SymbolicWorld,
    any_world,
    facts_of_nowhere,
    facts_of_request,
    facts_of_world,
)

AT_REST = "what is at rest"
SHAPES = "what a description shows"
TRANSITIONS = "which changes of state may occur"


@dataclass(frozen=True)
class Difference:
    """Something that two specifications treat differently, in a world, and what each of them makes of it."""

    about: str
    """An operation or a background step, by its name, or one of the words above."""
    what: tuple[str, ...]
    """In which respects they differ there."""
    example: Example
    old: tuple[str, ...]
    """Every outcome that the one permits, in words."""
    new: tuple[str, ...]
    reachable: bool
    """Whether the world keeps the invariants of all worlds that can be reached (T11b, T19, T19b)."""


@dataclass(frozen=True)
class Undecided:
    """Something about which no difference was found in small scopes, and equality is not proved."""

    about: str


@dataclass(frozen=True)
class Comparison:
    """Two specifications, about to be compared."""

    old: Specification
    new: Specification

    def differences(self) -> Iterator[Difference | Undecided]:
        """Yield one difference for each thing about which there is any; none: they are equivalent in all worlds."""
        for operation in Operation:
            yield from self.of_operation(operation)
        for name in (*StepName, *VolumeStepName):
            yield from self.of_step(name)
        yield from self.of_rest()
        yield from self.of_tables()

    # What is asked of both.

    @cached_property
    def _world(self) -> Value:
        return any_world(WORLD)

    @cached_property
    def _readers(self) -> tuple[Reader, Reader]:
        return Reader(), Reader()

    @cached_property
    def _choices(self) -> tuple[SymbolicChoices, SymbolicChoices]:
        """The choices: the same for both, but for those whose alternatives are not the same."""
        return SymbolicChoices(CHOICES), SymbolicChoices(CHOICES, self._apart)

    @cached_property
    def _apart(self) -> dict[str, str]:
        """The choices whose alternatives are not the same, and the names that the new one's have here."""
        ours, theirs = ({c.id: c for c in spec.choices} for spec in (self.old, self.new))
        return {name: f"{name}'" for name, c in theirs.items() if name in ours and _members(c) != _members(ours[name])}

    # Operations.

    def of_operation(self, operation: Operation) -> Iterator[Difference | Undecided]:
        """Yield a difference about one operation, if there is one."""
        if _rules_of(self.old, operation) == _rules_of(self.new, operation):
            return  # the very same functions
        request = SymbolicRequest(REQUEST, operation)
        stage = Stage(
            self.old, self._readers[0], [*facts_of_world(self._world), *facts_of_request(self._world, request)]
        )
        stage.requests.append(request)
        sent = tuple(
            # Two answers are not held against each other, but all that the one permits against all that the other does.
            SymbolicSent(replace(stage, spec=spec, reader=reader), self._world, request, choices).in_every_way()
            for spec, reader, choices in zip((self.old, self.new), self._readers, self._choices, strict=True)
        )
        aspects: dict[str, Term] = {}
        for label, apart in (*_of_answers(*sent), *_of_effects(*sent)):
            aspects[label] = or_(aspects.get(label, FALSE), apart)
        yield from self._shown(operation.value, stage, aspects, request)

    # Background steps.

    def of_step(self, name: StepName | VolumeStepName) -> Iterator[Difference | Undecided]:
        """Yield a difference about one background step, if there is one."""
        old, new = (_step(spec, name) for spec in (self.old, self.new))
        if old == new:
            return
        table = self._world.volumes if isinstance(name, VolumeStepName) else self._world.instances
        subject = apply("subject", table.sort)
        stage = Stage(self.old, self._readers[0], [*facts_of_world(self._world), table.has(subject)])
        enabled = [
            FALSE if step is None else self._enabled(step, subject, reader, choices)
            for step, reader, choices in zip((old, new), self._readers, self._choices, strict=True)
        ]
        aspects = {"when it comes": not_(eq(*enabled))}
        if old is not None and new is not None:
            after = [
                reader.call(step.after, self._world, subject)
                for step, reader in zip((old, new), self._readers, strict=True)
            ]
            both = and_(*enabled)
            aspects["what it makes"] = and_(both, not_(same(*after)))
            aspects["the clause"] = both if old.clause != new.clause else FALSE
            if isinstance(old, BackgroundStep) and isinstance(new, BackgroundStep):
                aspects["who brings it about"] = both if old.spontaneous != new.spontaneous else FALSE
        yield from self._shown(name.value, stage, aspects, None, subject, name)

    def _enabled(
        self, step: BackgroundStep | VolumeStep, subject: Term, reader: Reader, choices: SymbolicChoices
    ) -> Term:
        asked = (choices, subject) if isinstance(step, VolumeStep) else (subject,)
        return condition(reader.call(step.enabled, self._world, *asked))

    # The rest.

    def of_rest(self) -> Iterator[Difference | Undecided]:
        """Yield a difference about what is at rest, if there is one."""
        i, v = apply("i", INSTANCE), apply("v", VOLUME)
        for subject, table, rules in (
            (i, self._world.instances, (self.old.at_rest, self.new.at_rest)),
            (v, self._world.volumes, (self.old.volume_at_rest, self.new.volume_at_rest)),
        ):
            verdicts = [
                condition(reader.call(rule, self._world, subject))
                for rule, reader in zip(rules, self._readers, strict=True)
            ]
            stage = Stage(self.old, self._readers[0], [*facts_of_world(self._world), table.has(subject)])
            yield from self._shown(AT_REST, stage, {"whether it is at rest": not_(eq(*verdicts))}, None, subject)

    def of_tables(self) -> Iterator[Difference | Undecided]:
        """Yield a difference about the tables that no rule reads, if there is one: shapes, and permitted changes."""
        i = apply("i", INSTANCE)
        state = self._world.instances.at(i).fields["state"]
        for about, old, new in (
            (SHAPES, self.old.shapes, self.new.shapes),
            (SHAPES, self.old.shows_volumes, self.new.shows_volumes),
            (SHAPES, self.old.reason_clause, self.new.reason_clause),
            (TRANSITIONS, self.old.transitions, self.new.transitions),
        ):
            column = self._world.instances.at(i).fields["cause"] if old is self.old.reason_clause else state
            apart = [key for key in type(_any_key(old)) if _row(old, key) != _row(new, key)]
            stage = Stage(self.old, self._readers[0], [*facts_of_world(self._world), self._world.instances.has(i)])
            where = or_(*(eq(column, member(sort_of_enum(type(key)), key.name)) for key in apart))
            yield from self._shown(about, stage, {"its row": where}, None, i)

    # How a difference is shown.

    def _shown(
        self,
        about: str,
        stage: Stage,
        aspects: Mapping[str, Term],
        request: SymbolicRequest | None,
        subject: Term | None = None,
        step: StepName | VolumeStepName | None = None,
    ) -> Iterator[Difference | Undecided]:
        apart = or_(*aspects.values())
        if apart is FALSE:
            return
        facts = tuple(dict.fromkeys(stage.facts))
        requests = () if request is None else (request,)
        sound = tuple(sound_facts(self._readers[0], self._world, apart))
        facts += tuple(facts_of_nowhere(self._world, requests, (*facts, apart, *sound)))
        for reachable, premises in ((True, (*facts, *sound)), (False, facts)):
            formulas = (*premises, apart)
            # Where there is a difference, a small scope shows it long before the unbounded question is given up.
            found = _smallest(about, stage, self._world, request, formulas, _SMALL)
            if found is None and ask_z3(Script(about, named(formulas, {})), limit=_PATIENCE).answer is Answer.UNSAT:
                continue
            found = found or _smallest(about, stage, self._world, request, formulas, _LARGER)
            if found is None:
                yield Undecided(about)
            else:
                yield self._difference(about, aspects, formulas, found, request, subject, step, reachable=reachable)
            return

    def _difference(
        self,
        about: str,
        aspects: Mapping[str, Term],
        formulas: tuple[Term, ...],
        found: Found,
        request: SymbolicRequest | None,
        subject: Term | None,
        step: StepName | VolumeStepName | None,
        *,
        reachable: bool,
    ) -> Difference:
        ours, theirs = (
            found.choices(CHOICES, spec.choices, subterms(*formulas), renamed)
            for spec, renamed in ((self.old, {}), (self.new, self._apart))
        )
        example = Example(
            about=step,
            scope=found.scope,
            world=found.world(self._world),
            choices=Picked({**theirs.picks, **ours.picks}),
            request=None if request is None else found.request(request),
            subject=None if subject is None else found.identity(subject),
            arguments={},
        )
        old = _outcome(self.old, about, replace(example, choices=ours))
        new = _outcome(self.new, about, replace(example, choices=theirs))
        what = tuple(label for label, term in aspects.items() if term is not FALSE and found.value(term))
        if old == new and what != ("the clause",):
            raise ProverBug(
                f"{about}: the solver says that the two differ in {', '.join(what)}, and plain execution does not; "
                f"this is a mistake in model/proof, please report it with this situation: {example}"
            )
        return Difference(about, what, example, old, new, reachable)


def sound_facts(reader: Reader, world: SymbolicWorld, about: Term) -> Iterator[Term]:
    """Yield what holds of every world that can be reached; of volumes only where a formula is about any."""
    instance = and_(*(condition(reader.call(rule, world, ANY_INSTANCE)) for rule in (stands, cannot_stop)))
    yield forall(ANY_INSTANCE, implies(world.instances.has(ANY_INSTANCE), instance))
    if any(part.sort == VOLUME for part in subterms(about)):
        volume = condition(reader.call(holds, world, ANY_VOLUME))
        yield forall(ANY_VOLUME, implies(world.volumes.has(ANY_VOLUME), volume))


def compare(old: Specification, new: Specification) -> Iterator[Difference | Undecided]:
    """Yield what two specifications treat differently; nothing: they are proved to be equivalent.

    Raises `OutsideSubset` for what cannot be read, and `ProverBug`.
    """
    return Comparison(old, new).differences()


def _rules_of(spec: Specification, operation: Operation) -> tuple[object, ...]:
    """Return all that a specification has for an operation."""
    reply = (spec.previous_state, spec.current_state) if operation in LISTING else ()
    return (spec.operations[operation], *reply)


def _of_answers(old: SymbolicSent, new: SymbolicSent) -> Iterator[tuple[str, Term]]:
    """Yield in which respects the answers differ: success, each refusal, and the ids that it is about."""
    yield "whether it succeeds", not_(eq(old.succeeds, new.succeeds))
    yield "whether it is answered", not_(eq(old.is_answered, new.is_answered))
    ours, theirs = (
        {_told(rung): rung for rung in sent.spec.operations[sent.request.operation].ladder} for sent in (old, new)
    )
    offender = apply("offender", INSTANCE)
    for told in {**ours, **theirs}:
        label = f"the refusal {(ours.get(told) or theirs[told]).refusal.value}"
        permitted = [
            sent.permitted(rungs[told]) if told in rungs else FALSE for sent, rungs in ((old, ours), (new, theirs))
        ]
        yield label, not_(eq(*permitted))
        if told in ours and told in theirs:
            trips = [sent.trips(rungs[told], offender) for sent, rungs in ((old, ours), (new, theirs))]
            yield (
                f"the ids that {label} is about",
                and_(*permitted, old.request.instances.has(offender), not_(eq(*trips))),
            )


def _of_effects(old: SymbolicSent, new: SymbolicSent) -> Iterator[tuple[str, Term]]:
    """Yield in which respects the effects differ, of an answer by which anything is carried out."""
    i, v = apply("i", INSTANCE), apply("v", VOLUME)
    names, names_volume = old.request.instances.has(i), old.request.volume_ids.has(v)
    both = and_(old.succeeds, new.succeeds)
    for one, other in _paired(old, new):
        permitted = and_(old.permitted(one), new.permitted(other))
        if one.by_zone and other.by_zone:
            both = or_(both, permitted)
        elif one.by_zone or other.by_zone:
            sent = old if one.by_zone else new
            yield (
                "where it is carried out for some zones",
                and_(permitted, or_(_moves(sent, i, INSTANCE), _moves(sent, v, VOLUME))),
            )
    for label, is_named, effects in (
        ("what becomes of a named instance", names, [s.move(i) for s in (old, new)]),
        ("the instance that it makes", names, [s.made_instance(i) for s in (old, new)]),
        ("what becomes of a named volume", names_volume, [s.volume_move(v) for s in (old, new)]),
        ("the volume that it makes", names_volume, [s.made_volume(v) for s in (old, new)]),
    ):
        yield label, and_(both, is_named, not_(same(*effects)))
    yield "where a rule says nothing", not_(eq(old.undefined, new.undefined))
    for field in ("unmoved", "unchanged"):
        rules = [getattr(sent.spec.operations[sent.name], field) for sent in (old, new)]
        yield "the clause", FALSE if rules[0] == rules[1] else TRUE
    if old.name in LISTING:
        for rule in ("previous_state", "current_state"):
            told = [s.reader.call(getattr(s.spec, rule), s.before, _after_success(s), i) for s in (old, new)]
            yield "the states in a reply", and_(old.succeeds, new.succeeds, names, not_(same(*told)))


def _paired(old: SymbolicSent, new: SymbolicSent) -> Iterator[tuple[Rung, Rung]]:
    """Yield the rungs of two ladders that say the same, but perhaps for what is carried out."""
    theirs = {_told(rung): rung for rung in new.spec.operations[new.name].ladder}
    for rung in old.spec.operations[old.name].ladder:
        if _told(rung) in theirs:
            yield rung, theirs[_told(rung)]


def _moves(sent: SymbolicSent, key: Term, sort: Sort) -> Term:
    """Return that carrying out a request changes something that it names."""
    is_instance = sort == INSTANCE
    table = sent.before.instances if is_instance else sent.before.volumes
    names = (sent.request.instances if is_instance else sent.request.volume_ids).has(key)
    move = sent.move(key) if is_instance else sent.volume_move(key)
    made = sent.made_instance(key) if is_instance else sent.made_volume(key)
    changed = FALSE if move is None else not_(same(move.fields["after"], table.at(key)))
    return and_(names, changed if made is None else TRUE)


def _after_success(sent: SymbolicSent) -> SymbolicWorld:
    """Return the world after a request that succeeds."""
    table = sent.before.instances

    def at(i: Term) -> Value:
        move = sent.move(i)
        return table.at(i) if move is None else chosen(sent.request.instances.has(i), move.fields["after"], table.at(i))

    return sent.before.having(Table(INSTANCE, table.has, at))


def _told(rung: Rung) -> tuple[object, ...]:
    """Return all that a rung says of itself, but when it applies, what comes before it, and what it carries out."""
    return (
        rung.refusal,
        rung.clause,
        rung.code,
        rung.status,
        rung.wordings,
        rung.names_kin,
        rung.unchanged,
        rung.clause_when_dry,
    )


_PATIENCE = 10 * Z3_LIMIT
"""Resources to prove an equality: two ways of saying the same are harder for a solver than a theorem."""
_SMALL = range(1, 3)
_LARGER = range(3, 5)
"""Numbers of instances in a scope."""


def _smallest(
    about: str,
    stage: Stage,
    world: SymbolicWorld,
    request: SymbolicRequest | None,
    formulas: tuple[Term, ...],
    sizes: range,
) -> Found | None:
    simple = named(formulas, {})
    for scope in (scope for scope in scopes_for((*simple, *formulas)) if scope.instances in sizes):
        question = (*expanded(simple, scope), *expanded(counted(stage, scope), scope))
        found = find(about, question, scope, wishes(stage, world, request, formulas, scope))
        if found is not None:
            return found
    return None


def _outcome(spec: Specification, about: str, example: Example) -> tuple[str, ...]:
    if example.request is not None:
        return outcome_of_request(spec, example.world, example.request, example.choices)
    if example.about is not None:
        step = _step(spec, example.about)
        return outcome_of_step(step, example.world, example.choices, str(example.subject))
    return outcome_of_rest(spec, about, example.world, str(example.subject))


def _step(spec: Specification, name: Enum) -> BackgroundStep | VolumeStep | None:
    return next((step for step in (*spec.steps, *spec.volume_steps) if step.name is name), None)


def _members(choice: Choice[Enum]) -> tuple[str, ...]:
    return tuple(type(choice.preferred).__members__)


def _any_key(table: Iterable[Enum]) -> Enum:
    return next(iter(table), InstanceState.PENDING)


def _row(table: Mapping[Any, object] | tuple[Enum, ...], key: Enum) -> object:
    # A row that says nothing is as good as none.
    return (table.get(key) or None) if isinstance(table, Mapping) else key in table
