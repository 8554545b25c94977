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
"""A set of zones; a theorem about one holds for any."""

SAYS_NOTHING: Final = (KeyError, IndexError, StopIteration, AttributeError)
"""What plain execution raises where a rule says nothing: a table without a row, an id without a record."""

Change: TypeAlias = "Sent | Happened"
"""Anything that happens."""

Answerer: TypeAlias = Callable[[tuple[Rung, ...]], Rung]
"""Says which of the permitted refusals answers."""


@dataclass(frozen=True)
class Standing:
    """How things stand at a moment: a world, and how the open points are settled there."""

    spec: Specification
    world: World
    choices: Choices = PREFERRED


@dataclass(frozen=True)
class Happened:
    """Something that EC2 did, or was made to do from outside the API: the worlds before and after, and its name."""

    spec: Specification
    before: World
    after: World
    name: StepName | VolumeStepName
    spontaneous: bool = True
    """Whether EC2 does it by itself, and nobody is needed for it."""
    subject: Instance | Volume | None = None
    """To whom it happened."""

    @property
    def can_be_carried_out(self) -> bool:
        """Whether the rules say what becomes of everything: they did, or it would not have happened."""
        return True


def happened(spec: Specification, world: World, step: BackgroundStep | VolumeStep, subject: str) -> Happened:
    """Let a background step come to an instance or volume of a world."""
    if isinstance(step, VolumeStep):
        v = Volume(subject)
        return Happened(spec, world, world.with_records(volumes={v: step.after(world, v)}), step.name, subject=v)
    i = Instance(subject)
    return Happened(spec, world, world.with_records({i: step.after(world, i)}), step.name, step.spontaneous, i)


@dataclass(frozen=True)
class Sent:
    """A request that was sent to a world and answered, as far as anyone asks."""

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
        """Whether any rung applies at all, permitted or not."""
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
        """Whether nothing refuses it."""
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
        """Whether whatever answer is permitted, the rules say what becomes of everything named."""
        try:
            _ = self._step
        except SAYS_NOTHING:
            return False
        else:
            return True

    @property
    def carried_out(self) -> bool:
        """Whether it does anything: it succeeds, or is refused for some zones only."""
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
        """Send, instead, that part of the request which is about these zones."""
        return self._part(lambda zone: zone in zones)

    def beyond(self, zones: Zones) -> "Sent":
        """Send, instead, that part of the request which is about all other zones."""
        return self._part(lambda zone: zone not in zones)

    def unprotected(self) -> "Sent":
        """Send the request once more, after the protection of all that it names was cleared, and long enough ago."""
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
