"""Runs over a network in which things go wrong that are nobody's mistake: none of them is found to be EC2's."""

import pytest
from faulty_proxy import faulty_proxy
from transient_faults import MayHit, Rates, TransientFault, all_but, anything, first, only

from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Verdict

CONTACT = all_but("RunInstances")
"""Where not even one launch is answered there is nothing to judge."""


@pytest.mark.parametrize(
    ("rates", "may_hit"),
    [
        (Rates(throttled=0.05), anything),
        (Rates(reset_before=0.1), CONTACT),
        (Rates(reset_after=0.1), CONTACT),
        (Rates(cut_off=0.1), CONTACT),
        (Rates(duplicated=0.5), anything),
    ],
    ids=["throttled", "reset-before", "reset-after", "cut-off", "duplicated"],
)
def test_what_the_network_does_is_no_finding(rates: Rates, may_hit: MayHit) -> None:
    with serve_in_thread(ServedModel()) as url, faulty_proxy(url, rates, seed=1, may_hit=may_hit) as proxy:
        target = endpoint_target(proxy.url)
        done = run_here(target, target.name, EC2, Plan(corpus=corpus_files(), max_calls=120), lambda _: None)
        target.close()
    assert done.findings == ()
    assert done.calls > 60
    (fault,) = proxy.injected
    assert proxy.injected[fault] >= 4
    assert rates.of(fault) > 0


def test_an_operation_that_always_answers_a_server_error_is_unsupported_and_no_finding() -> None:
    errors = Rates.always(TransientFault.ERROR_BEFORE)
    with serve_in_thread(ServedModel()) as url, faulty_proxy(url, errors, may_hit=only("StopInstances")) as proxy:
        target = endpoint_target(proxy.url)
        done = run_here(target, target.name, EC2, Plan(corpus=corpus_files(), max_calls=200), lambda _: None)
        target.close()
    assert done.findings == ()
    stop = done.clauses["STOP-1"]
    assert stop.verdict is Verdict.UNSUPPORTED
    assert str(stop.reason).startswith("the target answers every StopInstances with ")
    assert done.clauses["TERM-1"].verdict is Verdict.HELD


@pytest.mark.parametrize("action", ["DescribeInstances", "DescribeVolumes"])
def test_a_read_that_is_late_is_no_finding_where_the_settings_say_so(action: str) -> None:
    rates = Rates(stale=0.9, read_lag=0.2)  # each settle waits for as long as a read may be late
    with serve_in_thread(ServedModel()) as url, faulty_proxy(url, rates, seed=1, may_hit=only(action)) as proxy:
        target = endpoint_target(proxy.url)
        of_volumes = tuple(path for path in corpus_files() if path.parent.name == "volumes")
        plan = Plan(corpus=of_volumes, max_calls=120, settings=Settings(read_lag=0.3))
        done = run_here(target, target.name, EC2, plan, lambda _: None)
        target.close()
    assert done.findings == ()
    assert proxy.injected[TransientFault.STALE] > 0


@pytest.mark.parametrize(
    "fault",
    [TransientFault.THROTTLED, TransientFault.RESET_BEFORE, TransientFault.CUT_OFF],
    ids=lambda fault: fault.value,
)
@pytest.mark.parametrize("action", ["DescribeAvailabilityZones", "DescribeSubnets", "DescribeImages"])
def test_what_has_to_be_found_out_before_a_run_is_asked_again_where_it_was_lost(
    fault: TransientFault, action: str
) -> None:
    with (
        serve_in_thread(ServedModel()) as url,
        faulty_proxy(url, Rates.always(fault), may_hit=first(2, only(action))) as proxy,
    ):
        target = endpoint_target(proxy.url)
        target.close()
    assert proxy.injected == {fault: 2}
    assert len(target.zones) == 3
    asked = [sent.parameters for sent in proxy.forwarded if sent.action == action]
    assert asked[-1] == proxy.hit[-1][1].parameters
