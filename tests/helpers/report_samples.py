"""A run to report on, made up: two targets, findings new and waived, every verdict."""

from dataclasses import replace
from typing import Final

from ec2_lifecycle.reports.events import (
    ClauseInfo,
    ClauseResult,
    Finding,
    FindingMade,
    InstanceBelief,
    RunStarted,
    ScenarioRun,
    StepBelief,
    TargetFinished,
    TargetStarted,
    Verdict,
    WaiverProblem,
)

SCENARIO_TEXT: Final = """\
title: An unprotected instance in the zone of a protected one was terminated
clauses: [TERM-4]
steps:
  - run: {name: A}
  - run: {name: C, DisableApiTermination: true}
  - terminate: [A, C]
  - describe: [A, C]
finding:
  id: f1:abcd1234
"""

FINDING: Final = Finding(
    id="f1:abcd1234",
    clause="TERM-4",
    level="violation",
    evidence="documented",
    source="B-02: TerminateInstances page",
    title="An unprotected instance in the zone of a protected one was terminated",
    part="outcome",
    operation="TerminateInstances",
    step=2,
    expected=("A is running, shielded by C (TERM-4)", "A is pending, shielded by C (TERM-4)"),
    observed="A is shutting-down",
    effect="instances that the protected one should have shielded are deleted",
    scenario={"title": "…", "steps": [{"run": {"name": "A"}}, "settle", {"terminate": ["A", "C"]}]},
    scenario_text=SCENARIO_TEXT,
    repro='import boto3\n\nif True:\n    ec2 = boto3.client("ec2")\n',
    replay="ec2-lifecycle replay out/findings/f1-abcd1234.yaml --target moto",
    minimal=True,
)

CLAUSE: Final = ClauseInfo(
    id="TERM-4",
    sentence="A named protected instance shields its Availability Zone: nothing named in that zone is terminated.",
    evidence={"outcome": {"grade": "documented", "source": "B-02: TerminateInstances page"}},
    effect="instances that the protected one should have shielded are deleted",
)

STARTED: Final = RunStarted(
    version="0.1.0",
    seed=7,
    argv=("run", "moto"),
    started="2026-01-31T12:00:00Z",
    versions={"python": "3.11.7"},
    clauses=(CLAUSE,),
)

MOTO: Final = TargetFinished(
    target="moto",
    version="5.2.5",
    seed=7,
    scenarios=2412,
    calls=13210,
    seconds=42.31,
    clauses={
        "TERM-1": ClauseResult(Verdict.HELD, "documented", 1412),
        "TERM-4": ClauseResult(Verdict.VIOLATED, "documented", 44),
        "DRY-2": ClauseResult(Verdict.NOT_EXERCISED, "documented", 0, "moto has no caller without permission"),
        "KIND-2": ClauseResult(Verdict.UNSUPPORTED, "recorded", 0, "moto answers NotImplemented"),
    },
    findings=(FINDING,),
    stopped="done",
)

MODEL: Final = TargetFinished(
    target="model",
    version="0.1.0",
    seed=7,
    scenarios=1,
    calls=1,
    seconds=0.04,
    clauses={"TERM-1": ClauseResult(Verdict.HELD, "documented", 3)},
    findings=(),
    stopped="done",
)

EVENTS: Final = (
    TargetStarted("moto", "5.2.5", ("stop", "terminate"), 3),
    FindingMade("moto", FINDING),
    ScenarioRun("moto", "A batch", "corpus", 8, ("f1:abcd1234",)),
    ScenarioRun("moto", "Nobody", "corpus", 0, (), "moto has no caller without permission"),
    WaiverProblem("moto", "f1:deadbeef", "no longer occurs on moto 5.2.5: remove it"),
    MOTO,
)
"""One of each kind, after the header."""

NOTHING: Final = InstanceBelief((), 0)
HOSTILE: Final = "a\x1b[31m\r\n\x07\u202eb\u200f[bold red]c[/]\u2028\x9bd\ud800:smile:"
SHOWN: Final = r"a\x1b[31m\r\n\x07\u202eb\u200f[bold red]c[/]\u2028\x9bd\ud800:smile:"
"""What a view shows of it: every character that cannot be seen is written as an escape."""


def hostile(text: str) -> list[TargetFinished]:
    """Two targets with a hostile text wherever a text may come from a target."""
    problem = WaiverProblem(text, text, text)
    finding = replace(
        FINDING,
        title=text,
        id=text,
        clause=text,
        level=text,
        evidence=text,
        source=text,
        expected=(text, text),
        observed=text,
        scenario_text=f"title: {text}\nsteps:\n  - {text}",
        repro=text,
        replay=text,
        instance="A",
        expected_brief=text,
        observed_brief=text,
        observed_state=text,
        beliefs=(
            StepBelief(1, 1, 1, {"A": InstanceBelief(("pending", text), 2)}),
            StepBelief(-1, 10**18, 1, {"A": InstanceBelief((text,) * 9, 2, (text, "DisableApiStop")), text: NOTHING}),
            StepBelief(1, 1, 1, {"A": InstanceBelief((text,), 2, doubted=True)}),
        ),
    )
    clauses = {
        clause + text: ClauseResult(result.verdict, text, result.checks, text)
        for clause, result in MOTO.clauses.items()
    }
    known = replace(finding, id="f1:0", waived=text)
    first = replace(
        MOTO,
        target=text,
        version=text,
        clauses=clauses,
        findings=(finding, known),
        waiver_problems=(problem,),
        broken=text,
        stopped=text,
        notes=(text,),
    )
    return [first, replace(first, target="model")]
