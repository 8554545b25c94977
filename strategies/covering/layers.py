"""The layers of the suite: what a target must be able to do before it can play a scenario."""

from collections.abc import Iterable
from enum import Flag, auto
from functools import cache
from typing import Final

from ...model.requests import Caller
from ...model.states import RootDevice
from ..building.racy_scenarios import is_racy
from ..scenario.scenario import Scenario
from ..scenario.steps import PushStep, Step, WaitStep

_THREE: Final = 3
_MANY: Final = 50


class Needs(Flag):
    """What a target must offer. Fewer targets offer a later member than all the earlier ones together."""

    NOTHING = 0
    TWO_ZONES = auto()
    TRANSITIONS = auto()
    """Its replies show instances in transition, so a racy scenario finds them there."""
    THREE_ZONES = auto()
    NOBODY = auto()
    """A caller without permission."""
    STORE = auto()
    """Images with an instance-store root."""
    PUSHES = auto()
    """Steps on demand, which no request causes: a shutdown from inside, a retirement, a launch that fails."""
    TIME = auto()
    """A clock that the run can advance, or the patience to wait for a minute."""
    MANY = auto()
    """Fifty instances and more at a time."""


PLAIN: Final = Needs.TWO_ZONES | Needs.TRANSITIONS
"""What a plain target offers: one caller, EBS roots, two zones, no clock."""

_WORDS: Final = {
    Needs.TWO_ZONES: "two zones",
    Needs.TRANSITIONS: "transitions",
    Needs.THREE_ZONES: "three zones",
    Needs.NOBODY: "a second caller",
    Needs.STORE: "instance store",
    Needs.PUSHES: "steps on demand",
    Needs.TIME: "waiting",
    Needs.MANY: "fifty instances",
}


@cache
def needs_of(steps: tuple[Step, ...]) -> Needs:
    """Return what a target must offer to play some steps as intended."""
    scenario = Scenario("", (), steps)
    zones = max(scenario.zones, default=1)
    offered = {
        Needs.TWO_ZONES: zones > 1,
        Needs.TRANSITIONS: is_racy(steps),
        Needs.THREE_ZONES: zones >= _THREE,
        Needs.NOBODY: Caller.NOBODY in scenario.callers,
        Needs.STORE: RootDevice.INSTANCE_STORE in scenario.root_devices,
        Needs.PUSHES: any(isinstance(step, PushStep) for step in steps),
        Needs.TIME: any(isinstance(step, WaitStep) for step in steps),
        Needs.MANY: len(scenario.instance_names) >= _MANY,
    }
    needs = Needs.NOTHING
    for need, is_needed in offered.items():
        if is_needed:
            needs |= need
    return needs


def in_order(layers: Iterable[Needs]) -> list[Needs]:
    """Return the layers in an order in which each comes after all layers that need less."""
    return sorted(set(layers), key=lambda needs: needs.value)


def name_of(needs: Needs) -> str:
    """Return a layer in words, such as "two zones, transitions"."""
    return ", ".join(word for need, word in _WORDS.items() if need in needs) or "one zone"
