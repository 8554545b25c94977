"""`explain`: a promise in full, the rules that state it, and the verdicts of targets on it."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Final

import click
from rich.console import Console

from ...model.clauses import Clause, clauses_of
from ...model.evidence import FACTS, SOURCES, Fact, Source, cited, uses
from ...model.evidence.documented_refusals import BY_ID, Row
from ...model.ledger import CLAUSES, nearest
from ...model.proof.source import short
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS
from ...model.theorems.theorem import Theorem
from ...reports.clause_status import print_clause_results
from ...reports.console import console_for, print_labelled, print_python, print_text, printable_text
from ...strategies.files.format import load_scenario
from ..execution.transitions import lifecycle
from .explain_surface import nearest_name, paths_of, print_paths, print_topic, topic_of
from .help_text import command, option
from .scenario_files import corpus_files
from .shell import FILE, WrongUsage
from .show import show_finding
from .stored_findings import may_be_finding, read_streams

_FINDING: Final = ("f1:", "f2:")
_THEOREM: Final = re.compile(r"T[0-9]+[A-Z]?")


@command(
    short_help="Explain a clause: its promise, evidence, rules and scenarios.",
    epilog="""\b
Examples:
  ec2-lifecycle explain TERM-4
  ec2-lifecycle explain TERM-4 --stream out/events.ndjson
  ec2-lifecycle explain T1
  ec2-lifecycle explain B-02
  ec2-lifecycle explain NetworkInterfaces
  ec2-lifecycle explain out/findings/f2-0123456789.yaml""",
)
@click.argument("what", metavar="CLAUSE_OR_FINDING")
@click.argument("more", nargs=-1, type=FILE, metavar="[STREAM]...")
@option(
    "--stream",
    "streams",
    type=FILE,
    multiple=True,
    metavar="STREAM",
    help="Also show the verdicts in this events.ndjson.",
)
def explain(what: str, more: tuple[Path, ...], streams: tuple[Path, ...]) -> int:
    """Explain a clause: its promise, evidence, rules, theorems and scenarios.

    The command also explains a theorem (T1), a fact (B-02) and a documented refusal (R-190).
    For a parameter, a reply field (Placement.Tenancy) or a topic outside the specification (Spot),
    it says whether the oracle judges it, and why.
    For the id or the file of a finding, it prints what `show` prints.
    """
    named = (*streams, *more)
    console = console_for(sys.stdout)
    if (known := _without_runs(what)) is not None:
        kind, print_it = known
        if named:
            raise WrongUsage(f"{what.upper()} is a {kind}, which no run reports; name a clause or a finding.")
        print_it(console)
        return 0
    clause = CLAUSES.get(what.upper())
    if clause is None:
        show_finding(console, what, named)
        return 0
    stored = read_streams(named)
    _print_clause(console, clause)
    if stored is not None:
        console.print()
        print_clause_results(console, stored, clause.id)
    return 0


def _without_runs(what: str) -> tuple[str, Callable[[Console], None]] | None:
    """Return the kind of a theorem, fact or refusal, and a function that prints it; None for anything else."""
    name = what.upper()
    theorem = next((theorem for theorem in THEOREMS if theorem.id == name), None)
    if theorem is not None:
        return "theorem", lambda console: _print_theorem(console, theorem)
    if name in FACTS:
        return "fact", lambda console: _print_fact(console, FACTS[name])
    if name in BY_ID:
        return "fact", lambda console: _print_refusal(console, BY_ID[name])
    if name in CLAUSES or Path(what).exists() or what.startswith(_FINDING):
        return None
    if (topic := topic_of(what)) is not None:
        return "topic", lambda console: print_topic(console, topic)
    if paths := paths_of(what):
        return "part of EC2's interface", lambda console: print_paths(console, paths)
    if nearest(what) is None and (meant := nearest_name(what)) is not None:
        raise WrongUsage(f"there is no clause and no part of EC2's interface {what!r}; did you mean {meant}?")
    if _THEOREM.fullmatch(name):
        raise WrongUsage(f"there is no theorem {what!r}; see: ec2-lifecycle list theorems")
    if nearest(what) is None and not may_be_finding(what):
        raise WrongUsage(
            f"{what!r} is not a clause, theorem or fact, nor a part of EC2's interface; "
            "see: ec2-lifecycle list clauses, or list surface"
        )
    return None


def _print_clause(console: Console, clause: Clause) -> None:
    """Print a promise, its evidence, and the rules, theorems and scenarios about it."""
    print_text(console, printable_text(clause.id, "bold"))
    print_text(console, printable_text(clause.sentence), 2)
    for part, evidence in clause.evidence.items():
        print_labelled(console, part.value, f"{evidence.grade.value} ({evidence.source})")
    print_labelled(console, "broken", clause.effect)
    _print_evidence(console, clause)
    rules = list(_rules(clause.id))
    for function in rules:
        _print_source(console, "rule", function)
    if not rules:
        console.print()
        print_labelled(console, "rule", "none by itself; it is about what replies show, or what all rules do together")
    moves = (f"{row.source} → {row.to}: {row.by}" for row in lifecycle(EC2) if row.clause == clause.id)
    _print_list(console, "transitions", dict.fromkeys(moves))
    theorems = (theorem for theorem in THEOREMS if clause.id in theorem.clauses)
    _print_list(console, "theorems", [f"{theorem.id}: {theorem.sentence}" for theorem in theorems])
    scenarios = ((path, load_scenario(path, CLAUSES)) for path in corpus_files())
    about = [f"{path.parent.name}/{path.name}: {one.title}" for path, one in scenarios if clause.id in one.clauses]
    _print_list(console, "scenarios", about)


def _print_evidence(console: Console, clause: Clause) -> None:
    """Print each fact that the clause rests on, once, with its sources."""
    named = dict.fromkeys(name for evidence in clause.evidence.values() for name in evidence.facts)
    for name in named:
        if name in FACTS:
            console.print()
            _print_statement(console, FACTS[name])


def _print_statement(console: Console, fact: Fact) -> None:
    """Print a fact, how well it is known, and its sources."""
    times = {"date": fact.date, "since": fact.since, "until": fact.until, "region": fact.region}
    known = "; ".join(
        f"{word} {value}" if word in ("since", "until") else value for word, value in times.items() if value
    )
    grades = [fact.grade.value, *(f"{part.value} {grade.value}" for part, grade in fact.parts.items())]
    print_text(console, printable_text(f"{fact.id} · {', '.join(grades)}{f' · {known}' if known else ''}", "bold"), 2)
    print_text(console, printable_text(fact.statement), 4)
    for source in _sources(fact.id, fact.sources):
        console.print(printable_text(f"    {source.label}: {source.url or source.shows}"), soft_wrap=True)


def _sources(name: str, keys: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the sources of a fact; raises `WrongUsage` if no table has one of them."""
    for key in keys:
        if key not in SOURCES:
            tables = "documentation.py, recordings.py or reports.py"
            raise WrongUsage(
                f'{name} cites the source "{key}", which is in no table; add it to {tables} in model/evidence/.'
            )
    return cited(keys)


def _print_fact(console: Console, fact: Fact) -> None:
    """Print a fact, and the clauses that rest on it."""
    _print_statement(console, fact)
    parts: dict[str, list[str]] = {}
    for use in uses(fact, CLAUSES.values()):
        parts.setdefault(use.clause, []).append(use.part.value)
    _print_list(
        console, "clauses that rest on it", [f"{clause} ({', '.join(named)})" for clause, named in parts.items()]
    )
    if fact.id in BY_ID:
        _print_excuse(console, BY_ID[fact.id])


def _print_refusal(console: Console, row: Row) -> None:
    """Print a refusal that AWS documents, and when it is excused."""
    print_text(console, printable_text(f"{row.id} · {row.code}", "bold"), 2)
    print_text(console, printable_text(f"{row.condition[0].upper()}{row.condition[1:]}."), 4)
    for source in _sources(row.id, row.sources):
        console.print(printable_text(f"    {source.label}: {source.url or source.shows}"), soft_wrap=True)
    _print_excuse(console, row)


def _print_excuse(console: Console, row: Row) -> None:
    """Print which operations a refusal may answer, and when it is excused."""
    console.print()
    print_labelled(console, "answers", ", ".join(row.operations))
    print_labelled(console, "excused", row.excused)


def _print_list(console: Console, label: str, lines: Iterable[str]) -> None:
    """Print a label and lines below it, or that there are none."""
    console.print()
    print_text(console, printable_text(label, "bold"), 2)
    for line in lines or ["none"]:
        print_text(console, printable_text(line), 4, hanging=2)


def _print_theorem(console: Console, theorem: Theorem) -> None:
    """Print a theorem, and what it rules out."""
    print_text(console, printable_text(theorem.id, "bold"))
    print_text(console, printable_text(theorem.sentence), 2)
    print_labelled(console, "clauses", ", ".join(theorem.clauses) or "none")
    print_labelled(console, "about", ", ".join(str(one.value) for one in theorem.over) or "a world")
    if theorem.beyond_scopes is not None:
        print_labelled(console, "premise met by", theorem.beyond_scopes)
    if theorem.broken_by is not None:
        print_labelled(console, "broken by", f"a change of a rule, for example the mutant {theorem.broken_by}")
    if theorem.unbroken is not None:
        print_labelled(console, "broken by", f"nothing: {theorem.unbroken}")
    _print_source(console, "formula", theorem.formula)


def _print_source(console: Console, label: str, function: Callable[..., object]) -> None:
    """Print the source of a rule or a theorem, with its place."""
    file = inspect.getsourcefile(inspect.unwrap(function)) or ""
    source, line = inspect.getsourcelines(function)
    console.print()
    print_python(console, f"{label} ({short(file)}:{line})", [text.rstrip() for text in source])


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
