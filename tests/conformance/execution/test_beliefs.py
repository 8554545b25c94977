"""What a finding tells of the oracle's belief, and what a run tells of the changes of state that it saw."""

from collections import Counter

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.adapter.observation import Changes, StateChange, StateSeen
from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.execution.beliefs import MOST_WORLDS, TOLD, Note, beliefs
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.execution.transitions import Transitions, lifecycle, shortest_path
from ec2_lifecycle.conformance.findings.collector import Collector, look_into_all
from ec2_lifecycle.conformance.findings.search import Inquirer, Sighting
from ec2_lifecycle.conformance.oracle.belief import Hypothesis
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.lifecycle import REBOOT, START, STOP, TERMINATE, TRANSITIONS
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import InstanceState, Visibility
from ec2_lifecycle.model.world import Instance, InstanceRecord, Zone
from ec2_lifecycle.reports.events import Finding, StepBelief
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

PENDING, RUNNING, STOPPED = InstanceState.PENDING, InstanceState.RUNNING, InstanceState.STOPPED
SHUTTING_DOWN, TERMINATED = InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED


def scenario_of(*steps: str) -> Scenario:
    lines = "".join(f"  - {step}\n" for step in steps)
    return read_scenario(f"title: t\nsteps:\n{lines}", "t.yaml")


def believed(*steps: str) -> tuple[StepBelief, ...]:
    """What is believed of the model, which is right in everything."""
    engine = judge()
    outcome = Runner(model_target(seed=1), engine).run(scenario_of(*steps))
    assert not outcome.divergences
    return beliefs(engine, outcome.notes, None)


def states(belief: StepBelief) -> dict[str, tuple[str, ...]]:
    return {name: it.states for name, it in belief.instances.items()}


# Beliefs.


def test_each_step_has_what_the_instances_may_be_once_it_is_over() -> None:
    made, rested, stopped, there, seen = believed(
        "run: {name: A}", "settle", "stop: [A]", "run: {name: B, DisableApiTermination: true}", "describe: [A, B]"
    )
    assert states(made) == {"A": ("pending",)}
    assert states(rested) == {"A": ("running",)}
    assert states(stopped) == {"A": ("stopping",)}
    assert states(there) == {"A": ("stopping",), "B": ("pending",)}
    assert set(states(seen)) == {"A", "B"}
    assert seen.instances["B"].protected == ("DisableApiTermination",)
    assert not any(it.doubted or it.protected for it in stopped.instances.values())


def test_the_last_look_has_a_note_where_there_was_one() -> None:
    assert len(believed("run: {name: A}", "describe: [A]")) == 2
    assert len(believed("run: {name: A}")) == 2


def test_time_opens_worlds_and_replies_close_them() -> None:
    made, rested, *_ = believed("run: {name: A}", "settle", "describe: [A]")
    assert (made.worlds_before, made.worlds) == (1, 1)
    assert rested.worlds_before == 3 * 3, "pending, running or terminated, and three for its root volume"
    assert rested.worlds == 1


def test_what_a_reply_leaves_open_makes_more_worlds() -> None:
    """Two ways to settle an open point: in one B is of two kinds, in the other there is no B."""
    records = frozenset({InstanceRecord(Zone("1"), RUNNING), InstanceRecord(Zone("1"), STOPPED)})
    one, other = Hypothesis({Instance("A"): records, Instance("B"): records}), Hypothesis({Instance("A"): records})
    [belief] = beliefs(judge(), [Note((one, other), frozenset())], None)
    assert (belief.worlds, belief.hypotheses) == (2 * 2 + 2, 2)
    assert belief.instances["A"].states == ("running", "stopped")
    assert belief.instances["A"].records == 2


def test_what_is_in_doubt_is_not_counted_and_what_is_forgotten_says_so() -> None:
    gone = InstanceRecord(Zone("1"), TERMINATED, visibility=Visibility.FORGOTTEN)
    both = frozenset({gone, InstanceRecord(Zone("1"), TERMINATED)})
    note = Note((Hypothesis({Instance("A"): both, Instance("B"): both}),), frozenset({"A"}))
    [belief] = beliefs(judge(), [note], None)
    assert belief.worlds == 2
    assert belief.instances["A"].doubted
    assert belief.instances["B"].states == ("terminated", "forgotten")


def test_protected_is_what_is_so_whichever_way_it_is() -> None:
    plain = InstanceRecord(Zone("1"), RUNNING)
    shielded = InstanceRecord(Zone("1"), RUNNING, disable_api_stop=True)
    hypothesis = Hypothesis({Instance("A"): frozenset({plain, shielded}), Instance("B"): frozenset({shielded})})
    note = Note((hypothesis,), frozenset())
    [belief] = beliefs(judge(), [note], None)
    assert belief.instances["A"].protected == ()
    assert belief.instances["B"].protected == ("DisableApiStop",)


def test_of_a_thousand_instances_some_are_told_and_the_blamed_one_in_any_case() -> None:
    either = frozenset({InstanceRecord(Zone("1"), RUNNING), InstanceRecord(Zone("1"), PENDING)})
    note = Note((Hypothesis({Instance(f"A{n}"): either for n in range(1, 1001)}),), frozenset())
    [belief] = beliefs(judge(), [note], "A900")
    assert len(belief.instances) == TOLD
    assert {"A1", "A900"} <= belief.instances.keys()
    assert belief.worlds == MOST_WORLDS


def found(target: Target, scenario: Scenario) -> Finding:
    """The first finding, made minimal."""
    runner = Runner(target, judge())
    outcome = runner.run(scenario)
    collector = Collector(target.name, lambda _: None)
    collector.note(Sighting(scenario, outcome.divergences[0], outcome.notes))
    look_into_all(collector, Inquirer(EC2, target.name, runner.run, lambda: False).look_into)
    return next(iter(collector.findings.values()))


def test_a_finding_has_a_belief_for_each_step_of_its_own_scenario() -> None:
    target = fault_of("RUN-4", "DisableApiTermination is disregarded").target()
    scenario = scenario_of(
        "run: {name: A, DisableApiTermination: true, DisableApiStop: true}",
        "run: {name: B}",
        "settle",
        "modify: {id: A, DisableApiStop: false}",
        "terminate: [A]",
    )
    finding = found(target, scenario)
    steps = finding.scenario["steps"]
    assert len(steps) == 2
    assert len(finding.beliefs) in (len(steps), len(steps) + 1)
    assert all(set(belief.instances) == {"A"} for belief in finding.beliefs), "B is left out, so nothing is said of it"
    assert (finding.expected_brief, finding.observed_brief) == (
        "DisableApiTermination true",
        "DisableApiTermination false",
    )
    assert finding.observed_state is None


def test_the_state_that_was_observed_instead_is_told() -> None:
    target = fault_of("TERM-4", "only the protected instance itself stays").target()
    finding = found(
        target,
        scenario_of("run: {name: A}", "run: {name: B, DisableApiTermination: true}", "settle", "terminate: [A, B]"),
    )
    assert (finding.clause, finding.expected_brief) == ("TERM-4", "state running")
    assert finding.observed_brief == f"state {finding.observed_state}"
    last = finding.beliefs[-1].instances
    assert last["A"].doubted
    assert last["A"].states == ("running", "shutting-down")
    assert not last["B"].doubted
    assert last["B"].protected == ("DisableApiTermination",)


# Changes of state.


def test_every_row_of_the_lifecycle_is_told_and_every_transition_has_one() -> None:
    rows = list(lifecycle(EC2))
    told = {(row.source, row.to, row.clause) for row in rows}
    for table in (START, STOP, REBOOT, TERMINATE):
        assert {(state.value, row.to.value, row.clause) for state, row in table.items()} <= told
    changes = {(source.value, to.value) for source, following in TRANSITIONS.items() for to in following}
    assert changes == {(row.source, row.to) for row in rows if row.source != row.to}
    assert all(row.clause in EC2.clauses for row in rows)
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("source", "to", "counted"),
    [
        (PENDING, RUNNING, [(PENDING, RUNNING)]),
        (RUNNING, TERMINATED, [(RUNNING, SHUTTING_DOWN), (SHUTTING_DOWN, TERMINATED)]),
        (TERMINATED, RUNNING, [(TERMINATED, RUNNING)]),
    ],
)
def test_what_nobody_saw_is_counted_on_the_shortest_way(
    source: InstanceState, to: InstanceState, counted: list[tuple[InstanceState, InstanceState]]
) -> None:
    assert list(shortest_path(tuple(TRANSITIONS.items()), source, to)) == counted


def test_a_run_counts_the_changes_that_its_replies_show() -> None:
    scenario = scenario_of("run: {name: A}", "settle", "stop: [A]", "settle", "stop: [A]", "terminate: [A]")
    outcome = Runner(model_target(seed=1), judge()).run(scenario)
    assert outcome.transitions == Counter(
        {
            (PENDING, RUNNING): 1,
            (RUNNING, InstanceState.STOPPING): 1,
            (InstanceState.STOPPING, STOPPED): 1,
            (STOPPED, STOPPED): 1,
            (STOPPED, TERMINATED): 1,
        }
    )
    assert Transitions(TRANSITIONS).seen == Counter()


def test_what_a_reply_says_twice_of_an_instance_happened_once() -> None:
    running, ending = StateSeen(16, "running"), StateSeen(32, "shutting-down")
    item = StateChange(Instance("A"), running, ending)
    transitions = Transitions(TRANSITIONS)
    transitions.record(Changes((item, item)))
    assert transitions.seen == Counter({(InstanceState.RUNNING, InstanceState.SHUTTING_DOWN): 1})


def test_on_the_model_nothing_is_seen_that_never_may_occur() -> None:
    done = run_here(model_target(seed=1), "model", EC2, Plan(max_calls=600), lambda _: None)
    allowed = {(row.source, row.to) for row in lifecycle(EC2)}
    assert {(seen.source, seen.to) for seen in done.transitions} <= allowed
    assert {seen.to for seen in done.transitions if seen.source == "pending"} >= {"running"}
