"""The transitions of one world: every request of a scope and every background step, in every permitted way."""

from collections.abc import Iterator

from ..background import BackgroundStep, StepName, VolumeStep, VolumeStepName
from ..choices import Choices
from ..outcomes import Rung
from ..requests import Request
from ..specification import Specification
from ..step import execute, permitted_refusals
from ..world import World
from .acts import Act, InstanceEvent, Taken, VolumeEvent, Way
from .asking import Selections, requests_in
from .branching import Picked, every_way
from .scope import Scope


def acts_in(spec: Specification, scope: Scope, world: World) -> Iterator[Act]:
    """Yield what a scope lets happen in a world, each once up to a renaming that leaves the world as it is.

    Background steps are among them whether or not they are enabled.
    """
    named = Selections(scope, world)
    yield from requests_in(scope, world, named)
    for step in spec.steps:
        if step.name in scope.steps:
            yield from (InstanceEvent(step.name, i) for i in named.instances)
    for volume_step in spec.volume_steps:
        if volume_step.name in scope.volume_steps:
            yield from (VolumeEvent(volume_step.name, v) for v in named.volumes)


def ways(spec: Specification, scope: Scope, world: World, act: Act) -> Iterator[Way]:
    """Yield what an act may make of a world: every setting of the open choices that it reads, with its transitions.

    Different settings may give the same answer and world.
    """
    if isinstance(act, InstanceEvent):
        yield _step(world, act, _step_named(spec, act.name))
    elif isinstance(act, VolumeEvent):
        yield from _volume_step(scope, world, act, _volume_step_named(spec, act.name))
    else:
        yield from _request(spec, scope, world, act)


def _request(spec: Specification, scope: Scope, world: World, request: Request) -> Iterator[Way]:
    def answers(choices: Choices) -> list[tuple[Rung | None, World]]:
        permitted = permitted_refusals(spec, world, request, choices) or (None,)
        return [(answer, execute(spec, world, request, choices, answer).world) for answer in permitted]

    for picks, found in every_way(answers, scope.choices):
        choices = Picked(picks)
        yield Way(choices, tuple(Taken(world, request, choices, answer, after) for answer, after in found))


def _step(world: World, event: InstanceEvent, step: BackgroundStep) -> Way:
    choices = Picked({})
    if not step.enabled(world, event.instance):
        return Way(choices, ())
    after = world.with_records({event.instance: step.after(world, event.instance)})
    return Way(choices, (Taken(world, event, choices, None, after),))


def _volume_step(scope: Scope, world: World, event: VolumeEvent, step: VolumeStep) -> Iterator[Way]:
    for picks, enabled in every_way(lambda choices: step.enabled(world, choices, event.volume), scope.choices):
        choices = Picked(picks)
        if enabled:
            after = world.with_records(volumes={event.volume: step.after(world, event.volume)})
            yield Way(choices, (Taken(world, event, choices, None, after),))
        else:
            yield Way(choices, ())


def _step_named(spec: Specification, name: StepName) -> BackgroundStep:
    return next(step for step in spec.steps if step.name is name)


def _volume_step_named(spec: Specification, name: VolumeStepName) -> VolumeStep:
    return next(step for step in spec.volume_steps if step.name is name)
