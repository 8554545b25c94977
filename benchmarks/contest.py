"""Compares how many calls the guided walk, Hypothesis and a uniform walk need for each fault of the bank.

Run by `nox -s bench`, or with the project installed: `python benchmarks/contest.py`.
All have the same budget for each fault and seed; a missed fault counts as found with the last call of the budget.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from os import cpu_count
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from contenders import Contender, rule_based_machine, uniform_walk
from guided import guided_walk
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK
from ec2_lifecycle.conformance.planted_faults.fault import Tag
from ec2_lifecycle.model.specification import EC2

BUDGET: Final = 6000
"""Calls for each search: enough to measure a median of twenty times the guided walk's."""
WITHIN: Final = 3000
"""The calls within which the guided walk should find each fault."""
SEEDS: Final = 3
GUIDED: Final = "guided"
PLAIN: Final = "hypothesis"
CONTENDERS: Final[Mapping[str, Contender]] = {
    GUIDED: guided_walk,
    PLAIN: rule_based_machine,
    "uniform": uniform_walk,
}
"""The searches, by name."""
TIMES: Final = 20
"""The goal for the ratio of Hypothesis' calls to the guided walk's, for faults of six requests or more."""
SLOWEST: Final = 5
WIDTH: Final = 120
"""The width of the table without a terminal."""


@dataclass(frozen=True, slots=True)
class Task:
    """One search: the number of a fault in the bank, the contender, the seed, and the budget."""

    fault: int
    contender: str
    seed: int
    budget: int


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one contender on one fault: the calls for each seed, None for a miss."""

    calls: tuple[int | None, ...]
    budget: int

    @property
    def found(self) -> int:
        """The number of searches that found it."""
        return sum(each is not None for each in self.calls)

    @property
    def median(self) -> float:
        """The median of the calls, a miss counted as the whole budget."""
        return median(self.budget if each is None else each for each in self.calls)

    @property
    def worst(self) -> int:
        """The calls of the longest search."""
        return max(self.budget if each is None else each for each in self.calls)


Results = Mapping[str, Sequence[Result]]
"""For each contender, the result on every fault, in the order of the bank."""


@cache
def judge() -> Engine:
    """Return the engine of this process, which caches its results."""
    return Engine(EC2)


def search(task: Task) -> int | None:
    """Search for one fault; every fault has its own seeds, so that no walk is repeated."""
    seed = task.seed * len(BANK) + task.fault
    return CONTENDERS[task.contender](BANK[task.fault].target(), judge(), seed, task.budget)


def contest(contenders: Sequence[str], seeds: int, budget: int, console: Console) -> Results:
    """Let every contender search for every fault, on all cores."""
    tasks = [
        Task(number, name, seed, budget) for name in contenders for number in range(len(BANK)) for seed in range(seeds)
    ]
    with ProcessPoolExecutor(cpu_count()) as pool:
        found = pool.map(search, tasks)
        calls = list(
            track(found, "searching", total=len(tasks), console=console, transient=True)
            if console.is_terminal
            else found
        )
    results = [Result(tuple(calls[at : at + seeds]), budget) for at in range(0, len(calls), seeds)]
    return {name: results[n * len(BANK) : (n + 1) * len(BANK)] for n, name in enumerate(contenders)}


# Output.


def by_fault(results: Results) -> Table:
    """Return the median calls of each contender for each fault, with the number of successful seeds if some missed."""
    table = Table(title="Calls to each fault, median over the seeds", title_justify="left", box=None, pad_edge=False)
    table.add_column("fault", overflow="fold")
    table.add_column("clause")
    table.add_column("requests", justify="right")
    for name in results:
        table.add_column(name, justify="right")
    for number, fault in enumerate(BANK):
        table.add_row(
            fault.name, fault.clause, str(fault.requests), *(_cell(results[name][number]) for name in results)
        )
    return table


def _cell(result: Result) -> str:
    missed = len(result.calls) - result.found
    if missed == len(result.calls):
        return "missed"
    return f"{result.median:,.0f}" + (f" ({result.found}/{len(result.calls)})" if missed else "")


def groups() -> Iterator[tuple[str, list[int]]]:
    """Yield the groups of faults to summarise, by number."""
    everything = list(enumerate(BANK))
    yield "the whole bank", [n for n, _ in everything]
    yield "six requests or more", [n for n, fault in everything if fault.deep]
    yield "fewer", [n for n, fault in everything if not fault.deep]
    for tag in Tag:
        yield tag.value, [n for n, fault in everything if tag in fault.tags]


def by_kind(results: Results) -> Table:
    """Return the share of searches that found their fault, and the median of the faults' medians."""
    table = Table(title="Share found, and calls (median)", title_justify="left", box=None, pad_edge=False)
    table.add_column("faults")
    table.add_column("how many", justify="right")
    for name in results:
        table.add_column(name, justify="right")
    for what, numbers in groups():
        chosen = {name: [results[name][n] for n in numbers] for name in results}
        table.add_row(
            what,
            str(len(numbers)),
            *(f"{share_found(each):.0%} {median_of(each):,.0f}" for each in chosen.values()),
        )
    return table


def share_found(results: Sequence[Result]) -> float:
    """Return the share of searches that found their fault."""
    return sum(each.found for each in results) / sum(len(each.calls) for each in results)


def median_of(results: Sequence[Result]) -> float:
    """Return the median over the faults of the median over the seeds."""
    return median(each.median for each in results)


def slowest(name: str, results: Sequence[Result]) -> Iterator[str]:
    """Yield the faults that took a contender longest."""
    yield f"{name}, slowest:"
    for fault, result in sorted(zip(BANK, results, strict=True), key=lambda pair: -pair[1].worst)[:SLOWEST]:
        yield f"  {_numbers(result)}: {fault.name}"


def _numbers(result: Result) -> str:
    return ", ".join("missed" if each is None else f"{each:,}" for each in result.calls)


def goals(results: Results) -> Iterator[str]:
    """Yield what the guided walk is to reach, and whether it did."""
    guided, plain = results[GUIDED], results[PLAIN]
    pairs = list(zip(BANK, guided, plain, strict=True))
    late = sum(each.found < len(each.calls) or each.worst > WITHIN for each in guided)
    yield _goal(f"every fault is found with every seed within {WITHIN:,} calls", f"{late} are not", met=late == 0)
    deep = [pair for pair in pairs if pair[0].deep]
    ours, theirs = median_of([a for _, a, _ in deep]), median_of([b for _, _, b in deep])
    yield _goal(
        f"at six requests or more the median is at most 1/{TIMES} of Hypothesis'",
        f"{ours:,.0f} to {theirs:,.0f}, 1/{theirs / ours:.1f}",
        met=ours * TIMES <= theirs,
    )
    more = [fault.name for fault, a, b in pairs if a.median > b.median]
    yield _goal("no fault takes more calls than Hypothesis needs", f"{len(more)} do", met=not more)
    yield from (f"  more: {name}" for name in more)


def _goal(what: str, figure: str, *, met: bool) -> str:
    return f"goal: {what}: {'met' if met else 'MISSED'} ({figure})"


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Let three ways of searching look for the faults of the bank.")
    parser.add_argument("--budget", type=_positive, default=BUDGET, help="calls for each search (default: %(default)s)")
    parser.add_argument("--seeds", type=_positive, default=SEEDS, help="searches for each fault (default: %(default)s)")
    parser.add_argument(
        "--contenders",
        nargs="+",
        choices=list(CONTENDERS),
        default=list(CONTENDERS),
        metavar="NAME",
        help=f"who takes part, of {', '.join(CONTENDERS)} (default: all)",
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of them; give a whole number from 1 on')
    return int(text)


def main() -> None:
    """Run the comparison, and print the results."""
    asked = arguments()
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    began = time.perf_counter()
    results = contest(asked.contenders, asked.seeds, asked.budget, console)
    console.print(by_fault(results), "", by_kind(results), "", sep="\n")
    for name, each in results.items():
        console.print(*slowest(name, each), sep="\n")
    console.print(
        f"{len(BANK)} faults, searches for each: {asked.seeds}, calls each: {asked.budget:,}; {_minutes(began)}"
    )
    if {GUIDED, PLAIN} <= results.keys():
        console.print(*goals(results), sep="\n")


def _minutes(began: float) -> str:
    return f"{(time.perf_counter() - began) / 60:.1f} min on {cpu_count()} cores"


if __name__ == "__main__":
    main()
