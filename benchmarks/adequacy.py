"""Writes a Markdown report on which theorem breaks on which mutant of the rules, and which changes no theorem notices.

Run by `nox -s adequacy`; it takes several minutes on two cores. `nox -s adequacy -- --cluster tcp://HOST:8786` does it
on a Dask cluster, and `--first N` for the first mutants only.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from ec2_lifecycle.conformance.cluster.connection import Cluster, connected
from ec2_lifecycle.conformance.proving.noticing import Noticed, Noticer, noticed_apart
from ec2_lifecycle.model.proof.mutants import Mutant, mutants
from ec2_lifecycle.model.theorems.catalogue import THEOREMS

WORKERS = 2
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


def report(found: Iterable[Noticed]) -> Iterator[str]:
    """Yield the lines of the report."""
    rows = list(found)
    caught = [row for row in rows if row.broken or row.unknown]
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


def _unnoticed(rows: list[Noticed]) -> Iterator[str]:
    places = defaultdict[str, list[Mutant]](list)
    for row in rows:
        if not row.broken and not row.unknown:
            mutant = all_mutants()[row.mutant]
            places[f"{mutant.module}/{mutant.place}"].append(mutant)
    yield "## What no theorem notices"
    for place in sorted(places):
        yield ""
        yield f"### `{place}`"
        yield ""
        for mutant in places[place]:
            change = mutant.change.replace("`", "'").replace("|", "\\|")
            yield f"- `{mutant.id}`: {change}"


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
    given.file.write_text("\n".join(report(rows)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
