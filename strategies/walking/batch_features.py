"""What coverage tells apart in the make-up of a batch, whoever is named in it."""

from bisect import bisect_right
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Final, NamedTuple

from ..scenario.steps import IdRef, Named
from .expectations import Role
from .snapshot import Standing

_SIZES: Final = (1, 2, 3, 4, 8, 20, 50, 100)
"""Where one class of batch sizes ends and the next begins."""


class Oddity(NamedTuple):
    """What is odd about the ids of a request: the first that is none of ours, and where, and where one comes again."""

    bad: tuple[type[IdRef], str] | None
    again: str | None


NOTHING_ODD: Final = Oddity(None, None)


def batch_features(
    roles: Mapping[Standing, Role], alike: Collection[Standing], ends: Sequence[Standing], size: int, oddity: Oddity
) -> tuple[Hashable, ...]:
    """Return the features of a batch of `size` ids: its size, its zones, its ends, the ids that are bad or come again.

    `ends` are the first and the last of the instances that it names, and `alike` has one for all that stand alike, in
    the order sent.
    """
    bad, again = oddity
    size_class = bisect_right(_SIZES, size)
    first, last = [end.protections > 1 for end in ends] or (None, None)
    shields: dict[str, int] = {}
    mixes: dict[str, int] = {}
    states = 0
    for standing in alike:
        zone = standing.zone
        shields[zone] = shields.get(zone, 0) | standing.protections
        mixes[zone] = mixes.get(zone, 0) | roles[standing]
        states |= standing.state
    mixed = tuple(mixes.values())
    shielding = sorted(shields.values())
    protected = bool(shielding) and shielding[-1] > 1
    return (
        ("size", size_class, len(mixed)),
        ("zones", *shielding),
        ("roles in the zones", mixed, bad is None),
        ("roles in the outer zones", len(mixed), mixed[:1], mixed[-1:]),
        ("ends", first, last, protected, bad),
        ("again", again, bad is None),
        ("states", states),
        ("crowd", size_class, protected, bad is None),
    )


def oddity(ids: Sequence[IdRef]) -> Oddity:
    """Return what is odd about ids."""
    bad = next(((type(ref), _place(at, len(ids))) for at, ref in enumerate(ids) if not isinstance(ref, Named)), None)
    return Oddity(bad, _again(ids))


def _again(ids: Sequence[IdRef]) -> str | None:
    """Return where the first id stands that was sent before; None where none was."""
    sent = [ref.name if isinstance(ref, Named) else ref for ref in ids]  # compared by far more quickly
    if len(set(sent)) == len(sent):
        return None
    return next(_place(at, len(sent)) for at, ref in enumerate(sent) if ref in sent[:at])


def _place(at: int, size: int) -> str:
    return "first" if at == 0 else "last" if at == size - 1 else "within"
