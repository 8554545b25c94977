"""The kinds of steps that a walk chooses from, by aim: to have an effect, to have none, or to read."""

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


_MIXED: Final[tuple[tuple[int, BatchOperation], ...]] = (
    (45, Operation.TERMINATE),
    (25, Operation.STOP),
    (20, Operation.START),
    (5, Operation.REBOOT),
    (5, Operation.DESCRIBE),
)
"""The weight of each operation in mixed batches."""
_FLAGGED: Final = 25
"""Percent of mixed batches with a flag, if the operation has flags."""
_IDLE: Final = 8
"""Percent of mixed batches that have no effect."""


class Aim(Enum):
    """The intended effect of a step.

    A walk draws it before the step. Requests without an effect come in so many kinds that novelty alone would
    choose little else, and no instance would get a long history.
    """

    CHANGE = "something changes for all that are named"
    REFUSAL = "a refusal, on account of some of those that are named"
    ANY = "anything that the caller means, and may do"
    NOTHING = "a dry run, or a caller without permission"
    LOOK = "an attribute is read that no description shows"


def batches(features: Features, aim: Aim) -> Iterator[Variant]:
    """Yield the kinds of requests about several instances, the ordinary ones repeated."""
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


def random_batch(dice: Dice, features: Features) -> Variant:
    """Return a kind of request for a mixed batch: most often a termination, which has most rules."""
    operation = dice.weigh(_MIXED)
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
    """Return the same key for all kinds that do or undo one change."""
    detail = kind.detail
    if isinstance(detail, tuple):
        detail = cast("tuple[Hashable, ...]", detail)[0]
    return kind.operation, detail


def holds(record: InstanceRecord, kind: Variant) -> bool:
    """Tell whether an instance already has the attribute value that a modification writes."""
    attribute, value = cast("tuple[Attribute, bool | ShutdownBehavior]", kind.detail)
    match attribute:
        case Attribute.DISABLE_API_TERMINATION:
            return record.disable_api_termination == value
        case Attribute.DISABLE_API_STOP:
            return record.disable_api_stop == value
        case _:
            return record.shutdown_behavior == value
