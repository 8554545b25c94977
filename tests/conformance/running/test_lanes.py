"""Lanes: how a run is cut, that each plays its turns in order, and that two never look into one defect."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from rehearsed import judge

from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.findings.collector import Collector
from ec2_lifecycle.conformance.findings.search import Inquiry, Sighting
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.running.crew import Crew
from ec2_lifecycle.conformance.running.lane import Learnt, Turn, TurnResult
from ec2_lifecycle.conformance.running.lane_host import Greeting
from ec2_lifecycle.conformance.running.plan import LANES, Plan
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.walking.coverage import News

P = ParamSpec("P")
T = TypeVar("T")

NOBODY_FOUND = TurnResult((), (), Learnt(News()))


class Host:
    """Plays nothing, and notes what it was asked to play."""

    def __init__(self) -> None:
        self.played: list[tuple[int, Turn]] = []

    def meet(self) -> Greeting:
        """Be nobody."""
        return Greeting("", (), 1, (), frozenset(), frozenset(), {})

    def play(self, lane: int, turn: Turn) -> TurnResult:
        """Note a turn; fail if it has walks."""
        self.played.append((lane, turn))
        if turn.walks:
            raise OSError("the target is gone")
        return NOBODY_FOUND


class ByHand(Executor):
    """Does the work that it was given when it is told to."""

    def __init__(self) -> None:
        self.given: list[Callable[[], None]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Keep the work for later."""
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except OSError as error:
                future.set_exception(error)

        self.given.append(work)
        return future


FIRST, SECOND, FAILING = Turn(seconds=1.0), Turn(seconds=2.0), Turn(walks=True)


def test_a_lane_plays_one_turn_at_a_time_and_keeps_no_worker_waiting() -> None:
    host, executor = Host(), ByHand()
    crew = Crew([host, host], executor)
    results = [crew.play(0, FIRST), crew.play(0, SECOND), crew.play(1, FIRST)]
    assert len(executor.given) == 2  # the second turn of a lane occupies nobody before the first is over
    executor.given.pop(1)()
    assert [result.done() for result in results] == [False, False, True]
    executor.given.pop(0)()
    executor.given.pop(0)()
    assert [result.result() for result in results] == [NOBODY_FOUND] * 3
    assert host.played == [(1, FIRST), (0, FIRST), (0, SECOND)]


def test_what_a_turn_fails_with_is_raised_where_its_result_is_wanted() -> None:
    executor = ByHand()
    crew = Crew([Host()], executor)
    failing, after = crew.play(0, FAILING), crew.play(0, FIRST)
    executor.given.pop(0)()
    with pytest.raises(OSError, match="the target is gone"):
        failing.result()
    crew.stop()
    executor.given.pop(0)()
    assert after.result() == NOBODY_FOUND
    assert not crew.play(0, FIRST).done()
    assert not executor.given


@pytest.mark.parametrize(
    ("plan", "lanes"),
    [
        (Plan(), LANES),
        (Plan(time_budget=10.0), LANES),
        (Plan(max_calls=300), 1),
        (Plan(max_calls=1200), 2),
        (Plan(max_calls=100_000), LANES),
        (Plan(clauses=frozenset({"TERM-4"})), 1),
        (Plan(generate=False, corpus=(Path("a.yaml"),) * 5), 1),
        (Plan(generate=False, corpus=(Path("a.yaml"),) * 60), 2),
    ],
)
def test_the_number_of_lanes_depends_on_the_work_alone(plan: Plan, lanes: int) -> None:
    assert plan.lanes == lanes


def test_a_defect_that_shows_again_while_it_is_looked_into_is_looked_into_again_only_if_it_came_of_another() -> None:
    fault = fault_of("RUN-4", "DisableApiTermination is disregarded")
    steps = "  - run: {name: A, DisableApiTermination: true}\n  - terminate: [A]\n  - describe: [A]\n"
    scenario = read_scenario(f"title: t\nsteps:\n{steps}", "t.yaml")
    divergences = Runner(fault.target(), judge()).run(scenario).divergences
    first = next(d for d in divergences if d.operation is Operation.TERMINATE)
    collector = Collector("t", lambda _: None)
    other = Sighting(read_scenario(f"title: other\nsteps:\n{steps}", "t.yaml"), first)
    collector.note(Sighting(scenario, first))
    collector.note(other)
    assert collector.waiting == 1
    suspicion = collector.next()
    assert suspicion.name == defect_id(first)
    collector.take(suspicion, Inquiry(None, others=(Sighting(scenario, first),)))  # its own plays do not count
    assert collector.waiting == 1
    assert collector.next().seen is other
