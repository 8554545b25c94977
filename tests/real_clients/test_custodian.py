"""Cloud Custodian: policies as users write them, and what they leave behind on EC2 and on moto."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from real_clients.page import EXIT, Case, Row, cases, policy_of
from real_clients.programs import Place
from real_clients.worlds import launch, protect, protections, states

from docs import text_of
from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.server.options import settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

CASES = list(cases())
TERMINATE, FORCED, CACHED = "Terminate", "Terminate with force", "Two policies and the cache"
WORLD = next(case for case in CASES if case.title == TERMINATE).rows
NO_CACHE = ("--cache-period", "0")


def make(ec2: "EC2Client", rows: tuple[Row, ...]) -> dict[str, str]:
    """Make the instances of a table, in order; their ids by their names."""
    ids: dict[str, str] = {}
    for row in rows:
        [ids[row.name]] = launch(ec2, row.name, row.zone)
        protect(ec2, ids[row.name], row.protection)
    return ids


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_policy_of_the_page_ends_as_the_page_says(case: Case, start: Callable[[str], Place]) -> None:
    place = start(case.server)
    ec2 = place.boto3()
    make(ec2, case.rows)
    ran = place.custodian(case.policy)
    assert states(ec2) | {EXIT: str(ran.code)} == case.outcome, ran.err


def test_the_page_says_the_versions_that_are_run(place: Place) -> None:
    assert f"Cloud Custodian {place.run('custodian', 'version').out.strip()} " in text_of("custodian.md")


def test_a_failed_termination_names_one_protected_instance_and_nothing_of_what_is_gone(place: Place) -> None:
    ids = make(place.boto3(), WORLD)
    ran = place.custodian(policy_of(TERMINATE))
    assert f"The instance '{ids['web-2']}' may not be terminated." in ran.err
    assert [name for name, i in ids.items() if i in ran.out + ran.err] == ["web-2"]
    listed = json.loads((place.home / "out/terminate-old/resources.json").read_text(encoding="utf-8"))
    assert {each["InstanceId"]: each["State"]["Name"] for each in listed} == dict.fromkeys(ids.values(), "running")


def test_moto_terminates_all_where_protection_is_set_at_launch(start: Callable[[str], Place]) -> None:
    place = start("moto")
    ec2 = place.boto3()
    launch(ec2, "free", "a")
    launch(ec2, "protected", "a", protected=True)
    assert place.custodian(policy_of(TERMINATE)).code == 0
    assert states(ec2) == {"free": "terminated", "protected": "terminated"}


def test_where_protection_is_enforced_for_longer_the_next_run_terminates_the_rest(tmp_path: Path) -> None:
    lag = settings_of(choices={"cleared-protection": "still-enforced"}, delay={"termination-clears": "60"})
    model = ServedModel(lag)
    with serve_in_thread(model) as url:
        place = Place(url, tmp_path)
        ec2 = place.boto3()
        ids = make(ec2, WORLD)
        assert place.custodian(policy_of(FORCED), *NO_CACHE).code == 2
        assert protections(ec2, ids["web-2"]) == (False, False)
        model.advance(60)
        assert place.custodian(policy_of(FORCED), *NO_CACHE).code == 0
        assert set(states(ec2).values()) == {"terminated"}


@pytest.mark.parametrize(("server", "code"), [("EC2", "IncorrectInstanceState"), ("moto", "")])
def test_only_moto_changes_the_protection_of_a_terminated_instance(
    server: str, code: str, start: Callable[[str], Place]
) -> None:
    ec2 = start(server).boto3()
    [i] = launch(ec2, "web", "a")
    ec2.terminate_instances(InstanceIds=[i])
    refused = ""
    try:
        protect(ec2, i, "disableApiTermination", on=False)
    except ClientError as error:
        refused = error.response.get("Error", {}).get("Code", "")
    assert refused == code


@pytest.mark.parametrize("server", ["EC2", "moto"])
def test_a_forced_stop_clears_the_protections_of_the_refused_and_keeps_termination_protection(
    server: str, start: Callable[[str], Place]
) -> None:
    place = start(server)
    ec2 = place.boto3()
    ids = make(ec2, WORLD)
    assert place.custodian(policy_of("Stop with force")).code == 0
    assert {name for name, i in ids.items() if protections(ec2, i)[1]} == set()
    assert {name for name, i in ids.items() if protections(ec2, i)[0]} == {"web-2"}


@pytest.mark.parametrize("server", ["EC2", "moto"])
def test_without_the_cache_both_policies_end_well(server: str, start: Callable[[str], Place]) -> None:
    place = start(server)
    ec2 = place.boto3()
    make(ec2, next(case for case in CASES if case.title == CACHED).rows)
    assert place.custodian(policy_of(CACHED), *NO_CACHE).code == 0
    assert states(ec2) == {"old-1": "terminated", "new-1": "stopped"}


@pytest.mark.parametrize(("together", "other"), [(99, "terminated"), (100, "running")])
def test_a_batch_that_fails_is_the_last(place: Place, together: int, other: str) -> None:
    ec2 = place.boto3()
    protect(ec2, launch(ec2, "many", "a", together)[0], "disableApiTermination")
    launch(ec2, "other", "b")
    assert place.custodian(policy_of(TERMINATE)).code == 2
    assert states(ec2) == {"many": "running", "other": other}


AGE = """
policies:
  - name: terminate-forgotten
    resource: aws.ec2
    filters:
      - type: state-age
        op: ge
        days: {days}
      - "State.Name": stopped
      - not:
          - type: termination-protected
    actions:
      - terminate
"""


@pytest.mark.parametrize(("days", "expected"), [(1, "stopped"), (0, "terminated")])
def test_a_policy_reads_from_the_reason_of_its_state_how_long_an_instance_is_stopped(
    place: Place, days: int, expected: str
) -> None:
    ec2 = place.boto3()
    [stopped] = launch(ec2, "stopped", "a")
    [kept] = launch(ec2, "kept", "a", protected=True)
    launch(ec2, "running", "a")
    ec2.stop_instances(InstanceIds=[stopped, kept])
    assert place.custodian(AGE.format(days=days)).code == 0
    assert states(ec2) == {"stopped": expected, "kept": "stopped", "running": "running"}
