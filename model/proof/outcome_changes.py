"""Whether a change of a specification changes an outcome, or only what EC2 answers.

An outcome is what becomes of the world: whether a request is carried out, what it makes of each instance and volume,
which background steps can happen, and what they make. The rest is the answer: codes, statuses, wordings, the ids in a
message, the order of refusals, the fields of a description, and the clauses that promise it all.
Both specifications get the same world, request and choices, as in `difference`.
"""

from collections.abc import Iterator

from ..background import BackgroundStep, StepName, VolumeStep, VolumeStepName
from ..outcomes import Rung
from ..requests import Operation
from ..specification import Specification
from .difference import sound_facts
from .naming import named
from .obligations import CHOICES, REQUEST, WORLD
from .reading import Reader
from .sending import Stage, SymbolicSent
from .smtlib import Script
from .solvers import Answer, ask_z3
from .terms import FALSE, Sort, Term, and_, apply, eq, not_, or_
from .values import INSTANCE, VOLUME, Structure, Value, condition, same
from .worlds import (
    SymbolicChoices,
    SymbolicRequest,
    SymbolicWorld,
    any_world,
    facts_of_nowhere,
    facts_of_request,
    facts_of_world,
)

_LIMIT = 1_000_000
"""Resources for one question, as for a theorem."""


def changes_outcome(old: Specification, new: Specification) -> bool:
    """Tell whether some reachable world, request and choices have another outcome; True if no solver can decide.

    Raises `OutsideSubset` for what cannot be read.
    """
    return (
        old.transitions != new.transitions
        or any(_operation_differs(old, new, operation) for operation in Operation)
        or any(_step_differs(old, new, name) for name in (*StepName, *VolumeStepName))
        or _rest_differs(old, new)
    )


def _operation_differs(old: Specification, new: Specification, operation: Operation) -> bool:
    if old.operations[operation] == new.operations[operation] and _replies(old) == _replies(new):
        return False
    world, choices, request = any_world(WORLD), SymbolicChoices(CHOICES), SymbolicRequest(REQUEST, operation)
    stage = Stage(old, Reader(), [*facts_of_world(world), *facts_of_request(world, request)], requests=[request])
    one, other = (
        SymbolicSent(Stage(spec, reader, stage.facts, requests=[request]), world, request, choices).in_every_way()
        for spec, reader in ((old, stage.reader), (new, Reader()))
    )
    return _can_hold(operation.value, stage, world, request, or_(*_apart(one, other)))


def _replies(spec: Specification) -> tuple[object, ...]:
    return spec.previous_state, spec.current_state


def _apart(one: SymbolicSent, other: SymbolicSent) -> Iterator[Term]:
    """Yield in which ways two answers to a request differ in their outcome."""
    yield not_(eq(one.succeeds, other.succeeds))
    yield not_(eq(one.is_answered, other.is_answered))
    carried_out = [or_(sent.succeeds, _by_zone(sent)) for sent in (one, other)]
    refused = [_wholly(sent) for sent in (one, other)]
    for sort, key in ((INSTANCE, apply("i", INSTANCE)), (VOLUME, apply("v", VOLUME))):
        names = (one.request.instances if sort == INSTANCE else one.request.volume_ids).has(key)
        effects = [_effect(sent, key, sort) for sent in (one, other)]
        if effects[0] is None and effects[1] is None:
            continue
        if effects[0] is None or effects[1] is None:
            yield and_(*carried_out, names)
            continue
        yield and_(*carried_out, names, not_(same(*effects)))
        table = one.before.instances if sort == INSTANCE else one.before.volumes
        moves = or_(not_(table.has(key)), *(not_(same(effect, table.at(key))) for effect in effects))
        yield and_(names, moves, or_(not_(eq(*carried_out)), not_(eq(*refused))))
    yield not_(eq(one.undefined, other.undefined))


def _by_zone(sent: SymbolicSent) -> Term:
    return or_(*(sent.permitted(rung) for rung in _ladder(sent) if rung.by_zone))


def _wholly(sent: SymbolicSent) -> Term:
    return or_(*(sent.permitted(rung) for rung in _ladder(sent) if not rung.by_zone))


def _ladder(sent: SymbolicSent) -> tuple[Rung, ...]:
    return sent.spec.operations[sent.name].ladder


def _effect(sent: SymbolicSent, key: Term, sort: Sort) -> Value:
    """Return the record that a request leaves, if it is carried out; None: the operation has no such effect."""
    made = sent.made_instance(key) if sort == INSTANCE else sent.made_volume(key)
    if made is not None:
        return made
    move = sent.move(key) if sort == INSTANCE else sent.volume_move(key)
    return move.fields["after"] if isinstance(move, Structure) else None


def _step_differs(old: Specification, new: Specification, name: StepName | VolumeStepName) -> bool:
    first, second = (_step(spec, name) for spec in (old, new))
    if first == second:
        return False
    if first is None or second is None:
        return True
    world, choices, readers = any_world(WORLD), SymbolicChoices(CHOICES), (Reader(), Reader())
    table = world.volumes if isinstance(name, VolumeStepName) else world.instances
    subject = apply("subject", table.sort)
    stage = Stage(old, readers[0], [*facts_of_world(world), table.has(subject)])
    enabled: list[Term] = []
    after: list[Value] = []
    for step, reader in zip((first, second), readers, strict=True):
        asked = (choices, subject) if isinstance(step, VolumeStep) else (subject,)
        enabled.append(condition(reader.call(step.enabled, world, *asked)))
        after.append(reader.call(step.after, world, subject))
    apart = or_(not_(eq(*enabled)), and_(*enabled, not_(same(*after))))
    spontaneous = [getattr(step, "spontaneous", True) for step in (first, second)]
    return spontaneous[0] != spontaneous[1] or _can_hold(name.value, stage, world, None, apart)


def _step(spec: Specification, name: StepName | VolumeStepName) -> BackgroundStep | VolumeStep | None:
    return next((step for step in (*spec.steps, *spec.volume_steps) if step.name is name), None)


def _rest_differs(old: Specification, new: Specification) -> bool:
    world, readers = any_world(WORLD), (Reader(), Reader())
    for sort, table, rules in (
        (INSTANCE, world.instances, (old.at_rest, new.at_rest)),
        (VOLUME, world.volumes, (old.volume_at_rest, new.volume_at_rest)),
    ):
        if rules[0] == rules[1]:
            continue
        subject = apply("subject", sort)
        stage = Stage(old, readers[0], [*facts_of_world(world), table.has(subject)])
        one, other = (condition(reader.call(rule, world, subject)) for rule, reader in zip(rules, readers, strict=True))
        if _can_hold("rest", stage, world, None, not_(eq(one, other))):
            return True
    return False


def _can_hold(about: str, stage: Stage, world: SymbolicWorld, request: SymbolicRequest | None, apart: Term) -> bool:
    """Tell whether it can hold in some reachable situation; True if it is not decided."""
    if apart is FALSE:
        return False
    facts = tuple(dict.fromkeys(stage.facts))
    requests = () if request is None else (request,)
    sound = tuple(sound_facts(stage.reader, world, apart))
    facts += tuple(facts_of_nowhere(world, requests, (*facts, apart, *sound)))
    formulas = (*facts, *sound, apart)
    return ask_z3(Script(about, named(formulas, {})), limit=_LIMIT).answer is not Answer.UNSAT
