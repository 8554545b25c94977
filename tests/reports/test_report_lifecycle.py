"""The picture of the lifecycle: what leads where, how often it was seen, and what broke."""

from dataclasses import replace
from typing import Final

from report_samples import FINDING, MOTO, STARTED

from ec2_lifecycle.conformance.execution.transitions import lifecycle
from ec2_lifecycle.model.lifecycle import TRANSITIONS
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import RunStarted, TargetFinished, TransitionInfo, TransitionSeen
from ec2_lifecycle.reports.finding_entries import finding_entries
from ec2_lifecycle.reports.lifecycle import Arrow, Diagram, diagrams
from ec2_lifecycle.reports.matrix import matrix
from ec2_lifecycle.reports.stored_runs import Report, TargetReport

HEADER: Final = replace(
    STARTED,
    lifecycle=(
        TransitionInfo("pending", "running", "launch completes", "TERM-1"),
        TransitionInfo("running", "shutting-down", "TerminateInstances", "TERM-4"),
        TransitionInfo("running", "stopping", "StopInstances", "STOP-1"),
        TransitionInfo("running", "running", "StartInstances", "START-2"),
    ),
)
SEEN: Final = replace(
    MOTO,
    transitions=(
        TransitionSeen("pending", "running", 7),
        TransitionSeen("running", "running", 3),
        TransitionSeen("shutting-down", "running", 2),
    ),
)


def drawn(*targets: TargetFinished, header: RunStarted = HEADER) -> tuple[Diagram, ...]:
    """The pictures of these runs."""
    reports = tuple(TargetReport(done.target, header, done, ()) for done in targets)
    report = Report(reports, {info.id: info for info in header.clauses}, {}, ())
    return diagrams(reports, matrix(report, finding_entries(report)))


def arrows(diagram: Diagram) -> dict[tuple[str, str], Arrow]:
    return {(arrow.source, arrow.to): arrow for arrow in diagram.arrows}


def test_a_transition_is_met_unmet_broken_or_one_that_never_may_occur() -> None:
    [diagram] = drawn(SEEN)
    assert {pair: (arrow.word, arrow.times) for pair, arrow in arrows(diagram).items()} == {
        ("pending", "running"): ("met", 7),
        ("running", "shutting-down"): ("broken", 0),
        ("running", "stopping"): ("unmet", 0),
        ("shutting-down", "running"): ("forbidden", 2),
    }
    assert diagram.sum == "1 of 3 transitions were seen, and 1 that never may occur"


def test_a_waived_finding_breaks_a_promise_all_the_same() -> None:
    [diagram] = drawn(replace(SEEN, findings=(replace(FINDING, waived="known"),)))
    assert arrows(diagram)["running", "shutting-down"].word == "broken"


def test_what_leaves_an_instance_in_its_state_stands_in_the_state() -> None:
    [diagram] = drawn(SEEN)
    assert {state.name: state.stayed for state in diagram.states if state.stayed} == {"running": 3}
    assert [(loop.source, loop.times) for loop in diagram.loops] == [("running", 3)]
    assert all(loop.path == "" for loop in diagram.loops)


def test_each_run_that_tells_it_has_a_picture_and_an_older_stream_none() -> None:
    assert [diagram.label for diagram in drawn(SEEN, MOTO, replace(SEEN, target="other"))] == ["moto", "other"]
    assert drawn(SEEN, header=STARTED) == ()


def test_the_whole_lifecycle_is_drawn_inside_the_picture_and_no_number_hides_another() -> None:
    [diagram] = drawn(SEEN, header=replace(STARTED, lifecycle=tuple(lifecycle(EC2))))
    allowed = {pair for pair, arrow in arrows(diagram).items() if arrow.rows}
    assert allowed == {(source.value, to.value) for source, following in TRANSITIONS.items() for to in following}
    assert {state.name for state in diagram.states} == {state.value for state in TRANSITIONS}
    places = [arrow.at for arrow in diagram.arrows]
    assert len(set(places)) == len(places)
    assert all(0 < x < diagram.size[0] and 0 < y < diagram.size[1] for x, y in places)
    for one, (x, y) in enumerate(places):
        assert all(abs(x - a) > 15 or abs(y - b) > 10 for a, b in places[one + 1 :])


def test_a_state_of_a_newer_version_has_a_place_too() -> None:
    header = replace(HEADER, lifecycle=(*HEADER.lifecycle, TransitionInfo("running", "asleep", "sleep", "TERM-1")))
    [diagram] = drawn(SEEN, header=header)
    [asleep] = [state for state in diagram.states if state.name == "asleep"]
    assert asleep.word == "uncertain"
    assert asleep.y < diagram.size[1]
    assert arrows(diagram)["running", "asleep"].path
