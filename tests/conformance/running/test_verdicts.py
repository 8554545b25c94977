"""Why a clause was not exercised, as a reader is told."""

from collections import Counter
from dataclasses import replace

import pytest

from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.running.verdicts import Tally
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Verdict
from ec2_lifecycle.strategies.files.format import read_scenario

SCENARIO = read_scenario("title: t\nclauses: [VIS-1]\nsteps: [{run: {name: A}}, settle]\n", "t.yaml")
PLAYED = Outcome(SCENARIO, 3, (), Counter())
RACED = replace(
    PLAYED,
    checks=Counter({"VIS-1": 1}),
    scenario=read_scenario("title: t\nclauses: [VIS-1]\nsteps: [{run: {name: A}}, {stop: [A]}]\n", "t.yaml"),
)
STORE = replace(PLAYED, skipped="needs an instance-store root")
WAITS = replace(PLAYED, skipped="waits too long")
NOTHING = "nothing in this run could have broken it"


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ([], "no scenario that this run chose is about it"),
        ([PLAYED], NOTHING),
        ([STORE, WAITS, WAITS], "waits too long"),
        ([STORE, PLAYED, WAITS, WAITS], f"{NOTHING} (left out: waits too long)"),
        (
            [replace(RACED, checks=Counter({"VIS-1": 1}))],
            "no reply showed an instance on its way, and it is about those",
        ),
    ],
)
def test_what_was_left_out_is_the_whole_reason_only_where_all_of_it_was(outcomes: list[Outcome], reason: str) -> None:
    assert reason_of(outcomes, chosen=len(outcomes)) == reason


@pytest.mark.parametrize("clause", ["VIS-1", "START-11"])
def test_seconds_that_only_a_slow_machine_lets_pass_put_nothing_to_the_test(clause: str) -> None:
    def verdict(steps: str) -> Verdict:
        tally = Tally(EC2)
        scenario = read_scenario(f"title: t\nsteps: [{steps}]\n", "t.yaml")
        tally.add(replace(PLAYED, scenario=scenario, checks=Counter({clause: 1, "RUN-1": 1})))
        assert tally.results(())["RUN-1"].verdict is Verdict.HELD
        return tally.results(())[clause].verdict

    assert verdict("{run: {name: A}}, settle") is Verdict.NOT_EXERCISED
    assert verdict("{run: {name: A}}, {wait: 60}") is Verdict.HELD


@pytest.mark.parametrize(
    ("outcomes", "ended", "reason"),
    [
        ([], "calls", "the calls of the run were used up before any scenario of it was played"),
        ([], "time", "the time of the run was used up before any scenario of it was played"),
        ([], "interrupted", "the run was interrupted before any scenario of it was played"),
        ([], "broken", "the target broke before any scenario of it was played"),
        ([WAITS], "calls", "waits too long; the calls of the run were used up before 2 more of its scenarios"),
        ([PLAYED, PLAYED], "calls", f"{NOTHING}; the calls of the run were used up before 1 more of its scenarios"),
        ([PLAYED, PLAYED, PLAYED], "calls", NOTHING),
    ],
)
def test_scenarios_that_were_not_played_are_a_part_of_the_reason(
    outcomes: list[Outcome], ended: str, reason: str
) -> None:
    assert reason_of(outcomes, chosen=3, ended=ended) == reason


def reason_of(outcomes: list[Outcome], chosen: int, ended: str = "done") -> str:
    tally = Tally(EC2, chosen=Counter({"VIS-1": chosen}), ended=ended)
    for outcome in outcomes:
        tally.add(outcome)
        tally.played.update(outcome.scenario.clauses)
    return tally.results((), ("VIS-1",))["VIS-1"].reason or ""
