"""The opening of a scenario, and its launches."""

from dataclasses import replace
from enum import Enum
from typing import Final, TypeAlias

from ...model.requests import Caller, Operation
from ...model.states import RootDevice, ShutdownBehavior
from ..scenario.steps import BatchStep, CreateVolumeStep, Named, RunAgainStep, RunStep, SettleStep, VolumeSpec
from .dice import Dice
from .features import Features
from .guide import Guide

Protection: TypeAlias = tuple[bool | None, bool | None]
"""DisableApiTermination and DisableApiStop, as a launch sends them."""

_PROTECTIONS: Final[tuple[tuple[int, Protection], ...]] = (
    (60, (None, None)),
    (20, (True, None)),
    (10, (None, True)),
    (5, (True, True)),
    (2, (False, None)),
    (2, (True, False)),
    (1, (False, True)),
)
_PROTECTED: Final = tuple((weight, protection) for weight, protection in _PROTECTIONS if True in protection)
_ROOM: Final = 6
"""The fewest steps of a scenario with a special opening."""

_IN_OTHER_CASE: Final = 20
"""Percent of the client tokens that are an earlier one in capitals."""


class _Opening(Enum):
    """How a scenario begins."""

    ANYTHING = "a few launches"
    SHIELD = "a protected instance, another in its zone, and one in another zone"
    STOPPED = "instances that were stopped"
    SPARE = "an instance, and a volume to attach to it"


def open_scenario(dice: Dice, guide: Guide, features: Features, length: int) -> None:
    """Launch the first instances, often in a special constellation."""
    roomy = length >= _ROOM
    opening = dice.weigh(
        (
            (60, _Opening.ANYTHING),
            (20 * (roomy and features.zones > 1), _Opening.SHIELD),
            (13 * roomy, _Opening.STOPPED),
            (7 * roomy, _Opening.SPARE),
        )
    )
    match opening:
        case _Opening.ANYTHING:
            runs = dice.weigh(((20, 1), (42, 2), (28, 3), (10, 4)))
            for _ in range(min(runs, max(1, length - 2))):
                guide.take(repeatable(dice, guide, features))
        case _Opening.SHIELD:
            _shield(dice, guide, features)
        case _Opening.STOPPED:
            guide.take(_run(dice, guide, features))
            guide.take(SettleStep())
            guide.take(BatchStep(Operation.STOP, tuple(Named(i) for i in guide.instances)))
        case _Opening.SPARE:
            guide.take(_run(dice, guide, features))
            guide.take(CreateVolumeStep("v1", int(guide.world.zone(guide.instances[0]))))
    if not dice.chance(22):
        guide.take(SettleStep())


def launch(dice: Dice, guide: Guide, features: Features) -> RunStep:
    """Return a launch of one to three instances, with any options."""
    step = _run(dice, guide, features)
    termination, stop = dice.weigh(_PROTECTIONS)
    step = replace(step, disable_api_termination=termination, disable_api_stop=stop)
    data = f"{step.name.lower()}-data"
    later = bool(guide.instances)  # a scenario that begins with a dry run has no instances
    return dice.weigh(
        (
            (74, step),
            (3, replace(step, volumes=(VolumeSpec(data),))),
            (3, replace(step, volumes=(VolumeSpec(data, delete_on_termination=True),))),
            (4, replace(step, volumes=(VolumeSpec(data, "/dev/sdf", delete_on_termination=False),))),
            (2, replace(step, volumes=(VolumeSpec(data), VolumeSpec(f"{data}-kept", delete_on_termination=False)))),
            (1, replace(step, shutdown_behavior=ShutdownBehavior.STOP)),
            (2 + 5 * features.pushes, replace(step, shutdown_behavior=ShutdownBehavior.TERMINATE)),
            (4, replace(step, hibernation=True)),
            (8 * features.instance_store, replace(step, root=RootDevice.INSTANCE_STORE)),
            (2 * later, replace(step, dry_run=True)),
            (1 * later * features.nobody, replace(step, caller=Caller.NOBODY)),
            (1 * later * features.nobody, replace(step, caller=Caller.NOBODY, dry_run=True)),
        )
    )


def repeatable(dice: Dice, guide: Guide, features: Features) -> RunStep:
    """Return a launch, often with a client token, and sometimes with a MinCount below the count."""
    step = launch(dice, guide, features)
    if dice.chance(20):
        step = with_token(dice, guide, step)
    if step.count > 1 and dice.chance(20):
        step = replace(step, min_count=1)
    return step


def with_token(dice: Dice, guide: Guide, step: RunStep) -> RunStep:
    """Return a launch with a new client token; some differ from an earlier one only in case (TOKEN-4)."""
    used = {run.token for run in guide.repeatable_launches}
    alike = tuple(token.upper() for token in sorted(used) if token.upper() not in used)
    if alike and dice.chance(_IN_OTHER_CASE):
        return replace(step, token=dice.pick(alike))
    return replace(step, token=f"t{len(guide.steps)}")


def run_again(dice: Dice, features: Features, run: RunStep) -> RunAgainStep:
    """Send a launch again with its token: as it was, with another parameter, or for another zone."""
    again = RunAgainStep(run.name)
    return dice.weigh(
        (
            (60, again),
            (20, replace(again, shutdown_behavior=ShutdownBehavior.TERMINATE)),
            (10, replace(again, count=run.count + 1)),
            (10 * (features.zones > 1), replace(again, zone=1 + run.zone % features.zones)),
        )
    )


def _shield(dice: Dice, guide: Guide, features: Features) -> None:
    """Launch a variation of the documented example (TERM-4, TERM-5), in any order."""
    zone = 1 + dice.below(features.zones)
    other = 1 + (zone + dice.below(features.zones - 1)) % features.zones
    termination, stop = dice.weigh(_PROTECTED)
    steps = (
        RunStep("A", zone, disable_api_termination=termination, disable_api_stop=stop),
        RunStep("B", zone),
        RunStep("C", other, count=1 + dice.below(2)),
    )
    for name, step in zip("ABC", dice.arrange(steps), strict=True):
        guide.take(replace(step, name=name))


def _run(dice: Dice, guide: Guide, features: Features) -> RunStep:
    return RunStep(guide.next_run, 1 + dice.below(features.zones), count=dice.weigh(((64, 1), (23, 2), (13, 3))))
