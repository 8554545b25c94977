"""Writes a Markdown report on which theorem breaks on which mutant of the rules, and which changes no theorem notices.

Run by `nox -s adequacy`; it takes several minutes on two cores.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from ec2_lifecycle.model.proof.adequacy import Baseline
from ec2_lifecycle.model.proof.mutants import Mutant, mutants
from ec2_lifecycle.model.proof.prover import Verdict
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.theorems.catalogue import THEOREMS

WORKERS = 2
AT_ONCE = 20
"""Mutants per task of a worker."""


@cache
def baseline() -> Baseline:
    """Return the theorems with their proofs about the specification."""
    return Baseline(EC2, THEOREMS)


@cache
def all_mutants() -> dict[str, Mutant]:
    """Return every mutant by its id."""
    return {mutant.id: mutant for mutant in mutants()}


def verdicts(names: list[str]) -> list[tuple[str, list[str], list[str]]]:
    """Return, for some mutants, the theorems that break and those that are no longer proved."""
    found: list[tuple[str, list[str], list[str]]] = []
    for name in names:
        by = {Verdict.BROKEN: list[str](), Verdict.UNKNOWN: list[str]()}
        for theorem, verdict in baseline().verdicts(all_mutants()[name].specification()):
            by[verdict].append(theorem.id)
        found.append((name, by[Verdict.BROKEN], by[Verdict.UNKNOWN]))
    return found


def report(found: Iterable[tuple[str, list[str], list[str]]]) -> Iterator[str]:
    """Yield the lines of the report."""
    rows = list(found)
    caught = [row for row in rows if row[1] or row[2]]
    yield "# What the theorems notice"
    yield ""
    yield "Written by `nox -s adequacy`. A mutant is the specification with one small change of a rule or a table;"
    yield "a theorem notices it where a world, a request and choices break the theorem, confirmed by plain execution,"
    yield "or (in brackets) where it is no longer proved. What no theorem notices the covering suite kills,"
    yield "or it is no difference at all: see the manifest in `conformance/corpus/covering/`."
    yield ""
    yield f"{len(caught)} of {len(rows)} mutants are noticed by some theorem, {len(rows) - len(caught)} by none."
    yield ""
    yield from _by_theorem(rows)
    yield ""
    yield from _unnoticed(rows)


def _by_theorem(rows: list[tuple[str, list[str], list[str]]]) -> Iterator[str]:
    counts, alone, first = Counter[str](), Counter[str](), dict[str, str]()
    for name, broken, _ in rows:
        counts.update(broken)
        if len(broken) == 1:
            alone.update(broken)
        for theorem in broken:
            if theorem not in first or len(broken) == 1:
                first[theorem] = name
    yield "## By theorem"
    yield ""
    yield "| theorem | breaks on | and is the only one | for example on |"
    yield "|---|---|---|---|"
    for theorem in THEOREMS:
        example = f"`{first[theorem.id]}`" if theorem.id in first else theorem.unbroken or ""
        yield f"| {theorem.id} | {counts[theorem.id]} | {alone[theorem.id]} | {example} |"


def _unnoticed(rows: list[tuple[str, list[str], list[str]]]) -> Iterator[str]:
    places = defaultdict[str, list[Mutant]](list)
    for name, broken, unknown in rows:
        if not broken and not unknown:
            mutant = all_mutants()[name]
            places[f"{mutant.module}/{mutant.place}"].append(mutant)
    yield "## What no theorem notices"
    for place in sorted(places):
        yield ""
        yield f"### `{place}`"
        yield ""
        for mutant in places[place]:
            change = mutant.change.replace("`", "'").replace("|", "\\|")
            yield f"- `{mutant.id}`: {change}"


def main(file: str) -> None:
    """Write the report to a file."""
    names = list(all_mutants())
    parts = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    rows: list[tuple[str, list[str], list[str]]] = []
    baseline()
    # Each part has its own process, forked with the baseline, so that memory for mutants is freed with it.
    with get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        for done in pool.imap(verdicts, parts):
            rows += done
            print(f"{len(rows)} of {len(names)} mutants", file=sys.stderr)
    Path(file).write_text("\n".join(report(rows)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
