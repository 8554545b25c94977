"""A whole run against one target: what it plays, when it ends, and that each thing wrong is found once and minimal."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import pytest
from plain_endpoint import plain_endpoint
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files, covering_files
from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.collector import Collector, look_into_all
from ec2_lifecycle.conformance.findings.search import Inquirer, Sighting, is_slow, sightings
from ec2_lifecycle.conformance.findings.shorter_candidates import shorter, with_looks
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.running import campaign as campaigns
from ec2_lifecycle.conformance.running import plan as plans
from ec2_lifecycle.conformance.running.campaign import Campaign, run_here
from ec2_lifecycle.conformance.running.crew import Crew, InlineExecutor
from ec2_lifecycle.conformance.running.lane import Turn, TurnResult
from ec2_lifecycle.conformance.running.lane_host import LaneHost
from ec2_lifecycle.conformance.running.plan import LANES, Plan
from ec2_lifecycle.conformance.running.tiers import SMOKE_CALLS, purposes, quick, without_slow
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.model.clauses import EvidenceClass
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import CoverageGrew, Event, FindingMade, ScenarioRun, TargetFinished, Verdict
from ec2_lifecycle.strategies.files.format import load_scenario, read_scenario, scenario_from_data
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.step_removal import without_steps
from ec2_lifecycle.strategies.scenario.steps import BatchStep, DescribeAttributeStep, SettleStep


def scenario_of(steps: str) -> Scenario:
    return read_scenario(f"title: t\nsteps:\n{steps}", "t.yaml")


def ran(target: Target, plan: Plan, **more: object) -> tuple[TargetFinished, list[Event]]:
    events: list[Event] = []
    done = run_here(target, target.name, EC2, plan, events.append, **more)  # type: ignore[arg-type]
    return done, events


SOON = 15
"""So many walks without anything new end a run here."""


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run be saturated early."""
    monkeypatch.setattr(campaigns, "SATURATED", SOON)
    monkeypatch.setattr(plans, "CALLS", 200_000)


# When it ends.


@pytest.mark.usefixtures("soon")
def test_a_run_walks_until_nothing_new_comes_and_says_so() -> None:
    done, events = ran(model_target(seed=1), Plan(seed=3))
    assert (done.stopped, done.broken, done.findings) == ("saturated", None, ())
    assert done.quiet >= SOON
    grown = [event for event in events if isinstance(event, CoverageGrew)]
    assert len(grown) > 1
    assert grown[-1].coverage == done.coverage
    assert all(before.coverage["cells"] <= after.coverage["cells"] for before, after in pairwise(grown))
    assert grown[-1].calls < done.calls
    assert list(done.coverage) == ["cells", "pairs", "clauses", "choices", "outcomes"]
    assert min(done.coverage.values()) > 0


def test_a_run_that_may_make_few_calls_makes_no_more() -> None:
    done, events = ran(model_target(seed=1), Plan(max_calls=500))
    assert done.stopped == "calls"
    assert 450 <= done.calls <= 500  # a tenth is kept
    played = sum(event.calls for event in events if isinstance(event, ScenarioRun))
    assert played <= done.calls < played + 20, "a few are for the bystanders"


@pytest.mark.parametrize("most", [3, 40, 170, 1300])
def test_no_search_and_no_walk_makes_more_calls_than_the_run_may_make(most: int) -> None:
    fault = fault_of("RUN-4", "DisableApiTermination is disregarded")
    plan = Plan(corpus=corpus_files()[::60], max_calls=most)
    done, _ = in_lanes(fault, plan, InlineExecutor())
    assert most - plan.reserve - 1 <= done.calls <= most


def test_by_default_a_run_ends_after_so_many_calls_though_something_new_still_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "CALLS", 600)
    done, _ = ran(model_target(seed=1), Plan())
    assert done.stopped == "calls"
    assert 600 <= done.calls < 700  # each of the walks side by side takes a last look


def test_the_corpus_counts_for_coverage_too() -> None:
    done, _ = ran(model_target(seed=1), Plan(corpus=corpus_files()[:40], generate=False))
    assert done.stopped == "done"
    assert done.coverage["cells"] > 20


# Side by side.


def in_lanes(fault: Fault, plan: Plan, executor: Executor) -> tuple[TargetFinished, list[Event]]:
    """Run with a target for each lane, as in processes of their own."""
    events: list[Event] = []
    hosts = [LaneHost(fault.target(), "faulty", EC2, plan, (lane,)) for lane in range(plan.lanes)]
    return Campaign(Crew(hosts, executor), "faulty", EC2, plan, events.append).run(), events


def test_what_is_found_does_not_depend_on_how_many_are_played_at_a_time() -> None:
    fault = fault_of("RUN-4", "DisableApiTermination is disregarded")
    plan = Plan(corpus=corpus_files()[::8], max_calls=2400)
    assert plan.lanes == LANES
    one, one_by_one = in_lanes(fault, plan, InlineExecutor())
    with ThreadPoolExecutor(LANES) as pool:
        many, at_a_time = in_lanes(fault, plan, pool)
    assert one.findings
    assert replace(many, seconds=0.0) == replace(one, seconds=0.0)
    assert at_a_time[:-1] == one_by_one[:-1]


class Log(Crew):
    """Notes the calls of every turn, and after which merge the campaign dealt it."""

    def __init__(self, hosts: Sequence[LaneHost]) -> None:
        super().__init__(hosts)
        self.dealt: list[tuple[int, int, int]] = []
        """Lane, calls, and merges before it."""
        self.merged = 0

    def play(self, lane: int, turn: Turn) -> Future[TurnResult]:
        """Play a turn at once, and note when its result is merged."""
        result = super().play(lane, turn).result()
        every = (*(each for plays, _ in result.inquiries for each in plays), *result.plays)
        calls = sum(played.outcome.calls for played in every) + result.bystander_calls
        self.dealt.append((lane, calls, self.merged))
        log = self

        class Merged(Future[TurnResult]):
            def result(self, timeout: float | None = None) -> TurnResult:
                log.merged += 1
                return super().result(timeout)

        future = Merged()
        future.set_result(result)
        return future

    def calls_in_a_row(self, workers: int) -> int:
        """Return how many calls some workers make one after the other, if every call takes the same time."""
        idle_at, lane_idle_at = [0] * workers, Counter[int]()
        merged_at = [0]
        for lane, calls, merges in self.dealt:
            worker = min(range(workers), key=lambda each: idle_at[each])
            ended = max(idle_at[worker], lane_idle_at[lane], merged_at[merges]) + calls
            idle_at[worker] = lane_idle_at[lane] = ended
            merged_at.append(max(ended, merged_at[-1]))
        return max(idle_at)


def test_no_worker_waits_long_for_another() -> None:
    fault = fault_of("RUN-4", "DisableApiTermination is disregarded")
    plan = Plan(corpus=corpus_files()[::8], max_calls=4000)
    log = Log([LaneHost(fault.target(), "faulty", EC2, plan, (lane,)) for lane in range(plan.lanes)])
    done = Campaign(log, "faulty", EC2, plan, lambda _: None).run()
    assert log.calls_in_a_row(1) == done.calls
    assert log.calls_in_a_row(2) < 0.55 * done.calls
    assert log.calls_in_a_row(LANES) < 0.4 * done.calls


# What is found.


def test_every_finding_is_found_once_and_none_of_its_steps_can_go() -> None:
    with closing(moto_target()) as target:
        done, _ = ran(target, Plan(corpus=quick(EC2, corpus_files()), generate=False))
        assert len(done.findings) > 15
        assert len({finding.id for finding in done.findings}) == len(done.findings)
        runner = Runner(target, judge())
        for finding in done.findings:
            scenario = read_scenario(finding.scenario_text, finding.id)
            assert finding.minimal
            assert finding.id in shown_by(runner, scenario)
            for place in range(len(scenario.steps)):
                steps = without_steps(scenario.steps, (place,))
                assert not steps or finding.id not in shown_by(runner, replace(scenario, steps=steps)), finding.title


def shown_by(runner: Runner, scenario: Scenario) -> set[str]:
    return set(map(defect_id, runner.run(scenario).divergences))


JUDGED_ON_MOTO = 87
"""The clauses that a full run of moto 5.2.5 puts to the test."""


# What only follows from something else.


UNPROTECTED = """
  - run: {name: A, DisableApiTermination: true, DisableApiStop: true}
  - settle
  - modify: {id: A, DisableApiStop: false}
  - terminate: [A]
"""


def collected(target: Target, scenario: Scenario) -> Collector:
    runner = Runner(target, judge())
    collector = Collector(target.name, lambda _: None)
    look_into = Inquirer(EC2, target.name, runner.run, lambda: False).look_into
    for divergence in runner.run(scenario).divergences:
        collector.note(Sighting(scenario, divergence))
        look_into_all(collector, look_into)
    return collector


def test_what_shows_late_is_told_as_what_went_wrong_first() -> None:
    target = fault_of("RUN-4", "DisableApiTermination is disregarded").target()
    scenario = scenario_of(UNPROTECTED)
    late = Runner(target, judge()).run(scenario).divergences
    assert [divergence.operation for divergence in late] == [Operation.TERMINATE]
    [finding] = collected(target, scenario).findings.values()
    assert (finding.clause, finding.operation) == ("RUN-4", "RunInstances")
    assert len(read_scenario(finding.scenario_text, "f.yaml").steps) == 2


def test_what_a_step_shows_for_another_reason_is_not_explained_twice() -> None:
    target = fault_of("RUN-4", "DisableApiTermination is disregarded").target()
    scenario = scenario_of("""
  - run: {name: A, count: 2, DisableApiTermination: true}
  - settle
  - terminate: [A1]
  - terminate: [A2]
""")
    runner = Runner(target, judge())
    played: list[Scenario] = []

    def observe(candidate: Scenario) -> Outcome:
        played.append(candidate)
        return runner.run(candidate)

    collector = Collector(target.name, lambda _: None)
    look_into = Inquirer(EC2, target.name, observe, lambda: False).look_into

    def noted(divergence: Divergence) -> None:
        collector.note(Sighting(scenario, divergence))
        look_into_all(collector, look_into)

    first, second = (d for d in runner.run(scenario).divergences if d.operation is Operation.TERMINATE)
    assert defect_id(first) == defect_id(second)
    noted(first)
    assert played
    played.clear()
    noted(replace(first, instance=second.instance))
    assert not played
    noted(second)  # at another step it may have another reason
    assert played


TERMINATED_AGAIN = """
  - run: {name: A}
  - run: {name: P, DisableApiTermination: true}
  - settle
  - terminate: [A, P]
  - terminate: [A]
"""


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        ("TERM-4", "only the protected instance itself stays"),
        ("TERM-10", "the current state stands as the previous one"),
    ],
)
def test_a_previous_state_that_cannot_be_is_charged_to_what_the_looks_between_show(clause: str, sentence: str) -> None:
    target = fault_of(clause, sentence).target()
    scenario = scenario_of(TERMINATED_AGAIN)
    [first] = Runner(target, judge()).run(scenario).divergences
    assert first.clause == "TERM-4"  # which it is, unless the reply misstates what it found
    [finding] = collected(target, scenario).findings.values()
    assert (finding.clause, finding.status) == (clause, "confirmed")


def test_looks_come_after_every_change_but_the_last() -> None:
    steps = with_looks(EC2, scenario_of(UNPROTECTED).steps)
    looks = [step for step in steps if isinstance(step, BatchStep | DescribeAttributeStep)]
    assert [step.operation.value for step in looks] == [
        *["DescribeInstanceAttribute"] * 2,  # and the settle that follows looks at the states
        *["DescribeInstanceAttribute"] * 2,
        "DescribeInstances",
        "TerminateInstances",
    ]


def test_what_never_rests_is_waited_for_after_every_change() -> None:
    steps = with_looks(EC2, scenario_of(UNPROTECTED).steps, to_the_end=True)
    assert any(isinstance(step, SettleStep) for step in steps)
    assert not any(isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE for step in steps)


def test_a_volume_that_nobody_looked_at_is_not_blamed() -> None:
    target = fault_of("TERM-5", "what stands behind the protected one in the list stays").target()
    scenario = scenario_of("""
  - run: {name: A, zone: 1}
  - run: {name: B, zone: 2, DisableApiTermination: true}
  - run: {name: C, zone: 1, volumes: [{name: c-data, DeleteOnTermination: true}]}
  - terminate: [A, B, C]
""")  # A goes, and its volume with it; while C does not, no volume is described
    [divergence] = Runner(target, judge()).run(scenario).divergences
    assert (divergence.clause, divergence.instance) == ("TERM-5", "C")


# Shorter ways.


LONG = """
  - run: {name: A, zone: 2}
  - run: {name: B, count: 2}
  - settle
  - reboot: [A, B1]
  - stop: [B1]
  - settle
  - terminate: [A]
  - settle
  - start: [A, B1]
"""


def test_the_plain_way_to_a_situation_is_tried_first_and_the_whole_scenario_last() -> None:
    scenario = scenario_of(LONG)
    target = fault_of("START-5", "a terminated instance is accepted, and the instance is then pending").target()
    [divergence, *_] = Runner(target, judge()).run(scenario).divergences
    first, *_, last = shorter(EC2, scenario, divergence)
    assert (
        first.steps
        == scenario_of("""
  - run: {name: A, zone: 2}
  - settle
  - terminate: [A]
  - settle
  - start: [A]
""").steps
    )
    assert last.steps == scenario.steps


@pytest.mark.parametrize("calls", [1000, None])
def test_what_a_walk_saw_of_volumes_is_seen_again_whether_or_not_the_scenario_was_made_small(
    calls: int | None,
) -> None:
    target = fault_of("VOL-1", "none is ever deleted").target()
    _, events = ran(target, Plan(seed=1, max_calls=calls))
    found = next(e.finding for e in events if isinstance(e, FindingMade) and e.finding.clause == "VOL-1")
    again = scenario_from_data(dict(found.scenario), "finding")
    assert found.minimal or calls == 1000
    assert not found.minimal or len(again.steps) <= 4
    fresh = fault_of("VOL-1", "none is ever deleted").target()
    assert found.id in map(defect_id, Runner(fresh, judge()).run(again).divergences)


# The tiers.


def test_the_quick_tier_lists_each_scenario_once_and_none_that_is_slow() -> None:
    chosen = quick(EC2, corpus_files())
    assert len(chosen) == len({*chosen}) > 30
    assert without_slow(EC2, chosen) == chosen


def test_a_scenario_is_left_out_once_others_put_to_the_test_what_it_is_there_for() -> None:
    first, second = (path for path in corpus_files() if path.name in ("shield-acbd.yaml", "shield-cabd.yaml"))
    name = f"{second.parent.name}/{second.name}"

    def played(*clauses: str) -> list[str]:
        plan = Plan(corpus=(first, second), purposes={name: frozenset(clauses)}, generate=False)
        with closing(moto_target()) as target:
            done, events = ran(target, plan)
        assert done.stopped == "done"
        return [str(event.file) for event in events if isinstance(event, ScenarioRun) and event.source == "corpus"]

    assert played("RUN-1", "PROT-1") == [f"{first.parent.name}/{first.name}"]
    assert len(played("RUN-1", "START-1")) == 2


def test_every_purpose_is_one_of_a_listed_scenario_and_a_clause_that_is_judged() -> None:
    listed = {f"{path.parent.name}/{path.name}" for path in quick(EC2, corpus_files())}
    assert purposes().keys() <= listed
    judged = {clause.id for clause in EC2.clauses.values() if clause.evidence_class is not EvidenceClass.ASSUMED}
    assert all(clauses <= judged for clauses in purposes().values())


@pytest.mark.parametrize("seed", range(20))
def test_within_400_calls_the_quick_tier_puts_the_shield_to_the_test_whatever_ec2_chooses(seed: int) -> None:
    done, _ = ran(model_target(seed=seed), quick_plan())
    assert done.calls <= 400
    assert {done.clauses[clause].verdict for clause in ("TERM-4", "TERM-5")} == {Verdict.HELD}


def quick_plan(seed: int = 0) -> Plan:
    files = quick(EC2, corpus_files())
    return Plan(seed, corpus=files, purposes=purposes(), generate=False, confirm_last=True, max_calls=SMOKE_CALLS)


def put_to_the_test(done: TargetFinished) -> set[str]:
    return {c for c, result in done.clauses.items() if result.verdict in (Verdict.HELD, Verdict.VIOLATED)}


class Counted:
    """A client that counts its calls."""

    def __init__(self, client: object) -> None:
        self.client = client
        self.calls = 0

    def __getattr__(self, name: str) -> object:
        self.calls += name not in ("close", "meta")
        return getattr(self.client, name)


def test_within_400_calls_the_quick_tier_holds_moto_to_every_clause_and_confirms_the_worst() -> None:
    clients: list[Counted] = []

    def wrap(client: object) -> Counted:
        clients.append(Counted(client))
        return clients[0]

    with closing(moto_target(wrap)) as target:
        done, _ = ran(target, quick_plan())
    assert done.calls <= SMOKE_CALLS
    assert clients[0].calls - done.clearing_calls <= 400, "with the calls that show what moto supports"
    assert len(put_to_the_test(done)) >= JUDGED_ON_MOTO - 1  # all but the limit of 1000 ids
    assert done.clauses["TERM-9"].verdict is Verdict.NOT_EXERCISED
    assert {done.clauses[clause].verdict for clause in ("TERM-4", "TERM-5")} == {Verdict.VIOLATED}
    worst = {finding.id: finding.status for finding in done.findings if finding.harm in ("destroys", "leaks")}
    assert len(worst) > 3
    assert {*worst.values()} == {"confirmed"}
    assert sum(finding.status == "confirmed" for finding in done.findings) > 15


def test_the_quick_tier_holds_a_plain_endpoint_to_every_clause_that_the_corpus_can() -> None:
    done, _ = ran(plain_endpoint(), quick_plan())
    everything = [path for path in corpus_files() if not is_slow(load_scenario(path))]
    of_all, _ = ran(plain_endpoint(), Plan(corpus=tuple(everything), generate=False))
    assert put_to_the_test(of_all) - put_to_the_test(done) <= {"TERM-9"}
    assert len(put_to_the_test(done)) > 70


def test_a_quick_run_blames_no_defect_on_what_it_did_not_look_at() -> None:
    fault = fault_of("RUN-4", "DisableApiTermination is disregarded")
    scenario = "title: t\nsteps: [{run: {name: A, DisableApiTermination: true}}, settle, {terminate: [A]}]\n"
    steps = read_scenario(scenario, "t.yaml")
    runner = Runner(fault.target(), judge())
    inquirer = Inquirer(EC2, "faulty", runner.run, lambda: False)
    seen = sightings(runner.run(steps))
    inquiries = inquirer.confirm(seen, lambda each, _ids: runner.run(each))
    assert seen
    assert all(inquiry.finding is None for inquiry in inquiries)
    [cause] = {defect_id(other.divergence): other.divergence for other in inquiries[-1].others}.values()
    assert cause.clause == "RUN-4"


def test_the_covering_tier_leaves_the_thousand_ids_out() -> None:
    kept = without_slow(EC2, covering_files())
    left_out = {*covering_files()} - {*kept}
    assert any("TERM-9" in load_scenario(path).clauses for path in left_out)
    assert all(len(load_scenario(path).instance_names) > 100 for path in left_out)


@pytest.mark.parametrize("clause", ["TERM-1", "TERM-4", "TERM-6", "PROT-1"])
def test_the_quick_tier_of_one_clause_puts_it_to_the_test(clause: str) -> None:
    chosen = quick(EC2, corpus_files(), {clause})
    assert all(clause in load_scenario(path).clauses for path in chosen)
    done, _ = ran(model_target(), Plan(corpus=chosen, generate=False, clauses=frozenset({clause})))
    assert done.clauses[clause].verdict is Verdict.HELD
    assert done.calls < 250


def test_a_quick_run_for_more_clauses_plays_whatever_it_plays_for_each_alone() -> None:
    both = quick(EC2, corpus_files(), {"TERM-4", "TERM-5"})
    for clause in ("TERM-4", "TERM-5"):
        assert set(quick(EC2, corpus_files(), {clause})) <= set(both)
