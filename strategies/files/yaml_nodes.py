"""Parses YAML into a small tree in which every node knows its line.

It accepts only the part of YAML that scenario files need: texts, lists and mappings, in one document.
Scalars keep their text, so that a name `on` or `1e3` stays as written.
Anchors, aliases and tags are rejected, so that a file cannot expand to more than it shows.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

import yaml

LOADERS: Final[tuple[type[Any], ...]] = (
    (yaml.CSafeLoader, yaml.SafeLoader) if yaml.__with_libyaml__ else (yaml.SafeLoader,)
)
"""PyYAML's parsers, fastest first; they differ only in their messages about syntax errors."""
MAX_DEPTH: Final = 16

_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TAB_INDENT: Final = re.compile("^ *\t", re.MULTILINE)
_SHOWN: Final = 40
_TOO_DEEP: Final = "this is nested deeper than any scenario; write it flatter"


class ScenarioError(Exception):
    """A scenario file that cannot be used: `FILE:LINE: what was wrong, and what to write suggestion`.

    `line` counts from 1; it is `None` when the file could not be read at all.
    """

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        self.message = message

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class _Placed:
    """The place of a node."""

    path: str
    line: int

    def error(self, message: str) -> ScenarioError:
        """An error at this place."""
        return ScenarioError(self.path, self.line, message)


@dataclass(frozen=True, slots=True)
class Scalar(_Placed):
    """A text; `plain` if it has no quotes, so that it may also be a number, a flag, or nothing."""

    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Listing(_Placed):
    """A list."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapping(_Placed):
    """A mapping with distinct text keys."""

    entries: tuple[tuple[Scalar, "Node"], ...]


Node: TypeAlias = Scalar | Listing | Mapping


def parse(text: str, path: str, loader: type[Any] = LOADERS[0]) -> Node | None:
    """The one document in a YAML text, or `None` if there is none; `path` is for messages.

    Raises `ScenarioError` for text that is not YAML, or uses parts of it that scenario files do not.
    """
    text = text.removeprefix("\ufeff")
    _check_characters(text, path)
    try:
        return _document(text, path, loader)
    except yaml.MarkedYAMLError:
        # Each release of libyaml has other limits, for example on the depth of nesting.
        return _document(text, path, LOADERS[-1], is_last=True)


def _document(text: str, path: str, loader: type[Any], *, is_last: bool = False) -> Node | None:
    """Return the one document; raises `ScenarioError`, or `MarkedYAMLError` if another parser should try."""
    builder = _Builder(path, yaml.parse(text, Loader=loader))
    try:
        return builder.document()
    except yaml.MarkedYAMLError as error:
        if not is_last:
            raise
        raise _syntax_error(error, path, last=len(text.splitlines()), line=builder.line) from error
    except (ValueError, OverflowError) as error:  # PyYAML's own parser on the escape "\UFFFFFFFF"
        message = "there is a number or an escape here that no YAML has; write it as text"
        raise ScenarioError(path, builder.line, message) from error


def _syntax_error(error: yaml.MarkedYAMLError, path: str, *, last: int, line: int) -> ScenarioError:
    """The error at the place where parsing stopped; it names the line on which the unfinished item began.

    `last` is the last line of the file. The error uses the place that PyYAML reports, and words of this project.
    """
    line = min(error.problem_mark.line + 1, last) if error.problem_mark else line
    start = error.context_mark.line + 1 if error.context_mark else line
    began = f" (what began on line {start} has no end)" if start < line else ""
    message = f"this is not YAML{began}; check the brackets, colons, quotes and indentation up to here"
    return ScenarioError(path, line, message)


def _check_characters(text: str, path: str) -> None:
    wrong = _NOT_YAML.search(text)
    if wrong:
        code = f"U+{ord(wrong[0]):04X}"
        message = f'the character {code} cannot stand in YAML; write it as an escape in "double quotes"'
        raise ScenarioError(path, _line_of(text, wrong.start()), message)
    tab = _TAB_INDENT.search(text)
    if tab:
        raise ScenarioError(path, _line_of(text, tab.start()), "the line is indented with a tab; write spaces")


def _line_of(text: str, index: int) -> int:
    return len(re.findall("\r\n|\n|\r", text[:index])) + 1


class _Builder:
    """Consumes the parser's events one by one, so that a hostile file is rejected before it expands."""

    def __init__(self, path: str, events: Iterator[yaml.Event]) -> None:
        self._path = path
        self._events = events
        self.line = 1
        """Of the last event."""

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._error(event, "a second document starts here; write one scenario to a file")
                root = self._node(next(self._events), 1)
        return None if isinstance(root, Scalar) and root.plain and not root.text else root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = self.line = _line(event)
        if depth > MAX_DEPTH:
            raise self._error(event, _TOO_DEEP)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(event, "anchors (&) and aliases (*) are not used here; write the value out")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "tags (!) are not used here; write the value without it")
        if isinstance(event, yaml.ScalarEvent):
            if _SURROGATE.search(event.value):
                raise self._error(event, "an escape here stands for no character; write the character itself")
            return Scalar(self._path, line, event.value, not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(self._path, line, tuple(self._node(item, depth + 1) for item in self._until_end()))
        return Mapping(self._path, line, tuple(self._entries(depth)))

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: set[str] = set()
        for event in self._until_end():
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise key.error("a key must be a text; write it as one word before the colon")
            if key.text in seen:
                raise key.error(f"the key {quoted(key.text)} is given twice; write it once")
            seen.add(key.text)
            yield key, self._node(next(self._events), depth + 1)

    def _until_end(self) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            yield event

    def _error(self, event: yaml.Event, message: str) -> ScenarioError:
        return ScenarioError(self._path, _line(event), message)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def quoted(text: str) -> str:
    """A text in quotes for a message: shortened, and on one line."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut) + '"'


def node_kind(node: Node) -> str:
    """A description of a node, for a message."""
    match node:
        case Scalar():
            return quoted(node.text) if node.text or not node.plain else "nothing"
        case Listing():
            return "a list"
        case Mapping():
            return "a mapping"


def suggestion(word: str, known: Collection[str]) -> str:
    """A suggestion for an unknown word: the nearest known word, or else all of them."""
    by_lower_case = {each.lower(): each for each in known}
    nearest = get_close_matches(word.lower(), by_lower_case, 1)
    return f"write {by_lower_case[nearest[0]]}" if nearest else f"write one of {', '.join(known)}"
