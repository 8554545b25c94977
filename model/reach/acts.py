"""Everything that can happen in a world: a request, or a background step of one instance or volume."""

from dataclasses import dataclass

from ..background import StepName, VolumeStepName
from ..outcomes import Rung
from ..requests import Request
from ..world import Instance, Volume, World
from .branching import Picked


@dataclass(frozen=True, slots=True)
class InstanceEvent:
    """A background step of an instance."""

    name: StepName
    instance: Instance


@dataclass(frozen=True, slots=True)
class VolumeEvent:
    """A background step of a volume."""

    name: VolumeStepName
    volume: Volume


Act = Request | InstanceEvent | VolumeEvent


@dataclass(frozen=True, slots=True)
class Taken:
    """One transition: what happened in `before`, how the choices were settled, the answer, and the world after.

    `answer` is the refusal that a request is answered by; None where it succeeds, and for a background step.
    Of a refusal that is by zone the rest is carried out.
    """

    before: World
    act: Act
    choices: Picked
    answer: Rung | None
    after: World


@dataclass(frozen=True, slots=True)
class Way:
    """One setting of the choices that an act reads, with every transition that it permits.

    A request has at least one; a background step has none where it does not come.
    """

    choices: Picked
    transitions: tuple[Taken, ...]
