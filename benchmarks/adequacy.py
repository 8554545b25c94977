"""Writes a Markdown report on which theorem breaks on which mutant of the rules, and which changes no theorem notices.

It fails if theorems notice too few changes of outcomes, or if one that they miss has no reason.

Run by `nox -s adequacy`; it takes several minutes on two cores. `nox -s adequacy -- --cluster tcp://HOST:8786` does it
on a Dask cluster, and `--first N` for the first mutants only.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from ec2_lifecycle.conformance.cluster.connection import Cluster, connected
from ec2_lifecycle.conformance.covering.noticed_mutants import UNNOTICED, Group, sort_mutants
from ec2_lifecycle.conformance.covering.suite import Verdict, stored_verdicts
from ec2_lifecycle.conformance.proving.noticing import Noticed, Noticer, noticed_apart
from ec2_lifecycle.model.proof.mutants import Mutant, mutants
from ec2_lifecycle.model.theorems.catalogue import THEOREMS

WORKERS = 2
SUITE = Path(__file__).parent.parent / "conformance" / "corpus" / "covering"
AT_ONCE = 20
"""Mutants per task of a process that is forked with the proofs."""
APART = 40
"""Mutants per task of a cluster, whose process has to prove the theorems first, in about a second and a half."""


@cache
def noticer() -> Noticer:
    """Return the theorems with their proofs, and the mutants."""
    return Noticer()


@cache
def all_mutants() -> dict[str, Mutant]:
    """Return every mutant by its id."""
    return {mutant.id: mutant for mutant in mutants()}


def noticed(names: Sequence[str]) -> list[Noticed]:
    """Return, for some mutants, the theorems that notice each."""
    return noticer().noticed(names)


def report(found: Iterable[Noticed], verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the lines of the report."""
    rows = list(found)
    result = sort_mutants(rows, verdicts)
    yield "# What the theorems notice"
    yield ""
    yield f"**TL;DR** Theorems notice {result.percent:.1f} % of the mutants that change an outcome."
    yield "Written by `nox -s adequacy`. A *mutant* is the specification with one small change of a rule or a table."
    yield "A theorem notices it if the theorem breaks for some world, request and choices, as plain execution confirms,"
    yield "or if the theorem is no longer proved."
    yield "The covering suite kills every mutant that a client can tell from the specification."
    yield ""
    yield "| a mutant that | mutants |"
    yield "|---|---|"
    for group, members in result.groups.items():
        yield f"| {group.value} | {len(members):,} |"
    yield f"| all | {len(rows):,} |"
    yield ""
    yield from _by_theorem(rows)
    yield ""
    yield from _missed(result.groups[Group.MISSED])
    yield ""
    yield from _answers(result.groups[Group.ANSWER])


def _by_theorem(rows: list[Noticed]) -> Iterator[str]:
    counts, alone, first = Counter[str](), Counter[str](), dict[str, str]()
    for row in rows:
        counts.update(row.broken)
        if len(row.broken) == 1:
            alone.update(row.broken)
        for theorem in row.broken:
            if theorem not in first or len(row.broken) == 1:
                first[theorem] = row.mutant
    yield "## By theorem"
    yield ""
    yield "| theorem | breaks on | and is the only one | for example on |"
    yield "|---|---|---|---|"
    for theorem in THEOREMS:
        example = f"`{first[theorem.id]}`" if theorem.id in first else theorem.unbroken or ""
        yield f"| {theorem.id} | {counts[theorem.id]} | {alone[theorem.id]} | {example} |"


def _missed(rows: Iterable[Noticed]) -> Iterator[str]:
    yield "## Outcomes that no theorem notices"
    yield ""
    yield "| mutant | change | why |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| `{row.mutant}` | {_change(row.mutant)} | {UNNOTICED.get(row.mutant, '')} |"


def _answers(rows: Iterable[Noticed]) -> Iterator[str]:
    places = Counter(f"{all_mutants()[row.mutant].module}/{all_mutants()[row.mutant].place}" for row in rows)
    yield "## Changes of answers only"
    yield ""
    yield "No theorem speaks of answers. The solver proves that these mutants change no outcome in a reachable world."
    yield ""
    yield "| rule or table | mutants |"
    yield "|---|---|"
    for place, number in sorted(places.items()):
        yield f"| `{place}` | {number} |"


def _change(name: str) -> str:
    return all_mutants()[name].change.replace("`", "'").replace("|", "\\|")


def parts(names: Sequence[str], size: int) -> list[Sequence[str]]:
    """Return names in parts of a size."""
    return [names[start : start + size] for start in range(0, len(names), size)]


def here(names: Sequence[str]) -> Iterator[list[Noticed]]:
    """Yield the results of the parts from processes of this machine."""
    noticer()
    # Each part has its own process, forked with the proofs, so that memory for mutants is freed with it.
    with get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        yield from pool.imap(noticed, parts(names, AT_ONCE))


def on(cluster: Cluster, names: Sequence[str]) -> Iterator[list[Noticed]]:
    """Yield the results of the parts from a cluster."""
    executor = cluster.executor()
    for future in [executor.submit(noticed_apart, part) for part in parts(names, APART)]:
        yield future.result()


def results(address: str | None, names: Sequence[str]) -> Iterator[list[Noticed]]:
    """Yield the results of the parts, from a cluster if there is an address."""
    if address is None:
        yield from here(names)
        return
    with connected(address) as cluster:
        print(f"{cluster.workers} workers, dashboard {cluster.dashboard}", file=sys.stderr)
        yield from on(cluster, names)


def main() -> None:
    """Write the report to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--cluster", metavar="ADDRESS")
    parser.add_argument("--first", type=int, metavar="N")
    given = parser.parse_args()
    names = list(all_mutants())[: given.first]
    rows: list[Noticed] = []
    for done in results(given.cluster, names):
        rows += done
        print(f"{len(rows)} of {len(names)} mutants", file=sys.stderr)
    _, verdicts = stored_verdicts(SUITE)
    given.file.write_text("\n".join(report(rows, verdicts)) + "\n", encoding="utf-8")
    if given.first is None and (problems := sorted(sort_mutants(rows, verdicts).problems())):
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
