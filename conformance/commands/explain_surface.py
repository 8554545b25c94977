"""`explain` of a parameter, a reply field, or something that the specification leaves out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from rich.console import Console

from ...model.surface import Standing
from ...model.surface.topics import TOPICS, Topic
from ...reports.console import print_labelled, print_text, printable_text
from ..emulator.wire.surface import INPUT, Classified, surface

_NO_LETTER: Final = re.compile(r"[^a-z0-9.]+")
_KINDS: Final = {True: "parameter", False: "field"}
_MOST: Final = 8
"""The most paths of one kind that are printed; `list surface` has all of them."""


def topic_of(what: str) -> Topic | None:
    """Return what the specification leaves out by this name."""
    return next((topic for topic in TOPICS if _plain(what) in map(_plain, (topic.name, *topic.names))), None)


def paths_of(what: str) -> list[Classified]:
    """Return the parameters and fields that a path names: `Placement.Tenancy`, `RunInstances:Placement`, or a part."""
    operation, colon, path = what.rpartition(":")
    wanted = _plain(path)
    return [
        each
        for each in surface()
        if wanted
        and (not colon or _plain(each.operation.value) == _plain(operation))
        and f".{wanted}." in f".{_plain(each.entry.path)}."
    ]


def nearest_name(what: str) -> str | None:
    """Return the topic, or the name of a parameter or field, that most resembles a mistyped one."""
    names = {_plain(name): name for name in _names()}
    found = get_close_matches(_plain(what.rpartition(":")[2]), names, 1, cutoff=0.75)
    return names[found[0]] if found else None


def print_topic(console: Console, topic: Topic) -> None:
    """Print why something is left out, what follows from it, and which parameters and fields it has."""
    print_text(console, printable_text(topic.name, "bold"))
    print_labelled(console, "standing", Standing.OUTSIDE.value)
    print_labelled(console, "why", topic.why)
    print_labelled(console, "so", topic.consequence)
    if topic.facts:
        print_labelled(console, "facts", f"{', '.join(topic.facts)} (ec2-lifecycle explain {topic.facts[0]})")
    for path in topic.paths:
        if found := paths_of(path):
            console.print()
            print_paths(console, found)


def print_paths(console: Console, found: Sequence[Classified]) -> None:
    """Print parameters and fields, grouped by what the ledger says about them."""
    groups: dict[object, list[Classified]] = {}
    for each in found:
        entry = each.entry
        key = (each.operation, each.direction, entry.standing, entry.reason, entry.clauses, entry.effects)
        groups.setdefault(key, []).append(each)
    for number, group in enumerate(groups.values()):
        if number:
            console.print()
        first, entry = group[0], group[0].entry
        kind = _KINDS[first.direction == INPUT] + "s" * (len(group) > 1)
        print_text(console, printable_text(f"{first.operation.value}, {kind} {_few(group)}", "bold"))
        print_labelled(console, "standing", entry.standing.value)
        print_labelled(console, "why", entry.reason)
        if entry.clauses:
            print_labelled(console, "clauses", ", ".join(entry.clauses))
        if entry.effects:
            print_labelled(console, "so", f"not judged: {'; '.join(effect.value for effect in entry.effects)}")


def _few(group: Sequence[Classified]) -> str:
    shown = ", ".join(each.entry.path for each in group[:_MOST])
    return f"{shown} and {len(group) - _MOST} more" if len(group) > _MOST else shown


def _names() -> Iterator[str]:
    yield from (name for topic in TOPICS for name in (topic.name, *topic.names))
    yield from dict.fromkeys(_parts(each.entry.path for each in surface()))


def _parts(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        parts = path.split(".")
        for start in range(len(parts)):
            yield from (".".join(parts[start:end]) for end in range(start + 1, len(parts) + 1))


def _plain(name: str) -> str:
    return _NO_LETTER.sub("", name.lower())
