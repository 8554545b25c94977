"""What coverage tells apart in the make-up of a batch, whoever is named in it."""

from collections.abc import Collection, Hashable, Sequence
from typing import Final

from ...model.world import InstanceRecord
from ..steps import IdRef, Named
from .expectations import Role

_SIZES: Final = (1, 2, 3, 4, 8, 20, 50, 100)
"""Where one class of batch sizes ends and the next begins."""


def make_up(
    ids: Sequence[IdRef], ends: Sequence[InstanceRecord], records: Collection[InstanceRecord], roles: Collection[Role]
) -> tuple[Hashable, ...]:
    """Return the features of a batch: its size, its zones, its ends, the ids that are bad or come again.

    `ends` are the first and the last of the instances that it names. `records` and `roles` are those of them all, in
    the order sent; of several that are alike here, one is enough.
    """
    first, last = [_is_protected(record) for record in ends] or (None, None)
    shields: dict[str, set[tuple[bool, bool]]] = {}
    mixes: dict[str, set[Role]] = {}
    for record, role in zip(records, roles, strict=True):
        shields.setdefault(record.zone, set()).add((record.disable_api_termination, record.disable_api_stop))
        mixes.setdefault(record.zone, set()).add(role)
    protected = any(any(either) for zone in shields.values() for either in zone)
    mixed = tuple(map(frozenset, mixes.values()))
    size = sum(len(ids) >= bound for bound in _SIZES)
    bad = next(((type(ref), _place(at, len(ids))) for at, ref in enumerate(ids) if not isinstance(ref, Named)), None)
    return (
        ("size", size, len(shields)),
        ("zones", tuple(sorted(tuple(sorted(kinds)) for kinds in shields.values()))),
        ("roles in the zones", mixed, bad is None),
        ("roles in the outer zones", len(mixed), mixed[:1], mixed[-1:]),
        ("ends", first, last, protected, bad),
        ("again", _again(ids), bad is None),
        ("states", frozenset(r.state for r in records)),
        ("crowd", size, protected, bad is None),
    )


def _is_protected(record: InstanceRecord) -> bool:
    return record.disable_api_termination or record.disable_api_stop


def _again(ids: Sequence[IdRef]) -> str | None:
    """Return where the first id stands that was sent before; None where none was."""
    sent = [ref.name if isinstance(ref, Named) else ref for ref in ids]  # compared by far more quickly
    if len(set(sent)) == len(sent):
        return None
    return next(_place(at, len(sent)) for at, ref in enumerate(sent) if ref in sent[:at])


def _place(at: int, size: int) -> str:
    return "first" if at == 0 else "last" if at == size - 1 else "within"
