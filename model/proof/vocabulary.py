"""Compares the vocabularies of two versions: states, fields, operations, choices, clauses and tables.

It reads the texts and does not run them, so it also works if one version does not fit the other's vocabulary.
It says that a rule reads differently. `difference` says what that changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from .entries import TEXT, Entries, Kind, entries_of


class Change(Enum):
    """What became of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that only one version has, or that they have otherwise; `sentence` says it in English."""

    kind: Kind
    change: Change
    name: str
    sentence: str

    @property
    def counts(self) -> bool:
        """Whether the versions say something else; a rule that reads otherwise may do the same."""
        return self.kind is not Kind.RULE


def differences(
    old: Mapping[str, str], new: Mapping[str, str], *, labels: tuple[str, str] = ("old", "new")
) -> tuple[Difference, ...]:
    """Return what is different in the vocabulary of two versions, by kind; raises `DoesNotLoad`.

    A version is given by the text of each module of `model`, by its name below that; `labels` name them in errors.
    """
    before, after = (entries_of(texts, label) for texts, label in zip((old, new), labels, strict=True))
    found = _differences(before, after)
    kinds = list(Kind)
    return tuple(sorted(found, key=lambda difference: kinds.index(difference.kind)))


def _differences(before: Entries, after: Entries) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        kind, name = key
        the = f"The {kind.value} {name}"
        if key not in before:
            yield Difference(kind, Change.ADDED, name, f"{the} is new{_gist(after[key])}.")
        elif key not in after:
            yield Difference(kind, Change.REMOVED, name, f"{the} is gone{_gist(before[key])}.")
        elif before[key] != after[key]:
            changes = "; ".join(_changes(before[key], after[key]))
            end = "" if changes.endswith('."') else "."
            yield Difference(kind, Change.CHANGED, name, f"{the}: {changes}{end}")


def _gist(parts: Mapping[str, str]) -> str:
    """Return what an entry is about, where it is worth a few words: the first of its parts."""
    part, text = next(iter(parts.items()), (TEXT, ""))
    return "" if _is_long(part, text) else f" ({text})"


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for part in [*before, *(part for part in after if part not in before)]:
        was, now = before.get(part, ""), after.get(part, "")
        if was != now:
            it = "it" if part == TEXT else f"its {part}"
            if _is_long(part, was + now):
                yield f"{it} changed"
            else:
                yield f"{it} was {was or 'not given'}, and is {now or 'not given'}"


def _is_long(part: str, text: str) -> bool:
    """Tell whether a part is not to be quoted; a sentence always is, as the promise of a clause."""
    return part == TEXT or (len(text) > _QUOTED and part != "sentence")


_QUOTED: Final = 400
