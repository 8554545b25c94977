"""What coverage tells apart in the make-up of a batch, whoever is named in it."""

from collections.abc import Hashable, Sequence
from typing import Final

from ...model.world import InstanceRecord
from ..steps import IdRef, Named
from .expectations import Role

_SIZES: Final = (1, 2, 3, 4, 8, 20, 50, 100)
"""Where one class of batch sizes ends and the next begins."""


def make_up(ids: Sequence[IdRef], records: Sequence[InstanceRecord], roles: Sequence[Role]) -> tuple[Hashable, ...]:
    """Return the features of a batch: its size, its zones, its ends, the ids that are bad or come again.

    `records` and `roles` are those of the instances that it names, in the order sent.
    """
    protected = [r.disable_api_termination or r.disable_api_stop for r in records]
    first, last = (protected[0], protected[-1]) if protected else (None, None)
    shields: dict[str, set[tuple[bool, bool]]] = {}
    mixes: dict[str, set[Role]] = {}
    for record, role in zip(records, roles, strict=True):
        shields.setdefault(record.zone, set()).add((record.disable_api_termination, record.disable_api_stop))
        mixes.setdefault(record.zone, set()).add(role)
    mixed = tuple(map(frozenset, mixes.values()))
    size = sum(len(ids) >= bound for bound in _SIZES)
    places = list(enumerate(ids))
    bad = next(((type(ref), _place(at, len(ids))) for at, ref in places if not isinstance(ref, Named)), None)
    again = None
    if len(set(ids)) < len(ids):
        again = next((_place(at, len(ids)) for at, ref in places if ref in ids[:at]), None)
    return (
        ("size", size, len(shields)),
        ("zones", tuple(sorted(tuple(sorted(kinds)) for kinds in shields.values()))),
        ("roles in the zones", mixed, bad is None),
        ("roles in the outer zones", len(mixed), mixed[:1], mixed[-1:]),
        ("ends", first, last, any(protected), bad),
        ("again", again, bad is None),
        ("states", frozenset(r.state for r in records)),
        ("crowd", size, any(protected), bad is None),
    )


def _place(at: int, size: int) -> str:
    return "first" if at == 0 else "last" if at == size - 1 else "within"
