"""What a command of the command line came to; the fixture `command` (tests/conftest.py) returns it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence on standard error; fails where there is another number of them, or a traceback."""
        [line] = self.err.splitlines()
        assert line.startswith("ec2-lifecycle: ")
        assert "Traceback" not in line
        return line.removeprefix("ec2-lifecycle: ")


Command: TypeAlias = Callable[[str], Ran]
"""Runs the words after `ec2-lifecycle`, as one text."""
