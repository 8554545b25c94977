"""Runs on a Dask cluster: they find what one machine finds, also if workers are killed meanwhile."""

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from dask_cluster import DaskCluster, dask_cluster
from processes import under_way, wait_until

from ec2_lifecycle.conformance.cluster import connection
from ec2_lifecycle.conformance.cluster.installed import first_difference, installed
from ec2_lifecycle.conformance.commands.derive import replayer
from ec2_lifecycle.conformance.commands.scenario_files import corpus_files, covering_files
from ec2_lifecycle.conformance.covering.adequacy import Replayer
from ec2_lifecycle.conformance.covering.adversaries import Adversary
from ec2_lifecycle.conformance.covering.worker_pool import WorkerPool
from ec2_lifecycle.conformance.running import cluster_lane
from ec2_lifecycle.conformance.running.cluster_lane import LaneSoFar, LaneStart, answer_of, begun
from ec2_lifecycle.conformance.running.lane import Turn, TurnResult
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.running.target_process import TargetFailed
from ec2_lifecycle.model.proof.mutants import mutants
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.reports.events import Event, RunStarted, TargetFinished
from ec2_lifecycle.reports.stream import read_stream
from ec2_lifecycle.strategies.files.format import load_scenario

RUN: Final = "run python:clients:wrong --max-calls 1500"
"""Three lanes, with findings and walks."""
KILLS: Final = 3


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[DaskCluster]:
    """A scheduler and two workers, which can import the helpers."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "helpers"))
        with dask_cluster(tmp_path_factory.mktemp("cluster")) as started:
            yield started


def events(folder: Path) -> list[Event]:
    """Return the events of a stored run without its times."""
    return [
        replace(event, seconds=0.0) if isinstance(event, TargetFinished) else event
        for event in read_stream(folder / "out" / "events.ndjson").events
        if not isinstance(event, RunStarted)
    ]


def test_a_run_on_a_cluster_is_that_of_one_machine_whichever_workers_are_killed(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with under_way(f"{RUN} --jobs 1 --output out", here) as process:
        process.communicate()
    assert process.returncode == 1
    stream = there / "out" / "events.ndjson"
    size = (here / "out" / "events.ndjson").stat().st_size
    killed: list[int] = []
    with under_way(f"{RUN} --cluster {cluster.address} --output out", there) as process:
        for number in range(1, KILLS + 1):
            part = size * number // (KILLS + 2)
            wait_until(lambda part=part: stream.exists() and stream.stat().st_size > part, "the run does not go on")
            killed.append(cluster.kill_a_worker())
        assert process.poll() is None, "the run ended before the last worker was killed"
        _, err = process.communicate()
    assert process.returncode == 1
    assert f"cluster {cluster.address}: " in err
    assert "dashboard http://" in err
    assert len(set(killed)) == KILLS
    assert events(there) == events(here)
    assert any(isinstance(event, TargetFinished) and event.findings for event in events(here))


def test_the_replay_of_mutants_on_a_cluster_is_that_of_one_process(cluster: DaskCluster) -> None:
    scenario = load_scenario(covering_files()[0], EC2.clauses)
    tasks = [(number, scenario, Adversary()) for number in range(0, len(mutants()), 40)]
    done: list[int] = []
    with connection.connected(cluster.address) as connected, WorkerPool(replayer, 1, connected.executor()) as workers:
        there = workers.map(Replayer.is_killed, tasks, done.append)
    with WorkerPool(replayer, 1) as workers:
        assert there == workers.map(Replayer.is_killed, tasks, lambda _: None)
    assert done == [*range(1, len(tasks) + 1)]
    assert set(there) == {True, False}


def test_an_executor_gets_the_tasks_of_a_pool_and_the_results_keep_their_order() -> None:
    with ThreadPoolExecutor(3) as threads, WorkerPool(dict[str, int], 1, threads) as workers:
        assert workers.map(_size_and, range(20), lambda _: None) == list(range(20))


def _size_and(worker: dict[str, int], task: int) -> int:
    return len(worker) + task


# A lane so far.


@pytest.fixture
def start() -> LaneStart:
    """The start of the only lane of a short run of the model."""
    return LaneStart("model", Plan(max_calls=500), 0, 60.0)


def turn() -> Turn:
    """A turn with a scenario and walks."""
    return Turn(scenarios=(load_scenario(corpus_files()[0], EC2.clauses),), walks=True, most_calls=60)


def answer(lane: LaneSoFar) -> object:
    """Return what a lane answered last; the order of the news is that of sets, and makes no difference."""
    said = answer_of(lane)
    assert isinstance(said, TurnResult)
    news = said.learnt.news
    return said.inquiries, said.plays, said.stopped, Counter(news.cells), news.diverging, news.hidden, {*news.marks}


def test_a_lane_that_lost_its_process_plays_its_turns_again(start: LaneStart) -> None:
    met = begun(start).after(None)
    first = met.after(turn())
    copy: LaneSoFar = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own
    assert copy.turns == (None, turn())
    assert answer(copy.after(turn())) == answer(first.after(turn()))


def test_a_turn_that_is_asked_for_twice_has_the_same_answer_twice(start: LaneStart) -> None:
    met = begun(start).after(None)
    assert answer(met.after(turn())) == answer(met.after(turn()))


def test_a_lane_that_nobody_needs_ends_its_process(start: LaneStart) -> None:
    lane = begun(start)
    [process] = lane._processes  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - nothing else shows it
    assert process.process._process.is_alive()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    del lane
    assert not process.process._process.is_alive()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def test_a_target_that_cannot_start_is_reported_as_without_a_cluster() -> None:
    with pytest.raises(TargetFailed, match="no_such_module"):
        begun(LaneStart("python:no_such_module:make", Plan(max_calls=500), 0, 60.0))


def test_a_worker_that_may_not_start_processes_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Daemon:
        daemon = True

    monkeypatch.setattr("multiprocessing.current_process", Daemon)
    with pytest.raises(TargetFailed, match="DASK_DISTRIBUTED__WORKER__DAEMON=False, or with --no-nanny"):
        cluster_lane.require_children()


# What is wrong is said in one sentence.


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "run moto --cluster 10.0.0.7",
            '"10.0.0.7" is not the address of a cluster; write local, or the address of a Dask scheduler, such as tcp://HOST:8786.',
        ),
        (
            "derive --check --cluster http://x:8786",
            '"http://x:8786" is not the address of a cluster; write local, or the address of a Dask scheduler, such as tcp://HOST:8786.',
        ),
        (
            "run moto aws:me --sandbox none.toml --cluster local",
            "aws:me cannot run on a cluster, which may repeat what it has lost; run it on this machine.",
        ),
        (
            "run moto --record traces --cluster local",
            "--record needs the processes of the run on this machine; leave --cluster out.",
        ),
    ],
)
def test_what_cannot_run_on_a_cluster_is_wrong_usage(command: Command, words: str, sentence: str) -> None:
    ran = command(words)
    assert (ran.code, ran.sentence) == (2, sentence)


def test_without_dask_the_extra_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = command("run model --cluster local")
    assert (ran.code, ran.sentence) == (2, "--cluster needs Dask; in a clone, run: pip install '.[cluster]'")


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from ec2_lifecycle.conformance.cluster import connection\n"
        "from ec2_lifecycle.conformance.cli import main\n"
        "connection._TO_CONNECT = 0.5\n"
        "sys.argv[1:] = 'run model --cluster tcp://127.0.0.1:9'.split()\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == (
        "ec2-lifecycle: no Dask scheduler answers at tcp://127.0.0.1:9; start one with: dask scheduler\n"
    )
    assert done.returncode == 3


def test_a_worker_with_another_release_is_refused() -> None:
    here = installed()
    assert first_difference(here, dict(here)) is None
    assert first_difference(here, {**here, "moto": "1.0"}) == f"moto 1.0, and this machine has {here['moto']}"
    assert first_difference({"moto": "5"}, {}) == "moto nothing, and this machine has 5"
