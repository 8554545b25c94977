"""Judges the trace of a whole run again, for each wrong target there is: it shows what the run showed, nothing else.

Run by `nox -s bench`, or with the project and moto installed: `python benchmarks/rejudge_traces.py`; it takes minutes.
A number asks for more calls of each run: `python benchmarks/rejudge_traces.py 5000`.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

import clients

from ec2_lifecycle.conformance.adapter.target import Broken, Target
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, FAULTS
from ec2_lifecycle.conformance.recording.recorder import Recorder
from ec2_lifecycle.conformance.recording.rejudge import judged_again
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Event, ScenarioRun
from ec2_lifecycle.strategies.files.format import dump_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

CALLS: Final = 400
"""Calls of each run, unless the user says otherwise."""
SOME: Final = 12
"""One in so many files of the corpus is played first."""
LATE: Final = Settings(read_lag=10.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the trace of a run compares with the run; `shown` are the fingerprints of what the run showed."""

    scenarios: int
    shown: frozenset[str]
    differences: tuple[str, ...]


def compared(
    target: Target, calls: int, *first: Scenario, settings: Settings | None = None, engine: Engine | None = None
) -> Comparison:
    """Run a target, some scenarios first and then what any run plays, and judge the trace of it again."""
    events: list[Event] = []
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.yaml") for number in range(len(first))]
        for file, scenario in zip(files, first, strict=True):
            file.write_text(dump_scenario(scenario), encoding="utf-8")
        plan = Plan(seed=1, corpus=(*files, *corpus_files()[::SOME]), max_calls=calls, settings=settings or Settings())
        recorder = Recorder(Path(folder), target, target.name, plan.seed, plan.settings)
        recorder.begin()
        with suppress(Broken):  # it launches nothing
            run_here(target, target.name, EC2, plan, events.append, recorder=recorder)
        assert recorder.path is not None, recorder.problem
        differences: list[str] = [] if recorder.problem is None else [recorder.problem]
        again = list(judged_again(recorder.path, engine or Engine(EC2), differences.append))
    runs = [event for event in events if isinstance(event, ScenarioRun)]
    # What cannot be played on the target at all was not begun, and is in no trace.
    then = [event.findings for event in runs if event.calls or event.skipped is None]
    now = [tuple(dict.fromkeys(map(defect_id, judged.divergences))) for judged in again]
    if len(then) != len(now):
        differences.append(f"{len(then)} scenarios were played, and {len(now)} are in the trace")
    for was, judged, is_now in zip(then, again, now, strict=False):
        if was != is_now:
            told = [", ".join(names) or "nothing" for names in (was, is_now)]
            differences.append(f"{judged.title}: {told[0]} then, {told[1]} now")
        if judged.unwaited or not judged.whole:
            differences.append(f"{judged.title}: it is not known how it went on")
    return Comparison(len(now), frozenset(name for names in then for name in names), tuple(differences))


@dataclass(frozen=True, slots=True)
class Case:
    """A target by its place among those of its kind, so that another process can make it."""

    kind: str
    place: int

    def compared(self, calls: int) -> tuple[str, Comparison]:
        """Return its name and how its trace compares."""
        name, make, first = KINDS[self.kind][self.place]
        settings = LATE if self.kind == "late" else None
        return f"{self.kind}: {name}", compared(make(), calls, *first, settings=settings)


_Entry = tuple[str, Callable[[], Target], tuple[Scenario, ...]]
_BANK: Final[Sequence[_Entry]] = [(fault.name, fault.target, (fault.scenario,)) for fault in BANK]
KINDS: Final[dict[str, Sequence[_Entry]]] = {
    "bank": _BANK,
    "late": _BANK,
    "wrong": [(str(fault), fault.target, ()) for fault in FAULTS],
    "client": [
        (client.__name__, lambda client=client: factory_target(client.__name__, client), ())
        for client in (clients.right, clients.wrong, clients.nothing_on_termination, clients.odd_on_termination)
    ],
    "moto": [("in process", moto_target, ())],
}
"""All the targets there are, by kind; `late` are those of the bank, where any read may be late."""


def main(calls: int) -> None:
    """Compare everything, and print what differs."""
    cases = [Case(kind, place) for kind, entries in KINDS.items() for place in range(len(entries))]
    scenarios, showing, differing = 0, 0, 0
    with ProcessPoolExecutor() as pool:
        for name, comparison in pool.map(Case.compared, cases, [calls] * len(cases)):
            scenarios += comparison.scenarios
            showing += bool(comparison.shown)
            differing += bool(comparison.differences)
            for difference in comparison.differences:
                print(f"{name}: {difference}", flush=True)
    print(f"{len(cases)} runs with {scenarios:,} scenarios; {showing} showed something")
    print(f"goal: every trace shows what its run showed: {'met' if not differing else f'not met ({differing} differ)'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
