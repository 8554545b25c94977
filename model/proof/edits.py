"""Finds the parts of a text, and makes the text with one part changed."""

import ast
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Part = ast.expr | ast.stmt | ast.keyword
"""A node of a syntax tree that has a place in the text."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: `text` replaces the part in `span`; `shown` is the part to show to a reader."""

    span: Span
    text: str
    shown: Span


_LAYOUT: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)


class Places:
    """The places of a text's nodes and tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [f"{line}\n" for line in text.split("\n")]  # only a line feed ends a line, as for the parser
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        tokens = [t for t in tokenize.generate_tokens(iter(self._lines).__next__) if t.type not in _LAYOUT]
        self._tokens = [Span(self._at(*token.start), self._at(*token.end)) for token in tokens]
        self._token_starts = [token.start for token in self._tokens]
        self._token_ends = [token.end for token in self._tokens]

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def span(self, part: Part) -> Span:
        """Return where a node stands."""
        end_line, end_column = part.end_lineno or part.lineno, part.end_col_offset or part.col_offset
        return Span(self._of_bytes(part.lineno, part.col_offset), self._of_bytes(end_line, end_column))

    def _of_bytes(self, line: int, column: int) -> int:
        """Return a place that is given in bytes of UTF-8, as a node's is."""
        return self._at(line, len(self._lines[line - 1].encode()[:column].decode()))

    def line(self, place: int) -> int:
        """Return the line of a place, counted from 1."""
        return bisect_right(self._starts, place)

    def segment(self, part: Part) -> str:
        """Return the text of a node."""
        return self.of(self.span(part))

    def of(self, span: Span) -> str:
        """Return the text of a stretch."""
        return self.text[span.start : span.end]

    def whole(self, part: Part) -> Span:
        """Return where a node stands with the parentheses that are only around it (not those of a call)."""
        span = self.span(part)
        while self._between(span, -1) == "(" and self._between(span, 1) == ")":
            span = Span(self._before(span.start).start, self._after(span.end).end)
        return span

    def lines(self, part: Part) -> Span:
        """Return the lines on which a statement stands."""
        return Span(self._starts[part.lineno - 1], self._starts[part.end_lineno or part.lineno])

    def _before(self, place: int) -> Span:
        return self._tokens[bisect_right(self._token_ends, place) - 1]

    def _after(self, place: int) -> Span:
        return self._tokens[bisect_left(self._token_starts, place)]

    def _between(self, span: Span, side: int) -> str:
        return self.of(self._before(span.start) if side < 0 else self._after(span.end))

    def tokens(self, span: Span) -> Iterator[Span]:
        """Yield the tokens in a stretch."""
        yield from self._tokens[bisect_left(self._token_starts, span.start) : bisect_right(self._token_ends, span.end)]

    def token(self, wanted: str, span: Span) -> Span:
        """Return the first token in a stretch that reads so."""
        return next(token for token in self.tokens(span) if self.of(token) == wanted)

    def gaps(self, parts: Sequence[Part]) -> Iterator[Span]:
        """Yield what stands between neighbours."""
        for one, other in pairwise(self.span(part) for part in parts):
            yield Span(one.end, other.start)

    def without(self, parts: Sequence[Span], dropped: int) -> Span:
        """Return what to cut out of a list for one of its parts to go, with the comma or the word beside it."""
        if dropped + 1 < len(parts):
            return Span(parts[dropped].start, parts[dropped + 1].start)
        return Span(parts[dropped - 1].end if dropped else parts[0].start, parts[dropped].end)


def edited(text: str, edit: Edit) -> str:
    """Return a text after an edit."""
    return text[: edit.span.start] + edit.text + text[edit.span.end :]


def told(text: str, edit: Edit) -> str:
    """Return what an edit changes, in one line."""
    before = text[edit.shown.start : edit.shown.end]
    after = text[edit.shown.start : edit.span.start] + edit.text + text[edit.span.end : edit.shown.end]
    return f"{_folded(before)} → {_folded(after) or 'nothing'}"


def _folded(text: str) -> str:
    return " ".join(text.split()).replace("( ", "(").replace(" )", ")")
