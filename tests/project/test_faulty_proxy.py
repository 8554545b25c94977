"""The faulty proxy: each fault is to a client of boto3 what it should be, and does to EC2 what it should do."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from faulty_proxy import Proxy, faulty_proxy
from transient_faults import MayHit, Rates, TransientFault, anything, first, only

from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

SESSION = isolated_session()
ERRORS = {"InternalError": 500, "Unavailable": 503}


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with serve_in_thread(ServedModel()) as url:
        yield url


Before = Callable[..., AbstractContextManager[Proxy]]


@pytest.fixture
def before(upstream: str) -> Before:
    """Return what puts a proxy before the model."""

    def proxy(rates: Rates, may_hit: MayHit = anything, seed: int = 0) -> AbstractContextManager[Proxy]:
        return faulty_proxy(upstream, rates, seed=seed, may_hit=may_hit)

    return proxy


def client(url: str) -> Any:  # noqa: ANN401 - a boto3 client
    return ec2_client(SESSION, url)


def launch(ec2: Any, **more: object) -> str:  # noqa: ANN401 - a boto3 client
    (made,) = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, **more)["Instances"]
    return made["InstanceId"]


def state(ec2: Any, instance: str) -> str:  # noqa: ANN401 - a boto3 client
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def told(error: ClientError) -> tuple[str, int]:
    response: Any = error.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def protect(ec2: Any, instance: str) -> None:  # noqa: ANN401 - a boto3 client
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})


def is_protected(ec2: Any, instance: str) -> bool:  # noqa: ANN401 - a boto3 client
    reply = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
    return reply["DisableApiTermination"]["Value"]


def test_without_faults_everything_passes_and_is_logged(before: Before, upstream: str) -> None:
    with before(Rates()) as proxy:
        ec2 = client(proxy.url)
        instance = launch(ec2)
        assert state(ec2, instance) == state(client(upstream), instance)
        with pytest.raises(ClientError) as refused:
            ec2.terminate_instances(InstanceIds=["foo"])
        ec2.terminate_instances(InstanceIds=[instance])
    assert told(refused.value) == ("InvalidInstanceID.Malformed", 400)
    assert [sent.action for sent in proxy.forwarded] == [
        "RunInstances",
        "DescribeInstances",
        "TerminateInstances",
        "TerminateInstances",
    ]
    assert [sent.ids for sent in proxy.forwarded] == [(), (instance,), ("foo",), (instance,)]
    assert proxy.forwarded[0].parameters["ImageId"] == "ami-1"
    assert proxy.named_in_changes() == {"foo", instance}
    assert proxy.injected == {}


@pytest.mark.parametrize("fault", [TransientFault.THROTTLED, TransientFault.ERROR_BEFORE, TransientFault.ERROR_AFTER])
def test_an_error_is_ec2s_own(fault: TransientFault, before: Before, upstream: str) -> None:
    instance = launch(client(upstream))
    with before(Rates.always(fault)) as proxy, pytest.raises(ClientError) as refused:
        protect(client(proxy.url), instance)
    code, status = told(refused.value)
    if fault is TransientFault.THROTTLED:
        assert (code, status) == ("RequestLimitExceeded", 503)
        assert "Request limit exceeded." in str(refused.value)
    else:
        assert status == ERRORS[code]
    assert is_protected(client(upstream), instance) is (fault is TransientFault.ERROR_AFTER)
    assert len(proxy.forwarded) == (fault is TransientFault.ERROR_AFTER)
    assert proxy.injected == {fault: 1}


def test_both_errors_of_the_server_occur(before: Before) -> None:
    seen = set[str]()
    with before(Rates(error_before=1.0)) as proxy:
        ec2 = client(proxy.url)
        for _ in range(20):
            with pytest.raises(ClientError) as refused:
                ec2.describe_instances()
            seen.add(told(refused.value)[0])
    assert seen == ERRORS.keys()


def test_sts_is_throttled_in_its_own_words(before: Before) -> None:
    session: Any = SESSION
    with before(Rates(throttled=1.0)) as proxy:
        sts = session.client("sts", endpoint_url=proxy.url, region_name="us-east-1")
        with pytest.raises(ClientError) as refused:
            sts.get_caller_identity()
    assert told(refused.value) == ("Throttling", 400)
    assert refused.value.operation_name == "GetCallerIdentity"


@pytest.mark.parametrize(
    ("fault", "seen", "carried_out"),
    [
        (TransientFault.RESET_BEFORE, ConnectionClosedError, False),
        (TransientFault.RESET_AFTER, ConnectionClosedError, True),
        (TransientFault.CUT_OFF, ConnectionClosedError, True),
    ],
)
def test_a_lost_reply_is_no_answer(
    *,
    fault: TransientFault,
    seen: type[Exception],
    carried_out: bool,
    before: Before,
    upstream: str,
) -> None:
    instance = launch(client(upstream))
    with before(Rates.always(fault), first(1)) as proxy:
        ec2 = client(proxy.url)
        with pytest.raises(seen):
            protect(ec2, instance)
        assert is_protected(ec2, instance) is carried_out  # and the same client goes on
    assert proxy.injected == {fault: 1}


def test_a_connection_that_was_used_before_is_reset_all_the_same(before: Before) -> None:
    with before(Rates(reset_before=1.0), first(1, only("StopInstances"))) as proxy:
        ec2 = client(proxy.url)
        instance = launch(ec2)
        with pytest.raises(ConnectionClosedError):
            ec2.stop_instances(InstanceIds=[instance])
        ec2.stop_instances(InstanceIds=[instance])
    assert [sent.action for sent in proxy.forwarded] == ["RunInstances", "StopInstances"]


def test_a_stale_read_was_true_a_while_ago(before: Before) -> None:
    with before(Rates(stale=1.0, read_lag=60.0)) as proxy:
        ec2 = client(proxy.url)
        instance = launch(ec2)
        assert not is_protected(ec2, instance)
        protect(ec2, instance)
        assert not is_protected(ec2, instance)
    assert proxy.injected == {TransientFault.STALE: 1}


def test_a_read_is_not_older_than_the_lag(before: Before) -> None:
    with before(Rates(stale=1.0, read_lag=0.0)) as proxy:
        ec2 = client(proxy.url)
        instance = launch(ec2)
        assert not is_protected(ec2, instance)
        protect(ec2, instance)
        assert is_protected(ec2, instance)
    assert proxy.injected == {}


def test_nobody_is_given_the_stale_read_of_another(before: Before) -> None:
    with before(Rates(stale=1.0, read_lag=60.0)) as proxy:
        instance = launch(client(proxy.url))
        assert not is_protected(client(proxy.url), instance)
        other: Any = ec2_client(isolated_session("AKIDOTHER"), proxy.url)
        is_protected(other, instance)
    assert proxy.injected == {}


def test_what_may_be_repeated_is_carried_out_twice_and_nothing_else(before: Before, upstream: str) -> None:
    with before(Rates(duplicated=1.0)) as proxy:
        ec2 = client(proxy.url)
        instance = launch(ec2, InstanceType="t3.nano")  # boto3 makes a token by itself
        state(ec2, instance)
        ec2.stop_instances(InstanceIds=[instance])
    actions = [sent.action for sent in proxy.forwarded]
    assert actions == [*["RunInstances"] * 2, *["DescribeInstances"] * 2, "StopInstances"]
    assert proxy.forwarded[0].parameters["ClientToken"]
    assert proxy.injected == {TransientFault.DUPLICATED: 2}
    filters = [{"Name": "instance-type", "Values": ["t3.nano"]}]
    shown = client(upstream).describe_instances(Filters=filters)["Reservations"]
    assert [each["InstanceId"] for reservation in shown for each in reservation["Instances"]] == [instance]


def test_the_same_seed_has_the_same_faults(before: Before) -> None:
    def hits(seed: int) -> list[tuple[TransientFault, str]]:
        with before(Rates(throttled=0.3, reset_before=0.2), seed=seed) as proxy:
            ec2 = client(proxy.url)
            for _ in range(30):
                try:
                    ec2.describe_instances()
                except (ClientError, ConnectionClosedError):
                    continue
        return [(fault, str(len(proxy.forwarded))) for fault, _ in proxy.hit]

    assert hits(1) == hits(1) != hits(2)
    assert {fault for fault, _ in hits(1)} == {TransientFault.THROTTLED, TransientFault.RESET_BEFORE}


def test_latency_delays_both_ways(before: Before) -> None:
    with before(Rates(latency=(0.05, 0.06))) as proxy:
        ec2 = client(proxy.url)
        times = [time.monotonic()]
        for _ in range(3):
            ec2.describe_instances()
            times.append(time.monotonic())
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(times))


def test_where_nobody_answers_the_proxy_says_so() -> None:
    with faulty_proxy("http://127.0.0.1:9", Rates()) as proxy, pytest.raises(ClientError) as refused:
        client(proxy.url).describe_instances()
    assert told(refused.value)[1] == 502


@pytest.mark.parametrize(
    "wrong", [{"throttled": 0.6, "stale": 0.5}, {"cut_off": -0.1}, {"latency": (2.0, 1.0)}, {"latency": (-1.0, 1.0)}]
)
def test_rates_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^The (rates of faults are|latency goes)"):
        Rates(**wrong)
