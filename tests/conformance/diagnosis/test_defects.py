"""Defects: one id for one fault, in whatever situation it shows."""

from dataclasses import replace
from typing import Final

import pytest
from divergence_samples import KILLED

from ec2_lifecycle.conformance.diagnosis.catalogue import BAD_ID_REFUSALS, CATALOGUE, PATTERNS, in_words, known_fault
from ec2_lifecycle.conformance.diagnosis.defects import defect_id, former_id
from ec2_lifecycle.conformance.diagnosis.deviations import Deviation, deviation_of
from ec2_lifecycle.conformance.diagnosis.harm import harm_of
from ec2_lifecycle.conformance.diagnosis.joining import joined
from ec2_lifecycle.conformance.diagnosis.sightings import Sightings
from ec2_lifecycle.conformance.findings.build import bare_finding
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.model.clauses import Part
from ec2_lifecycle.model.ledger import CLAUSES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Finding
from ec2_lifecycle.reports.harm import Harm

UNKNOWN: Final = replace(
    KILLED,
    clause="ERR-2",
    part=Part.CODE,
    state="-",
    expected_class="refusal:InvalidInstanceID.Malformed",
    observed_class="refusal:InvalidInstanceID.NotFound",
)


def told(*divergences: Divergence) -> Finding:
    """Return the finding of a defect that these divergences show."""
    sightings = Sightings()
    for divergence in divergences:
        sightings.note(divergence)
    name = defect_id(divergences[0])
    return sightings.told(bare_finding(EC2, divergences[0], name, ""), name)


@pytest.mark.parametrize(
    "other",
    [
        replace(KILLED, state="stopped", expected_class="state:stopped"),
        replace(KILLED, observed_class="state:shutting-down"),
        replace(KILLED, step=9, title="another", observed="B terminated"),
    ],
)
def test_a_defect_has_one_id_whatever_state_shows_it(other: Divergence) -> None:
    assert defect_id(other) == defect_id(KILLED)


@pytest.mark.parametrize(
    "other",
    [
        replace(KILLED, clause="TERM-3"),
        replace(KILLED, operation=Operation.STOP),
        replace(KILLED, observed_class="success", expected_class="refusal:OperationNotPermitted"),
    ],
)
def test_another_clause_operation_or_kind_is_another_defect(other: Divergence) -> None:
    assert defect_id(other) != defect_id(KILLED)


def test_a_known_fault_is_one_defect_in_every_operation() -> None:
    finding = told(UNKNOWN, replace(UNKNOWN, operation=Operation.STOP), replace(UNKNOWN, operation=Operation.REBOOT))
    assert finding.fault == "malformed-called-unknown"
    assert finding.situation["operations"] == ("RebootInstances", "StopInstances", "TerminateInstances")
    assert finding.title.startswith("RebootInstances, StopInstances and 1 other operation: ")


def test_a_waiver_of_an_earlier_release_still_knows_the_finding() -> None:
    assert former_id(KILLED) == "f1:817692c387"
    assert former_id(KILLED) in told(KILLED).former


def test_the_same_wrong_field_is_one_defect_whichever_reply_shows_it() -> None:
    shown = replace(KILLED, clause="RUN-2", expected_class="zone:own", observed_class="zone:other")
    assert defect_id(shown) == defect_id(replace(shown, operation=Operation.RUN, state="pending"))


def test_what_ends_although_it_should_not_is_the_worst() -> None:
    assert harm_of(KILLED) is Harm.DESTROYS
    alive = replace(KILLED, expected_class="state:terminated", observed_class="state:running")
    assert harm_of(alive) is Harm.LEAKS
    assert harm_of(UNKNOWN) is Harm.WRONG_CODE


def test_each_fault_of_the_catalogue_names_clauses_of_the_specification() -> None:
    for fault in CATALOGUE:
        assert fault.clauses | fault.masks | fault.explains <= CLAUSES.keys()
        assert in_words(fault.title, "StopInstances", "DisableApiStop", BAD_ID_REFUSALS)
    assert len({fault.id for fault in CATALOGUE} | {pattern.id for pattern in PATTERNS}) == len(CATALOGUE) + len(
        PATTERNS
    )


def test_defects_that_show_a_known_pattern_together_are_one() -> None:
    early = replace(KILLED, clause="TERM-3")
    late = replace(UNKNOWN, clause="ERR-3", observed_class="refusal:OperationNotPermitted")
    spared = replace(KILLED, clause="TERM-5", expected_class="rest:terminated", observed_class="rest:never")
    [one] = joined([told(early), told(late), told(spared)])
    assert (one.id, one.fault) == (defect_id(early), "one-after-the-other")
    assert {*one.clauses} == {"TERM-3", "ERR-3", "TERM-5"}
    assert defect_id(late) in one.former
    assert len(joined([told(early), told(spared)])) == 2


def test_a_shield_over_the_wrong_instances_is_one_defect_that_tells_no_order() -> None:
    """Which zone is shielded may depend on the order of the ids, or on nothing of the kind."""
    killed, spared = (
        KILLED,
        replace(KILLED, clause="TERM-5", expected_class="rest:terminated", observed_class="rest:never"),
    )
    [one] = joined([told(killed), told(spared)])
    assert (one.id, one.fault) == (defect_id(killed), "wrong-instances-shielded")
    assert {*one.clauses} == {"TERM-4", "TERM-5"}
    assert "before" not in one.title


def forgotten(clause: str, operation: Operation, expected: str = "success") -> Divergence:
    """Return the refusal of a terminated instance as an unknown one."""
    return replace(
        KILLED,
        clause=clause,
        operation=operation,
        state="terminated",
        expected_class=expected,
        observed_class="refusal:InvalidInstanceID.NotFound",
    )


def test_an_instance_that_is_forgotten_too_early_is_one_defect_of_all_operations() -> None:
    shown = told(forgotten("TERM-7", Operation.DESCRIBE))
    others = [
        told(forgotten("TERM-2", Operation.TERMINATE)),
        told(forgotten("REBOOT-2", Operation.REBOOT)),
        told(forgotten("STOP-6", Operation.STOP, "refusal:IncorrectInstanceState")),
    ]
    [one] = joined([shown, *others])
    assert one.id == shown.id
    assert {*one.clauses} == {"TERM-7", "TERM-2", "REBOOT-2", "STOP-6"}


def test_an_operation_that_alone_forgets_an_instance_is_a_defect_of_its_own() -> None:
    alone = told(forgotten("TERM-2", Operation.TERMINATE))
    assert len(joined([alone, told(forgotten("REBOOT-2", Operation.REBOOT))])) == 2
    of_the_living = told(replace(forgotten("TERM-13", Operation.TERMINATE), state="running"))
    assert of_the_living in joined([told(forgotten("TERM-7", Operation.DESCRIBE)), of_the_living])


@pytest.mark.parametrize(
    ("code", "findings"), [("InvalidAttachment.NotFound", 1), ("OperationNotPermitted", 2), ("other-client-error", 2)]
)
def test_a_refusal_with_a_strange_code_is_one_defect_in_every_state(code: str, findings: int) -> None:
    of_running = replace(
        KILLED, clause="TERM-13", state="running", expected_class="success", observed_class=f"refusal:{code}"
    )
    of_stopped = replace(of_running, clause="TERM-12", state="stopped")
    assert len(joined([told(of_running), told(of_stopped)])) == findings


@pytest.mark.parametrize(("state", "findings"), [("stopped", 1), ("running", 2)])
def test_the_wrong_code_for_a_state_that_is_refused_anyway_is_no_defect_of_its_own(state: str, findings: int) -> None:
    code = "refusal:IncorrectInstanceState"
    of_stopped = replace(KILLED, clause="TERM-12", state="stopped", expected_class="success", observed_class=code)
    of_protected = replace(
        of_stopped, clause="TERM-11", part=Part.CODE, state=state, expected_class="refusal:OperationNotPermitted"
    )
    assert len(joined([told(of_stopped), told(of_protected)])) == findings


def test_what_happens_without_any_request_is_not_blamed_on_requests_too() -> None:
    by_itself = replace(KILLED, clause="STATE-3", operation=Operation.DESCRIBE)
    after_stop = replace(KILLED, clause="STOP-6", operation=Operation.STOP)
    [one] = joined([told(after_stop), told(by_itself)])
    assert one.id == defect_id(by_itself)
    assert "STOP-6" in one.clauses


def test_every_divergence_has_a_deviation() -> None:
    assert deviation_of(KILLED) is Deviation.EFFECT
    assert deviation_of(UNKNOWN) is Deviation.CODE
    assert known_fault(KILLED) is None


def test_one_wrong_status_is_one_defect_whichever_refusal_of_the_operation_has_it() -> None:
    forbidden = replace(UNKNOWN, part=Part.STATUS, expected_class="status:400", observed_class="status:other-4xx")
    others = [replace(forbidden, clause=clause) for clause in ("TERM-6", "TERM-11")]
    assert len({defect_id(each) for each in (forbidden, *others)}) == 1
    assert defect_id(forbidden) != defect_id(replace(forbidden, expected_class="status:412"))
    assert defect_id(forbidden) != defect_id(replace(forbidden, operation=Operation.STOP))
