"""Candidates: the shortest way to a world of a scope, a request there, and what makes its effect visible."""

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
    RequestStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)
from ..scenario.titles import title_of
from .derivation_scopes import SCOPES, Scope
from .explore import places
from .moves import asks
from .reached_world import Place

_MANY: Final = 100


@dataclass(frozen=True, eq=False)
class Candidate:
    """A scenario that may be of use: the steps to a place, and the request there; without one, the place itself."""

    place: Place
    ask: RequestStep | None = None
    looks: tuple[Step, ...] = ()
    """What makes visible what the request did, beyond the look that ends every scenario."""
    inert: bool = False
    """Whether the request leaves the world as it is, so that more may be asked there."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Everything that is done."""
        return (*self.place.steps, *(() if self.ask is None else (self.ask,)), *self.looks)

    @cached_property
    def hasty(self) -> bool:
        """Whether a request may meet something on its way."""
        return is_hasty(self.steps)

    @property
    def large(self) -> bool:
        """Whether it has so many instances that nothing but playing it is feasible."""
        return len(self.place.world.instances) > _MANY

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, with a title and without clauses."""
        return Scenario(title_of(self.steps), (), self.steps)

    @cached_property
    def calls(self) -> int:
        """How many calls it costs where everything comes to rest at once."""
        return calls_of(self.steps)


def candidates(spec: Specification, scopes: Iterable[Scope] = SCOPES) -> tuple[Candidate, ...]:
    """Return the candidates of some scopes, each once, those of the fewest calls first."""
    found: dict[tuple[Step, ...], Candidate] = {}
    for scope in scopes:
        for place in places(spec, scope):
            for candidate in _at(spec, scope, place):
                found.setdefault(candidate.steps, candidate)
    return tuple(sorted(found.values(), key=lambda c: (c.calls, c.hasty)))


def _at(spec: Specification, scope: Scope, place: Place) -> Iterator[Candidate]:
    if place.steps:
        yield Candidate(place)
    if bool(place.steps) and place.settled is scope.racy:
        return  # what comes to rest is for the other scopes
    for step in asks(scope, place):
        after = place.after(spec, step)
        inert = after.world.instances == place.world.instances and after.world.volumes == place.world.volumes
        yield Candidate(place, step, inert=inert)


def calls_of(steps: Iterable[Step], spec: Specification = EC2) -> int:
    """Return how many calls steps cost, with the look at the end, where everything comes to rest at once."""
    steps = tuple(steps)
    watching = Scenario("", (), steps).mentions_volumes
    place = Place()
    calls = 0
    looked = True
    for step in steps:
        place = place.after(spec, step)
        if isinstance(step, SettleStep):
            calls += _looking(place, watching=watching)
        elif not isinstance(step, WaitStep):
            calls += len(step.volumes) if isinstance(step, DescribeVolumesStep) else 1
        looked = isinstance(step, SettleStep) or (isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE)
    return calls if looked else calls + _looking(place.after(spec, SettleStep()), watching=watching)


def _looking(place: Place, *, watching: bool) -> int:
    """Return the calls of one look at everything: one for the instances, and one for each volume that was shown."""
    return bool(place.instances) + (len(place.shown) if watching else 0)


def is_hasty(steps: Iterable[Step]) -> bool:
    """Tell whether a request follows one that may have set something on its way, without a look in between."""
    moving = False
    for step in steps:
        if isinstance(step, SettleStep):
            moving = False
            continue
        if moving and not isinstance(step, RunStep):
            return True
        moving = moving or (isinstance(step, RequestStep) and step.in_earnest and step.operation not in READS)
    return False
