"""What is done again and again in a drill: two things, each done and undone, or one with something between."""

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
"""What is done, and what undoes it."""


class About(Enum):
    """What an exercise is about."""

    ITSELF = "the instance"
    ROOT = "its root device"
    ATTACHED = "a volume that is attached to it"


@dataclass(frozen=True, slots=True)
class Exercise:
    """Kinds of steps, one after the other and then from the first again; with which a drill begins is open."""

    kinds: tuple[Variant, ...]
    about: About = About.ITSELF

    @property
    def with_volumes(self) -> bool:
        """Whether it is about what an instance holds."""
        return self.about is not About.ITSELF

    @property
    def operations(self) -> frozenset[Operation]:
        """What a target is asked for."""
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


def _crossed(pairs: Iterable[Pair]) -> Iterator[Exercise]:
    """Yield two things done in turn, the second one while the first is done, or while it is undone."""
    for (do, undo), (other, back) in combinations(pairs, 2):
        yield Exercise((do, other, undo, back))
        yield Exercise((do, back, undo, other))


def _lasting(often: Iterable[Pair], pairs: Iterable[Pair], about: About = About.ITSELF) -> Iterator[Exercise]:
    """Yield one thing done and undone twice as often as another, which shows for how long that lasts."""
    for (do, undo), (other, back) in product(often, pairs):
        yield Exercise((do, other, undo, do, back, undo), about)


def _between(pairs: Iterable[Pair]) -> Iterator[Exercise]:
    """Yield one thing done and undone, with what should change nothing between."""
    for do, undo in pairs:
        yield Exercise((do, TERMINATE, undo, START))
        yield Exercise((do, DRY_TERMINATE, undo, DRY_TERMINATE))


EXERCISES: Final = (
    *_crossed(_WRITTEN),
    *_between((*_WRITTEN, _RUN)),
    *_lasting((_RUN, _RERUN), _WRITTEN),
    *_lasting((_RUN, _RERUN), (_ATTACH, _DELETE), About.ATTACHED),
    *_lasting((_ATTACH,), (_DELETE,), About.ATTACHED),
    *_lasting((_RUN, _RERUN), (_DELETE,), About.ROOT),
)
"""All there are. A termination among them is sent only where it is expected to be refused."""
