"""`diff-spec`: how two versions of the specification differ in what they say and do."""

import ast
import sys
from collections.abc import Iterator
from contextlib import nullcontext

import click
from rich.console import Console
from rich.text import Text

from ...model.proof.counterexample import ProverBug
from ...model.proof.difference import Difference, Undecided, compare
from ...model.proof.entries import ABOUT
from ...model.proof.solvers import MissingSolver
from ...model.proof.source import OutsideSubset
from ...model.proof.variants import SHARED, DoesNotLoad, load
from ...model.proof.vocabulary import differences
from ...model.specification import Specification
from ...reports.console import console_for, print_text, printable_text
from ..proving.example_text import in_words
from .help_text import command
from .revisions import Version, installed, version_of
from .shell import WrongUsage


@command(
    "diff-spec",
    short_help="Show how two versions of the specification differ.",
    epilog="""\b
Examples:
  ec2-lifecycle diff-spec HEAD~1
  ec2-lifecycle diff-spec ../other-checkout
  ec2-lifecycle diff-spec v1.0 v1.1""",
)
@click.argument("old", metavar="REV_OR_DIR")
@click.argument("new", metavar="[REV_OR_DIR]", required=False)
def diff_spec(old: str, new: str | None) -> int:
    """Compare a version of the specification with the installed one, or with a second version.

    A version is a model/ folder, a folder that contains one, or a git revision of the current repository.
    The exit code is 0 if both say and do the same, even if a rule is written differently.
    """
    before = version_of(old)
    after = installed() if new is None else version_of(new)
    console = console_for(sys.stdout)
    try:
        found = differences(before.texts, after.texts, labels=(before.label, after.label))
        specs = [_loaded(version) for version in (before, after)]
    except DoesNotLoad as error:
        raise WrongUsage(str(error)) from error
    changes = [difference.sentence for difference in found if difference.counts]
    _print_section(console, f"changes in tables, clauses and refusals, from {before.label} to {after.label}", changes)
    _print_section(
        console, "rules whose source changed", [difference.sentence for difference in found if not difference.counts]
    )
    same = _print_behaviour(console, (before.label, after.label), *specs)
    apart = tuple(_not_compared(before, after))
    if apart:
        files = ", ".join(f"{name.replace('.', '/')}.py" for name in apart)
        _print_section(
            console,
            "not compared",
            [f"{files}: changed, but both versions of the rules ran on the installed one."],
        )
    return 0 if same and not changes and not apart else 1


def _not_compared(before: Version, after: Version) -> Iterator[str]:
    """Yield the modules below the rules that differ; both versions run on the installed ones."""
    for name in sorted({*SHARED, "step"}):
        old, new = (version.texts.get(name, "") for version in (before, after))
        if ast.dump(ast.parse(old)) != ast.dump(ast.parse(new)):
            yield name


def _loaded(version: Version) -> Specification | str:
    """Return the specification of a version, or the reason if it needs definitions that the installed model lacks.

    Raises `DoesNotLoad` for any other reason.
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
            raise
        return f"The behaviour cannot be compared, because {version.label} uses other definitions: {error}"


def _print_section(console: Console, heading: str, sentences: list[str]) -> None:
    """Print sentences under a heading."""
    print_text(console, printable_text(heading, "bold"))
    for sentence in sentences or ["None."]:
        print_text(console, printable_text(sentence), 2, hanging=2)


def _print_behaviour(
    console: Console, labels: tuple[str, str], old: Specification | str, new: Specification | str
) -> bool:
    """Print what the versions do differently; return whether they are proved to do the same. Raises `WrongUsage`."""
    if isinstance(old, str) or isinstance(new, str):
        reasons = [reason for reason in (old, new) if isinstance(reason, str)]
        _print_section(console, "changes in behaviour", reasons)
        return False
    print_text(console, printable_text("changes in behaviour", "bold"))
    same = True
    for difference in _compared(old, new):
        same = False
        if isinstance(difference, Undecided):
            sentence = f"{difference.about}: small worlds show no difference, but the solver has not ruled one out."
            print_text(console, printable_text(sentence), 2, hanging=2)
        else:
            _print_difference(console, labels, difference, old, new)
    if same:
        sentence = "None: the rules do the same in every world, for every request and choice (proved)."
        print_text(console, printable_text(sentence), 2, hanging=2)
    return same


def _compared(old: Specification, new: Specification) -> Iterator[Difference | Undecided]:
    """Yield each difference in behaviour as it is found; a terminal shows that the search is running."""
    screen = console_for(sys.stderr)
    try:
        with screen.status("comparing the behaviour…") if screen.is_terminal else nullcontext():
            yield from compare(old, new)
    except OutsideSubset as error:
        raise WrongUsage(f"{error}; see the docstring of model/rules for what a rule may use.") from error
    except MissingSolver as error:
        raise WrongUsage(str(error)) from error
    except ProverBug as error:
        raise click.ClickException(str(error)) from error


def _print_difference(
    console: Console, labels: tuple[str, str], difference: Difference, old: Specification, new: Specification
) -> None:
    print_text(console, printable_text(f"{difference.about}: {', '.join(difference.what)}"), 2, hanging=2)
    choices = {choice.id: choice for spec in (old, new) for choice in spec.choices}
    lines = list(in_words(difference.example, tuple(choices.values())))
    lines += [(labels[0], outcome) for outcome in difference.old]
    lines += [(labels[1], outcome) for outcome in difference.new]
    for label, line in lines:
        print_text(console, Text.assemble((f"{label}: ", "bold"), printable_text(line)), 4, hanging=2)
    if not difference.reachable:
        print_text(console, printable_text("No sequence of requests leads to this world."), 4)
