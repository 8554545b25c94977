"""The oracle's belief about a target with a fault: after each look it holds what the target really is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from rehearsed import corpus, is_large, judge

from ec2_lifecycle.conformance.emulator.account import Account
from ec2_lifecycle.conformance.execution.play import Play, play_through
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, FAULTS
from ec2_lifecycle.conformance.planted_faults.fault import BankFault, Fault
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.states import InstanceState
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, Zone
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import RequestStep, SettleStep, Step

SOME: Final = (*FAULTS[::14], *BANK[::4])
SCENARIOS: Final = 40
ENDED: Final = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)


def seen_of(record: InstanceRecord) -> tuple[object, ...]:
    """Return what looks can tell of a record: of what has ended, its state and zone alone (D-09)."""
    if record.state in ENDED:
        return record.state, record.zone
    return record.state, record.zone, record.disable_api_termination, record.disable_api_stop, record.root_device


def state_of(record: InstanceRecord) -> tuple[object, ...]:
    """Return what every description tells of a record."""
    return record.state, record.zone


class Looking:
    """Plays steps, and compares belief and truth after each look.

    `attributes`: also of the attributes of an instance about which a reply was wrong once.
    """

    def __init__(self, play: Play, account: Account, *, attributes: bool) -> None:
        self.play = play
        self.account = account
        self.attributes = attributes
        self.missed: list[str] = []

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play a step."""
        found = self.play.perform(step)
        if isinstance(step, SettleStep) or (isinstance(step, RequestStep) and step.operation is Operation.DESCRIBE):
            self.missed.extend(self.compared())
        if isinstance(step, SettleStep):
            self.missed.extend(self.compared_volumes())
        return found

    def finish(self) -> tuple[Divergence, ...]:
        """Look at everything once more."""
        found = self.play.finish()
        self.missed.extend(self.compared())
        self.missed.extend(self.compared_volumes())
        return found

    def compared(self) -> Iterator[str]:
        """Yield what is not as it may be."""
        oracle, names = self.play.oracle, self.play.names
        scenario_zones = {real: Zone(number) for number, real in names.zones.items()}
        for i in oracle.hypotheses[0].instances:
            record = self.account.instances.get(Instance(names.id_of(i))) if names.knows(i) else None
            if record is None or i in oracle.unjudged:
                continue
            # An attribute may be lost before anybody reads it.
            told = seen_of if self.attributes and i in oracle.ever_opened else state_of
            possible = {told(r) for h in oracle.hypotheses for r in self.play.engine.settled(h.instances[i])}
            if told(replace(record, zone=scenario_zones.get(record.zone, record.zone))) not in possible:
                yield f"{i} is {told(record)}, which is none of {possible}"

    def compared_volumes(self) -> Iterator[str]:
        """Yield each volume that is what it may not be. Nobody looks at volumes that no scenario mentions."""
        oracle, names, engine = self.play.oracle, self.play.names, self.play.engine
        for v in oracle.hypotheses[0].volumes if self.play.watch_volumes else ():
            record = self.account.volumes.get(Volume(names.id_of(v))) if names.knows(v) else None
            if record is None or v in oracle.unjudged:
                continue
            possible = {
                (r.state, r.holder)
                for h in oracle.hypotheses
                for r in engine.settled_volumes(h.volumes[v], engine.holders(h, h.volumes[v]))
            }
            truth = record.state, None if record.holder is None else names.instance(record.holder)
            if truth not in possible:
                yield f"{v} is {truth}, which is none of {possible}"


def scenarios_of(fault: Fault) -> list[Scenario]:
    """Return the scenario that shows a fault, and some of the corpus."""
    some = [s for s in corpus() if not is_large(s)]
    naming = [s for s in some if fault.clause in s.clauses][: SCENARIOS // 2]
    own = [fault.scenario] if isinstance(fault, BankFault) else []
    return [*own, *naming, *some[:: max(1, len(some) * 2 // SCENARIOS)]]


@pytest.mark.parametrize("fault", SOME, ids=str)
def test_what_a_faulty_target_really_is_remains_possible(fault: Fault) -> None:
    target, account = fault.ec2.started()
    runner = Runner(target, judge())
    for scenario in scenarios_of(fault):
        if runner.unplayable(scenario) is None:
            play = Play(target, judge(), watch_volumes=scenario.mentions_volumes)
            # With a fault of FRAME-1, what no request named may lose an attribute at any time.
            looking = Looking(play, account, attributes=fault.clause != "FRAME-1")
            play_through(play, scenario.steps, looking)
            assert not looking.missed, scenario.title
