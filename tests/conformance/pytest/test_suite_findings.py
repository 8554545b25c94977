"""The findings of the suite's tests: each defect by the name that a run gives it, whichever test shows it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Final, cast

import pytest

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.emulator.refusals import client_error
from ec2_lifecycle.conformance.findings.waivers import Waiver
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.planted_faults.replies import Interceptor, Original, Reply
from ec2_lifecycle.conformance.pytest.defect_report import MET, SUITE
from ec2_lifecycle.conformance.pytest.met import Met, each_once, received
from ec2_lifecycle.conformance.pytest.options import Options
from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession
from ec2_lifecycle.conformance.pytest.suite.suite_report import FINDING
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.strategies.files.format import read_scenario

HALF_WAY: Final = "f2:21a5fe8038"
"""Instances are processed one by one until one is refused: it has the id of its first defect, of TERM-3."""
SHIELDS_NOTHING: Final = "f2:404ed33e2b"
SPARES_OTHERS: Final = "f2:b6cf428dc8"
ONE_BY_ONE: Final = fault_of("TERM-4", "what stands before the protected one in the list goes")
SHOWS_ONE: Final = "terminate/shield-both-zones.yaml"
SHOWS_THE_OTHER: Final = "terminate/shield-acbd.yaml"


def session_on(target: Target, *waivers: Waiver, clauses: frozenset[str] = frozenset()) -> SuiteSession:
    return SuiteSession(Options("model", 0, waivers, clauses), target, cast("pytest.Session", SimpleNamespace()))


def finished(session: SuiteSession, source: str, clause: str = "") -> tuple[str, list[str], list[Met]]:
    """Finish a test of one scenario: how it ended, the ids that it shows, and the defects that are not waived."""
    item = cast("pytest.Item", SimpleNamespace(user_properties=[], stash=pytest.Stash()))
    how = "passed"
    try:
        session.finish_test(item, session.divergences_in(source), clause)
    except pytest.xfail.Exception:
        how = "xfailed"
    except pytest.fail.Exception as failed:
        how = str(failed)
    ids = [str(value) for name, value in item.user_properties if name == FINDING]
    return how, ids, item.stash[MET][SUITE]


@pytest.mark.parametrize(("source", "clause"), [(SHOWS_ONE, "TERM-4"), (SHOWS_THE_OTHER, "TERM-5")])
def test_defects_that_one_fault_shows_have_one_name_in_each_test(source: str, clause: str) -> None:
    how, ids, met = finished(session_on(ONE_BY_ONE.target()), source)
    assert how.startswith(f"{clause} violation · {HALF_WAY} · TerminateInstances acts on its ids one by one")
    assert f"{source} --target model" in how, "the scenario of the test itself is shown"
    assert ids == [HALF_WAY]
    assert {HALF_WAY, SHIELDS_NOTHING, SPARES_OTHERS} <= {one.finding.id for one in met}


@pytest.mark.parametrize("source", [SHOWS_ONE, SHOWS_THE_OTHER])
def test_the_waiver_that_a_run_needs_is_enough(source: str) -> None:
    session = session_on(ONE_BY_ONE.target(), Waiver(HALF_WAY, "model", "known"))
    assert finished(session, source) == ("xfailed", [HALF_WAY], [])


def test_a_test_of_a_clause_is_about_the_defects_that_break_it() -> None:
    session = session_on(ONE_BY_ONE.target())
    how, ids, _ = finished(session, SHOWS_THE_OTHER, "TERM-5")
    assert HALF_WAY in how
    assert ids == [HALF_WAY]
    assert finished(session, SHOWS_THE_OTHER, "TERM-6") == ("passed", [], [])


def test_only_the_clauses_that_are_asked_for_count() -> None:
    session = session_on(ONE_BY_ONE.target(), clauses=frozenset({"TERM-5"}))
    assert finished(session, SHOWS_ONE)[:2] == ("passed", [])
    assert finished(session, SHOWS_THE_OTHER)[1] == [SPARES_OTHERS]


def test_each_defect_of_all_tests_stands_once_wherever_the_tests_ran() -> None:
    session = session_on(ONE_BY_ONE.target())
    met = {
        source: [received(one.sent()) for one in finished(session, source)[2]]
        for source in (SHOWS_ONE, SHOWS_THE_OTHER)
    }
    [(finding, tests)] = each_once(met)
    assert (finding.id, tests) == (HALF_WAY, (SHOWS_THE_OTHER, SHOWS_ONE))
    assert SPARES_OTHERS in finding.former


def unimplemented(operation: Operation) -> Interceptor:
    """Return an interceptor that does not know an operation."""

    def refuse(original: Original, sent: Reply) -> Reply:
        del original, sent
        raise client_error(operation.value, "InvalidAction", f"The action {operation.value} is not valid.")

    return refuse


def lacking(fault: Fault, operation: Operation) -> Target:
    """Start a target with a fault that does not implement an operation."""
    return replace(fault.ec2, interceptors=lambda: {operation: unimplemented(operation)}).target()


AGAIN: Final = """
title: A start of an instance that was to stay
clauses: [START-2]
steps:
  - run: {name: A}
  - run: {name: P, DisableApiTermination: true}
  - settle
  - terminate: [A, P]
  - start: [A]
"""


@pytest.mark.parametrize("lacks", [None, Operation.DESCRIBE_ATTRIBUTE], ids=["all", "no DescribeInstanceAttribute"])
def test_a_cause_is_found_with_the_looks_that_the_target_supports(lacks: Operation | None) -> None:
    fault = fault_of("TERM-4", "only the protected instance itself stays")
    session = session_on(fault.target() if lacks is None else lacking(fault, lacks))
    played = read_scenario(AGAIN, "again.yaml")
    found = [(played, one, "") for one in session.play(played).divergences]
    assert "START-2" in {one.clause for _, one, _ in found}
    item = cast("pytest.Item", SimpleNamespace(user_properties=[], stash=pytest.Stash()))
    with pytest.raises(pytest.fail.Exception, match=r"^TERM-4 violation") as failed:
        session.finish_test(item, found)
    assert "START-2" not in str(failed.value)
