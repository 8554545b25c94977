"""The log of the double: what was asked, what was answered, and why."""

import re

import pytest
from botocore.exceptions import ClientError
from double_clients import REGION, client, launched, terminated

from ec2_lifecycle.conformance.emulator.call_log import MOST_BYTES, MOST_CALLS, Call, CallLog
from ec2_lifecycle.conformance.emulator.double import ec2_double
from ec2_lifecycle.conformance.emulator.server.world_file import WrongWorld


def test_each_call_is_kept_with_its_arguments_and_its_result() -> None:
    with ec2_double(clock="stands") as double:
        made = launched(client())
        double.advance(7)
        assert terminated(client(**double.nobody), made) == "UnauthorizedOperation"
        client().describe_instances(InstanceIds=[made])
        launch, refused, described = double.calls
    assert (launch.operation, launch.at, launch.region, launch.caller) == ("RunInstances", 0.0, REGION, "owner")
    assert launch.arguments["MaxCount"] == 1
    assert (refused.code, refused.status, refused.caller) == ("UnauthorizedOperation", 403, "nobody")
    assert described.at == 7.0
    assert described.reply["Reservations"][0]["Instances"][0]["InstanceId"] == made
    assert [each.number for each in (launch, refused, described)] == [1, 2, 3]
    assert re.fullmatch(r"3\. DescribeInstances\(InstanceIds=\['i-.*'\]\) -> OK", str(described))


def test_a_failed_batch_is_explained_by_its_clause_and_by_what_became_of_each_instance() -> None:
    with ec2_double() as double:
        ec2 = client()
        free, guarded, beside = (launched(ec2, Placement={"AvailabilityZone": f"{REGION}{zone}"}) for zone in "abb")
        ec2.modify_instance_attribute(InstanceId=guarded, DisableApiTermination={"Value": True})
        assert terminated(ec2, free, guarded, beside) == "OperationNotPermitted"
        why = double.explain()
        call = double.calls[-1]
    assert call.clause == "TERM-6"
    assert call.choices["free-zones"] == "before-answer"
    assert "Refused by TERM-6: A request that names a protected instance fails" in why
    assert f"It applies to {guarded} (running, in {REGION}b)." in why
    assert f"{free} in {REGION}a: running -> shutting-down (TERM-5)." in why
    assert f"{beside} in {REGION}b stays running (TERM-4)." in why
    assert f"{guarded} in" not in why
    assert "Open point free-zones (When a request fails for protection" in why


def test_a_success_is_explained_by_the_clauses_of_what_changed() -> None:
    with ec2_double() as double:
        made = launched(client())
        assert f"{made} is new, in {REGION}a: pending." in double.explain()
        client().stop_instances(InstanceIds=[made])
        assert re.search(rf"{made} in {REGION}a: running -> stopping \([A-Z]+-\d+\)\.", double.explain())


@pytest.mark.parametrize(
    ("method", "arguments", "sentence"),
    [
        ("describe_regions", {}, "The specification does not cover this operation"),
        ("describe_subnets", {"SubnetIds": ["subnet-1"]}, "The model itself refused it; its code rests on R-"),
        ("describe_placement_groups", {}, "The model itself refused it; its code rests on R-033."),
    ],
)
def test_what_the_specification_does_not_cover_is_said_to_be_so(
    method: str, arguments: dict[str, object], sentence: str
) -> None:
    with ec2_double() as double:
        try:
            getattr(client(), method)(**arguments)
        except ClientError:
            assert double.calls[-1].code
        assert sentence in double.explain()


def test_a_repeated_launch_is_explained_by_its_token() -> None:
    with ec2_double() as double:
        assert launched(client(), ClientToken="once") == launched(client(), ClientToken="once")
        assert "It repeats a client token" in double.explain()


def test_a_failure_on_purpose_and_a_late_read_are_part_of_the_reason() -> None:
    with ec2_double(clock="stands", read_lag=3) as double:
        made = launched(client())
        double.fail_next("DescribeInstances", "throttled")
        with pytest.raises(ClientError, match="NotFound"):  # boto3 repeats the throttled one
            client().describe_instances(InstanceIds=[made])
        throttled, unknown = double.calls[1:]
        assert throttled.code == "RequestLimitExceeded"
        assert "failed on purpose (throttled); the request was not carried out." in double.explain(throttled)
        assert "3 seconds late, and does not know the new id yet (E-25)" in double.explain(unknown)


def test_there_is_nothing_to_explain_before_the_first_call() -> None:
    with ec2_double() as double, pytest.raises(ValueError, match="There is no call to explain yet"):
        double.explain()


def test_the_log_keeps_the_last_calls_and_does_not_grow_without_end() -> None:
    log = CallLog()
    for _ in range(MOST_CALLS + 10):
        log.add(Call("DescribeInstances", body=b"x"))
    assert [each.number for each in log] == list(range(11, MOST_CALLS + 11))
    for _ in range(4):
        log.add(Call("DescribeInstances", body=b"x" * (MOST_BYTES // 2)))
    assert len(log) == MOST_CALLS
    assert sum(len(each.body) for each in log) == MOST_BYTES
    assert [bool(each.body) for each in log] == [False] * (MOST_CALLS - 2) + [True, True]


def test_a_snapshot_is_put_back_as_often_as_one_likes_with_what_is_under_way_and_random() -> None:
    with ec2_double(clock="stands", delays="10", behaviour="random") as double:
        ec2 = client()
        made = launched(ec2)
        double.advance(4)
        kept = double.snapshot()
        ids: list[str] = []
        for _ in range(2):
            double.restore(kept)
            assert double.clock.now() == 4.0
            double.advance(5.5)
            double.advance(0.5)
            ids.append(launched(ec2))
            terminated(ec2, made)
        assert ids[0] == ids[1] != made


def test_a_model_in_front_of_another_ec2_has_no_snapshots() -> None:
    with ec2_double(beyond="moto") as double, pytest.raises(WrongWorld, match="cannot snapshot a world"):
        double.snapshot()
