"""One run of a campaign: a function of its order alone, so that any machine may do it, and do it again."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path, PurePosixPath

from ...reports.events import Event, RunStarted, TargetFinished, TargetStarted
from ..running.campaign_process import CampaignProcess, unusable
from ..running.cluster_lane import require_children
from ..running.interrupts import Interrupts
from ..running.plan import Plan
from ..running.target_process import Interrupted, TargetFailed
from ..running.tiers import as_tier
from .emulator import NotStarted, emulator
from .plan_file import PORT, CampaignPlan, TargetEntry


@dataclass(frozen=True, slots=True)
class RunOrder:
    """One target, one tier and one seed."""

    entry: TargetEntry
    tier: str
    seed: int
    corpus: tuple[PurePosixPath, ...]
    """The files to play, from the folder of the corpus, which another machine has elsewhere."""
    max_calls: int | None
    hang_after: float

    @property
    def plan(self) -> Plan:
        """The plan of the run, with the files of this machine; many runs at a time need no further lanes."""
        folder = corpus_folder()
        corpus = tuple(folder / path for path in self.corpus)
        return as_tier(Plan(seed=self.seed, corpus=corpus, max_calls=self.max_calls), self.tier)


def corpus_folder() -> Path:
    """Return the folder of the packaged corpus."""
    return Path(str(files("ec2_lifecycle.conformance.corpus")))


def in_order(plan: CampaignPlan, corpus_of: dict[str, tuple[Path, ...]]) -> list[tuple[RunOrder, ...]]:
    """Return the runs of a plan; those together in a tuple come one after the other.

    An endpoint that somebody else started, or that always has the same port, bears one run at a time.
    """
    folder = corpus_folder()
    relative = {
        tier: tuple(PurePosixPath(file.relative_to(folder).as_posix()) for file in files)
        for tier, files in corpus_of.items()
    }
    groups: list[tuple[RunOrder, ...]] = []
    for entry in plan.targets:
        runs = [
            RunOrder(entry, tier, seed, relative[tier], plan.max_calls, plan.hang_after)
            for tier in plan.tiers
            for seed in plan.seeds
        ]
        groups += [tuple(runs)] if is_shared(entry) else [(run,) for run in runs]
    return groups


def is_shared(entry: TargetEntry) -> bool:
    """Tell whether all runs of a target meet the same process at one address."""
    return entry.target.startswith("endpoint:") and PORT not in entry.target


def ran(orders: Sequence[RunOrder], interrupts: Interrupts | None = None) -> tuple[tuple[Event, ...], ...]:
    """Run some orders one after the other; return the events of each, the last of which is its end."""
    require_children()
    return tuple(_ran(order, interrupts or Interrupts()) for order in orders)


def _ran(order: RunOrder, interrupts: Interrupts) -> tuple[Event, ...]:
    entry, events, label = order.entry, list[Event](), order.entry.target
    try:
        with _address(entry) as label:
            events.append(_finished(order, label, interrupts, events))
    except NotStarted as error:
        events.append(unusable(label, order.plan, "broken", str(error)))
    return tuple(_as_planned(event, label, entry) for event in events)


def _finished(order: RunOrder, label: str, interrupts: Interrupts, events: list[Event]) -> TargetFinished:
    """Run a target that is there to the end; emit its events."""
    plan = order.plan
    with CampaignProcess(label, plan, interrupts, order.hang_after) as process:
        try:
            process.ready()
        except Interrupted:
            return unusable(label, plan, "interrupted")
        except TargetFailed as error:
            return unusable(label, plan, "broken", str(error))
        return process.run(events.append)


@contextmanager
def _address(entry: TargetEntry) -> Generator[str]:
    """Start the emulator of a target if it has one, and give what `run` calls it; raises `NotStarted`."""
    with ExitStack() as stack:
        port = stack.enter_context(emulator(entry.start, entry.environment)) if entry.start else None
        yield entry.target.replace(PORT, str(port))


def _as_planned(event: Event, label: str, entry: TargetEntry) -> Event:
    """Return an event with the target's name in the plan, and its address as there: ports differ from run to run."""
    met, planned = label.removeprefix("endpoint:"), entry.target.removeprefix("endpoint:")
    match event:
        case TargetStarted():
            notes = tuple(note.replace(met, planned) for note in event.notes)
            return replace(event, target=entry.label, notes=notes)
        case TargetFinished():
            notes = tuple(note.replace(met, planned) for note in event.notes)
            clauses = {
                clause: replace(result, reason=result.reason and result.reason.replace(met, planned))
                for clause, result in event.clauses.items()
            }
            broken = event.broken and event.broken.replace(met, planned)
            return replace(event, target=entry.label, notes=notes, clauses=clauses, broken=broken)
        case RunStarted():
            return event
        case _:
            return replace(event, target=entry.label)
