"""What connects commands to the shell: exit codes, errors in one sentence, and a standard output that may close."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

import click

USAGE: Final = 2
"""The exit code for wrong usage, and for an input file that is wrong."""
BROKE: Final = 3
"""The exit code for a target that cannot be reached, or broke."""


FILE: Final = click.Path(path_type=Path)
"""A file or folder; its reader reports what is wrong with it."""


class WrongUsage(click.UsageError):
    """A user error, in a sentence that says what to write instead."""


def print_error(sentence: str) -> None:
    """Print one sentence on standard error."""
    with contextlib.suppress(OSError):
        click.echo(f"ec2-lifecycle: {' '.join(sentence.split())}", err=True)


def print_line(line: str) -> None:
    """Print a line on standard output, even if the reader has gone."""
    try:
        click.echo(line)
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Discard all further output, because the reader, such as `head`, has closed the pipe."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
