"""The bank of planted faults is honest: each fault is real, where its entry says, and nothing else is wrong."""

from collections import Counter
from collections.abc import Sequence

import pytest
from rehearsed import corpus, is_large, judge

from ec2_lifecycle.conformance.adapter.target import Target, Unsupported
from ec2_lifecycle.conformance.execution.play import Play
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK
from ec2_lifecycle.conformance.planted_faults.fault import BankFault, Tag
from ec2_lifecycle.conformance.planted_faults.faulty_ec2 import AT_ONCE_EC2
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.scenario.names import first_problem
from ec2_lifecycle.strategies.scenario.steps import RequestStep, SettleStep, Step

every_fault = pytest.mark.parametrize("fault", BANK, ids=lambda fault: fault.name.replace(" ", "-"))


def first_divergence(target: Target, steps: Sequence[Step]) -> tuple[int, Divergence] | None:
    """Play steps, without a look at everything in the end; return the step whose reply diverges first, and how."""
    play = Play(target, judge(), watch_volumes=True)
    for number, step in enumerate(steps, start=1):
        found = play.perform(step)
        if found:
            return number, found[0]
    return None


@every_fault
def test_the_last_step_of_the_scenario_shows_the_clause_that_the_fault_breaks(fault: BankFault) -> None:
    found = first_divergence(fault.target(), fault.scenario.steps)
    assert found is not None
    number, divergence = found
    assert (number, divergence.clause) == (len(fault.scenario.steps), fault.clause)


@every_fault
def test_the_scenario_has_as_many_requests_as_the_entry_says(fault: BankFault) -> None:
    asked = [step for step in fault.scenario.steps if isinstance(step, RequestStep | SettleStep)]
    assert len(asked) == fault.requests


@every_fault
def test_the_base_plays_the_scenario_without_a_divergence(fault: BankFault) -> None:
    outcome = Runner(AT_ONCE_EC2.target(), judge()).run(fault.scenario)
    assert (outcome.divergences, outcome.broken, outcome.skipped) == ((), None, None)


@every_fault
def test_without_any_one_of_its_steps_the_scenario_shows_nothing(fault: BankFault) -> None:
    steps = fault.scenario.steps
    for left_out in range(len(steps)):
        rest = (*steps[:left_out], *steps[left_out + 1 :])
        if first_problem(rest) is not None:
            continue  # it made what later steps name
        try:
            found = first_divergence(fault.target(), rest)
        except Unsupported as reason:
            # It was the reply that showed the id of a volume which a later step names.
            assert "has not shown the volume" in str(reason)  # noqa: PT017 - only that reason is a good one
            continue
        assert found is None, f"without step {left_out + 1}: {found}"


def test_the_base_conforms() -> None:
    runner = Runner(AT_ONCE_EC2.target(), judge())
    for scenario in corpus()[::5]:
        if not is_large(scenario):
            outcome = runner.run(scenario)
            assert outcome.divergences == (), scenario.title


def test_no_two_faults_have_one_name_or_one_sentence() -> None:
    assert len({fault.name for fault in BANK}) == len({fault.sentence for fault in BANK}) == len(BANK)


def test_the_bank_has_enough_of_every_kind() -> None:
    tags = Counter(tag for fault in BANK for tag in fault.tags)
    assert len(BANK) >= 40
    assert sum(fault.deep for fault in BANK) >= 14
    assert tags[Tag.THREE_ZONES] >= 5
    assert tags[Tag.FIFTY_IDS] >= 3
    assert tags[Tag.SECOND_TOGGLE] >= 4
    assert set(tags) == set(Tag)


@every_fault
def test_an_entry_says_in_a_sentence_what_is_wrong_and_names_a_clause(fault: BankFault) -> None:
    assert fault.sentence.endswith(".")
    assert fault.clause in EC2.clauses
