"""What a user asked of the suite, and the target that it names.

The plugin and the suite share it. It imports nothing of the project until it is used, as the plugin does.
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
"""Its name before; pytest still takes it, for one release."""
FOLDER: Final = Path(__file__).parent / "suite"
BROKE: Final = 3
"""The exit code where the target cannot be reached, or broke: as the command line's."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, on the command line or in the ini file; `target` is empty where nothing is said."""

    target: str
    seed: int
    waivers: "tuple[Waiver, ...]"


OPTIONS: Final = pytest.StashKey[Options]()


def complaint(config: pytest.Config) -> str | None:
    """Return what is wrong with what the user wrote for the target, if anything is."""
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


def made(config: pytest.Config) -> "Target":
    """Return the target of the suite; where it cannot be used, the whole run ends, with one sentence."""
    from ..adapter.target import TargetError, UnknownTarget
    from ..targets.resolve import resolve

    if (sentence := complaint(config)) is not None:
        pytest.exit(sentence, pytest.ExitCode.USAGE_ERROR)
    options = config.stash[OPTIONS]
    try:
        return resolve(options.target, seed=options.seed)
    except TargetError as error:
        wrong_usage = isinstance(error, UnknownTarget)
        pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR if wrong_usage else BROKE)
