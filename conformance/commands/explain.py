"""`explain`: a promise in full, and where it is kept."""

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType

import click
from rich.console import Console

from ...model.clauses import clauses_of
from ...model.ledger import CLAUSES
from ...model.proof.source import short
from ...model.theorems.catalogue import THEOREMS
from ...model.theorems.theorem import Theorem
from ...reports.console import console_for, say, say_code, say_labelled, shown
from ...strategies.format import load_scenario
from ...strategies.scenario import Scenario
from ..fingerprint import FINDING_ID
from .common import corpus, finding_file, no_file_of, unknown_clause
from .shell import WrongUsage


@click.command(
    short_help="Explain a clause: its promise, evidence, rules and scenarios.",
    epilog="""\b
Examples:
  ec2-lifecycle explain TERM-4
  ec2-lifecycle explain T1
  ec2-lifecycle explain out/findings/f1-0123456789.yaml""",
)
@click.argument("what", metavar="CLAUSE_OR_FINDING")
def explain(what: str) -> int:
    """Explain a clause, or the one that a finding breaks: the promise, its evidence, its rules, theorems and scenarios.

    A finding is named by its file, or by its id where its file is at hand. A theorem, such as T1, is explained too.
    """
    console = console_for(sys.stdout)
    theorem = next((theorem for theorem in THEOREMS if theorem.id.lower() == what.lower()), None)
    if theorem is not None:
        _say_theorem(console, theorem)
        return 0
    clause = CLAUSES.get(what.upper())
    if clause is None:
        finding = _finding(what)
        clause = CLAUSES[finding.clauses[0]]
        _say_finding(console, finding)
    say(console, shown(clause.id, "bold"))
    say(console, shown(clause.sentence), 2)
    for part, evidence in clause.evidence.items():
        say_labelled(console, part.value, f"{evidence.grade.value} ({evidence.source})")
    say_labelled(console, "broken", clause.effect)
    for function in _rules(clause.id):
        _say_source(console, "rule", function)
    console.print()
    say(console, shown("theorems", "bold"), 2)
    for theorem in THEOREMS:
        if clause.id in theorem.clauses:
            say(console, shown(f"{theorem.id}: {theorem.sentence}"), 4, hanging=2)
    console.print()
    say(console, shown("scenarios", "bold"), 2)
    for path in corpus():
        scenario = load_scenario(path, CLAUSES)
        if clause.id in scenario.clauses:
            say(console, shown(f"{path.parent.name}/{path.name}: {scenario.title}"), 4)
    return 0


def _say_theorem(console: Console, theorem: Theorem) -> None:
    """Say what a theorem is, and what it is worth."""
    say(console, shown(theorem.id, "bold"))
    say(console, shown(theorem.sentence), 2)
    say_labelled(console, "clauses", ", ".join(theorem.clauses) or "none")
    say_labelled(console, "about", ", ".join(str(one.value) for one in theorem.over) or "a world")
    if theorem.beyond_scopes is not None:
        say_labelled(console, "premise met by", theorem.beyond_scopes)
    if theorem.broken_by is not None:
        say_labelled(console, "broken by", f"a change of a rule, for example the mutant {theorem.broken_by}")
    if theorem.unbroken is not None:
        say_labelled(console, "broken by", f"nothing: {theorem.unbroken}")
    _say_source(console, "formula", theorem.formula)


def _say_source(console: Console, label: str, function: Callable[..., object]) -> None:
    """Print the source of a rule or a theorem, with its place."""
    file = inspect.getsourcefile(inspect.unwrap(function)) or ""
    source, line = inspect.getsourcelines(function)
    console.print()
    say_code(console, f"{label} ({short(file)}:{line})", [(text.rstrip(), "") for text in source])


def _finding(what: str) -> Scenario:
    """Return the scenario in a finding's file."""
    path = finding_file(what)
    if path is None:
        raise WrongUsage(_nothing(what))
    finding = load_scenario(path, CLAUSES)
    if not finding.clauses:
        raise WrongUsage(f"{path} names no clause; write clauses: with the one that it is about.")
    return finding


def _nothing(what: str) -> str:
    """Return the sentence for a word that is neither a clause nor a finding at hand."""
    if FINDING_ID.fullmatch(what):
        return no_file_of(what)
    if Path(what).suffix or len(Path(what).parts) > 1:
        return f"there is no file {what}; name one that a run with --output wrote."
    return unknown_clause(what)


def _say_finding(console: Console, finding: Scenario) -> None:
    """Say what was seen, where the file tells."""
    say(console, shown(finding.title, "bold"))
    for label, text in finding.finding:
        say_labelled(console, label, text)
    console.print()


def _rules(clause: str) -> Iterator[FunctionType]:
    """Yield the rules that state a clause, each once, in the order of their files."""
    import importlib
    import pkgutil

    from ...model import rules

    names = [f"{rules.__name__}.{module.name}" for module in pkgutil.iter_modules(rules.__path__)]
    names.append(rules.__name__.replace(".rules", ".background"))
    for name in names:
        module = importlib.import_module(name)
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == name and clause in clauses_of(function):
                yield function
