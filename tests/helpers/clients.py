"""Clients for the tests of the command line, as `python:clients:NAME`: the model as EC2, each with one habit."""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

from ec2_lifecycle.conformance.adapter.clock import Clock, VirtualClock, WallClock
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.targets.model import PATIENCE
from ec2_lifecycle.model.specification import EC2

Before: TypeAlias = Callable[[str], object]
"""Comes before a call; it is told the method."""
After: TypeAlias = Callable[[str, Any], object]
"""Makes the answer of the model's: it is told the method and the reply."""

FOR_EVER: Final = 1e6
"""Seconds; longer than any test waits."""


class Client:
    """A boto3-shaped client of the model."""

    version = "1.0"
    patience_polls = PATIENCE.polls

    def __init__(self, before: Before | None = None, after: After | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.capabilities = ("instance-store", "virtual-time") if clock is None else ()
        self._model = ModelClient(EC2, Behaviour(), self.clock)
        self._before = before
        self._after = after
        self.push = self._model.push
        self.for_nobody = self._model.for_nobody

    def __getattr__(self, name: str) -> Callable[..., object]:
        call: Callable[..., object] = getattr(self._model, name)

        def called(**sent: object) -> object:
            if self._before is not None:
                self._before(name)
            reply = call(**sent)
            return reply if self._after is None else self._after(name, reply)

        return called


def _stops_nothing(method: str, reply: Any) -> object:  # noqa: ANN401 - as boto3 has it
    if method == "stop_instances":
        for item in reply["StoppingInstances"]:
            item["CurrentState"] = item["PreviousState"]
    return reply


def _after(terminations: int, event: Callable[[], object]) -> Before:
    """Let something happen at a late termination."""
    left = terminations

    def before(method: str) -> None:
        nonlocal left
        left -= method == "terminate_instances"
        if left < 0:
            event()

    return before


def right() -> Client:
    """Be EC2."""
    return Client()


def one_zone() -> Client:
    """Be an EC2 of one zone."""
    return Client(
        after=lambda method, reply: (
            {"AvailabilityZones": reply["AvailabilityZones"][:1]} if "zones" in method else reply
        )
    )


def wrong() -> Client:
    """Stop instances, and say that nothing changed (STOP-1)."""
    return Client(after=_stops_nothing)


def wrong_then_hangs() -> Client:
    """The same, until it answers no more; a file named hangs tells when."""

    def hang() -> None:
        Path("hangs").touch()
        time.sleep(FOR_EVER)

    return Client(_after(60, hang), _stops_nothing)


def wrong_then_dies() -> Client:
    """The same, until its process ends."""
    return Client(_after(60, lambda: os._exit(7)), _stops_nothing)


def nothing_on_termination() -> Client:
    """Terminate instances, and answer None."""
    return Client(after=lambda method, reply: None if method == "terminate_instances" else reply)


def odd_on_termination() -> Client:
    """Terminate instances, and answer with other types than EC2's."""
    return Client(
        after=lambda method, reply: {"TerminatingInstances": "all"} if method == "terminate_instances" else reply
    )


def nothing_on_launch() -> Client:
    """Launch instances, and answer None."""
    return Client(after=lambda method, reply: None if method == "run_instances" else reply)


def talkative() -> Client:
    """Print something with every call."""
    return Client(lambda method: sys.stdout.write(f"{method}!\n"))


def slow() -> Client:
    """Take some time for every call."""
    return Client(lambda _: time.sleep(0.08))


def in_real_time() -> Client:
    """Be EC2 on the time of this machine."""
    return Client(clock=WallClock())


def in_real_time_with_a_mark() -> Client:
    """Be EC2 on the time of this machine, and show that something was launched."""
    return Client(lambda method: Path("mark").touch() if method == "run_instances" else None, clock=WallClock())


def hangs_at_once() -> NoReturn:
    """Hang before there is a client."""
    time.sleep(FOR_EVER)
    raise AssertionError


def fails() -> NoReturn:
    """Have no client."""
    raise RuntimeError("no licence")


def exits() -> NoReturn:
    """End Python."""
    sys.exit("good bye")


def takes_the_traces_away() -> Client:
    """Remove the folder `traces` while a run writes there."""
    return Client(_after(2, lambda: shutil.rmtree("traces", ignore_errors=True)))


def leaves_a_mark() -> Client:
    """Show that it was asked for."""
    Path("mark").touch()
    return Client()


no_client = "text"
