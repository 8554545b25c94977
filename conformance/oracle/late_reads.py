"""Keeps what instances and volumes were before they changed, because a late read may still show it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...model.requests import Request
from ...model.world import Instance
from ...strategies.scenario.steps import READS
from .belief import Hypothesis, Records
from .engine import Engine
from .history import History


@dataclass(slots=True)
class Pushed:
    """What instances may have been before the steps that were asked for since the last request."""

    held: list[tuple[Instance, Records]] = field(default_factory=list["tuple[Instance, Records]"])

    def keep(self, engine: Engine, history: History, sent: float) -> None:
        """Note what the instances were: the steps happened before the next request was sent."""
        for i, held in self.held:
            history.changed[i] = sent
            history.held.setdefault(i, []).append((sent, engine.settled(held)))
        self.held.clear()


def keep_what_was(
    engine: Engine,
    history: History,
    request: Request,
    beliefs: tuple[tuple[Hypothesis, ...], tuple[Hypothesis, ...]],
    received: float,
) -> None:
    """Note what everything was that a request may change, or that a read showed to have changed by itself.

    `beliefs` are what was believed before the reply, and after it.
    """
    before, after = beliefs
    touched = _touched(request, before) if request.operation not in READS else set[str]()
    history.asked.update(dict.fromkeys(touched, received))
    touched |= _told_apart(before, after)
    history.changed.update(dict.fromkeys(touched, received))
    for i in map(Instance, sorted(touched)):
        held = frozenset(r for h in before for r in h.instances.get(i, frozenset()))
        if held:
            history.held.setdefault(i, []).append((received, engine.settled(held)))


def _touched(request: Request, hypotheses: Iterable[Hypothesis]) -> set[str]:
    """Return what a request may change: what it names, the volumes of that, and what they are attached to."""
    named = {*map(str, request.instances), *map(str, request.volume_ids)}
    attached = ((v, r.holder) for h in hypotheses for v, records in h.volumes.items() for r in records if r.holder)
    pairs = {(str(v), str(holder)) for v, holder in attached if v in named or holder in named}
    return named.union(*pairs)


def _told_apart(before: Iterable[Hypothesis], after: Iterable[Hypothesis]) -> set[str]:
    """Return the instances and volumes that may be something else than before."""
    was, now = _beliefs(before), _beliefs(after)
    return {name for name in was if was[name] != now.get(name)}


def _beliefs(hypotheses: Iterable[Hypothesis]) -> dict[str, frozenset[object]]:
    """Return all that each instance and volume may be."""
    found: dict[str, frozenset[object]] = {}
    for hypothesis in hypotheses:
        for name, records in (*hypothesis.instances.items(), *hypothesis.volumes.items()):
            found[name] = found.get(name, frozenset()) | records
    return found
