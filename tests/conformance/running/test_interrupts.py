"""Ctrl-C: the first is a wish that what goes on ends soon with what it has; the second waits for nothing."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Semaphore, main_thread
from types import FrameType
from typing import Any, ClassVar, Final

import clients
import pytest
from clients import Client
from command_runs import Command
from live import ACCOUNT, REGION, SANDBOX
from processes import under_way, wait_until
from rehearsed import judge
from strange_servers import Asked, strange_server

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.commands import reap as reap_module
from ec2_lifecycle.conformance.commands import smoke as smoke_module
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply
from ec2_lifecycle.conformance.execution.play import INTERRUPTED, Outcome
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.running import interrupts as interrupts_module
from ec2_lifecycle.conformance.running.interrupts import Interrupts
from ec2_lifecycle.conformance.sandbox.journal import Began, Intent, Journal, Made, now
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.strategies.files.format import read_scenario

INSTANCE: Final = "i-0123456789abcdef0"
LONG_ENOUGH: Final = 30.0
"""Seconds that an answer takes which nobody should wait for."""


class Heard(Interrupts):
    """Tells when a wish was heard: of two signals that come at once only one may arrive."""

    wishes: ClassVar = Semaphore(0)

    def _handle(self, number: int, frame: FrameType | None, /) -> None:
        try:
            super()._handle(number, frame)
        finally:
            self.wishes.release()


@pytest.fixture(autouse=True)
def each_signal_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two signals be two wishes, however soon one follows the other."""
    monkeypatch.setattr(interrupts_module, "_SAME_REQUEST", -1.0)
    monkeypatch.setattr(smoke_module, "Interrupts", Heard)
    monkeypatch.setattr(reap_module, "Interrupts", Heard)


def ask_from_afar() -> None:
    """Interrupt the main thread, whatever that waits for, and wait until it heard of it."""
    signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
    assert Heard.wishes.acquire(timeout=10)


# What a signal does.


def test_outside_of_what_may_end_at_once_wishes_are_only_counted() -> None:
    with Interrupts() as interrupts:
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        with interrupts.second_raises():
            pass
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked == 4


def test_there_the_first_one_is_counted_too_and_the_second_ends_it() -> None:
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.second_raises():  # noqa: PT012 - it is the second that raises
            signal.raise_signal(signal.SIGINT)
            assert interrupts.asked == 1
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.asked == 3


def test_one_that_came_before_counts_as_the_first() -> None:
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), interrupts.second_raises():
            signal.raise_signal(signal.SIGINT)


# Cleaning up in an account that does not answer.


@contextmanager
def account(tmp_path: Path, does: Callable[[Asked], object]) -> Generator[None]:
    """An account, and the user's folder; something is done before each answer."""

    def change(asked: Asked, reply: HttpReply) -> HttpReply:
        does(asked)
        return reply

    with strange_server(change) as url:
        (tmp_path / "config").write_text(
            f"[profile sandbox]\nregion = {REGION}\nendpoint_url = {url}\n"
            "aws_access_key_id = A\naws_secret_access_key = S\n"
        )
        (tmp_path / "my sandbox.toml").write_text(SANDBOX)
        yield


@pytest.fixture
def waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Event]:
    """The user's environment; what waits for an answer does so until this is set, or for long."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    over = Event()
    yield over
    over.set()


REAP: Final = "ec2-lifecycle reap --sandbox 'my sandbox.toml'"


def test_a_second_ctrl_c_ends_a_reap_at_once_and_says_how_to_go_on(
    command: Command, tmp_path: Path, waits: Event
) -> None:
    began = Began("20260101T000000Z-0badcafe", ACCOUNT, REGION, "sandbox", now() + timedelta(hours=1))
    with Journal(Journal.begin(tmp_path / "my sandbox.journals", began)) as journal:
        journal.write(Intent("a" * 32, now(), 1))
        journal.write(Made("a" * 32, (INSTANCE,)))

    def hang(asked: Asked) -> None:
        if asked["Action"] == "DescribeInstances":
            ask_from_afar()
            ask_from_afar()
            waits.wait(LONG_ENOUGH)

    with account(tmp_path, hang):
        start = time.monotonic()
        ran = command("reap --sandbox 'my sandbox.toml'")
        assert time.monotonic() - start < LONG_ENOUGH / 4
        waits.set()
    assert ran.sentence == f"{began.run} may still have {INSTANCE}; delete it with: {REAP}"
    assert ran.code == 3


def test_a_second_ctrl_c_ends_what_cleans_up_after_a_run_at_once_and_says_how_to_go_on(
    command: Command, tmp_path: Path, waits: Event
) -> None:
    killed = Event()

    def hang(asked: Asked) -> None:
        if asked["Action"] == "TerminateInstances" and not killed.is_set():
            killed.set()
            for process in multiprocessing.active_children():  # the target's: all is left to its parent
                process.kill()
        elif killed.is_set() and asked["Action"] == "DescribeInstances":
            ask_from_afar()
            ask_from_afar()
            waits.wait(LONG_ENOUGH)

    with account(tmp_path, hang):
        start = time.monotonic()
        ran = command("smoke aws:sandbox --sandbox 'my sandbox.toml' --yes")
        assert killed.wait(1)
        assert time.monotonic() - start < LONG_ENOUGH
        waits.set()
    [left] = [line for line in ran.err.splitlines() if "still" in line]
    assert left.startswith("ec2-lifecycle: aws:sandbox may still have i-")
    assert left.endswith(f"; delete it with: {REAP}")
    assert "Traceback" not in ran.err
    assert ran.code == 3


# In the middle of a scenario.


def played(client: Client, steps: str, until: Callable[[Target], bool] = lambda _: False) -> Outcome:
    """What comes of a scenario that is played on a client until the user asks for the end."""
    target = factory_target("t", lambda: client)
    runner = Runner(target, judge(), interrupted=lambda: until(target))
    return runner.run(read_scenario(f"title: t\nclauses: [STOP-1]\nsteps:\n{steps}", "t.yaml"))


def test_a_scenario_that_is_cut_short_in_a_wait_keeps_what_it_showed() -> None:
    steps = "  - run: {name: A}\n  - settle\n  - stop: [A]\n  - run: {name: B}\n  - settle\n  - terminate: [A, B]\n"
    whole = played(clients.wrong(), steps)
    assert (whole.skipped, whole.cut_short) == (None, False)
    shown = [divergence for divergence in whole.divergences if divergence.step == 2]
    assert [divergence.clause for divergence in shown] == ["STOP-1"]
    half = played(clients.wrong(), steps, stops_to_wait_at(whole.calls // 2))
    assert [*half.divergences] == shown
    assert (half.skipped, half.cut_short) == (INTERRUPTED, True)
    assert 3 < half.calls < whole.calls


def stops_to_wait_at(looks: int) -> Callable[[Target], bool]:
    """Ask for the end when it was looked so often whether anybody did."""
    left = looks

    def asked(_: Target) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    return asked


def test_what_nobody_waited_for_to_the_end_is_not_stuck() -> None:
    def forever_pending(method: str, reply: Any) -> object:  # noqa: ANN401 - as boto3 has it
        if method == "describe_instances":
            for reservation in reply["Reservations"]:
                for instance in reservation["Instances"]:
                    pending = {"Code": "pending", "Message": "pending"}
                    instance |= {"State": {"Code": 0, "Name": "pending"}, "StateReason": pending}
        return reply

    steps = "  - run: {name: A}\n  - settle\n"
    [stuck] = played(Client(after=forever_pending), steps).divergences
    assert (stuck.clause, stuck.step) == ("RUN-3", 0)
    cut = played(Client(after=forever_pending), steps, lambda target: target.clock.now() > 60)
    assert (cut.divergences, cut.skipped) == ((), INTERRUPTED)


def test_a_scenario_that_had_not_begun_is_not_begun() -> None:
    outcome = played(clients.right(), "  - run: {name: A}\n", lambda _: True)
    assert (outcome.calls, outcome.skipped, outcome.cut_short) == (0, INTERRUPTED, True)


def test_ctrl_c_does_not_wait_until_a_target_has_slept(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("title: t\nsteps:\n  - run: {name: A}\n  - wait: 600\n")
    with under_way("replay s.yaml --target python:clients:in_real_time_with_a_mark", tmp_path) as process:
        wait_until((tmp_path / "mark").exists, "nothing was asked for")
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - start < 5  # after 6 s the target's process would have been killed
    assert (out, err, process.returncode) == ("1 not played\n", "ec2-lifecycle: interrupted.\n", 3)
