"""The kinds of steps that a walk chooses from: what can have an effect, what has none, and what looks."""

from collections.abc import Hashable, Iterator
from enum import Enum
from functools import cache
from typing import Final, cast

from ...model.requests import Attribute, Caller, Operation
from ...model.rules.attributes import PROTECTIONS
from ...model.states import ShutdownBehavior
from ...model.world import InstanceRecord
from ..building.dice import Dice
from ..building.features import Features
from ..scenario.steps import FLAGS, BatchOperation
from .step_features import Variant, variant

_ORDINARY: Final[tuple[tuple[int, BatchOperation], ...]] = (
    (8, Operation.TERMINATE),
    (7, Operation.STOP),
    (7, Operation.START),
    (3, Operation.REBOOT),
    (1, Operation.DESCRIBE),
)


_GATHERED: Final[tuple[tuple[int, BatchOperation], ...]] = (
    (45, Operation.TERMINATE),
    (25, Operation.STOP),
    (20, Operation.START),
    (5, Operation.REBOOT),
    (5, Operation.DESCRIBE),
)
"""How often batches of instances that differ are of each operation."""
_FLAGGED: Final = 25
"""Percent of these that have a flag, where the operation has any."""
_IDLE: Final = 8
"""Percent of these that have no effect."""


class Aim(Enum):
    """What a step is meant to bring about.

    It is chosen before the step: what has no effect comes in so many kinds that by novelty alone
    little else would be done, and no instance would come to have a long past.
    """

    CHANGE = "something changes for all that are named"
    REFUSAL = "a refusal, on account of some of those that are named"
    ANY = "anything that the caller means, and may do"
    NOTHING = "a dry run, or a caller without permission"
    LOOK = "an attribute is read that no description shows"


def batches(features: Features, aim: Aim) -> Iterator[Variant]:
    """Yield the kinds of requests about several instances: all that can have an effect, the ordinary ones often."""
    if aim is not Aim.NOTHING:
        for often, operation in _ORDINARY:
            yield from [variant(operation)] * often
            yield from (variant(operation, flag) for flag in FLAGS[operation])
        return
    for _, operation in _ORDINARY:
        for flag in (None, *FLAGS[operation]):
            yield variant(operation, flag, dry_run=True)
            if features.nobody:
                yield variant(operation, flag, caller=Caller.NOBODY)
        if features.nobody:
            yield variant(operation, dry_run=True, caller=Caller.NOBODY)


def gathered(dice: Dice, features: Features) -> Variant:
    """Return a kind of request for instances that differ: most often a termination, of which there are most rules."""
    operation = dice.weigh(_GATHERED)
    if dice.chance(_IDLE):
        return dice.pick([kind for kind in batches(features, Aim.NOTHING) if kind.operation is operation])
    flags = FLAGS[operation]
    return variant(operation, dice.pick(flags) if flags and dice.chance(_FLAGGED) else None)


def singles(features: Features, aim: Aim) -> Iterator[Variant]:
    """Yield the kinds of requests about one instance."""
    match aim:
        case Aim.LOOK:
            for attribute in (Attribute.DISABLE_API_TERMINATION, *PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR):
                yield variant(Operation.DESCRIBE_ATTRIBUTE, attribute)
        case Aim.NOTHING:
            yield from _idle_singles(features)
        case _:
            for attribute in PROTECTIONS:
                yield from [variant(Operation.MODIFY, (attribute, True))] * 8
                yield from [variant(Operation.MODIFY, (attribute, False))] * 6
            for behavior in ShutdownBehavior:
                yield from [variant(Operation.MODIFY, (Attribute.SHUTDOWN_BEHAVIOR, behavior))] * 3


def _idle_singles(features: Features) -> Iterator[Variant]:
    for attribute in (*PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR, Attribute.BLOCK_DEVICE_MAPPINGS):
        yield from [variant(Operation.DESCRIBE_ATTRIBUTE, attribute)] * 4
        yield variant(Operation.DESCRIBE_ATTRIBUTE, attribute, dry_run=True)
        if features.nobody:
            yield variant(Operation.DESCRIBE_ATTRIBUTE, attribute, caller=Caller.NOBODY)
    for attribute in PROTECTIONS:
        for value in (True, False):
            yield variant(Operation.MODIFY, (attribute, value), dry_run=True)
            if features.nobody:
                yield variant(Operation.MODIFY, (attribute, value), caller=Caller.NOBODY)


@cache
def topic(kind: Variant) -> Hashable:
    """Return what kinds have in common that set and undo the same."""
    detail = kind.detail
    if isinstance(detail, tuple):
        detail = cast("tuple[Hashable, ...]", detail)[0]
    return kind.operation, detail


def holds(record: InstanceRecord, kind: Variant) -> bool:
    """Tell whether an attribute of an instance has the value already that a modification writes."""
    attribute, value = cast("tuple[Attribute, bool | ShutdownBehavior]", kind.detail)
    match attribute:
        case Attribute.DISABLE_API_TERMINATION:
            return record.disable_api_termination == value
        case Attribute.DISABLE_API_STOP:
            return record.disable_api_stop == value
        case _:
            return record.shutdown_behavior == value
