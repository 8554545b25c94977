"""A target with one fault: the run names its clause, and makes hardly more than one finding of it."""

from pathlib import Path
from typing import Final

import pytest
from rehearsed import corpus_files

from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import TargetFinished, Verdict

CALLS: Final = 5_000
ONE: Final = (
    fault_of("PROT-1", "it is refused, and nothing is shielded"),
    fault_of("TERM-11", "stop protection does not block it"),
    fault_of("TERM-12", "stopped instances are refused before protection is looked at"),
    fault_of("RUN-2", "every instance is shown in one zone"),
    fault_of("VOL-7", "deleted volumes are still described"),
    fault_of("PROT-10", "the shutdown behavior is shown as stop, whatever it was set to"),
    fault_of("VOL-10", "a new volume is never available"),
    fault_of("VOL-1", "none is ever deleted"),
    fault_of("VOL-3", "all are deleted with the instance"),
    fault_of("VIS-1", "an id is unknown for five minutes"),
    fault_of("STATE-3", "what was stopping runs again"),
    next(fault for fault in BANK if fault.clause == "DESC-2"),
)


def run_of(fault: Fault, corpus: tuple[Path, ...] = corpus_files()) -> TargetFinished:
    """Run a target with a fault."""
    plan = Plan(seed=0, corpus=corpus, max_calls=CALLS)
    return run_here(fault.target(), "faulty", EC2, plan, lambda _: None)


@pytest.mark.parametrize("fault", ONE, ids=str)
def test_one_fault_is_one_finding_under_its_clause(fault: Fault) -> None:
    finished = run_of(fault)
    [finding] = finished.findings
    assert fault.clause in finding.clauses
    assert finding.status == "confirmed"
    assert finished.clauses[fault.clause].verdict is Verdict.VIOLATED


def test_what_an_ignored_protection_leaves_open_is_not_called_held() -> None:
    finished = run_of(fault_of("PROT-1", "it is refused, and nothing is shielded"))
    assert finished.clauses["PROT-8"].verdict is Verdict.MASKED
    assert finished.clauses["PROT-8"].masked_by == tuple(finding.id for finding in finished.findings)
