"""What a defect is called, how bad it is and why it matters: for every kind of divergence, in words of EC2."""

from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from divergence_samples import KILLED

from ec2_lifecycle.conformance.diagnosis.catalogue import CATALOGUE, PATTERNS
from ec2_lifecycle.conformance.diagnosis.harm import effect_of, harm_of
from ec2_lifecycle.conformance.diagnosis.titles import title_of
from ec2_lifecycle.conformance.findings.build import bare_finding
from ec2_lifecycle.conformance.oracle.divergence import ABOUT_ANOTHER, NEVER_AT_REST, SERVER_ERRED, Divergence
from ec2_lifecycle.model.requests import ErrorCode, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, VolumeState
from ec2_lifecycle.reports.events import Finding
from ec2_lifecycle.reports.harm import Harm, ranked

STATES: Final = [state.value for state in InstanceState]
CODES: Final = [f"refusal:{code.value}" for code in ErrorCode]
FEW_CODES: Final = ("refusal:OperationNotPermitted", "refusal:InvalidInstanceID.Malformed", "refusal:VolumeInUse")
CLAUSES_NAMED: Final = ("STATE-3", "TERM-3", "TERM-4", "TERM-5", "TERM-6", "PROT-1", "VOL-6", "VOL-13", "DRY-1")
CLASSES: Final = [
    *((code, "success") for code in CODES),
    *(("success", code) for code in (*FEW_CODES, "refusal:other-client-error", SERVER_ERRED)),
    *((code, SERVER_ERRED) for code in CODES),
    *((one, other) for one, other in product(CODES, (*FEW_CODES, "refusal:other-client-error")) if one != other),
    *((f"state:{one}", f"state:{other}") for one, other in product(STATES, STATES) if one != other),
    *((f"state:current-{one}", f"state:current-{other}") for one, other in product(STATES, STATES) if one != other),
    *((f"state:previous-{one}", f"state:previous-{other}") for one, other in product(STATES, STATES) if one != other),
    *(
        (f"volume:{one.value}", f"volume:{other.value}")
        for one, other in product(VolumeState, VolumeState)
        if one != other
    ),
    *((f"rest:{wanted}", NEVER_AT_REST) for wanted in ("running", "stopped", "terminated", "reached")),
    *((f"items:{one}", f"items:{other}") for one, other in [("listed", "missing"), ("listed", "repeated")]),
    ("items:missing", "items:listed"),
    ("items:count", "items:other-count"),
    ("state:consistent", "state:inconsistent"),
    ("message:known", "message:other"),
    ("message:known", ABOUT_ANOTHER),
    ("status:403", "status:other-4xx"),
    ("status:4xx", "status:other"),
    ("DisableApiStop:true", "DisableApiStop:false"),
    ("DeleteOnTermination:True", "DeleteOnTermination:False"),
    ("device:attached", "device:not attached"),
    ("device:not attached", "device:attached"),
    ("device:own", "device:other"),
    ("zone:own", "zone:other"),
    ("root:instance-store", "root:ebs"),
    ("reason:pending", "reason:none"),
    ("reason:none", "reason:pending"),
    ("transition-reason:user", "transition-reason:other"),
    ("shown:VpcId|shown:SubnetId", "missing:VpcId|missing:SubnetId"),
    ("missing:A|missing:B|missing:C|missing:D", "shown:A|shown:B|shown:C|shown:D"),
    ("state:running|state:stopped", "state:terminated"),
]


def a_divergence(words: str, expected: str, observed: str, state: str = "-") -> Divergence:
    """Return a divergence of an operation and a clause, as `TerminateInstances TERM-4`."""
    operation, clause = words.split()
    return replace(
        KILLED,
        operation=Operation(operation),
        clause=clause,
        state=state,
        expected_class=expected,
        observed_class=observed,
    )


@pytest.mark.parametrize("operation", Operation)
def test_every_divergence_has_a_title_that_names_the_defect_and_an_effect(operation: Operation) -> None:
    for clause, state, (expected, observed) in product(CLAUSES_NAMED, ("-", "terminated"), CLASSES):
        divergence = a_divergence(f"{operation.value} {clause}", expected, observed, state)
        title, effect = title_of(divergence), effect_of(divergence)
        assert title
        for wrong in ("instead of", "-other", ":none", "rest:", "  ", "any client error", "other-client-error"):
            assert wrong not in title
        assert effect is None or effect[0].islower()
        assert harm_of(divergence) in Harm


@pytest.mark.parametrize(
    ("expected", "observed", "title"),
    [
        (
            "volume:available|DeleteOnTermination:True",
            "volume:in-use",
            "A volume is in-use; in EC2 it is available, or its DeleteOnTermination is true",
        ),
        (
            "volume:deleting|volume:in-use",
            "volume:available",
            "A volume that must be deleted with its instance is still available",
        ),
        ("volume:in-use", "volume:available", "A volume is available; in EC2 it is in-use"),
    ],
)
def test_a_title_of_a_volume_says_which_states_and_flags_ec2_has(expected: str, observed: str, title: str) -> None:
    assert title_of(a_divergence("DescribeVolumes VOL-10", expected, observed)) == title


def test_no_title_of_the_catalogue_says_instead_of() -> None:
    assert not [known.id for known in (*CATALOGUE, *PATTERNS) if "instead of" in known.title]


@pytest.mark.parametrize(
    ("words", "state", "classes", "title"),
    [
        (
            "TerminateInstances TERM-4",
            "running",
            ("state:running", "state:terminated"),
            "TerminateInstances terminates an instance that a protected instance in the same zone shields",
        ),
        (
            "TerminateInstances TERM-5",
            "running",
            ("rest:terminated", "rest:never"),
            (
                "TerminateInstances leaves an instance running although no protected instance is in its zone; "
                "EC2 terminates it"
            ),
        ),
        (
            "StopInstances PROT-2",
            "-",
            ("message:known", "message:other"),
            "StopInstances refuses an instance with stop protection, but not with EC2's message",
        ),
        (
            "RunInstances TOKEN-1",
            "-",
            ("success", "refusal:IdempotentInstanceTerminated"),
            (
                "RunInstances answers IdempotentInstanceTerminated for a launch that is sent again with its client "
                "token; EC2 accepts it"
            ),
        ),
        (
            "RunInstances RUN-1",
            "-",
            ("success", "refusal:InvalidInstanceID.NotFound"),
            "RunInstances refuses a launch with InvalidInstanceID.NotFound; EC2 accepts it",
        ),
        (
            "AttachVolume DRY-1",
            "-",
            ("refusal:DryRunOperation", "refusal:VolumeInUse"),
            "AttachVolume answers VolumeInUse for a dry run; EC2 answers DryRunOperation",
        ),
        (
            "DescribeInstances STOP-7",
            "stopping",
            ("rest:stopped", "rest:never"),
            "A stopping instance never becomes stopped",
        ),
        (
            "DescribeInstances RUN-3",
            "-",
            ("state:terminated", "state:terminated"),
            "DescribeInstances shows a terminated instance as if another event had led to this state",
        ),
        (
            "StopInstances FRAME-1",
            "running",
            ("state:running", "state:stopping"),
            "StopInstances changes an instance that the request does not name to stopping",
        ),
        (
            "StartInstances START-9",
            "running",
            ("state:previous-running", "state:previous-stopped"),
            "StartInstances reports stopped as the previous state of a running instance; EC2 reports running",
        ),
        (
            "StartInstances START-5",
            "terminated",
            ("refusal:IncorrectInstanceState", "success"),
            "StartInstances accepts a terminated instance; EC2 refuses it with IncorrectInstanceState",
        ),
        (
            "RebootInstances REBOOT-2",
            "terminated",
            ("state:terminated", "state:running"),
            "RebootInstances brings a terminated instance back to running",
        ),
        (
            "RunInstances RUN-5",
            "pending",
            ("reason:pending", "reason:none"),
            "RunInstances shows no StateReason of a pending instance; EC2 shows pending",
        ),
        (
            "DetachVolume VOL-10",
            "-",
            ("success", "refusal:server-error"),
            "DetachVolume fails with a server error; EC2 accepts the request",
        ),
    ],
)
def test_a_title_reads_like_this(words: str, state: str, classes: tuple[str, str], title: str) -> None:
    assert title_of(a_divergence(words, *classes, state)) == title


@pytest.mark.parametrize(
    ("words", "state", "classes", "harm"),
    [
        ("TerminateInstances TERM-3", "running", ("state:running", "state:shutting-down"), Harm.DESTROYS),
        ("TerminateInstances TERM-11", "running", ("refusal:OperationNotPermitted", "success"), Harm.DESTROYS),
        ("TerminateInstances DRY-1", "-", ("refusal:DryRunOperation", "success"), Harm.DESTROYS),
        ("RunInstances RUN-4", "-", ("DisableApiTermination:true", "DisableApiTermination:false"), Harm.DESTROYS),
        ("DescribeVolumes VOL-2", "-", ("volume:available", "volume:deleted"), Harm.DESTROYS),
        ("DescribeVolumes VOL-1", "-", ("volume:deleted", "volume:available"), Harm.LEAKS),
        ("TerminateInstances TERM-5", "running", ("rest:terminated", "rest:never"), Harm.LEAKS),
        ("DescribeVolumes VOL-6", "-", ("rest:reached", "rest:never"), Harm.LEAKS),
        ("DescribeVolumes VOL-10", "-", ("rest:reached", "rest:never"), Harm.MISLEADS),
        ("TerminateInstances TERM-6", "running", ("refusal:OperationNotPermitted", "success"), Harm.MISLEADS),
        ("TerminateInstances TERM-12", "stopped", ("state:current-terminated", "state:current-x"), Harm.MISLEADS),
        ("DescribeInstances RUN-2", "running", ("zone:own", "zone:other"), Harm.MISLEADS),
        ("DescribeInstances VOL-1", "-", ("DeleteOnTermination:True", "DeleteOnTermination:False"), Harm.MISLEADS),
        ("DescribeVolumes DRY-1", "-", ("refusal:DryRunOperation", "success"), Harm.REFUSES_OR_ACCEPTS),
        ("TerminateInstances TERM-9", "-", ("refusal:any client error", "success"), Harm.REFUSES_OR_ACCEPTS),
        ("TerminateInstances TERM-13", "running", ("success", "refusal:IncorrectState"), Harm.REFUSES_OR_ACCEPTS),
        ("StopInstances STOP-6", "-", ("refusal:IncorrectState", "refusal:UnsupportedOperation"), Harm.WRONG_CODE),
        ("StopInstances PROT-2", "-", ("message:known", "message:other"), Harm.WRONG_LOOK),
    ],
)
def test_the_harm_is_that_of_the_part_that_is_broken(
    words: str, state: str, classes: tuple[str, str], harm: Harm
) -> None:
    assert harm_of(a_divergence(words, *classes, state)) is harm


def test_the_effect_fits_the_operation() -> None:
    dry = ("refusal:DryRunOperation", "success")
    assert effect_of(a_divergence("TerminateInstances DRY-1", *dry)) == (
        "a dry run terminates instances that it should only have checked"
    )
    assert "gets the wrong answer" in str(effect_of(a_divergence("DescribeVolumes DRY-1", *dry)))


def a_finding(clause: str, harm: str, level: str = "violation", clauses: tuple[str, ...] = ()) -> Finding:
    """Return a finding of a clause."""
    found = bare_finding(EC2, replace(KILLED, clause=clause), f"f2:{clause}", "")
    return replace(found, harm=harm, level=level, clauses=clauses or (clause,))


def test_the_worst_finding_comes_first_whatever_the_order_in_which_they_came() -> None:
    wanted = [
        a_finding("TERM-4", "destroys", clauses=("TERM-4", "TERM-5")),
        a_finding("TERM-3", "destroys"),
        a_finding("TERM-11", "destroys"),
        a_finding("TERM-5", "leaks", "deviation"),
        a_finding("STOP-1", "misleads"),
        a_finding("SHAPE-1", "wrong text or shape"),
        a_finding("RUN-5", ""),  # of an older stream
    ]
    assert list(ranked(reversed(wanted))) == wanted
