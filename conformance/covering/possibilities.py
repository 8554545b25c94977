"""All that a specification may do with one request in one world, and with one record left alone."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product
from sys import setprofile
from types import FrameType
from typing import Final, NamedTuple, TypeAlias

from ...model.choices import Choices
from ...model.outcomes import Refusal, Rung
from ...model.reach.branching import every_way
from ...model.requests import ErrorCode, Operation, Request
from ...model.specification import Specification
from ...model.step import applies, execute, offenders, permitted_refusals
from ...model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World
from ...strategies.covering.reached_world import ReachedWorld
from ...strategies.scenario.steps import Malformed, RequestStep, SingleId, Unknown
from ...strategies.scenario.translate import Translator, form_of
from .background_steps import BackgroundSteps, Held

Passes: TypeAlias = Callable[[InstanceRecord, InstanceRecord], bool]
"""Tells whether the second of two records passes for one that the first may have become, unseen."""

_SHOWING: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
"""The operations whose reply shows states."""
_MAKING: Final = (Operation.RUN, Operation.CREATE_VOLUME)
"""The operations whose reply shows new resources."""


class Header(NamedTuple):
    """What a reply shows of a refusal; empty if the request succeeded."""

    code: ErrorCode | None = None
    status: int | None = None
    wordings: tuple[str, ...] = ()
    about: frozenset[Instance] = frozenset()

    def permitted_by(self, other: "Header") -> bool:
        """Tell whether every form that this refusal may take is possible for the other one too."""
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
    """The header of an answer, the states that it shows, and every record that it leaves."""

    header: Header
    shown: tuple[object, ...]
    left: Left


NO_ANSWER: Final = Outcome(Header(), ("no answer",), Left())
"""The outcome of a request at which a rule fails."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a specification reaches an outcome: choices by id, and the refusal given."""

    picks: Mapping[str, Enum] = field(default_factory=dict[str, Enum])
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A request, and the world before it."""

    world: World
    request: Request


def points(place: ReachedWorld, step: RequestStep) -> Iterator[Point]:
    """Yield the requests of a step, each with the part of the world that it concerns."""
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
    for picks, answers in every_way(lambda choices: _answered(spec, point, choices)):
        for outcome, refusal in answers:
            found.setdefault(outcome, Way({choice: one for (choice, _), one in picks.items()}, refusal))
    return found


def _answered(spec: Specification, point: Point, choices: Choices) -> list[tuple[Outcome, Refusal | None]]:
    point.world.memo.clear()  # a choice is a fact of this one evaluation
    try:
        rungs = permitted_refusals(spec, point.world, point.request, choices) or (None,)
    except Exception:  # noqa: BLE001 - a mutant may have no answer at all, in whatever way
        return [(NO_ANSWER, None)]
    return [(_answer(spec, point, choices, rung), None if rung is None else rung.refusal) for rung in rungs]


def _answer(spec: Specification, point: Point, choices: Choices, rung: Rung | None) -> Outcome:
    world, request = point.world, point.request
    try:
        step = execute(spec, world, request, choices, rung)
        left = Left(tuple(step.instances.items()), tuple(step.volumes.items()))
        if rung is not None:
            about = frozenset(offenders(rung, world, request, choices))
            return Outcome(Header(rung.code, rung.status, rung.wordings, about), (), left)
        if request.operation not in _SHOWING:
            return Outcome(Header(), tuple(_made(left)) if request.operation in _MAKING else (), left)
        states = (
            (i, spec.previous_state(world, step.world, i), spec.current_state(world, step.world, i))
            for i in request.instances
        )
        return Outcome(Header(), tuple(states), left)
    except Exception:  # noqa: BLE001 - as above
        return NO_ANSWER


def _made(left: Left) -> Iterator[object]:
    """Yield what a reply tells of what was made."""
    for i, record in left.instances:
        yield (i, record.state, record.zone, record.root_device, record.cause)
    for v, volume in left.volumes:
        yield (v, volume.zone)  # nobody minds how soon it is ready


def touched(spec: Specification, point: Point) -> Iterator[Hashable]:
    """Yield the rules, by module and name, that have a say in what becomes of a request, and the refusals that apply.

    A mutant that changes something else does with the request what the specification does.
    """
    applying: set[Hashable] = set()

    def apply(choices: Choices) -> None:
        point.world.memo.clear()
        for rung in spec.operations[point.request.operation].ladder:
            if applies(rung, point.world, point.request, choices):
                applying.add(rung.refusal)

    yield from called_by(lambda: outcomes(spec, point))
    for _ in every_way(apply):
        pass
    yield from applying


def called_by(action: Callable[[], object]) -> frozenset[Hashable]:
    """Return the functions that an action calls, by module and name."""
    called: set[Hashable] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        del argument
        if event == "call":
            called.add((frame.f_globals.get("__name__", ""), frame.f_code.co_name))

    setprofile(note)
    try:
        action()
    finally:
        setprofile(None)
    return frozenset(called)


def one_by_one(outcome: Outcome) -> Iterator[Outcome]:
    """Yield an outcome once for each message that it may have, where a message is about one instance."""
    header = outcome.header
    if not header.wordings or any("{ids}" in wording for wording in header.wordings):
        yield outcome
        return
    for wording in header.wordings:
        for about in [frozenset({i}) for i in sorted(header.about)] or [header.about]:
            yield outcome._replace(header=header._replace(wordings=(wording,), about=about))


def permits(permitted: Collection[Outcome], outcome: Outcome) -> bool:
    """Tell whether an outcome is among those permitted, or looks just like one of them and leaves the same records."""
    return outcome in permitted or any(
        outcome.left == other.left and outcome.shown == other.shown and outcome.header.permitted_by(other.header)
        for other in permitted
    )


def covers(
    passes: Passes,
    background: BackgroundSteps,
    met: Point,
    permitted: Collection[Outcome],
    point: Point,
    outcome: Outcome,
) -> bool:
    """Tell whether an outcome looks like one at the point `met` from which background steps lead to its records."""
    return any(
        outcome.shown == other.shown
        and outcome.header.permitted_by(other.header)
        and _covered(passes, background, _after(met, other.left), _after(point, outcome.left))
        for other in permitted
    )


def _after(point: Point, left: Left) -> World:
    return point.world.with_records(dict(left.instances), dict(left.volumes))


def _covered(passes: Passes, background: BackgroundSteps, before: World, after: World) -> bool:
    return (
        before.instances.keys() == after.instances.keys()
        and before.volumes.keys() == after.volumes.keys()
        and all(passes(record, after.record(i)) for i, record in before.instances.items())
        and all(
            _rootless(after.volume_record(v)) in map(_rootless, background.volumes(_held(before, record)))
            for v, record in before.volumes.items()
        )
    )


def _rootless(volume: VolumeRecord) -> VolumeRecord:
    """Return a volume's record without what no rule reads, and no reply shows."""
    return replace(volume, root=False)


def later(background: BackgroundSteps, point: Point) -> Iterator[Point]:
    """Yield a request as it may meet the same world later, after a transition has ended."""
    world = point.world
    instances = [background.closure(record) for record in world.instances.values()]
    for records in product(*(sorted(one, key=repr) for one in instances)):
        now = world.with_records(dict(zip(world.instances, records, strict=True)))
        volumes = [background.volumes(_held(now, record)) for record in now.volumes.values()]
        for volume_records in product(*(sorted(one, key=repr) for one in volumes)):
            after = now.with_records(volumes=dict(zip(now.volumes, volume_records, strict=True)))
            yield Point(World(after.instances, after.volumes, world.strangers), point.request)


def _held(world: World, record: VolumeRecord) -> Held:
    return (record, None if record.holder is None else world.record(record.holder))
