"""`explain`: a promise in full, and where it is kept."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import click

from ...model.clauses import Clause, clauses_of
from ...model.ledger import CLAUSES
from ...reports.console import console_for, say, say_code, say_labelled, shown
from ...strategies.format import load_scenario
from .common import corpus, unknown_clause


@click.command(epilog="Example: ec2-lifecycle explain TERM-4")
@click.argument("what", metavar="CLAUSE_OR_FINDING")
def explain(what: str) -> int:
    """Explain a clause, or the one that a finding breaks: the promise, its evidence, its rules, its scenarios.

    A finding is named by its file.
    """
    console = console_for(sys.stdout)
    clause = CLAUSES.get(what.upper()) or _of_file(what)
    say(console, shown(clause.id, "bold"))
    say(console, shown(clause.sentence), 2)
    for part, evidence in clause.evidence.items():
        say_labelled(console, part.value, f"{evidence.grade.value} ({evidence.source})")
    say_labelled(console, "broken", clause.effect)
    for function in _rules(clause.id):
        file = Path(inspect.getsourcefile(function) or "")
        source, line = inspect.getsourcelines(function)
        place = f"model/{file.parent.name}/{file.name}" if file.parent.name == "rules" else f"model/{file.name}"
        console.print()
        say_code(console, f"rule ({place}:{line})", [(text.rstrip(), "") for text in source])
    console.print()
    say(console, shown("scenarios", "bold"), 2)
    for path in corpus():
        scenario = load_scenario(path, CLAUSES)
        if clause.id in scenario.clauses:
            say(console, shown(f"{path.parent.name}/{path.name}: {scenario.title}"), 4)
    return 0


def _of_file(what: str) -> Clause:
    """Return the clause of a finding's file."""
    path = Path(what)
    if not path.exists():
        raise click.UsageError(
            f"{what} is a finding's id; name its file, such as out/findings/{what.replace(':', '-')}.yaml."
            if what.startswith("f1:")
            else unknown_clause(what)
        )
    scenario = load_scenario(path, CLAUSES)
    if not scenario.clauses:
        raise click.UsageError(f"{path} names no clause.")
    return CLAUSES[scenario.clauses[0]]


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
