"""Each target runs in a process of its own: in-process targets change their process, and any target may hang."""

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as Flag
from typing import Final

from ..model.specification import EC2
from ..reports.events import Event, Finding, FindingMade, ScenarioRun, TargetFinished, TargetStarted
from .campaign import Campaign, Plan
from .targets.base import TargetError, UnknownTarget
from .targets.resolve import resolve

_GRACE: Final = 10.0
"""Seconds that a target's process has to end by itself once it was asked to."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The target could not be used; `wrong_usage` tells the user's mistake from the target's."""

    message: str
    wrong_usage: bool


class UnusableTarget(Exception):
    """A target cannot be run at all."""

    def __init__(self, message: str, *, wrong_usage: bool) -> None:
        super().__init__(message)
        self.wrong_usage = wrong_usage


def run_target(
    label: str, plan: Plan, hang_after: float, tell: Callable[[Event], None], stopped: Callable[[], bool]
) -> TargetFinished:
    """Run one target to its end in a process of its own, and pass on its events.

    A target from which nothing is heard for `hang_after` seconds is killed; what it found is kept.
    Raises `UnusableTarget` where there is nothing to run.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    stop = context.Event()
    process = context.Process(target=_work, args=(label, plan, theirs, stop), daemon=True)
    process.start()
    theirs.close()
    heard = _Heard(label, plan)
    deadline = time.monotonic() + hang_after
    try:
        while True:
            if stopped() and not stop.is_set():
                stop.set()
                deadline = min(deadline, time.monotonic() + _GRACE)
            if ours.poll(0.2):
                message = ours.recv()
                if isinstance(message, Failed):
                    raise UnusableTarget(message.message, wrong_usage=message.wrong_usage)
                heard.take(message)
                tell(message)
                if isinstance(message, TargetFinished):
                    return message
                if not stop.is_set():
                    deadline = time.monotonic() + hang_after
            elif time.monotonic() > deadline:
                why = "interrupted" if stop.is_set() else "broken"
                return _told(tell, heard.so_far(why, f"nothing was heard of {label} for {hang_after:g} s"))
    except EOFError:
        process.join(_GRACE)
        return _told(tell, heard.so_far("broken", f"the process of {label} ended with exit code {process.exitcode}"))
    finally:
        ours.close()
        if process.is_alive():
            process.join(0.5)
        if process.is_alive():
            process.kill()
        process.join()


def _told(tell: Callable[[Event], None], finished: TargetFinished) -> TargetFinished:
    tell(finished)
    return finished


@dataclass(slots=True)
class _Heard:
    """What a target's process has said so far: all that is left of it once it is killed."""

    label: str
    plan: Plan
    version: str = ""
    scenarios: int = 0
    calls: int = 0
    findings: tuple[Finding, ...] = ()
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = time.monotonic()

    def take(self, event: Event) -> None:
        if isinstance(event, TargetStarted):
            self.version = event.version
        elif isinstance(event, ScenarioRun):
            self.scenarios += event.skipped is None
            self.calls += event.calls
        elif isinstance(event, FindingMade):
            self.findings = (*self.findings, event.finding)

    def so_far(self, stopped: str, broken: str) -> TargetFinished:
        return TargetFinished(
            target=self.label,
            version=self.version,
            seed=self.plan.seed,
            scenarios=self.scenarios,
            calls=self.calls,
            seconds=round(time.monotonic() - self.began, 3),
            clauses={},
            findings=self.findings,
            stopped=stopped,
            broken=None if stopped == "interrupted" else broken,
        )


def _work(label: str, plan: Plan, pipe: Connection, stop: Flag) -> None:
    """Run a campaign in this process, which has nothing else to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which asks us to stop.
    try:
        target = resolve(label, seed=plan.seed)
    except TargetError as error:
        pipe.send(Failed(str(error), isinstance(error, UnknownTarget)))
        return
    try:
        pipe.send(Campaign(target, label, EC2, plan, pipe.send, stop.is_set).run())
    except TargetError as error:
        pipe.send(Failed(str(error), isinstance(error, UnknownTarget)))
    except BrokenPipeError:
        os._exit(1)  # The parent is gone: nobody is left to tell.
    finally:
        with contextlib.suppress(TargetError):
            target.close()
        pipe.close()
