"""The subjects of theorems: requests with their replies, and background steps.

These are for known worlds. The prover replaces them by others for unknown worlds (`model/proof/sending`),
and reads the same theorems.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

from ..background import BackgroundStep, StepName, VolumeStep, VolumeStepName
from ..choices import PREFERRED, Choices
from ..outcomes import Refusal, Rung
from ..requests import Operation
from ..specification import Specification
from ..step import Step, execute, permitted_refusals
from ..world import Instance, Volume, World, Zone

Zones: TypeAlias = Container[Zone]
"""A set of zones. A theorem about one set holds for every set."""

SAYS_NOTHING: Final = (KeyError, IndexError, StopIteration, AttributeError)
"""The errors of plain execution if a rule defines nothing: a table has no row, or an id has no record."""

Change: TypeAlias = "Sent | Happened"
"""A request or a background step."""

Answerer: TypeAlias = Callable[[tuple[Rung, ...]], Rung]
"""Chooses one of the permitted refusals."""


@dataclass(frozen=True)
class Standing:
    """One moment: a world, and the answers to the open points there."""

    spec: Specification
    world: World
    choices: Choices = PREFERRED


@dataclass(frozen=True)
class Happened:
    """A background step that has happened: its name, and the worlds before and after it."""

    spec: Specification
    before: World
    after: World
    name: StepName | VolumeStepName
    spontaneous: bool = True
    """Whether EC2 takes this step by itself, without anybody's request."""
    subject: Instance | Volume | None = None
    """The instance or volume of the step."""

    @property
    def can_be_carried_out(self) -> bool:
        """Whether the rules define the effect. This is always true, because the step has happened."""
        return True


def happened(spec: Specification, world: World, step: BackgroundStep | VolumeStep, subject: str) -> Happened:
    """Return a background step of one instance or volume, as it happens in a world."""
    if isinstance(step, VolumeStep):
        v = Volume(subject)
        return Happened(spec, world, world.with_records(volumes={v: step.after(world, v)}), step.name, subject=v)
    i = Instance(subject)
    return Happened(spec, world, world.with_records({i: step.after(world, i)}), step.name, step.spontaneous, i)


@dataclass(frozen=True)
class Sent:
    """A request that was sent to a world. The answer is computed when a property needs it."""

    spec: Specification
    before: World
    request: Any
    choices: Choices
    answerer: Answerer

    @property
    def name(self) -> Operation:
        """The operation."""
        return self.request.operation

    # The answer.

    @cached_property
    def _permitted(self) -> tuple[Rung, ...]:
        return permitted_refusals(self.spec, self.before, self.request, self.choices)

    @cached_property
    def _applies(self) -> bool:
        """Whether the condition of any rung is true, whatever the order of the rungs."""
        without_order = {
            operation: replace(rules, ladder=tuple(replace(rung, after=frozenset()) for rung in rules.ladder))
            for operation, rules in self.spec.operations.items()
        }
        loose = replace(self.spec, operations=without_order)
        return bool(permitted_refusals(loose, self.before, self.request, self.choices))

    @cached_property
    def _step(self) -> Step:
        if not self.is_answered:
            raise KeyError("no answer is permitted")  # one of SAYS_NOTHING
        refusal = self.answerer(self._permitted) if self._permitted else None
        return execute(self.spec, self.before, self.request, self.choices, refusal)

    @property
    def succeeds(self) -> bool:
        """Whether no rung refuses the request."""
        return not self._applies

    @property
    def is_answered(self) -> bool:
        """Whether some answer is permitted."""
        return self.succeeds or bool(self._permitted)

    @property
    def can_be_refused(self) -> bool:
        """Whether some refusal is permitted."""
        return bool(self._permitted)

    @property
    def can_be_carried_out(self) -> bool:
        """Whether the rules define the effect on everything named, for every permitted answer."""
        try:
            _ = self._step
        except SAYS_NOTHING:
            return False
        else:
            return True

    @property
    def carried_out(self) -> bool:
        """Whether the request has an effect: it succeeds, or EC2 refuses it for some zones only."""
        return self._step.refusal is None or self._step.refusal.by_zone

    def refused_for(self, *refusals: Refusal) -> bool:
        """Tell whether the answer is one of these refusals."""
        return self._step.refusal is not None and self._step.refusal.refusal in refusals

    @property
    def after(self) -> World:
        """The world after."""
        return self._step.world

    # Other requests.

    def again(self) -> "Sent":
        """Send the same request once more, with the same choices."""
        return self.sent_in(self.after)

    def sent_in(self, world: World) -> "Sent":
        """Send the same request in another world."""
        return replace(self, before=world)

    def within(self, zones: Zones) -> "Sent":
        """Return the part of the request that is about these zones, as sent to the same world."""
        return self._part(lambda zone: zone in zones)

    def beyond(self, zones: Zones) -> "Sent":
        """Return the part of the request that is about all other zones, as sent to the same world."""
        return self._part(lambda zone: zone not in zones)

    def unprotected(self) -> "Sent":
        """Send the request again, after all protections of its instances are cleared and no longer enforced."""
        free = {
            i: replace(
                self.after.record(i),
                disable_api_termination=False,
                disable_api_stop=False,
                termination_settling=False,
                stop_settling=False,
            )
            for i in self.request.instances
            if i in self.after.instances
        }
        return self.sent_in(self.after.with_records(free))

    def _part(self, keep: Callable[[Zone], bool]) -> "Sent":
        named = tuple(i for i in self.request.instances if keep(self.before.zone(i)))
        return replace(self, request=replace(self.request, instances=named))
