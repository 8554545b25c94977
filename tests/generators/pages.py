"""The generated pages of docs/, the generated parts of others, and the picture of the README: made from the source.

`nox -s pages` runs this file: it writes all of them again.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any, Final

from marked import write_parts
from references import questions_page, reference_page
from surface_page import surface_page

from ec2_lifecycle.model import ledger
from ec2_lifecycle.model.clauses import Clause, Evidence
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.theorems.catalogue import THEOREMS
from ec2_lifecycle.reports.html import timeline_svg
from ec2_lifecycle.reports.markdown_text import prose
from ec2_lifecycle.reports.stored_runs import read_runs
from ec2_lifecycle.reports.timeline import timeline

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = ROOT / "README.md"
PROOFS: Final = ROOT / "docs" / "proofs.md"
THEOREMS_PAGE: Final = ROOT / "docs" / "theorems.md"
CLAUSES_PAGE: Final = ROOT / "docs" / "clauses.md"
QUESTIONS_PAGE: Final = ROOT / "docs" / "questions.md"
REFERENCE_PAGE: Final = ROOT / "docs" / "reference.md"
SURFACE_PAGE: Final = ROOT / "docs" / "surface.md"
PICTURE: Final = ROOT / "docs" / "finding.svg"
SESSION: Final = "pages"
EXAMPLES: Final = ("T3", "T2", "T8")
"""The theorems that the README shows: short, and plain without the rest."""
SHOWN: Final = "TERM-4"
"""The clause whose finding on moto the picture shows."""
_TOPICS: Final = (
    "states",
    "launch",
    "tokens",
    "terminate",
    "protection",
    "stop",
    "start_reboot",
    "background",
    "volumes",
    "errors",
    "describe",
)
"""The modules of `model/ledger/`, in the order of its tables."""


def theorems_page() -> str:
    """Return the page of the theorems."""
    rows = (f"| {one.id} | {one.sentence} | {', '.join(one.clauses)} |\n" for one in THEOREMS)
    return (
        f"<!-- written by `nox -s {SESSION}` -->\n\n# The theorems\n\n"
        f"**TL;DR** {len(THEOREMS)} theorems are proved for any number of instances, and for every choice.\n"
        "[proofs.md](proofs.md) explains how. `ec2-lifecycle explain T1` prints the formula of one.\n\n"
        "| theorem | for any number of instances, and every choice | clauses |\n|---|---|---|\n" + "".join(rows)
    )


def covering() -> str:
    """Return the figures of the covering suite."""
    totals = _totals()
    return (
        f"| small changes of the specification | |\n|---|---|\n"
        f"| all | {totals['mutants']:,} |\n"
        f"| a client can tell them from the specification, and the suite kills them | {totals['killable']:,} |\n"
        f"| proved to be equivalent | {totals['equivalent']} |\n"
        f"| permit nothing more than the specification, in any scope | {totals['tighter']} |\n"
        f"| differ only after something that no caller can cause | {totals['unreachable by API calls']} |\n"
        f"| break only what is assumed | {totals['only assumed']} |\n"
        f"| open | {totals['open']} |\n\n"
        f"It also finds {totals['faults found']} of {totals['planted faults']} planted faults.\n"
        f"It has {totals['scenarios']} scenarios and makes {totals['calls']} API calls:\n\n"
        "| what a target needs | scenarios | calls | lower bound |\n|---|---|---|---|\n"
        + "".join(
            f"| {name} | {layer['scenarios']} | {layer['calls']} | {layer['bound']} |\n"
            for name, layer in _manifest()["layers"].items()
        )
    )


def proved() -> str:
    """Return what the README says of proofs and mutants."""
    by_id = {one.id: one for one in THEOREMS}
    shown = "".join(f"- {by_id[name].sentence} ({name})\n" for name in EXAMPLES)
    totals = _totals()
    return (
        f"{len(THEOREMS)} theorems are proved for any number of instances, zones and volumes. Three of them:\n\n"
        f"{shown}\n"
        f"{totals['scenarios']} generated scenarios detect {totals['killable']:,} wrong versions of the "
        f"specification.\nEach wrong version has one small change.\n"
    )


def _totals() -> dict[str, int]:
    return _manifest()["totals"]


def _manifest() -> dict[str, dict[str, Any]]:
    folder = files("ec2_lifecycle.conformance").joinpath("corpus/covering")
    manifest: dict[str, dict[str, Any]] = json.loads(folder.joinpath("manifest.json").read_text(encoding="utf-8"))
    return manifest


PARTS: Final[Mapping[Path, Mapping[str, Callable[[], str]]]] = {
    README: {"proved": proved},
    PROOFS: {"covering": covering},
}
"""The parts of pages that are made, by name."""


def clauses_page() -> str:
    """Return the page of the clauses."""
    resting: dict[str, list[str]] = defaultdict(list)
    for theorem in THEOREMS:
        for clause in theorem.clauses:
            resting[clause].append(theorem.id)
    sections = "\n".join("\n".join(_section(name, table, resting)) for name, table in _tables())
    return f"""\
<!-- written by `nox -s {SESSION}` -->

# What EC2 promises: the clauses

**TL;DR** Each of the {len(CLAUSES)} clauses is one promise of EC2.
Its evidence says how the promise is known, separately for the outcome, the error code, the HTTP status and the message.
The facts behind it, with links to their sources, are in [evidence.md](evidence.md).

| grade | how the promise is known | breaking it is |
|---|---|---|
| recorded | captured from real AWS | a violation |
| documented | written in AWS's documentation or API model | a violation |
| reported | quoted from AWS by a third party | a deviation |
| assumed | inferred | no finding |

`ec2-lifecycle explain TERM-4` shows one clause with its sources, rules, theorems and scenarios.
A theorem in the last column is proved, and its sentence is in [theorems.md](theorems.md).

{sections}"""


def _tables() -> Iterator[tuple[str, Sequence[Clause]]]:
    """Yield the sentence that opens each module of the ledger, and its table."""
    for name, table in zip(_TOPICS, ledger.TABLES, strict=True):
        module = import_module(f"{ledger.__name__}.{name}")
        if getattr(module, name.upper()) is not table:
            raise ValueError(f"model/ledger/{name}.py is not at its place in TABLES; put _TOPICS in that order")
        yield str(module.__doc__).partition("\n")[0].rstrip("."), table


def _section(title: str, table: Sequence[Clause], resting: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| clause | EC2 promises | evidence | if it is broken | proved by |"
    yield "|---|---|---|---|---|"
    for clause in table:
        known = "<br>".join(_known(part.value, evidence) for part, evidence in clause.evidence.items())
        cells = (clause.id, prose(clause.sentence), known, prose(clause.effect), ", ".join(resting.get(clause.id, ())))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _known(part: str, evidence: Evidence) -> str:
    facts = ", ".join(
        f"[{fact}](evidence.md#{fact.lower()})" if fact in FACTS else prose(fact) for fact in evidence.facts
    )
    return f"{part}: {evidence.grade.value}{f' ({facts})' if facts else ''}"


def picture() -> str:
    """Return the timeline of a finding that a short run of moto makes, without the row of possible worlds."""
    with TemporaryDirectory() as folder:
        program = str(Path(sys.executable).with_name("ec2-lifecycle"))
        command = (program, "run", "moto", "--clauses", SHOWN, "--tier", "smoke", "--output", "out")
        done = run(command, cwd=folder, capture_output=True, check=False)
        if done.returncode != 1:
            raise ValueError(f"the run of moto ended with {done.returncode}: {done.stderr.decode().strip()}")
        [target] = read_runs([Path(folder, "out", "events.ndjson")]).targets
    finding = next(each for each in target.done.findings if SHOWN in each.clauses)
    drawn = timeline(finding)
    if drawn is None:
        raise ValueError(f"the scenario of {finding.id} has no instance")
    return timeline_svg(replace(drawn, worlds=()))


FILES: Final[Mapping[Path, Callable[[], str]]] = {
    CLAUSES_PAGE: clauses_page,
    THEOREMS_PAGE: theorems_page,
    QUESTIONS_PAGE: lambda: questions_page(SESSION, [*_tables()]),
    REFERENCE_PAGE: lambda: reference_page(SESSION),
    SURFACE_PAGE: lambda: surface_page(SESSION),
    PICTURE: picture,
}
"""The files that are made as a whole."""


if __name__ == "__main__":
    for page, parts in PARTS.items():
        write_parts(page, SESSION, parts)
    for file, made in FILES.items():
        file.write_text(made(), encoding="utf-8", newline="\n")
