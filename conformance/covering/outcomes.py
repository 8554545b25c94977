"""All that a specification may do with one request in one world, and with one record left alone."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ...model.choices import Choices
from ...model.outcomes import Refusal, Rung
from ...model.reach.branching import every_way
from ...model.requests import ErrorCode, Request
from ...model.specification import Specification
from ...model.step import execute, offenders, permitted_refusals
from ...model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World
from ...strategies.covering.places import Place
from ...strategies.steps import Malformed, RequestStep, SingleId, Unknown
from ...strategies.translate import Translator, form_of


class Header(NamedTuple):
    """What a reply tells of a refusal: nothing, where the request succeeded."""

    code: ErrorCode | None = None
    status: int | None = None
    wordings: tuple[str, ...] = ()
    about: frozenset[Instance] = frozenset()

    def permitted_by(self, other: "Header") -> bool:
        """Tell whether whatever this refusal may look like, the other one may look like too."""
        if self.code is None or other.code is None:
            return self.code is other.code
        return (
            other.code in (ErrorCode.ANY, self.code)
            and other.status in (None, self.status)
            and (not other.wordings or self._says_what(other))
        )

    def _says_what(self, other: "Header") -> bool:
        return bool(self.wordings) and set(self.wordings) <= set(other.wordings) and self.about <= other.about


class Left(NamedTuple):
    """The records that a request leaves."""

    instances: tuple[tuple[Instance, InstanceRecord], ...] = ()
    volumes: tuple[tuple[Volume, VolumeRecord], ...] = ()


class Outcome(NamedTuple):
    """The header of an answer, and every record that it leaves: equal where no reply ever tells two answers apart."""

    header: Header
    left: Left


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
        volumes = {v: r for v, r in world.volumes.items() if v in request.volume_ids}
        holders = {r.holder for r in volumes.values()}
        instances = {i: r for i, r in world.instances.items() if i in request.instances or i in holders}
        yield Point(World(instances, volumes, dict(strangers)), request)


def outcomes(spec: Specification, point: Point) -> dict[Outcome, Way]:
    """Return everything that may become of a request, each outcome with one way to it."""
    found: dict[Outcome, Way] = {}
    for picks, answers in every_way(lambda choices: list(_answers(spec, point, choices))):
        for outcome, refusal in answers:
            found.setdefault(outcome, Way({choice: one for (choice, _), one in picks.items()}, refusal))
    return found


def _answers(spec: Specification, point: Point, choices: Choices) -> Iterator[tuple[Outcome, Refusal | None]]:
    world, request = point.world, point.request
    world.memo.clear()  # a choice is a fact of this one evaluation
    for rung in permitted_refusals(spec, world, request, choices) or (None,):
        step = execute(spec, world, request, choices, rung)
        left = Left(tuple(step.instances.items()), tuple(step.volumes.items()))
        yield Outcome(_header(rung, point, choices), left), None if rung is None else rung.refusal


def _header(rung: Rung | None, point: Point, choices: Choices) -> Header:
    if rung is None:
        return Header()
    about = offenders(rung, point.world, point.request, choices)
    return Header(rung.code, rung.status, rung.wordings, frozenset(about))


def permits(permitted: Collection[Outcome], outcome: Outcome) -> bool:
    """Tell whether an outcome is among those permitted, or cannot be told from one of them."""
    return outcome in permitted or any(
        outcome.left == other.left and outcome.header.permitted_by(other.header) for other in permitted
    )
