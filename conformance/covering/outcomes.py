"""All that a specification may do with one request in one world, and with one record left alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from ...model.choices import Choices
from ...model.outcomes import Refusal
from ...model.requests import Request
from ...model.specification import Specification
from ...model.step import execute, offenders, permitted_refusals
from ...model.world import IdForm, Instance, World
from ...strategies.covering.places import Place
from ...strategies.steps import Malformed, RequestStep, SingleId, Unknown
from ...strategies.translate import Translator, form_of
from ..oracle.explore import Setting, for_each_pick, for_each_setting

Outcome: TypeAlias = tuple[object, ...]
"""The header of an answer, and every record that it leaves: equal where no reply ever tells two answers apart."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a specification comes to an outcome: choices by id, and the refusal that is given."""

    picks: Mapping[str, Enum] = field(default_factory=dict[str, Enum])
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A request, and the world that it meets."""

    world: World
    request: Request


def points(place: Place, step: RequestStep) -> Iterator[Point]:
    """Yield what a step asks at a place, each request with the part of the world that it concerns."""
    strangers: dict[Instance, IdForm] = {}

    def identity(ref: SingleId) -> Instance:
        match ref:
            case Unknown():
                i = Instance(f"unknown-{ref.number}{'-short' if ref.short else ''}")
                strangers[i] = IdForm.UNKNOWN if ref.short else IdForm.UNCERTAIN
                return i
            case Malformed():
                strangers[Instance(ref.text)] = form_of(ref.text)
                return Instance(ref.text)
            case _:
                return Instance(ref.name)

    for request in Translator(identity).requests(step):
        world = place.world
        holders = {r.holder for v, r in world.volumes.items() if v in request.volume_ids}
        instances = {i: r for i, r in world.instances.items() if i in request.instances or i in holders}
        volumes = {v: r for v, r in world.volumes.items() if v in request.volume_ids}
        yield Point(World(instances, volumes, dict(strangers)), request)


def outcomes(spec: Specification, point: Point) -> dict[Outcome, Way]:
    """Return everything that may become of a request, each outcome with one way to it."""
    found: dict[Outcome, Way] = {}

    def evaluate(setting: Setting) -> list[tuple[Outcome, Way]]:
        here: list[tuple[Outcome, Way]] = []
        for picks, answers in for_each_pick(setting, lambda choices: list(_answers(spec, point, choices))):
            chosen = {**dict(setting), **{choice: alternative for (choice, _), alternative in picks}}
            here.extend((outcome, Way(chosen, refusal)) for outcome, refusal in answers)
        return here

    for _, ways in for_each_setting(evaluate):
        for outcome, way in ways:
            found.setdefault(outcome, way)
    return found


def _answers(spec: Specification, point: Point, choices: Choices) -> Iterator[tuple[Outcome, Refusal | None]]:
    world, request = point.world, point.request
    world.memo.clear()  # a choice is a fact of this one evaluation
    for refusal in permitted_refusals(spec, world, request, choices) or (None,):
        step = execute(spec, world, request, choices, refusal)
        header: tuple[object, ...] = ()
        if refusal is not None:
            about = frozenset(offenders(refusal, world, request, choices))
            header = (refusal.code, refusal.status, refusal.wordings, about)
        left = (tuple(step.instances.items()), tuple(step.volumes.items()))
        yield (header, *left), None if refusal is None else refusal.refusal
