"""Between a command and the shell: exit codes, one sentence on standard error, a standard output that may close."""

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
"""A file or folder; what is wrong with it is said by whoever reads it."""


class WrongUsage(click.UsageError):
    """A mistake of the user's, in a sentence that says what to write instead."""


def complain(sentence: str) -> None:
    """Print a sentence about what went wrong on standard error."""
    with contextlib.suppress(OSError):
        click.echo(f"ec2-lifecycle: {' '.join(sentence.split())}", err=True)


def put(line: str) -> None:
    """Print a line on standard output, whether or not anyone reads it."""
    try:
        click.echo(line)
    except BrokenPipeError:
        nobody_reads()


def nobody_reads() -> None:
    """Let what is still to be printed go nowhere: the reader, such as `head`, had enough."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
