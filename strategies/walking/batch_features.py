"""The features of a batch's composition, independent of which instances it names."""

from bisect import bisect_right
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Final, NamedTuple

from ..scenario.steps import IdRef, Named
from .expectations import Role
from .snapshot import InstanceProfile

_SIZES: Final = (1, 2, 3, 4, 8, 20, 50, 100)
"""The upper bounds of the classes of batch sizes."""


class Oddity(NamedTuple):
    """What is unusual about the ids of a request.

    `bad`: the form and place of the first id that belongs to no instance; `again`: the place of the first repeated id.
    """

    bad: tuple[type[IdRef], str] | None
    again: str | None


NOTHING_ODD: Final = Oddity(None, None)


def batch_features(
    roles: Mapping[InstanceProfile, Role],
    distinct: Collection[InstanceProfile],
    ends: Sequence[InstanceProfile],
    size: int,
    oddity: Oddity,
) -> tuple[Hashable, ...]:
    """Return the features of a batch of `size` ids: size, zones, first and last instance, bad and repeated ids.

    `ends` are the profiles of the first and last named instance. `distinct` has each profile once, in the order sent.
    """
    bad, again = oddity
    size_class = bisect_right(_SIZES, size)
    first, last = [end.protection_bit > 1 for end in ends] or (None, None)
    shields: dict[str, int] = {}
    mixes: dict[str, int] = {}
    states = 0
    for profile in distinct:
        zone = profile.zone
        shields[zone] = shields.get(zone, 0) | profile.protection_bit
        mixes[zone] = mixes.get(zone, 0) | roles[profile]
        states |= profile.state_bit
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
    """Return what is unusual about ids."""
    bad = next(((type(ref), _place(at, len(ids))) for at, ref in enumerate(ids) if not isinstance(ref, Named)), None)
    return Oddity(bad, _again(ids))


def _again(ids: Sequence[IdRef]) -> str | None:
    """Return the place of the first repeated id, or None."""
    sent = [ref.name if isinstance(ref, Named) else ref for ref in ids]  # strings compare much faster
    if len(set(sent)) == len(sent):
        return None
    return next(_place(at, len(sent)) for at, ref in enumerate(sent) if ref in sent[:at])


def _place(at: int, size: int) -> str:
    return "first" if at == 0 else "last" if at == size - 1 else "within"
