"""What Hypothesis makes of a failing scenario: one that a person would have written, with nothing idle in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from ec2_lifecycle.model.requests import Attribute, Caller, Operation
from ec2_lifecycle.model.states import InstanceState, VolumeState
from ec2_lifecycle.model.world import Instance, World
from ec2_lifecycle.strategies.building.guide import Guide
from ec2_lifecycle.strategies.generation.scenarios import Features, scenarios
from ec2_lifecycle.strategies.scenario.names import first_problem, ids_used
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.step_removal import without_steps
from ec2_lifecycle.strategies.scenario.steps import (
    All,
    AttachStep,
    BatchOperation,
    BatchStep,
    DescribeVolumesStep,
    Gone,
    Malformed,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    Step,
    VolumeSpec,
)

EVERYTHING: Final = Features(nobody=True, instance_store=True, pushes=True, zones=3, waits=True)


def met(scenario: Scenario) -> Iterator[tuple[World, Step, tuple[Instance, ...]]]:
    """Yield each step with the world that it meets, and the instances there that it names."""
    guide = Guide()
    for step in scenario.steps:
        names = (Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Named))
        yield guide.world, step, tuple(i for i in names if i in guide.world.instances)
        guide.take(step)


def sends(operation: BatchOperation, of: Callable[[World, BatchStep, tuple[Instance, ...]], bool]) -> "Property":
    """Return the property that a request of this kind is somehow."""

    def found(scenario: Scenario) -> bool:
        return any(
            isinstance(step, BatchStep) and step.operation is operation and of(world, step, named)
            for world, step, named in met(scenario)
        )

    return found


def meets(operation: BatchOperation, state: InstanceState) -> "Property":
    """Return the property that a request of this kind names an instance in this state."""
    return sends(operation, lambda world, _, named: any(world.state(i) is state for i in named))


def protects_over_zones(world: World, _: BatchStep, named: tuple[Instance, ...]) -> bool:
    protected = any(world.disable_api_termination(i) for i in named)
    return protected and len({world.zone(i) for i in named}) > 1


def unprotects(scenario: Scenario) -> bool:
    """Tell whether protection that was on is taken away, and the instance named in a termination later."""
    cleared: set[Instance] = set()
    for world, step, named in met(scenario):
        if isinstance(step, ModifyStep) and step.attribute is Attribute.DISABLE_API_TERMINATION and not step.value:
            cleared.update(i for i in named if world.disable_api_termination(i))
        if isinstance(step, BatchStep) and step.operation is Operation.TERMINATE and cleared & set(named):
            return True
    return False


def keeps_a_volume(scenario: Scenario) -> bool:
    """Tell whether a volume of a launch is available once its instance is terminated."""
    guide = Guide()
    for step in scenario.steps:
        guide.take(step)
    world = guide.world
    made = {v for step in scenario.steps if isinstance(step, RunStep) for names in step.volume_names for v in names}
    dead = any(record.state is InstanceState.TERMINATED for record in world.instances.values())
    return dead and any(v in made and world.volume_state(v) is VolumeState.AVAILABLE for v in world.volumes)


Property = Callable[[Scenario], bool]

PROPERTIES: Final[dict[str, tuple[Property, int]]] = {
    "a termination with a protected instance names two zones": (sends(Operation.TERMINATE, protects_over_zones), 3),
    "a termination names three zones": (
        sends(Operation.TERMINATE, lambda world, _, named: len({world.zone(i) for i in named}) > 2),
        4,
    ),
    "a started instance is terminated": (
        sends(
            Operation.TERMINATE,
            lambda world, _, named: any(world.has_run(i) and world.state(i) is InstanceState.PENDING for i in named),
        ),
        6,
    ),
    "a terminated instance is terminated again": (meets(Operation.TERMINATE, InstanceState.TERMINATED), 4),
    "a stopped instance is rebooted": (meets(Operation.REBOOT, InstanceState.STOPPED), 5),
    "a stopping instance is started": (meets(Operation.START, InstanceState.STOPPING), 4),
    "a malformed id is sent with a good one": (
        sends(
            Operation.TERMINATE,
            lambda _, step, named: bool(named) and any(isinstance(ref, Malformed) for ref in step.ids),
        ),
        2,
    ),
    "an id is sent twice": (sends(Operation.START, lambda _, step, named: len(step.ids) > len(set(named)) > 0), 2),
    "a protected instance is asked about": (
        sends(
            Operation.TERMINATE,
            lambda world, step, named: step.dry_run and any(world.disable_api_termination(i) for i in named),
        ),
        2,
    ),
    "nobody stops": (sends(Operation.STOP, lambda _, step, __: step.caller is Caller.NOBODY), 2),
    "a forgotten instance is named": (
        lambda scenario: any(isinstance(ref, Gone) for step in scenario.steps for ref in ids_used(step)),
        2,
    ),
    # The launch sets it, or a change: neither shrinks to the other.
    "a protection is cleared before the termination": (unprotects, 4),
    "a volume survives its instance": (keeps_a_volume, 4),
}
"""Each with the number of steps that a person needs for it."""


def least(holds: Property) -> Scenario:
    return find(
        scenarios(EVERYTHING, max_steps=7),
        holds,
        settings=settings(
            max_examples=4000,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],  # and not `explain`, which traces every line and changes nothing
            suppress_health_check=[HealthCheck.too_slow],
        ),
        random=Random(7),  # noqa: S311 - that it can be repeated is the point
    )


def with_less(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Yield the scenario without each step, and without each id of a request that has several."""
    for place, step in enumerate(scenario.steps):
        if rest := without_steps(scenario.steps, [place]):
            yield f"step {place + 1}", replace(scenario, steps=rest)
        if isinstance(step, BatchStep) and len(step.ids) > 1:
            for n in range(len(step.ids)):
                shorter = replace(step, ids=step.ids[:n] + step.ids[n + 1 :])
                steps = (*scenario.steps[:place], shorter, *scenario.steps[place + 1 :])
                yield f"id {n + 1} of step {place + 1}", replace(scenario, steps=steps)


@pytest.mark.parametrize("name", PROPERTIES)
def test_no_step_and_no_id_can_be_left_out_of_what_a_failure_shrinks_to(name: str) -> None:
    holds, fewest = PROPERTIES[name]
    scenario = least(holds)
    assert len(scenario.steps) <= fewest, scenario
    assert [what for what, less in with_less(scenario) if holds(less)] == [], scenario


# Leaving out.

A, B = Named("A"), Named("B")


def test_what_only_names_what_is_left_out_goes_with_it_and_the_rest_stays() -> None:
    steps: tuple[Step, ...] = (
        RunStep("A"),
        RunStep("B", volumes=(VolumeSpec("d"),)),
        BatchStep(Operation.STOP, (A, B)),
        ModifyStep(A, Attribute.DISABLE_API_STOP, value=True),
        PushStep(Push.RETIRE, "A"),
        DescribeVolumesStep(("A.root", "d", "B./dev/sdf")),
        BatchStep(Operation.START, (Gone("A"), All("A"))),
        SettleStep(),
    )
    assert without_steps(steps, []) == steps
    assert without_steps(steps, [0]) == (
        RunStep("B", volumes=(VolumeSpec("d"),)),
        BatchStep(Operation.STOP, (B,)),
        DescribeVolumesStep(("d", "B./dev/sdf")),
        SettleStep(),
    )
    assert without_steps(steps, [1]) == (
        RunStep("A"),
        BatchStep(Operation.STOP, (A,)),
        *steps[3:5],
        DescribeVolumesStep(("A.root",)),
        *steps[6:],
    )
    assert without_steps(steps, range(len(steps))) == ()


def test_a_request_without_ids_stays_and_a_volume_that_is_not_made_any_more_is_attached_to_nothing() -> None:
    steps = (BatchStep(Operation.STOP, ()), RunStep("A", volumes=(VolumeSpec("d"),)), AttachStep("d", A, "/dev/sdp"))
    assert without_steps(steps, [1]) == (BatchStep(Operation.STOP, ()),)
    assert first_problem(without_steps(steps, [0])) is None
