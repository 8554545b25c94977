"""Endpoints that differ from EC2 in more than what it does: none of them hangs a run or breaks it off."""

import re

import pytest
from strange_servers import Asked, Change, in_json, strange_server

from ec2_lifecycle.conformance.adapter.target import Broken, Patience
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply
from ec2_lifecycle.conformance.execution.smoke import UNREADABLE, smoke
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.running.tiers import quick
from ec2_lifecycle.conformance.targets.endpoint import endpoint_target
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import TargetFinished, Verdict

SOON = Patience(polls=4, first_pause=0.0)
CODE = re.compile(rb"<Code>([^<]*)</Code><Message>([^<]*)</Message>")


def run(change: Change) -> TargetFinished:
    """Run a few scenarios against an endpoint with such replies."""
    with strange_server(change) as url:
        target = endpoint_target(url, patience=SOON)
        plan = Plan(corpus=quick(EC2, corpus_files()), generate=False)
        done = run_here(target, target.name, EC2, plan, lambda _: None)
        target.close()
    return done


def errors_in_json(_: Asked, reply: HttpReply) -> HttpReply:
    """Answer with errors in the form of DynamoDB's."""
    found = CODE.search(reply.body)
    if reply.status < 400 or found is None:
        return reply
    code, message = (part.decode() for part in found.groups())
    return in_json(reply.status, f'{{"__type": "ec2#{code}", "message": "{message}"}}')


def test_errors_that_no_client_can_read_are_wrong_and_break_nothing_off() -> None:
    done = run(errors_in_json)
    assert (done.broken, done.stopped) == (None, "done")
    assert {"TERM-6", "DRY-1", "STOP-6"} <= {finding.clause for finding in done.findings}
    assert "(no error code)" in done.findings[0].observed


def volumes_in_json(asked: Asked, reply: HttpReply) -> HttpReply:
    """Describe volumes as no client of EC2 expects it."""
    return in_json(200, '{"Volumes": []}') if asked["Action"] == "DescribeVolumes" else reply


def test_an_operation_that_answers_in_json_is_broken_and_the_others_are_judged() -> None:
    done = run(volumes_in_json)
    assert (done.broken, done.stopped) == (None, "done")
    assert not done.findings
    reason = "needs DescribeVolumes, which the target answers with a body that is not EC2's XML"
    assert any(reason in (result.reason or "") for result in done.clauses.values())
    assert sum(result.verdict is Verdict.HELD for result in done.clauses.values()) > 10


def everything_in_json(asked: Asked, reply: HttpReply) -> HttpReply:
    """Answer every request but the first ones in JSON."""
    return reply if asked["Action"].startswith("DescribeA") else in_json(200, "{}")


def test_an_endpoint_that_launches_nothing_readable_is_broken() -> None:
    with pytest.raises(Broken, match="does not launch an instance: broken: the body is not EC2's XML"):
        run(everything_in_json)


class Vanishing:
    """Forgets instances as soon as they are terminated."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def __call__(self, asked: Asked, reply: HttpReply) -> HttpReply:
        """Answer as EC2 does of an id that it does not know."""
        ids = [value for name, value in asked.items() if name.startswith("InstanceId")]
        known = self.gone.intersection(ids)
        if known and asked["Action"] == "DescribeInstances":
            message = f"The instance ID '{known.pop()}' does not exist"
            error = f"<Code>InvalidInstanceID.NotFound</Code><Message>{message}</Message>"
            body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>"
            return HttpReply(400, reply.headers, body.encode())
        if asked["Action"] == "TerminateInstances" and reply.status == 200:
            self.gone.update(ids)
        return reply


def test_terminated_instances_that_vanish_at_once_are_told_and_not_waited_for() -> None:
    done = run(Vanishing())
    assert (done.broken, done.stopped) == (None, "done")
    assert "TERM-7" in {finding.clause for finding in done.findings}


CONTACT = frozenset({"RunInstances", "DescribeAvailabilityZones"})


class OneCut:
    """Cuts the first connection of each kind of request, after it was carried out."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, asked: Asked, reply: HttpReply) -> HttpReply | None:
        """Give no answer to what is asked for the first time."""
        self.asked.append(asked["Action"])
        return None if self.asked.count(asked["Action"]) == 1 and asked["Action"] not in CONTACT else reply


def test_only_what_changes_nothing_is_asked_again_where_no_answer_came() -> None:
    server = OneCut()
    with strange_server(server) as url:
        target = endpoint_target(url, patience=SOON)
        answers = smoke(target, Engine(EC2))
        target.close()
    assert answers[Operation.DESCRIBE] == answers[Operation.DESCRIBE_ATTRIBUTE] == "ok"
    assert answers[Operation.STOP].startswith("StopInstances was not answered")
    assert server.asked.count("StopInstances") == 1
    assert server.asked.count("TerminateInstances") == 2, "once more, to clear up"
    assert UNREADABLE not in answers.values()
