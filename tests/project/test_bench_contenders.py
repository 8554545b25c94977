"""The plain ways to look for a divergence, against which the guided walk is measured, are no straw men."""

import pytest
from contenders import Contender, Counted, Spent, rule_based_machine, uniform_walk
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK
from ec2_lifecycle.conformance.planted_faults.faulty_ec2 import AT_ONCE_EC2
from ec2_lifecycle.model.requests import BatchRequest, Operation

every_contender = pytest.mark.parametrize("contender", [rule_based_machine, uniform_walk])
SHALLOW = next(fault for fault in BANK if fault.name == "whatever is started was stopped")


@every_contender
def test_some_of_six_seeds_find_a_shallow_fault_within_the_budget(contender: Contender) -> None:
    searches = (contender(SHALLOW.target(), judge(), seed, 1000) for seed in range(6))
    calls = next(filter(None, searches), None)  # each seed may miss it: that is what the contest shows
    assert calls is not None
    assert SHALLOW.requests <= calls <= 1000


@every_contender
def test_what_conforms_costs_the_whole_budget_and_no_call_more(contender: Contender) -> None:
    counted = Counted(AT_ONCE_EC2.target(), 10_000)
    assert contender(counted, judge(), 1, 200) is None
    assert counted.calls == 200


@every_contender
def test_the_same_seed_needs_the_same_number_of_calls(contender: Contender) -> None:
    first, second = (contender(SHALLOW.target(), judge(), 2, 300) for _ in range(2))
    assert first == second


def test_no_call_is_made_beyond_the_budget() -> None:
    counted = Counted(AT_ONCE_EC2.target(), 1)
    request = BatchRequest(Operation.DESCRIBE)
    counted.perform(request, Names())
    with pytest.raises(Spent):
        counted.perform(request, Names())
    assert counted.calls == 1
