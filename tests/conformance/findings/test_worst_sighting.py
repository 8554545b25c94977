"""A defect that was seen more than once: its harm, effect, title and scenario are those of its worst sighting."""

from collections import Counter
from dataclasses import replace
from typing import Final

from divergence_samples import KILLED

from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.findings.build import bare_finding
from ec2_lifecycle.conformance.findings.collector import Collector, Suspicion
from ec2_lifecycle.conformance.findings.search import UNCONFIRMED, Inquirer, Inquiry, Sighting
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import CONFIRMED, Event, Finding, FindingMade
from ec2_lifecycle.reports.harm import Harm
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

_OF: Final = "InstanceInitiatedShutdownBehavior"


def not_kept(due: str, seen: str) -> Divergence:
    """An instance whose shutdown behavior is not the one that was set."""
    return replace(
        KILLED,
        clause="PROT-10",
        operation=Operation.MODIFY,
        state="-",
        expected_class=f"{_OF}:{due}",
        observed_class=f"{_OF}:{seen}",
        title="",
    )


STOPS: Final = not_kept("terminate", "stop")
ENDS: Final = not_kept("stop", "terminate")


def finding_of(divergence: Divergence, status: str = CONFIRMED) -> Finding:
    """The finding of a search that succeeded."""
    text = f"title: {divergence.observed_class}\n"
    return replace(bare_finding(EC2, divergence, defect_id(divergence), text), status=status)


def seen(divergence: Divergence) -> Sighting:
    """A play that showed it."""
    return Sighting(Scenario(divergence.observed_class, (), ()), divergence)


class Found:
    """A collector that has the first sighting, and what it emitted."""

    def __init__(self, first: Divergence) -> None:
        self.events: list[Event] = []
        self.collector = Collector("t", self.events.append)
        self.see(first)
        self.confirm(first)

    def see(self, divergence: Divergence) -> None:
        """Note a sighting."""
        self.collector.note(seen(divergence))

    def confirm(self, shown: Divergence, status: str = CONFIRMED) -> Suspicion:
        """Take the result of the search for what waits: a scenario that shows a divergence."""
        suspicion = self.collector.next()
        self.collector.take(suspicion, Inquiry(finding_of(shown, status), (shown,)))
        return suspicion

    @property
    def finding(self) -> Finding:
        """The only finding."""
        [finding] = self.collector.findings.values()
        return finding


def test_a_worse_sighting_of_a_known_defect_is_looked_into_and_replaces_the_finding_as_a_whole() -> None:
    found = Found(STOPS)
    assert found.finding.harm == Harm.LEAKS.value
    found.see(ENDS)
    assert found.confirm(ENDS).seen.divergence is ENDS
    assert found.finding.harm == Harm.DESTROYS.value
    assert found.finding.effect == "a shutdown from inside deletes an instance that should have stopped"
    assert found.finding.scenario_text == finding_of(ENDS).scenario_text
    assert found.finding.observed_class == ENDS.observed_class
    assert found.finding.situation["observed"] == (f"{_OF}:stop", f"{_OF}:terminate")
    made = [event.finding.harm for event in found.events if isinstance(event, FindingMade)]
    assert made == [Harm.LEAKS.value, Harm.DESTROYS.value]


def test_a_worse_sighting_that_no_scenario_confirms_changes_nothing_but_the_situation() -> None:
    found = Found(STOPS)
    found.see(ENDS)
    found.confirm(ENDS, UNCONFIRMED)
    assert (found.finding.harm, found.finding.status) == (Harm.LEAKS.value, CONFIRMED)
    assert found.finding.scenario_text == finding_of(STOPS).scenario_text
    assert len(found.events) == 1


def test_a_milder_sighting_is_not_looked_into() -> None:
    found = Found(ENDS)
    found.see(STOPS)
    assert found.collector.waiting == 0
    assert found.finding.harm == Harm.DESTROYS.value


def test_a_search_that_shows_the_same_harm_again_and_again_ends() -> None:
    found = Found(STOPS)
    for _ in range(10):
        found.see(ENDS)
        if not found.collector.waiting:
            break
        found.confirm(STOPS)
    assert found.collector.waiting == 0
    assert not found.collector.unexplained, "it is a known defect"


def test_a_scenario_that_shows_only_milder_harm_does_not_confirm_the_worse() -> None:
    scenario = read_scenario("title: t\nsteps: [run: {name: A}, settle]\n", "t.yaml")

    def observe(candidate: Scenario) -> Outcome:
        return Outcome(candidate, 1, (STOPS,), Counter(), seen_at=(0,))

    inquirer = Inquirer(EC2, "t", observe, lambda: False)
    finding = inquirer.look_into(Sighting(scenario, ENDS)).finding
    assert finding is not None
    assert (finding.status, finding.harm) == ("intermittent", Harm.DESTROYS.value)
    [inquiry] = inquirer.confirm([Sighting(scenario, ENDS)], lambda one, _: observe(one))
    assert inquiry.finding is not None
    assert inquiry.finding.status == "intermittent"
