"""The patterns that drills repeat: two changes, each done and undone, or one change with another request in between."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations, product
from typing import Final, TypeAlias

from ...model.requests import Attribute, Operation
from ...model.rules.attributes import PROTECTIONS
from ...model.states import ShutdownBehavior
from .step_features import Variant, variant

Pair: TypeAlias = tuple[Variant, Variant]
"""A change and its reverse."""


class About(Enum):
    """The subject of a pattern."""

    ITSELF = "the instance"
    ROOT = "its root device"
    ATTACHED = "a volume that is attached to it"


@dataclass(frozen=True, slots=True)
class DrillPattern:
    """Kinds of steps, repeated in a circle; a drill may begin with any of them."""

    kinds: tuple[Variant, ...]
    about: About = About.ITSELF

    @property
    def with_volumes(self) -> bool:
        """Whether it is about the volumes of an instance."""
        return self.about is not About.ITSELF

    @property
    def operations(self) -> frozenset[Operation]:
        """The operations that a target needs."""
        volumes = (Operation.CREATE_VOLUME, Operation.DESCRIBE_VOLUMES) if self.with_volumes else ()
        attached = (Operation.ATTACH,) if self.about is About.ATTACHED else ()
        done = (kind.operation for kind in self.kinds if kind.operation is not None)
        return frozenset((*volumes, *attached, *done))

    def writes(self, attribute: Attribute) -> bool:
        """Tell whether it changes an attribute."""
        return _written(attribute, value=True) in self.kinds


def _written(attribute: Attribute, *, value: bool | ShutdownBehavior) -> Variant:
    return variant(Operation.MODIFY, (attribute, value))


STOP: Final = variant(Operation.STOP)
START: Final = variant(Operation.START)
TERMINATE: Final = variant(Operation.TERMINATE)
DRY_TERMINATE: Final = variant(Operation.TERMINATE, dry_run=True)
ATTACH: Final = variant(Operation.ATTACH)
DETACH: Final = variant(Operation.DETACH)
KEEP: Final = _written(Attribute.BLOCK_DEVICE_MAPPINGS, value=False)
DROP: Final = _written(Attribute.BLOCK_DEVICE_MAPPINGS, value=True)

_WRITTEN: Final[tuple[Pair, ...]] = (
    *((_written(attribute, value=True), _written(attribute, value=False)) for attribute in PROTECTIONS),
    (
        _written(Attribute.SHUTDOWN_BEHAVIOR, value=ShutdownBehavior.TERMINATE),
        _written(Attribute.SHUTDOWN_BEHAVIOR, value=ShutdownBehavior.STOP),
    ),
)
_RUN: Final[Pair] = (STOP, START)
_RERUN: Final[Pair] = (START, STOP)
_ATTACH: Final[Pair] = (ATTACH, DETACH)
_DELETE: Final[Pair] = (DROP, KEEP)


def _crossed(pairs: Iterable[Pair]) -> Iterator[DrillPattern]:
    """Yield two changes interleaved: the second happens while the first is in effect, or while it is undone."""
    for (do, undo), (other, back) in combinations(pairs, 2):
        yield DrillPattern((do, other, undo, back))
        yield DrillPattern((do, back, undo, other))


def _lasting(often: Iterable[Pair], pairs: Iterable[Pair], about: About = About.ITSELF) -> Iterator[DrillPattern]:
    """Yield one change done and undone twice as often as another, which shows how long the other lasts."""
    for (do, undo), (other, back) in product(often, pairs):
        yield DrillPattern((do, other, undo, do, back, undo), about)


def _between(pairs: Iterable[Pair]) -> Iterator[DrillPattern]:
    """Yield one change done and undone, with a request in between that should change nothing."""
    for do, undo in pairs:
        yield DrillPattern((do, TERMINATE, undo, START))
        yield DrillPattern((do, DRY_TERMINATE, undo, DRY_TERMINATE))


DRILL_PATTERNS: Final = (
    *_crossed(_WRITTEN),
    *_between((*_WRITTEN, _RUN)),
    *_lasting((_RUN, _RERUN), _WRITTEN),
    *_lasting((_RUN, _RERUN), (_ATTACH, _DELETE), About.ATTACHED),
    *_lasting((_ATTACH,), (_DELETE,), About.ATTACHED),
    *_lasting((_RUN, _RERUN), (_DELETE,), About.ROOT),
)
"""Every pattern. A termination in one is sent only when a refusal is expected."""
