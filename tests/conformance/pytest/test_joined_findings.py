"""The judge makes one finding of each defect, as a run does, and says that it was only observed."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Client
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.pytest.diverged import CallsDiverged
from ec2_lifecycle.conformance.pytest.judging import Judge, Judging

UNKNOWN: Final = "i-0123456789abcdef0"
ENDED_BEFORE_A_BAD_ID: Final = "f2:21a5fe8038"
BAD_ID_TOO_LATE: Final = "f2:1cd220cee6"


class OneByOne:
    """The model, but a termination is carried out id by id, until one of them is refused."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.model = ModelClient(clock=self.clock)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(self.model, name)

    def terminate_instances(self, **sent: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Terminate one after the other."""
        replies = [self.model.terminate_instances(InstanceIds=[i]) for i in sent["InstanceIds"]]
        return {"TerminatingInstances": [item for reply in replies for item in reply["TerminatingInstances"]]}


def watched(**how: Any) -> tuple[Judge, Client, str, str]:  # noqa: ANN401 - fields of Judging
    """Return a judge, a watched client, a free instance and a protected one."""
    target = OneByOne()
    judge = Judge(Judging(clock=target.clock, **how))
    ec2 = judge(target)
    free, protected = (
        ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, DisableApiTermination=flag)["Instances"][0][
            "InstanceId"
        ]
        for flag in (False, True)
    )
    target.clock.sleep(100)
    ec2.describe_instances(InstanceIds=[free, protected])
    return judge, ec2, free, protected


def end_before_a_bad_id(ec2: Client, free: str) -> None:
    with pytest.raises(ClientError, match="NotFound"):
        ec2.terminate_instances(InstanceIds=[free, UNKNOWN])
    ec2.describe_instances(InstanceIds=[free])


def name_a_bad_id_too_late(ec2: Client, protected: str) -> None:
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[protected, "foo"])


def test_defects_that_one_fault_shows_are_one_finding_and_raised_once() -> None:
    judge, ec2, free, protected = watched()
    end_before_a_bad_id(ec2, free)
    with pytest.raises(CallsDiverged, match="TERM-3 violation"):
        judge.check()
    name_a_bad_id_too_late(ec2, protected)
    judge.check()
    [finding] = judge.findings
    assert (finding.id, finding.fault) == (ENDED_BEFORE_A_BAD_ID, "one-after-the-other")
    assert BAD_ID_TOO_LATE in finding.former
    assert {*finding.clauses} == {"TERM-3", "ERR-3"}


def test_a_finding_that_comes_to_stand_for_one_that_was_raised_is_raised() -> None:
    judge, ec2, free, protected = watched()
    name_a_bad_id_too_late(ec2, protected)
    with pytest.raises(CallsDiverged, match="ERR-3 violation"):
        judge.check()
    end_before_a_bad_id(ec2, free)
    with pytest.raises(CallsDiverged, match=r"ids one by one, and stops at the\s+first that it refuses"):
        judge.check()


@pytest.mark.parametrize("known", [ENDED_BEFORE_A_BAD_ID, BAD_ID_TOO_LATE])
def test_a_waiver_of_either_of_them_covers_the_finding_as_in_a_run(known: str) -> None:
    judge, ec2, free, protected = watched(known=[known])
    end_before_a_bad_id(ec2, free)
    name_a_bad_id_too_late(ec2, protected)
    judge.check()
    assert not judge.findings
    assert [finding.id for finding in judge.known_findings] == [ENDED_BEFORE_A_BAD_ID]


def test_only_the_clauses_that_are_asked_for_make_findings() -> None:
    judge, ec2, free, protected = watched(clauses={"ERR-3"})
    end_before_a_bad_id(ec2, free)
    assert not judge.findings
    name_a_bad_id_too_late(ec2, protected)
    assert [finding.clause for finding in judge.findings] == ["ERR-3"]


def test_a_finding_of_calls_is_observed_and_not_confirmed() -> None:
    judge, ec2, free, _ = watched()
    end_before_a_bad_id(ec2, free)
    with pytest.raises(CallsDiverged, match="Observed: in calls that cannot be played again") as diverged:
        judge.check()
    assert [(finding.status, finding.minimal) for finding in diverged.value.findings] == [("observed", False)]
    assert "onfirmed:" not in str(diverged.value)
