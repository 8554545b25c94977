"""The page of evidence: every fact about EC2 with its grade, its sources, and the clauses that rest on it.

`nox -s evidence` runs this file: it writes the page again.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from ec2_lifecycle.model.choices import CHOICES
from ec2_lifecycle.model.clauses import EvidenceClass
from ec2_lifecycle.model.evidence import FACTS, TABLES, Fact, Source, cited, uses
from ec2_lifecycle.model.evidence.documented_refusals import ROWS, Row
from ec2_lifecycle.model.evidence.without_clause import WITHOUT_CLAUSE
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.reports.markdown_text import linked, prose

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"


def text() -> str:
    """Return the page."""
    grades = Counter(fact.grade for fact in FACTS.values())
    counted = ", ".join(f"{grades[grade]} {grade.value}" for grade in EvidenceClass)
    sections = "\n\n".join(f"## {topic}\n\n{_section(facts)}" for topic, facts in TABLES.items())
    return f"""\
<!-- written by `nox -s evidence` -->

# What is known about EC2, and from where

**TL;DR** The {len(CLAUSES)} clauses of the specification rest on {len(FACTS)} facts ({counted}).
Each fact below has its sources and the clauses that rest on it. `ec2-lifecycle explain FACT` prints one of them.

| grade | what it means | a finding is |
|---|---|---|
| recorded | captured from real AWS, in a public file or kept with its request id | a violation |
| documented | written in AWS's documentation or API model | a violation |
| reported | quoted from AWS by a third party, at an address that opens | a deviation |
| assumed | inferred, or without a source that can be cited | none |

A recording without a public address counts only if it has a request id. The page then quotes it instead of a link.
AWS rewords its messages (E-40), so a wording is judged only where it is recorded. Another wording is then a deviation.
The refusal, its code and its text may be known from different sources. Each has its own grade.
EC2 changes over time and may differ by region. A fact names its date and region if they are known.

{sections}

## Every fact, and its clauses

No fact is left aside in silence: each has clauses that rest on it, or a reason why it has none.

{_claimed()}

## Refusals that are excused

AWS documents more refusals than the specification has rules for.
They depend on credentials, capacity, images, devices and other things that the specification does not hold.
The oracle excuses such a refusal only because of something in the request, or in the history of what the request names.
A request of which the specification holds everything is never excused by a code about what it names.
A start does again what a launch does: a refusal of RunInstances is excused for StartInstances too,
if the instance was launched or changed with what the row needs.

{_refusals()}
"""


def _section(facts: tuple[Fact, ...]) -> str:
    return "\n".join(line for fact in facts for line in _told(fact))


def _told(fact: Fact) -> Iterator[str]:
    grades = [f"**{fact.grade.value}**", *(f"{part.value} {grade.value}" for part, grade in fact.parts.items())]
    times = {"": fact.date, "since ": fact.since, "until ": fact.until, "in ": fact.region}
    known = [f"{word}{value}" for word, value in times.items() if value]
    yield f"### {fact.id}\n"
    yield f"{prose(fact.statement)}\n"
    yield f"- Grade: {'; '.join([*grades, *known])}"
    yield from (f"- {_cited(source)}" for source in cited(fact.sources))
    resting = [
        f"{clause} ({', '.join(use.part.value for use in group)})"
        for clause, group in groupby(uses(fact, CLAUSES.values()), key=attrgetter("clause"))
    ]
    if resting:
        yield f"- Clauses: {', '.join(resting)}"
    open_points = [choice.id for choice in CHOICES if re.search(rf"\b{fact.id}\b", choice.source)]
    if open_points:
        yield f"- Open points: {', '.join(open_points)}"
    yield ""


def _claimed() -> str:
    """Return the table of the facts, with the clauses that rest on each or the reason why there are none."""
    rows = ["| fact | grade | clauses | why no clause |", "|---|---|---|---|"]
    for fact in FACTS.values():
        clauses = dict.fromkeys(use.clause for use in uses(fact, CLAUSES.values()))
        why = "" if clauses else prose(WITHOUT_CLAUSE[fact.id])
        rows.append(f"| [{fact.id}](#{fact.id.lower()}) | {fact.grade.value} | {', '.join(clauses)} | {why} |")
    return "\n".join(rows)


def _refusals() -> str:
    rows = "\n".join(_refusal(list(group)) for _, group in groupby(ROWS, key=_alike))
    return f"| rows | code | answers | condition | excused | source |\n|---|---|---|---|---|---|\n{rows}"


def _alike(row: Row) -> tuple[object, ...]:
    return row.operations, row.condition, row.needs, row.holds, row.sources


def _refusal(rows: list[Row]) -> str:
    row = rows[0]
    ids = row.id if len(rows) == 1 else f"{row.id} to {rows[-1].id}"
    codes = ", ".join(f"`{one.code}`" for one in rows)
    operations = "every operation" if row.operations == ROWS[0].operations else ", ".join(row.operations)
    sources = ", ".join(map(_cited, cited(row.sources)))
    return f"| {ids} | {codes} | {operations} | {prose(row.condition)} | {prose(row.excused)} | {sources} |"


def _cited(source: Source) -> str:
    if source.url is not None:
        return f"[{prose(source.label)}]({linked(source.url)})"
    return prose(f"{source.label}: {source.shows}")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
