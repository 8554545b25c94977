"""The trace of a whole run, judged again, shows what the run showed (`benchmarks/rejudge_traces.py`: all targets)."""

import pytest
from rehearsed import judge
from rejudge_traces import LATE, Comparison, compared

from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, FAULTS
from ec2_lifecycle.conformance.planted_faults.fault import BankFault, Fault

CALLS = 120
"""Enough for the scenario that shows what is wrong, and to make it short."""


def of(fault: BankFault, settings: Settings | None = None) -> Comparison:
    return compared(fault.target(), CALLS, fault.scenario, settings=settings, engine=judge())


@pytest.mark.parametrize("fault", BANK[::5], ids=lambda fault: fault.name)
def test_the_trace_of_a_target_of_the_bank_shows_what_is_wrong_with_it(fault: BankFault) -> None:
    comparison = of(fault)
    assert comparison.differences == ()
    assert comparison.shown


@pytest.mark.parametrize("fault", BANK[::9], ids=lambda fault: fault.name)
def test_so_it_does_where_any_read_may_be_late(fault: BankFault) -> None:
    comparison = of(fault, LATE)
    assert comparison.differences == ()
    assert comparison.scenarios > 1


@pytest.mark.parametrize("fault", FAULTS[::40], ids=str)
def test_and_so_does_that_of_any_other_wrong_target(fault: Fault) -> None:
    comparison = compared(fault.target(), CALLS, engine=judge())
    assert comparison.differences == ()
    assert comparison.scenarios > 1
