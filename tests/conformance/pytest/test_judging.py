"""The oracle around a user's own client: it alarms where EC2 would not have answered so, and nowhere else."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws
from watched import watched_target

from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Client
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.search import is_slow
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.pytest.diverged import CallsDiverged
from ec2_lifecycle.conformance.pytest.judging import Diverged, Judge, Judging, judged
from ec2_lifecycle.conformance.pytest.judging.calls import Call
from ec2_lifecycle.conformance.pytest.suite.corpus import sources
from ec2_lifecycle.conformance.pytest.suite.session import scenario
from ec2_lifecycle.conformance.targets.model import VARIED
from ec2_lifecycle.model.specification import EC2

Fields = dict[str, Any]
Change = Callable[[str, Fields], object]
ZONE = {"AvailabilityZone": "us-east-1a"}


def unchanged(method: str, reply: Fields) -> None:
    """Leave a reply as it is."""


class Double:
    """The model behind replies that can be changed: `change` gets the method's name and what it returned."""

    def __init__(self, change: Change = unchanged) -> None:
        self.clock = VirtualClock()
        self.model = ModelClient(clock=self.clock)
        self.change = change

    def __getattr__(self, name: str) -> Callable[..., Fields]:
        method = getattr(self.model, name)

        def called(**sent: object) -> Fields:
            reply: Fields = method(**sent)
            self.change(name, reply)
            return reply

        return called


def launch(ec2: Client, count: int = 1, **more: object) -> list[str]:
    reply = ec2.run_instances(ImageId="ami-12c6146b", MinCount=count, MaxCount=count, Placement=ZONE, **more)
    return [item["InstanceId"] for item in reply["Instances"]]


def watched_model(double: Double, judging: Judging | None = None) -> tuple[Judge, Client]:
    judge = Judge(replace(judging or Judging(), clock=double.clock))
    return judge, judge(double)


def clauses(judge: Judge) -> set[str]:
    return {finding.clause for finding in judge.findings}


def every_state(name: str, state: str, code: int) -> Callable[[str, Fields], None]:
    """Return a change after which replies of one method show every instance in a state."""

    def change(method: str, reply: Fields) -> None:
        if method == name:
            for reservation in reply["Reservations"]:
                for item in reservation["Instances"]:
                    item["State"] = {"Name": state, "Code": code}

    return change


# What must not alarm.


def test_no_scenario_of_the_corpus_alarms_when_the_model_is_watched() -> None:
    engine = Engine(EC2)
    calls = 0
    for source in sources():
        played = scenario(source)
        if is_slow(played):
            continue
        clock = VirtualClock()
        client = ModelClient(EC2, replace(VARIED, seed=7), clock)
        judge = Judge(Judging(clock=clock))
        target = watched_target(client, judge, clock)
        Runner(target, engine).run(played)
        assert not judge.findings, source
        calls += len(judge.calls)
    assert calls > 5000


def test_what_was_not_seen_launched_is_not_judged() -> None:
    double = Double(every_state("describe_instances", "stopped", 80))
    unseen = launch(double)
    judge, ec2 = watched_model(double)
    seen = launch(ec2)
    double.change = unchanged
    ec2.describe_instances(InstanceIds=unseen)
    ec2.terminate_instances(InstanceIds=[*unseen, *seen])
    double.change = every_state("describe_instances", "stopped", 80)
    ec2.describe_instances(InstanceIds=unseen)
    assert not judge.findings


def test_a_request_that_names_an_unseen_instance_is_judged_for_the_others() -> None:
    double = Double()
    unseen = launch(double)
    judge, ec2 = watched_model(double)
    seen = launch(ec2)
    ec2.terminate_instances(InstanceIds=[*unseen, *seen])
    double.change = every_state("describe_instances", "running", 16)
    ec2.describe_instances(InstanceIds=[*unseen, *seen])
    assert judge.findings
    assert all(unseen[0] not in finding.observed for finding in judge.findings)


def test_a_bad_id_beside_a_watched_instance_is_refused_and_changes_nothing() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    [i] = launch(ec2)
    for bad in ("i-0123456789abcdef0", "i-12345678", "foo"):
        with pytest.raises(ClientError):
            ec2.terminate_instances(InstanceIds=[i, bad])
    assert not judge.findings
    double.model.terminate_instances(InstanceIds=[i])  # by someone who is not watched
    ec2.describe_instances(InstanceIds=[i])
    assert clauses(judge) == {"TERM-3"}


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "RequestLimitExceeded", "ExpiredToken"])
def test_a_refusal_of_the_caller_or_of_the_moment_is_not_judged(code: str) -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    [i] = launch(ec2)
    ticket = judge.sent(None, "TerminateInstances", {"InstanceIds": [i]})
    assert ticket is not None
    error = ClientError({"Error": {"Code": code, "Message": "no"}}, "TerminateInstances")
    judge.returned(ticket, Call("TerminateInstances", {"InstanceIds": [i]}, None, error))
    ec2.describe_instances(InstanceIds=[i])
    assert not judge.findings


def test_a_launch_sent_again_with_its_token_is_no_new_one() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    launch(ec2)
    [call] = judge.calls
    ticket = judge.sent(None, call.name, call.sent)
    assert ticket is not None
    judge.returned(ticket, call)
    assert not judge.findings


def test_a_spot_instance_or_one_from_a_template_is_not_judged() -> None:
    beyond: tuple[Fields, ...] = (
        {"InstanceMarketOptions": {"MarketType": "spot"}},
        {"LaunchTemplate": {"LaunchTemplateName": "t"}},
    )
    for more in beyond:
        double = Double(every_state("describe_instances", "stopped", 80))
        judge, ec2 = watched_model(double)
        ec2.describe_instances(InstanceIds=launch(ec2, **more))
        assert not judge.findings


def test_after_an_operation_outside_the_specification_what_it_names_is_not_judged() -> None:
    for name, alarms in (("CreateReplaceRootVolumeTask", False), ("CreateTags", True)):
        double = Double()
        judge, ec2 = watched_model(double)
        [i] = launch(ec2)
        ticket = judge.sent(None, name, {"InstanceId": i})
        assert ticket is not None
        judge.returned(ticket, Call(name, {"InstanceId": i}, {}))
        double.change = every_state("describe_instances", "stopped", 80)
        ec2.describe_instances(InstanceIds=[i])
        assert bool(judge.findings) is alarms


def test_a_shutdown_from_inside_the_guest_is_believed_where_the_reason_says_so() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    [i] = launch(ec2)
    double.clock.sleep(100)
    ec2.describe_instances(InstanceIds=[i])
    double.model.push("shutdown-in-guest", i)
    double.clock.sleep(100)
    ec2.describe_instances(InstanceIds=[i])
    ec2.start_instances(InstanceIds=[i])
    assert not judge.findings


def retried(retries: int) -> Change:
    """Return a change that has a reply say how many times the request was sent again."""

    def change(method: str, reply: Fields) -> None:
        del method
        reply["ResponseMetadata"] = {"RetryAttempts": retries}

    return change


def test_a_request_that_botocore_sent_again_may_have_been_served_before() -> None:
    for retries in (0, 1):
        double = Double()
        judge, ec2 = watched_model(double)
        [i] = launch(ec2)
        double.clock.sleep(100)
        ec2.describe_instances(InstanceIds=[i])
        double.model.terminate_instances(InstanceIds=[i])  # the first time, of which no answer came
        double.change = retried(retries)
        ec2.terminate_instances(InstanceIds=[i])
        assert clauses(judge) == (set() if retries else {"TERM-10"})


def test_of_calls_that_overlap_only_what_is_sure_is_judged() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    a, b = launch(ec2, 2)
    double.clock.sleep(100)
    ec2.describe_instances(InstanceIds=[a, b])
    sent: Fields = {"InstanceIds": [a, b]}
    before = double.model.describe_instances(**sent)
    look = judge.sent(None, "DescribeInstances", sent)
    ec2.terminate_instances(InstanceIds=[a])
    assert look is not None
    judge.returned(look, Call("DescribeInstances", sent, before))  # it shows `a` as it was before the termination
    assert not judge.findings
    ec2.terminate_instances(InstanceIds=[b])
    look = judge.sent(None, "DescribeInstances", sent)
    assert look is not None
    judge.returned(look, Call("DescribeInstances", sent, before))  # and here nothing overlaps
    assert clauses(judge) == {"TERM-1"}


def test_clients_of_several_threads_are_judged_without_an_alarm() -> None:
    double = Double()
    lock = threading.Lock()
    judge = Judge()
    errors: list[BaseException] = []

    class Locked:
        """One call at a time, which is the model's need and not the judge's."""

        def __getattr__(self, name: str) -> Callable[..., Fields]:
            method = getattr(double.model, name)

            def called(**sent: object) -> Fields:
                with lock:
                    reply: Fields = method(**sent)
                    return reply

            return called

    ec2 = judge(Locked())
    shared = launch(ec2, 4)

    def work() -> None:
        try:
            mine = launch(ec2, 2)
            for _ in range(10):
                ec2.describe_instances(InstanceIds=[*shared, *mine])
                ec2.stop_instances(InstanceIds=shared[:2], Force=True)
                ec2.terminate_instances(InstanceIds=mine)
        except ClientError:
            pass  # a pending instance is not stopped
        except BaseException as error:  # noqa: BLE001 - of another thread: told below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert not judge.findings


# What must alarm.


def test_what_filters_and_pages_show_is_judged_and_what_they_leave_out_is_not() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    [i] = launch(ec2)
    double.clock.sleep(100)
    assert not ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}])["Reservations"]
    assert not judge.findings
    double.change = every_state("describe_instances", "stopped", 80)
    ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": [i]}])
    assert judge.findings


def test_the_flag_that_a_launch_gives_a_volume_is_held_against_its_first_description() -> None:
    def forget(method: str, reply: Fields) -> None:
        if method == "describe_instances":
            for mapping in reply["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]:
                mapping["Ebs"]["DeleteOnTermination"] = True

    for change, expected in ((forget, {"VOL-3"}), (unchanged, set[str]())):
        double = Double(change)
        judge, ec2 = watched_model(double)
        mapping = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1, "DeleteOnTermination": False}}
        ids = launch(ec2, BlockDeviceMappings=[mapping])
        double.clock.sleep(100)
        ec2.describe_instances(InstanceIds=ids)
        assert clauses(judge) == expected


def test_a_volume_that_its_instance_brought_along_must_go_with_it() -> None:
    double = Double()
    judge, ec2 = watched_model(double)
    ids = launch(ec2)
    double.clock.sleep(100)
    [mapping] = ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    volume = mapping["Ebs"]["VolumeId"]
    kept: Fields = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]
    ec2.terminate_instances(InstanceIds=ids)
    double.clock.sleep(100)
    ec2.describe_instances(InstanceIds=ids)
    ticket = judge.sent(None, "DescribeVolumes", {"VolumeIds": [volume]})
    assert ticket is not None
    assert not judge.findings
    kept.update(State="available", Attachments=[])
    judge.returned(ticket, Call("DescribeVolumes", {"VolumeIds": [volume]}, {"Volumes": [kept]}))
    assert judge.findings


def test_at_once_the_call_itself_raises() -> None:
    double = Double(every_state("describe_instances", "stopped", 80))
    _, ec2 = watched_model(double, Judging(at_once=True))
    ids = launch(ec2)
    with pytest.raises(CallsDiverged, match=r"STATE-3|RUN-\d") as raised:
        ec2.describe_instances(InstanceIds=ids)
    assert raised.value.findings


def test_a_known_finding_is_passed_over() -> None:
    double = Double(every_state("describe_instances", "stopped", 80))
    judge, ec2 = watched_model(double)
    ec2.describe_instances(InstanceIds=launch(ec2))
    known = [finding.id for finding in judge.findings]
    assert known
    double = Double(every_state("describe_instances", "stopped", 80))
    judge, ec2 = watched_model(double, Judging(known=known))
    ec2.describe_instances(InstanceIds=launch(ec2))
    assert not judge.findings


def test_the_delays_that_are_granted_can_be_set() -> None:
    for settings, alarms in ((Settings(), True), (Settings(read_lag=10), False)):
        double = Double()
        judge, ec2 = watched_model(double, Judging(settings=settings))
        ids = launch(ec2)
        double.clock.sleep(100)
        before = ec2.describe_instances(InstanceIds=ids)
        ec2.terminate_instances(InstanceIds=ids)
        ticket = judge.sent(None, "DescribeInstances", {"InstanceIds": ids})
        assert ticket is not None
        judge.returned(ticket, Call("DescribeInstances", {"InstanceIds": ids}, before))
        assert bool(judge.findings) is alarms


def test_an_exception_from_inside_stands_and_is_told_what_was_found() -> None:
    double = Double(every_state("describe_instances", "stopped", 80))

    def fail() -> None:
        with judged(double, Judging(clock=double.clock)) as ec2:
            ec2.describe_instances(InstanceIds=launch(ec2))
            raise KeyError("mine")

    with pytest.raises(KeyError) as raised:
        fail()
    assert "violation" in raised.value.__notes__[0]


def test_what_is_no_client_of_ec2_is_told_in_a_sentence() -> None:
    judge = Judge()
    with pytest.raises(TypeError, match="this is a client of s3; give one of EC2"):
        judge(boto3.client("s3", region_name="us-east-1"))
    with pytest.raises(TypeError, match="object has no describe_instances"):
        judge(object())


# boto3's own clients, on moto.


@pytest.fixture(name="mocked", autouse=True)
def moto_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def shielding(ec2: Client) -> list[str]:
    """Terminate an instance together with a protected one of its zone, and look."""
    ids = launch(ec2, 2)
    ec2.modify_instance_attribute(InstanceId=ids[1], DisableApiTermination={"Value": True})
    with pytest.raises(ClientError):
        ec2.terminate_instances(InstanceIds=ids)
    ec2.describe_instances(InstanceIds=ids)
    return ids


@mock_aws()
def test_moto_shields_nothing_which_a_boto3_client_shows() -> None:
    judge = Judge()
    client = boto3.client("ec2")
    assert judge(client) is client
    ids = shielding(client)
    assert "TERM-4" in clauses(judge)
    [finding] = [finding for finding in judge.findings if finding.clause == "TERM-4"]
    assert finding.observed == f"{ids[0]} terminated"
    with pytest.raises(Diverged, match=r"terminate_instances.*the step to blame"):
        judge.check()
    judge.check()  # said once


@mock_aws()
def test_a_client_is_judged_by_what_another_of_the_account_did_but_not_by_other_regions() -> None:
    judge = Judge()
    one, two = judge(boto3.client("ec2")), judge(boto3.client("ec2"))
    far = judge(boto3.client("ec2", region_name="eu-west-1"))
    ids = launch(one)
    two.terminate_instances(InstanceIds=ids)
    one.describe_instances(InstanceIds=ids)
    found = clauses(judge)
    assert "SHAPE-1" in found  # moto keeps the addresses of what is terminated
    with pytest.raises(ClientError):
        far.describe_instances(InstanceIds=ids)
    assert clauses(judge) == found


@mock_aws()
def test_resources_waiters_and_paginators_are_seen() -> None:
    judge = Judge()
    ec2 = judge(boto3.resource("ec2"))
    [instance] = ec2.create_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    instance.wait_until_running()
    list(ec2.instances.all())
    list(ec2.meta.client.get_paginator("describe_instances").paginate())
    instance.terminate()
    names = [call.name for call in judge.calls]
    assert names.count("DescribeInstances") >= 3
    assert {"RunInstances", "TerminateInstances"} <= set(names)
    assert clauses(judge) == {"RUN-5"}


@mock_aws()
def test_a_client_goes_on_unwatched_once_the_judge_is_closed() -> None:
    judge = Judge()
    client = judge(boto3.client("ec2"))
    launch(client)
    calls = len(judge.calls)
    judge.close()
    launch(client)
    judge.close()
    assert len(judge.calls) == calls == 1


@mock_aws()
def test_what_boto3_itself_rejects_was_never_sent() -> None:
    judge = Judge()
    client = judge(boto3.client("ec2"))
    with pytest.raises(ParamValidationError):
        client.terminate_instances(InstanceIds="i-1")
    assert not judge.calls
