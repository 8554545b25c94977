"""`diff-spec`: what two versions of the specification say differently."""

import sys
from collections.abc import Iterable

import click
from rich.console import Console

from ...model.proof.entries import ABOUT
from ...model.proof.variants import SHARED, DoesNotLoad, load
from ...model.proof.vocabulary import Difference, differences
from ...model.specification import Specification
from ...reports.console import console_for, say, shown
from .shell import WrongUsage
from .versions import Version, installed, version_of


@click.command(
    "diff-spec",
    short_help="Tell what two versions of the specification say differently.",
    epilog="""\b
Examples:
  ec2-lifecycle diff-spec HEAD~1
  ec2-lifecycle diff-spec ../other-checkout
  ec2-lifecycle diff-spec v1.0 v1.1""",
)
@click.argument("old", metavar="REV_OR_DIR")
@click.argument("new", metavar="[REV_OR_DIR]", required=False)
def diff_spec(old: str, new: str | None) -> int:
    """Compare the installed specification with another version of it, or two versions.

    A version is a folder that is or holds a model/, or a git revision of the repository around the current folder.
    """
    before = version_of(old)
    after = installed() if new is None else version_of(new)
    try:
        found = differences(before.texts, after.texts, labels=(before.label, after.label))
    except DoesNotLoad as error:
        raise WrongUsage(str(error)) from error
    console = console_for(sys.stdout)
    told = [difference for difference in found if difference.counts]
    say(console, shown(f"{before.label} → {after.label}", "bold"))
    _say_all(console, "what they say", told)
    differ = _say_behaviour(console, before, after, [difference for difference in found if not difference.counts])
    return 1 if told or differ else 0


def _say_all(console: Console, heading: str, found: Iterable[Difference]) -> None:
    """Print what is different under a heading, or that nothing is."""
    sentences = [difference.sentence for difference in found] or ["nothing is different"]
    say(console, shown(heading, "bold"), 2)
    for sentence in sentences:
        say(console, shown(sentence), 4, hanging=2)


def _say_behaviour(console: Console, before: Version, after: Version, rules: list[Difference]) -> bool:
    """Print what the versions do differently; return whether they do, as far as can be told."""
    _say_all(console, "rules that read otherwise", rules)
    specs = [_loaded(console, version) for version in (before, after)]
    return bool(rules) or None in specs


def _loaded(console: Console, version: Version) -> Specification | None:
    """Return the specification of a version; None, and why, where it speaks of things that are not installed.

    Raises `WrongUsage` where it does not load for another reason.
    """
    varying = {
        name: text
        for name, text in version.texts.items()
        if name not in SHARED and name.partition(".")[0] not in (*ABOUT, "step")
    }
    try:
        return load(varying, version.label, shared=())
    except DoesNotLoad as error:
        here = installed().texts
        if all(version.texts.get(name) == here.get(name) for name in SHARED):
            raise WrongUsage(str(error)) from error
        say(console, shown(f"What {version.label} does cannot be compared, for its words are others: {error}"), 2)
        return None
