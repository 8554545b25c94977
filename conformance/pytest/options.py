"""The options of the suite, and the target that they name.

The plugin and the suite share it. Like the plugin, it imports the rest of the project only when needed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from ..adapter.target import Target
    from ..findings.waivers import Waiver

SUITE: Final = "ec2_lifecycle.conformance.pytest.suite"
OLD_SUITE: Final = "ec2_lifecycle.conformance.suite"
"""The suite's old name, accepted for one release."""
FOLDER: Final = Path(__file__).parent / "suite"
BROKE: Final = 3
"""The exit code if the target cannot be reached or broke, as on the command line."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options from the command line or the ini file; `target` is empty by default."""

    target: str
    seed: int
    waivers: "tuple[Waiver, ...]"
    clauses: frozenset[str] = frozenset()
    """Only divergences from these are reported; empty: all."""


OPTIONS: Final = pytest.StashKey[Options]()


def target_problem(config: pytest.Config) -> str | None:
    """Return the problem with the target option, or None."""
    from ..adapter.target import UnknownTarget
    from ..targets.resolve import check

    label = config.stash[OPTIONS].target
    if not label:
        return "the suite needs a target; write --ec2-target moto, or endpoint:http://127.0.0.1:4566."
    try:
        check(label)
    except UnknownTarget as error:
        return str(error)
    return None


def make_target(config: pytest.Config) -> "Target":
    """Return the target of the suite; if it cannot be used, end the whole run with one sentence."""
    from ..adapter.target import TargetError, UnknownTarget
    from ..targets.resolve import resolve

    if (sentence := target_problem(config)) is not None:
        pytest.exit(sentence, pytest.ExitCode.USAGE_ERROR)
    options = config.stash[OPTIONS]
    try:
        return resolve(options.target, seed=options.seed)
    except TargetError as error:
        wrong_usage = isinstance(error, UnknownTarget)
        pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR if wrong_usage else BROKE)
