"""The picture of a scenario: what is drawn of its steps."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FINDING

from ec2_lifecycle.reports.scenario_lines import scenario_lines
from ec2_lifecycle.reports.timeline import LANES, Lane, Mark, Span, Timeline, timeline


def picture(*steps: object, step: int = 0, instance: str | None = None) -> Timeline | None:
    """The picture of a finding with these steps."""
    return timeline(replace(FINDING, scenario={"steps": list(steps)}, step=step, instance=instance))


def drawn(*steps: object, step: int = 0, instance: str | None = None) -> dict[str, Lane]:
    """The lanes of the picture, in order, by their names."""
    made = picture(*steps, step=step, instance=instance)
    assert made is not None
    return {lane.name: lane for lane in made.lanes}


def run(name: str, **said: object) -> Mapping[str, object]:
    """A launch."""
    return {"run": {"name": name, **said}}


def test_instances_have_lanes_by_zone_from_their_launch_on() -> None:
    lanes = drawn(run("A", zone=2), "settle", run("B", count=2), run("C", zone=2))
    assert [(lane.name, lane.zone, lane.start) for lane in lanes.values()] == [
        ("B1", 1, 2),
        ("B2", 1, 2),
        ("A", 2, 0),
        ("C", 2, 3),
    ]


def test_a_step_marks_the_instances_that_it_names_however_it_names_them() -> None:
    lanes = drawn(
        run("A"),
        run("B", count=2),
        {"stop": ["A", "B1"]},
        {"terminate": {"ids": [{"all": "B"}, {"unknown": 1}, {"gone": "A"}], "DryRun": True}},
        {"modify": {"id": "B2", "DisableApiStop": True}},
        {"retire": "A"},
    )
    marks = {name: [(mark.column, mark.sign) for mark in lane.marks] for name, lane in lanes.items()}
    assert marks == {
        "A": [(0, "+"), (2, "■"), (3, "×"), (5, "•")],
        "B1": [(1, "+"), (2, "■"), (3, "×")],
        "B2": [(1, "+"), (3, "×"), (4, "=")],
    }


def test_what_is_protected_is_so_from_the_step_that_asks_for_it_to_the_one_that_takes_it_away() -> None:
    protect = {"modify": {"id": "B", "DisableApiTermination": True}}
    lanes = drawn(
        run("A", DisableApiTermination=True),
        run("B", DisableApiStop=True),
        protect,
        {"modify": {"id": "A", "DisableApiTermination": False}},
        {"modify": {"id": "A", "DisableApiTermination": True, "DryRun": True}},
        {"modify": {"id": "A", "DisableApiTermination": True, "as": "nobody"}},
    )
    assert lanes["A"].spans == (Span("protected", 0, 3),)
    assert set(lanes["B"].spans) == {Span("stop-protected", 1, 6), Span("protected", 2, 6)}


def test_the_step_to_blame_and_the_instance_are_marked() -> None:
    steps = (run("A"), run("B"), {"terminate": {"ids": ["A", "B"], "Force": True}})
    made = picture(*steps, step=2, instance="B")
    assert made is not None
    assert [column.blamed for column in made.columns] == [False, False, True]
    assert made.columns[2].detail == "Force"
    lanes = drawn(*steps, step=2, instance="B")
    assert (lanes["A"].blamed, lanes["B"].blamed) == (False, True)
    assert lanes["B"].marks[-1] == Mark(2, "×", blamed=True)


def test_what_shows_only_in_the_end_has_a_column_for_the_last_look() -> None:
    steps = (run("A"), run("B"), {"stop": ["A"]})
    made = picture(*steps, step=3, instance="A")
    assert made is not None
    assert [(column.label, column.blamed) for column in made.columns][2:] == [("stop", False), ("describe", True)]
    assert [lane.marks[-1] for lane in made.lanes] == [Mark(3, "○", blamed=True)] * 2
    lines = list(scenario_lines(replace(FINDING, step=4)))
    assert lines[-1] == ("  # then everything is described", True)
    assert [line for line, blamed in scenario_lines(FINDING) if blamed] == ["  - terminate: [A, C]"]


def test_a_thousand_instances_are_told_by_their_number() -> None:
    made = picture(run("A", count=1001))
    assert made is not None
    assert (len(made.lanes), made.more) == (LANES, 1001 - LANES)


@pytest.mark.parametrize("steps", [(), ("settle",), ({"describe": [{"unknown": 1}]},)])
def test_without_an_instance_there_is_no_picture(steps: tuple[object, ...]) -> None:
    assert picture(*steps) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["A", "run", "all", "id"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["run", "modify", "name", "count", "zone", "id", "ids", "all", "as"]), inner)
    ),
    max_leaves=10,
)


def as_run(said: object) -> dict[str, object]:
    """A launch that says anything."""
    return {"run": said}


@given(st.lists(JSON | st.builds(as_run, JSON), max_size=5))
def test_whatever_stands_in_a_stream_is_drawn_or_left_out(steps: list[object]) -> None:
    picture(*steps)
