"""The pages that list data of the source: the questions of an implementer, and the reference of everything else.

`pages.py` writes them, under `nox -s pages`.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from inspect import cleandoc, getsource
from itertools import chain
from pathlib import Path
from typing import Final, get_args

import click

from ec2_lifecycle.conformance.cli import COMMANDS, cli
from ec2_lifecycle.conformance.commands.help_text import Option
from ec2_lifecycle.conformance.diagnosis.catalogue import (
    BAD_ID_REFUSALS,
    CATALOGUE,
    PATTERNS,
    KnownFault,
    Pattern,
    in_words,
)
from ec2_lifecycle.conformance.emulator.server.options import name_of
from ec2_lifecycle.model.choices import CHOICES, Choice
from ec2_lifecycle.model.clauses import Clause, Evidence
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.questions import QUESTIONS
from ec2_lifecycle.model.requests import ErrorCode
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports import events
from ec2_lifecycle.reports.markdown_text import code, head, prose, row
from ec2_lifecycle.strategies.files.forms import step_syntax

ROOT: Final = Path(__file__).resolve().parents[2]
MATRIX: Final = ROOT / "reports" / "matrix.md"
WRONG: Final = "✗"
RIGHT: Final = "✓"
_FACT: Final = re.compile(r"\b[A-Z]-\d\d\b")


def questions_page(session: str, tables: Sequence[tuple[str, Sequence[Clause]]]) -> str:
    """Return the page of the questions that every implementer has to answer."""
    verdicts, targets, day = matrix()
    sections = "\n".join(_questions(title, table, verdicts, targets) for title, table in tables)
    return f"""\
<!-- written by `nox -s {session}` -->

# Questions that every implementer must answer

**TL;DR** If you write an emulator of EC2, read this page before you write code.
Each question has an answer of EC2, and the last column has the emulators that gave another answer.
[emulator.md](emulator.md) explains how to check yours.

The answers are the [clauses](clauses.md). A grade says how an answer is known, and links to the facts:
`recorded` from real AWS, `documented` by AWS, `reported` by third parties, or only `assumed`.
The last column comes from [the matrix](../reports/matrix.md), which has the runs of {day}:
{", ".join(code(name) for name in targets)}. A dash means that no run could tell.

{sections}
## What nobody knows

No source answers these questions. EC2 may do any of the alternatives, so a run permits each of them.
The first alternative is the most likely, and `ec2-lifecycle serve` takes it.
Its option `--choice ID=WORD` takes another.

{head("question", "EC2 may do this", "facts", "id")}
{_lines(map(_open_point, CHOICES))}
"""


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)


def matrix() -> tuple[Mapping[str, Mapping[str, str]], Sequence[str], str]:
    """Return the signs of the matrix by clause and target, its emulators, and its day."""
    text = MATRIX.read_text(encoding="utf-8")
    day = re.search(r"run for real on (\S+)", text)
    columns: list[str] = []
    signs: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[:3] == ["clause", "promise", "evidence"]:
            columns = [name.strip("` ") for name in cells[3:]]
        elif columns and cells[0].strip() in EC2.clauses and len(cells) == len(columns) + 3:
            signs[cells[0].strip()] = dict(zip(columns, cells[3:], strict=True))
    if day is None or not signs:
        raise ValueError(f"{MATRIX.name} has no table of clauses, or no day; write it again with: nox -s matrix")
    others = [name for name in columns if not name.startswith("ec2-lifecycle")]
    return signs, others, day[1]


def _questions(
    title: str, table: Sequence[Clause], verdicts: Mapping[str, Mapping[str, str]], targets: Sequence[str]
) -> str:
    rows = (
        row(
            (
                prose(QUESTIONS[clause.id]),
                prose(clause.sentence),
                _grade(next(iter(clause.evidence.values()))),
                clause.id,
                _wrong(verdicts.get(clause.id, {}), targets),
            )
        )
        for clause in table
    )
    return "\n".join((f"## {title}\n", head("question", "answer", "known", "clause", "wrong on"), *rows, ""))


def _wrong(signs: Mapping[str, str], targets: Sequence[str]) -> str:
    """Return the targets that answered a question wrongly; `none` if all that were judged answered it rightly."""
    wrong = [code(name) for name in targets if signs.get(name) == WRONG]
    judged = any(signs.get(name) in (RIGHT, WRONG) for name in targets)
    return ", ".join(wrong) or ("none" if judged else "–")


def _grade(evidence: Evidence) -> str:
    facts = ", ".join(linked(fact) for fact in evidence.facts)
    return f"{evidence.grade.value}{f' ({facts})' if facts else ''}"


def linked(text: str) -> str:
    """Return prose in which each fact leads to its evidence."""
    found = prose(text)
    return _FACT.sub(lambda fact: f"[{fact[0]}](evidence.md#{fact[0].lower()})" if fact[0] in FACTS else fact[0], found)


def _open_point(choice: Choice[Enum]) -> str:
    words = "<br>".join(f"{code(name_of(each))}: {prose(each.value)}" for each in choice.alternatives)
    return row((prose(choice.question), words, linked(choice.source), code(choice.id)))


def reference_page(session: str) -> str:
    """Return the page that lists refusals, choices, the catalogue of defects, steps and events."""
    return f"""\
<!-- written by `nox -s {session}` -->

# Reference

**TL;DR** Lists that follow from the source: options, refusals, open points, the catalogue of defects, steps and events.
[clauses.md](clauses.md) lists the promises of EC2, and [proofs.md](proofs.md) the theorems.

## Commands and options

[commands.md](commands.md) explains the commands. `--help` of each has examples.

{_options()}
## Refusals

EC2 refuses a request for any of these reasons. If several apply, it may give any of them,
but a reason in the last column always comes first. If no fact gives the code, any client error is permitted.

{_refusals()}
## Open points

Each has a finite number of alternatives, the most likely first. The hardest one asks most of clients:
`serve --behaviour adversarial` takes it. Where the scope is one instance, each may get another alternative.

{head("id", "alternatives", "hardest", "scope", "facts")}
{_lines(map(_choice, CHOICES))}

[questions.md](questions.md#what-nobody-knows) has the question behind each.

## Catalogue of defects

A run names a defect from this catalogue if it recognizes it. Any other defect is named after what it changes.

{head("defect", "what the target does", "how to fix it", "clauses")}
{_lines(_faults())}

## Steps of a scenario

[scenarios.md](scenarios.md) explains them. A key in bold is required if the step has a mapping.

{head("step", "keys")}
{_lines(_steps())}

## Events of a run

`events.ndjson` has one JSON object on each line. Its key `event` names the kind. The schema is {events.SCHEMA}.
A reader ignores kinds and keys that it does not know. If a version only adds keys, the number after the dot changes.

{_events()}"""


def _options() -> str:
    parts: list[str] = []
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is None:
            raise ValueError(f"there is no command {name}")
        arguments = " ".join(each.make_metavar(context) for each in command.params if isinstance(each, click.Argument))
        own = [each for each in command.params if isinstance(each, click.Option)]
        parts.append(f"### {name}\n\n{code(f'ec2-lifecycle {name} {arguments}'.strip())}\n")
        if own:
            parts += [head("option", "what it does"), *(_option(each, context) for each in own), ""]
    return "\n".join(parts)


def _option(option: click.Option, context: click.Context) -> str:
    names, does = option.get_help_record(context) or ("", "")
    only = f" Only for {code(option.only_for)}." if isinstance(option, Option) and option.only_for else ""
    return row((code(names), f"{prose(does)}{only}"))


def _refusals() -> str:
    parts: list[str] = []
    for operation, rules in EC2.operations.items():
        if rules.ladder:
            rows = (_rung(rung, rules.ladder) for rung in rules.ladder)
            parts += [f"### {operation.value}\n", head("refused for", "code", "clause", "comes after"), *rows, ""]
    return "\n".join(parts)


def _rung(rung: Rung, ladder: Sequence[Rung]) -> str:
    there = [each.refusal for each in ladder if each.refusal in rung.after]
    known = "any client error" if rung.code is ErrorCode.ANY else code(rung.code.value)
    return row((prose(rung.refusal.value), known, rung.clause, ", ".join(prose(one.value) for one in there) or "–"))


def _choice(choice: Choice[Enum]) -> str:
    alternatives = "<br>".join(code(name_of(each)) for each in choice.alternatives)
    scope = "instance" if choice.per_instance else "request"
    return row((code(choice.id), alternatives, code(name_of(choice.hardest)), scope, linked(choice.source)))


def _faults() -> Iterator[str]:
    for fault in (*CATALOGUE, *PATTERNS):
        title = prose(in_words(fault.title, "the operation", "an attribute", BAD_ID_REFUSALS))
        yield row((code(fault.id), title[0].upper() + title[1:], prose(fault.hint), ", ".join(sorted(_clauses(fault)))))


def _clauses(fault: KnownFault | Pattern) -> set[str]:
    """Return the clauses that a target breaks which has the fault."""
    if isinstance(fault, KnownFault):
        return {*fault.clauses}
    return {clause for kinds in (*fault.shown_by, fault.explains) for clause, _ in kinds}


def _steps() -> Iterator[str]:
    for step in step_syntax():
        keys = ", ".join(chain((f"**{code(key)}**" for key in step.required), map(code, step.optional)))
        yield row((code(f"- {step.example}"), keys or "–"))


def _events() -> str:
    """Return a table for each kind of event, and for each record that one of them has."""
    classes = {node.name: node for node in ast.parse(getsource(events)).body if isinstance(node, ast.ClassDef)}
    kinds = [kind.__name__ for kind in get_args(events.Event)]
    parts: list[str] = []
    for name in [*kinds, *(name for name in classes if name not in kinds)]:
        node = classes[name]
        parts += [f"### {name}\n", f"{prose(cleandoc(ast.get_docstring(node) or ''))}\n"]
        rows = list(_fields(node))
        if rows:
            parts += [head("key", "type", "meaning"), *rows, ""]
    return "\n".join(parts)


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """Yield a row for each key, with the text that stands below it in the source."""
    for place, statement in enumerate(node.body):
        below = node.body[place + 1] if place + 1 < len(node.body) else None
        meaning = ""
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            meaning = " ".join(cleandoc(below.value.value).split())
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield row((code(statement.target.id), code(ast.unparse(statement.annotation)), prose(meaning)))
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield row((code(str(statement.value.value)), "", prose(meaning)))
