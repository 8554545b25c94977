"""Printing on a console: in colour and at full width on a terminal, plain and 100 columns wide in a pipe.

Texts reach the console as `rich.Text`, never as markup, and pass through `printable` first,
because a target may choose any names.
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from .safe_text import printable

PIPE_WIDTH: Final = 100
WIDEST: Final = 120
"""The widest line of prose, on any terminal."""
INDENT: Final = 2
PAGE: Final = 60
"""The lines of a page. A run prints two pages of a target: findings as they come, and the summary."""

_NARROWEST: Final = 20


class _Console(Console):
    """A console whose reader, such as `head`, may close the pipe: it discards the rest and keeps the exit code."""

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        self.quiet = True
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def console_for(stream: TextIO) -> Console:
    """The console for a stream; characters that its encoding lacks are written as escapes."""
    console = _Console(file=stream, markup=False, emoji=False, highlight=False)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def printable_text(text: str, style: str = "") -> Text:
    """A `printable` text from any source."""
    return Text(printable(text), style)


def print_code(console: Console, label: str, lines: Iterable[tuple[str, str]]) -> None:
    """Print lines with their styles, unwrapped so that they can be copied."""
    print_text(console, Text(f"{label}:", "bold"), INDENT)
    for line, style in lines:
        console.print(Text(" " * 2 * INDENT + line if line else "", style), soft_wrap=True)


def print_python(console: Console, label: str, lines: Sequence[str]) -> None:
    """Print Python, with syntax colours on a terminal."""
    code = [printable(line) for line in lines]
    if console.color_system is None:
        print_code(console, label, [(line, "") for line in code])
        return
    print_text(console, Text(f"{label}:", "bold"), INDENT)
    # The theme uses the terminal's own colours, which are readable on any background.
    for line in Syntax("", "python", theme="ansi_dark").highlight("\n".join(code)).split():
        line.rstrip()
        console.print(Text(" " * 2 * INDENT if line else "") + line, soft_wrap=True)


def print_labelled(console: Console, label: str, text: str, style: str = "") -> None:
    """Print a label and a text."""
    print_text(console, Text.assemble((f"{label}: ", "bold"), printable_text(text, style)), INDENT, hanging=INDENT)


def print_text(console: Console, text: Text, indent: int = 0, hanging: int = 0) -> None:
    """Print wrapped prose; `hanging` is the extra indent of all lines but the first."""
    for line in wrapped(console, text, indent, hanging):
        console.print(line, soft_wrap=True)


def wrapped(console: Console, text: Text, indent: int = 0, hanging: int = 0) -> list[Text]:
    """Return the lines of wrapped prose, as `print_text` prints them."""
    lines = text.wrap(console, max(width_of(console) - indent - hanging, _NARROWEST))
    for line in lines:
        line.rstrip()
    return [Text(" " * (indent + (hanging if number else 0))) + line for number, line in enumerate(lines)]


def height_of(console: Console, print_it: Callable[[], None]) -> int:
    """Return how many lines something takes that prints on the console."""
    with console.capture() as captured:
        print_it()
    return captured.get().count("\n")


def print_table(console: Console, table: Table, indent: int = 0, width: int | None = None) -> None:
    """Print a table without rich's padding of the last column, at the usable width or another one."""
    options = console.options.update(width=(width or width_of(console)) - indent)
    for segments in console.render_lines(table, options, pad=False):
        line = Text.assemble(" " * indent, *((segment.text, segment.style or "") for segment in segments))
        line.rstrip()
        console.print(line, soft_wrap=True)


def join_dotted(console: Console, *parts: Text) -> Text:
    """Join the parts of a line with dots."""
    return Text(" - " if console.options.ascii_only else " · ").join(parts)


def width_of(console: Console) -> int:
    """The usable width."""
    return min(console.width, WIDEST)
