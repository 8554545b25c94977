"""The picture of a scenario: what is drawn of its steps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FINDING

from ec2_lifecycle.reports.belief_bands import Band, Worlds
from ec2_lifecycle.reports.events import InstanceBelief, StepBelief
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


# What was believed.


def believed(*worlds: Mapping[str, InstanceBelief]) -> tuple[StepBelief, ...]:
    """Beliefs of steps, with a number of worlds that halves."""
    return tuple(StepBelief(8, 4, 1, instances) for instances in worlds)


def is_(*states: str, doubted: bool = False, protected: tuple[str, ...] = ()) -> InstanceBelief:
    """An instance that may be in these states."""
    return InstanceBelief(states, len(states), protected, doubted)


STEPS: Final = {"steps": [run("A"), "settle", {"terminate": ["A"]}]}
BELIEVED: Final = replace(
    FINDING,
    scenario=STEPS,
    step=2,
    instance="A",
    expected_brief="state running",
    observed_brief="state terminated",
    observed_state="terminated",
    beliefs=believed(
        {"A": is_("pending", "running")},
        {"A": is_("running", protected=("DisableApiTermination",))},
        {"A": is_("running", protected=("DisableApiTermination",))},
        {"A": is_("running", doubted=True)},
    ),
)


def test_bands_have_the_states_that_were_believed_and_go_on_while_nothing_changes() -> None:
    made = timeline(BELIEVED)
    assert made is not None
    [lane] = made.lanes
    assert lane.bands == (
        Band(("pending", "running"), 0, 1, doubted=False),
        Band(("running",), 1, 3, doubted=False),
        Band(("running",), 3, 4, doubted=True),
    )
    assert [band.words for band in lane.bands] == ["pending or running", "running", "expected running, in doubt"]
    assert lane.spans == (Span("protected", 1, 3),)
    assert (made.expected, made.observed) == ("state running", "state terminated")


def test_what_was_observed_instead_is_drawn_from_when_it_was_seen() -> None:
    made = timeline(BELIEVED)
    assert made is not None
    assert [column.label for column in made.columns] == ["run", "settle", "terminate", "describe"]
    assert [column.blamed for column in made.columns] == [False, False, True, False]
    assert made.lanes[0].observed == ("terminated", 3)


def test_each_step_has_its_numbers_of_worlds() -> None:
    made = timeline(BELIEVED)
    assert made is not None
    assert made.worlds == (Worlds(8, 4),) * 4
    assert made.most_worlds == 8
    assert Worlds(8, 4).words == "8 → 4"
    assert Worlds(1, 1).words == "1"
    assert Worlds(10**15, 99_999).words == "10^15 → 99,999"
    assert Worlds(8, 1).levels(8) == (1.0, 0.25)


def test_a_protection_that_comes_again_has_no_strip_of_its_own() -> None:
    shielded = {"A": is_("running", protected=("DisableApiTermination",))}
    made = timeline(replace(BELIEVED, beliefs=believed(shielded, {"A": is_("running")}, shielded)))
    assert made is not None
    assert made.lanes[0].spans == (Span("protected", 0, 1), Span("protected", 2, 3))
    assert made.lanes[0].protections == ("protected",)


def test_many_possible_states_are_told_by_their_number_and_an_unknown_one_by_its_word() -> None:
    assert Band(("pending", "running"), 0, 1, doubted=False).stripes == (("pending", "pending"), ("running", "running"))
    assert Band(("pending", "running", "stopped"), 0, 1, doubted=False).stripes == (("uncertain", "3 states"),)
    assert Band(("asleep",), 0, 1, doubted=False).stripes == (("uncertain", "asleep"),)


def test_a_stream_that_tells_no_beliefs_has_lanes_without_bands() -> None:
    made = timeline(replace(BELIEVED, beliefs=()))
    assert made is not None
    assert (made.worlds, made.lanes[0].bands, made.lanes[0].observed) == ((), (), None)
    assert len(made.columns) == 3


def test_the_blamed_instance_is_drawn_though_many_come_before_it() -> None:
    made = picture(run("A", count=100), {"terminate": ["A99"]}, step=1, instance="A99")
    assert made is not None
    assert [lane.name for lane in made.lanes] == [*(f"A{number}" for number in range(1, LANES)), "A99"]
    assert [lane.name for lane in made.lanes if lane.blamed] == ["A99"]
    assert len(made.lanes) == LANES


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
