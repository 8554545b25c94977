"""Candidate scenarios: the shortest way to a world of a scope, a request there, and the steps that show its effect."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ...model.requests import Operation
from ...model.specification import EC2, Specification
from ..scenario.scenario import Scenario
from ..scenario.steps import (
    READS,
    BatchStep,
    DescribeVolumesStep,
    PushStep,
    RequestStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)
from ..scenario.titles import title_of
from .derivation_scopes import SCOPES, Scope
from .explore import places
from .layers import needs_of
from .moves import asks
from .reached_world import ReachedWorld

_MANY: Final = 100


@dataclass(frozen=True, eq=False)
class Candidate:
    """A candidate scenario: the steps to a world, and a request there; without a request, only the steps."""

    place: ReachedWorld
    ask: RequestStep | None = None
    looks: tuple[Step, ...] = ()
    """Steps that show the effect of the request, beyond the description that ends every scenario."""
    inert: bool = False
    """Whether the request leaves the world unchanged, so that more requests can follow at the same place."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps."""
        return (*self.place.steps, *(() if self.ask is None else (self.ask,)), *self.looks)

    @cached_property
    def hasty(self) -> bool:
        """Whether a request may meet something in transition."""
        return is_hasty(self.steps)

    @property
    def large(self) -> bool:
        """Whether it has so many instances that only playing it is feasible."""
        return len(self.place.world.instances) > _MANY

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, with a title and without clauses."""
        return Scenario(title_of(self.steps), (), self.steps)

    @cached_property
    def calls(self) -> int:
        """Its number of calls if everything comes to rest at once."""
        return calls_of(self.steps)


def candidates(spec: Specification, scopes: Iterable[Scope] = SCOPES) -> tuple[Candidate, ...]:
    """Return the distinct candidates of some scopes: those that need the least of a target, with the fewest calls."""
    found: dict[tuple[Step, ...], Candidate] = {}
    for scope in scopes:
        for place in places(spec, scope):
            for candidate in _at(spec, scope, place):
                found.setdefault(candidate.steps, candidate)
    return tuple(sorted(found.values(), key=lambda c: (needs_of(c.steps).value, c.calls, c.hasty)))


def _at(spec: Specification, scope: Scope, place: ReachedWorld) -> Iterator[Candidate]:
    if place.steps:
        yield Candidate(place)
    if bool(place.steps) and place.settled is scope.racy:
        return  # the other scopes cover places at rest
    for step in asks(scope, place):
        after = place.after(spec, step)
        inert = after.world.instances == place.world.instances and after.world.volumes == place.world.volumes
        yield Candidate(place, step, inert=inert)


def calls_of(steps: Iterable[Step], spec: Specification = EC2) -> int:
    """Return the number of calls of steps and the final description, if everything comes to rest at once."""
    steps = tuple(steps)
    watching = Scenario("", (), steps).mentions_volumes
    place = ReachedWorld()
    calls = 0
    looked = True
    for step in steps:
        place = place.after(spec, step)
        if isinstance(step, SettleStep):
            calls += _looking(place, watching=watching)
        elif not isinstance(step, WaitStep | PushStep):
            calls += len(step.volumes) if isinstance(step, DescribeVolumesStep) else 1
        looked = isinstance(step, SettleStep) or _describes(step)
    return calls if looked else calls + _looking(place.after(spec, SettleStep()), watching=watching)


def _describes(step: Step) -> bool:
    """Tell whether a step describes instances; what a filter of everything shows is no look at what there is."""
    if not isinstance(step, BatchStep) or step.operation is not Operation.DESCRIBE:
        return False
    return bool(step.ids) or not step.is_filtered


def _looking(place: ReachedWorld, *, watching: bool) -> int:
    """Return the calls of one description of everything: one for the instances, and one for each shown volume."""
    return bool(place.instances) + (len(place.shown) if watching else 0)


def is_hasty(steps: Iterable[Step]) -> bool:
    """Tell whether a request follows one that may start a transition, without a settle in between."""
    moving = False
    for step in steps:
        if isinstance(step, SettleStep):
            moving = False
            continue
        if moving and not isinstance(step, RunStep):
            return True
        moving = moving or (isinstance(step, RequestStep) and step.in_earnest and step.operation not in READS)
    return False
