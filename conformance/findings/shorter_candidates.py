"""Finds short scenarios that should show a divergence again, on the model: the target plays only what is promising."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.rules.attributes import PROTECTIONS
from ...model.specification import Specification
from ...model.world import Instance, Volume, World
from ...strategies.building.guide import Guide
from ...strategies.building.reaching import steps_reaching
from ...strategies.scenario.names import first_problem, ids_used, instances_made, volumes_made, volumes_used
from ...strategies.scenario.renaming import canonical_names
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.step_removal import without_steps
from ...strategies.scenario.steps import (
    READS,
    BatchStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    ModifyStep,
    Named,
    PushStep,
    RequestStep,
    RunStep,
    SettleStep,
    Step,
)
from ..oracle.divergence import Divergence
from .candidate_prediction import promising

_FEW: Final = 8
"""Instances for which a plain way is looked for: with more of them no way is short."""


def shorter(spec: Specification, scenario: Scenario, divergence: Divergence) -> Iterator[Scenario]:
    """Yield scenarios that should show a divergence too, the most promising first, the whole of it last.

    First comes the plain way to the situation in which the blamed step was taken, for the blamed instance alone and
    for all that the step names; then what happened to these, without all the rest.
    """
    steps = scenario.steps[: divergence.step + 1]
    seen: set[tuple[Step, ...]] = set()
    could_show = promising(spec, steps, divergence)
    for candidate in _candidates(spec, steps, divergence.instance):
        named = watched(spec, canonical_names(candidate), divergence)
        if named not in seen and first_problem(named) is None and could_show(named):
            seen.add(named)
            yield replace(scenario, steps=named)
    for whole in dict.fromkeys((watched(spec, steps, divergence), watched(spec, scenario.steps, divergence))):
        if whole not in seen:
            yield replace(scenario, steps=whole)


def watched(spec: Specification, steps: tuple[Step, ...], divergence: Divergence) -> tuple[Step, ...]:
    """Return the steps, with a look at the volumes after them where no step names one, and a look at one diverged.

    A walk may look at volumes whatever its steps name; where a scenario names none, nobody looks at them.
    """
    if divergence.operation is not Operation.DESCRIBE_VOLUMES or Scenario("", (), steps).mentions_volumes:
        return steps
    guide = Guide(spec)
    for step in steps:
        guide.take(step)
    return (*steps, DescribeVolumesStep(tuple(guide.shown))) if guide.shown else steps


def with_looks(
    spec: Specification,
    steps: Sequence[Step],
    unsupported: Collection[Operation] = (),
    *,
    to_the_end: bool = False,
    at_volumes: bool = False,
) -> tuple[Step, ...]:
    """Return the steps with a look after each change but the last: at every instance and its attributes.

    What goes wrong there and shows only later, as something else, is then seen where it goes wrong.
    The looks are those that the target supports. What never comes to rest is seen only where each look goes on
    `to_the_end`, until everything does. Volumes are looked at first, and only where the steps are about them; states,
    which change by themselves, last.
    """
    guide = Guide(spec)
    looked: list[Step] = []
    behavior = any(isinstance(step, PushStep) or _sets_behavior(step) for step in steps)
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        guide.take(step)
        looked.append(step)
        changes = isinstance(step, PushStep) or (isinstance(step, RequestStep) and step.operation not in READS)
        if changes and following is not None:
            if at_volumes and guide.shown and Operation.DESCRIBE_VOLUMES not in unsupported:
                looked.append(DescribeVolumesStep(tuple(guide.shown)))
            named = (*_named(step), *map(Instance, instances_made(step)))
            attributes = (*PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR) if behavior else PROTECTIONS
            if Operation.DESCRIBE_ATTRIBUTE not in unsupported:
                all_alive = dict.fromkeys((*(i for i in named if i in guide.alive), *guide.alive))
                for i in map(Named, tuple(all_alive)[:_FEW]):
                    looked.extend(DescribeAttributeStep(i, attribute) for attribute in attributes)
            if guide.instances and Operation.DESCRIBE not in unsupported and not isinstance(following, SettleStep):
                describe = BatchStep(Operation.DESCRIBE, tuple(map(Named, guide.instances)))
                looked.append(SettleStep() if to_the_end else describe)
    return tuple(looked)


def with_few_looks(steps: Sequence[Step], unsupported: Collection[Operation] = ()) -> tuple[Step, ...]:
    """Return the steps with a look after each change but the last, at no more than what the change is about.

    It costs far fewer calls than `with_looks`: a look at each attribute that a step sets, and at the instances that
    a step moves, where the next step does not look at them.
    """
    looked: list[Step] = []
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        looked.append(step)
        if following is None or not isinstance(step, RequestStep) or not step.in_earnest:
            continue
        if Operation.DESCRIBE_ATTRIBUTE not in unsupported:
            looks = (DescribeAttributeStep(Named(name), attribute) for name, attribute in _set_by(step))
            looked.extend(look for look in looks if look != following)
        is_looked_at = isinstance(following, SettleStep) or (
            isinstance(following, BatchStep) and following.operation is Operation.DESCRIBE
        )
        moved = _named(step) if isinstance(step, BatchStep) and step.operation not in READS else ()
        if moved and not is_looked_at and Operation.DESCRIBE not in unsupported:
            looked.append(BatchStep(Operation.DESCRIBE, tuple(map(Named, moved))))
    return tuple(looked)


def _set_by(step: Step) -> Iterator[tuple[str, Attribute]]:
    """Yield the instances and their attributes to which a step gives a value."""
    if isinstance(step, ModifyStep) and isinstance(step.id, Named) and step.volume is None:
        yield step.id.name, step.attribute
    if isinstance(step, RunStep):
        given = {
            Attribute.DISABLE_API_TERMINATION: step.disable_api_termination,
            Attribute.DISABLE_API_STOP: step.disable_api_stop,
            Attribute.SHUTDOWN_BEHAVIOR: step.shutdown_behavior,
        }
        for name in step.instance_names[:_FEW]:
            yield from ((name, attribute) for attribute, value in given.items() if value is not None)


def _sets_behavior(step: Step) -> bool:
    """Tell whether a step says what a shutdown from within is to do."""
    if isinstance(step, ModifyStep):
        return step.attribute is Attribute.SHUTDOWN_BEHAVIOR
    return isinstance(step, RunStep) and step.shutdown_behavior is not None


def _candidates(spec: Specification, steps: tuple[Step, ...], blamed: Instance | None) -> Iterator[tuple[Step, ...]]:
    *before, last = steps
    guide = Guide(spec)
    for step in before:
        guide.take(step)
    for final in _narrowed(last, blamed):
        named = _named(final)
        if len(named) <= _FEW:
            way = steps_reaching(spec, _part(guide.world, named, volumes_used(final)))
            if way is not None:
                yield (*way, final)
    for final in _narrowed(last, blamed):
        yield _about((*before, final), {*_named(final), *volumes_used(final)})


def _narrowed(step: Step, blamed: Instance | None) -> Iterator[Step]:
    """Yield a step that names the blamed instance alone, where it names several; then the step as it is."""
    if isinstance(step, BatchStep) and blamed is not None and len(step.ids) > 1 and Named(blamed) in step.ids:
        yield replace(step, ids=(Named(blamed),))
    yield step


def _named(step: Step) -> tuple[Instance, ...]:
    return tuple(dict.fromkeys(Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Named)))


def _part(world: World, instances: Sequence[Instance], volumes: Sequence[str]) -> World:
    """Return the part of a world that has to do with these."""
    wanted = set(map(Volume, volumes))
    holders = {world.volumes[v].holder for v in wanted if v in world.volumes}
    kept = {i: r for i, r in world.instances.items() if i in instances or i in holders}
    return World(kept, {v: r for v, r in world.volumes.items() if v in wanted or r.holder in kept})


def _about(steps: Sequence[Step], things: set[str]) -> tuple[Step, ...]:
    """Return the steps without what makes only other things, and all that names only those."""
    others = [
        place
        for place, step in enumerate(steps)
        if (made := {*instances_made(step), *volumes_made(step)}) and made.isdisjoint(things)
    ]
    return without_steps(steps, others)
