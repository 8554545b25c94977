"""Describes the outcome of a plain situation in words, for comparing two specifications and for readers."""

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from typing import Any, Final

from ..background import BackgroundStep, VolumeStep
from ..choices import Choices
from ..outcomes import Rung
from ..requests import Operation, Request
from ..specification import Specification
from ..step import execute, offenders, permitted_refusals
from ..theorems.happenings import SAYS_NOTHING
from ..world import Instance, InstanceRecord, Volume, VolumeRecord, World

LISTING: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
"""The operations whose reply lists the states of each instance."""


def outcome_of_request(spec: Specification, world: World, request: Request, choices: Choices) -> tuple[str, ...]:
    """Return every outcome that a specification permits for a request, a sentence each."""
    try:
        permitted = permitted_refusals(spec, fresh(world), request, choices)
        return tuple(_answer(spec, world, request, choices, rung) for rung in permitted or (None,))
    except SAYS_NOTHING as error:
        return (f"a rule says nothing here ({type(error).__name__}: {error})",)


def fresh(world: World) -> World:
    """Return the world without what rules of another specification may have noted in it."""
    return replace(world, memo={})


def _answer(spec: Specification, world: World, request: Request, choices: Choices, rung: Rung | None) -> str:
    effect = "; ".join(_effects(spec, world, request, choices, rung)) or "nothing changes"
    if rung is None:
        return f"success: {effect}"
    ids = ", ".join(offenders(rung, fresh(world), request, choices))
    about = f" of {ids}" if ids else ""
    status = "" if rung.status is None else f" {rung.status}"
    message = f" [{' | '.join(rung.wordings)}]" if rung.wordings else ""
    clauses = ", ".join(filter(None, (rung.clause, rung.unchanged, rung.clause_when_dry)))
    kin = ", may name kin" if rung.names_kin else ""
    return f"{rung.code.value}{status} for {rung.refusal.value} ({clauses}{kin}){about}{message}: {effect}"


def _effects(spec: Specification, world: World, request: Request, choices: Choices, rung: Rung | None) -> Iterator[str]:
    try:
        step = execute(spec, fresh(world), request, choices, rung)
    except SAYS_NOTHING as error:
        yield f"a rule says nothing here ({type(error).__name__}: {error})"
        return
    rules = spec.operations[request.operation]
    for i in step.instances:
        if rung is None and request.operation in LISTING and i in world.instances:
            states = (rule(world, step.world, i).value for rule in (spec.previous_state, spec.current_state))
            yield f"the reply says of {i}: {' → '.join(states)}"
        because = ""
        if rules.instance is not None:
            move = rules.instance(fresh(world), request, choices, i)
            because = ", ".join(dict.fromkeys(filter(None, (move.row, move.because, move.granted))))
        yield from _change(i, world.instances.get(i), step.instances[i], because)
    for v in step.volumes:
        because = ""
        if rules.volume is not None:
            because = rules.volume(fresh(world), request, choices, v).because
        yield from _change(v, world.volumes.get(v), step.volumes[v], because)


def _change(
    name: str, before: InstanceRecord | VolumeRecord | None, after: InstanceRecord | VolumeRecord, because: str
) -> Iterator[str]:
    changes = ", ".join(
        f"{field.name} {told(getattr(after, field.name))}"
        for field in fields(after)
        if before is None or getattr(before, field.name) != getattr(after, field.name)
    )
    yield f"{name}: {changes or 'as it was'}" + (f" ({because})" if because else "")


def told(value: Any) -> str:  # noqa: ANN401 - a field of a record
    """Return the value of a field in the words of the reports."""
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case None:
            return "none"
        case _:
            return str(value)


def outcome_of_step(
    step: BackgroundStep | VolumeStep | None, world: World, choices: Choices, subject: str
) -> tuple[str, ...]:
    """Return what a background step makes of an instance or volume, or that it cannot come."""
    if step is None:
        return ("there is no such step",)
    try:
        if isinstance(step, VolumeStep):
            v = Volume(subject)
            if not step.enabled(fresh(world), choices, v):
                return ("it cannot come",)
            return (*_change(v, world.volumes[v], step.after(fresh(world), v), step.clause),)
        i = Instance(subject)
        if not step.enabled(fresh(world), i):
            return ("it cannot come",)
        own = "by itself" if step.spontaneous else "brought about"
        return (own, *_change(i, world.instances[i], step.after(fresh(world), i), step.clause))
    except SAYS_NOTHING as error:
        return (f"a rule says nothing here ({type(error).__name__}: {error})",)


def outcome_of_rest(spec: Specification, about: str, world: World, subject: str) -> tuple[str, ...]:
    """Return what a specification says of an instance or volume as it is: whether it rests, what it shows."""
    try:
        if subject in world.volumes:
            return (f"{subject} is {'' if spec.volume_at_rest(fresh(world), Volume(subject)) else 'not '}at rest",)
        return tuple(_standing(spec, about, world, Instance(subject)))
    except SAYS_NOTHING as error:
        return (f"a rule says nothing here ({type(error).__name__}: {error})",)


def _standing(spec: Specification, about: str, world: World, i: Instance) -> Iterator[str]:
    record = world.instances[i]
    yield f"{about}, of one that is {record.state.value}:"
    yield "at rest" if spec.at_rest(fresh(world), i) else "not at rest"
    for shape in spec.shapes.get(record.state, ()):
        yield f"{shape.clause}: has {_names(shape.must)}; has no {_names(shape.must_not)}"
    yield "shows its volumes" if record.state in spec.shows_volumes else "need not show its volumes"
    yield f"its reason is promised by {spec.reason_clause.get(record.cause)}"
    yield "may become " + ", ".join(state.value for state in spec.transitions.get(record.state, ()))


def _names(shown: Any) -> str:  # noqa: ANN401 - a set of fields
    return ", ".join(sorted(field.value for field in shown)) or "nothing"
