"""Printing on a console: on a terminal in colour and at its width, in a pipe plain and 100 columns wide.

Texts reach the console as `rich.Text`, never as markup, and pass `printable` first:
a target may call its things what it likes.
"""

import contextlib
import io
import os
from collections.abc import Iterable, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .safe_text import printable

PIPE_WIDTH: Final = 100
WIDEST: Final = 120
"""Prose is not set wider than this, however wide the terminal."""
INDENT: Final = 2

_NARROWEST: Final = 20


class _Console(Console):
    """A console whose reader, such as `head`, may have enough: the rest is not printed, and the exit code stands."""

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        self.quiet = True
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def console_for(stream: TextIO) -> Console:
    """The console for a stream; what its encoding lacks is written as escapes, so that nothing fails to print."""
    console = _Console(file=stream, markup=False, emoji=False, highlight=False)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def shown(text: str, style: str = "") -> Text:
    """A text of whatever origin, `printable`."""
    return Text(printable(text), style)


def say_code(console: Console, label: str, lines: Iterable[tuple[str, str]]) -> None:
    """Print lines with their styles, for copying: they are not wrapped, however long."""
    say(console, Text(f"{label}:", "bold"), INDENT)
    for line, style in lines:
        console.print(Text(" " * 2 * INDENT + line if line else "", style), soft_wrap=True)


def say_python(console: Console, label: str, lines: Sequence[str]) -> None:
    """Print Python, on a terminal in the colours of its syntax, in a pipe plain."""
    code = [printable(line) for line in lines]
    if console.color_system is None:
        say_code(console, label, [(line, "") for line in code])
        return
    say(console, Text(f"{label}:", "bold"), INDENT)
    # These colours are the terminal's own, so that they can be read on its background, whichever that is.
    for line in Syntax("", "python", theme="ansi_dark").highlight("\n".join(code)).split():
        line.rstrip()
        console.print(Text(" " * 2 * INDENT if line else "") + line, soft_wrap=True)


def say_labelled(console: Console, label: str, text: str, style: str = "") -> None:
    """Print a text of a target behind its label."""
    say(console, Text.assemble((f"{label}: ", "bold"), shown(text, style)), INDENT, hanging=INDENT)


def say(console: Console, text: Text, indent: int = 0, hanging: int = 0) -> None:
    """Print prose, wrapped; `hanging` is what the lines after the first are indented further."""
    for number, line in enumerate(text.wrap(console, max(width_of(console) - indent - hanging, _NARROWEST))):
        line.rstrip()
        console.print(Text(" " * (indent + (hanging if number else 0))) + line, soft_wrap=True)


def say_table(console: Console, table: Table, indent: int = 0) -> None:
    """Print a table without the blanks that rich fills its last column with."""
    options = console.options.update(width=width_of(console) - indent)
    for segments in console.render_lines(table, options, pad=False):
        line = Text.assemble(" " * indent, *((segment.text, segment.style or "") for segment in segments))
        line.rstrip()
        console.print(line, soft_wrap=True)


def dotted(console: Console, *parts: Text) -> Text:
    """Join parts of a line."""
    return Text(" - " if console.options.ascii_only else " · ").join(parts)


def width_of(console: Console) -> int:
    """The columns to use."""
    return min(console.width, WIDEST)
