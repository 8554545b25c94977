"""A target in a process of its own: in-process targets change their process, and any target may hang."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import repeat
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as Flag
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeAlias, TypeVar

from ...model.requests import Request
from ...model.world import Instance
from ..adapter.names import Names
from ..adapter.observation import Observation
from ..adapter.target import Capability, Target, TargetError, UnknownTarget
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from ..targets.resolve import resolve
from .garbage_collection import collect_less_often
from .interrupts import SIGNALS, Interrupts

if TYPE_CHECKING:
    from ..adapter.clock import Clock

T = TypeVar("T")
"""What a job says."""

Job: TypeAlias = Callable[[Target, Callable[[T], None], Callable[[], bool]], None]
"""What is done with a target: a value that can be pickled.

It gets the target, what it says things to, and what tells whether it should come to an end.
"""

_TO_START: Final = 120.0
"""Seconds that Python itself has to start, on a busy machine."""
_GRACE: Final = 6.0
"""Seconds that a job has to end by itself once the user asked for it."""
_LOOK: Final = 0.1
"""Seconds after which a signal is noticed at the latest."""
_NAP: Final = 0.5
"""Seconds that a target sleeps before it looks whether the user asked for the end."""
_BEAT: Final = 0.25
"""Seconds between two signs of life, at least."""


class TargetFailed(Exception):
    """The target cannot be used, or no longer; `wrong_usage` tells the user's mistake from the target's."""

    def __init__(self, message: str, *, wrong_usage: bool = False) -> None:
        super().__init__(message)
        self.wrong_usage = wrong_usage


class Interrupted(Exception):
    """The user asked for the end, and the job did not come to it by itself."""

    def __str__(self) -> str:
        return "interrupted."


@dataclass(frozen=True, slots=True)
class _Alive:
    """The target answers; it may be silent for so many seconds, because it was told to sleep."""

    asleep: float = 0.0


@dataclass(frozen=True, slots=True)
class _Ready:
    """The target can be used."""


@dataclass(frozen=True, slots=True)
class _Said(Generic[T]):
    """What the job says."""

    value: T


@dataclass(frozen=True, slots=True)
class _Done:
    """The job is done."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a `TargetFailed` is made of."""

    message: str
    wrong_usage: bool


_Message: TypeAlias = _Alive | _Ready | _Said[T] | _Done | _Failed


class TargetProcess(Generic[T]):
    """A target and a job, in a process that starts at once and is gone when the context is left.

    When nothing is heard of the target for `hang_after` seconds it is given up.
    """

    def __init__(
        self,
        label: str,
        job: Job[T],
        interrupts: Interrupts,
        *,
        hang_after: float,
        seed: int = 0,
        options: LaunchOptions = NO_LAUNCH_OPTIONS,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self.label = label
        self._interrupts = interrupts
        self._hang_after = hang_after
        self._go = context.Event()
        self._stop = context.Event()
        self._pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_work, args=(label, seed, options, job, theirs, self._go, self._stop), daemon=True, name=label
        )
        with _no_signals():  # the process is born without them: Ctrl-C is for us, who tell it
            self._process.start()
        theirs.close()
        self._deadline = time.monotonic() + max(_TO_START, hang_after)
        self._awake = 0.0
        self._given_up = False

    def ready(self) -> None:
        """Wait until the target can be used; raises `TargetFailed`, `Interrupted`."""
        for message in self._messages():
            if isinstance(message, _Ready):
                return

    def run(self) -> Iterator[T]:
        """Let the job begin, and yield what it says until it is done; raises `TargetFailed`, `Interrupted`."""
        self._go.set()
        self._heard()
        for message in self._messages():
            if isinstance(message, _Done):
                return
            if isinstance(message, _Said):
                yield message.value
                self._heard()

    def _messages(self) -> Iterator[_Message[T]]:
        while True:
            if self._interrupts.asked and not self._stop.is_set():
                self._stop.set()
                self._deadline = min(self._deadline, time.monotonic() + _GRACE)
            if self._interrupts.asked and (self._interrupts.asked > 1 or not self._go.is_set()):
                self._given_up = True
                raise Interrupted
            if self._pipe.poll(_LOOK):
                message = self._received()
                if isinstance(message, _Failed):
                    raise TargetFailed(message.message, wrong_usage=message.wrong_usage)
                self._heard(message.asleep if isinstance(message, _Alive) else 0.0)
                yield message
            elif time.monotonic() > self._deadline:
                self._given_up = True
                if self._stop.is_set():
                    raise Interrupted
                raise TargetFailed(
                    f"nothing was heard of {self.label} for {self._hang_after:g} s, so it was given up; "
                    "a slow target needs a longer --hang-after."
                )

    def _received(self) -> _Message[T]:
        try:
            message: _Message[T] = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(_GRACE)
            if self._stop.is_set():
                raise Interrupted from None
            raise TargetFailed(f"the process of {self.label} ended {_manner(self._process.exitcode)}.") from None
        return message

    def _heard(self, asleep: float = 0.0) -> None:
        if not self._stop.is_set():
            now = time.monotonic()
            # Where several threads use the target, one may sleep on while another gives a sign of life.
            self._awake = max(self._awake, now + asleep)
            self._deadline = self._awake + self._hang_after

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._pipe.close()
        self._stop.set()
        self._go.set()
        if kind is None and not self._given_up:  # it is done, and closes its target
            self._process.join(_GRACE)
        if self._process.is_alive():
            _kill(self._process.pid)
            self._process.kill()
        self._process.join()


def _manner(code: int | None) -> str:
    """Say how a process ended that was not to end."""
    if code is None or code >= 0:
        return f"by itself, with exit code {code}"
    try:
        return f"by the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"by the signal {-code}"


@contextlib.contextmanager
def _no_signals() -> Generator[None]:
    """Hold Ctrl-C back; it comes at the end, to us and not to the process that was started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(pid: int | None) -> None:
    """Kill the processes that a target's process started and that stayed with it."""
    if pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


# From here on: in the process of the target.


def _work(label: str, seed: int, options: LaunchOptions, job: Job[Any], pipe: Connection, go: Flag, stop: Flag) -> None:
    """Make the target, wait for the word to go, do the job, close the target."""
    _settle_in()
    try:
        pipe.send(_Alive())
        _use(label, seed, options, job, pipe, go, stop)
    except BrokenPipeError:
        os._exit(1)  # Nobody is left to tell.
    except TargetError as error:
        _send_last(pipe, _Failed(str(error), isinstance(error, UnknownTarget)))
    except BaseException as error:  # noqa: BLE001 - what a client raises, or a mistake of ours: told, not shown as a traceback
        _send_last(pipe, _Failed(f"{label} ended the run from inside ({_description(error)}).", wrong_usage=False))
    finally:
        pipe.close()


def _settle_in() -> None:
    """Keep apart from the parent: its signals, its standard output, its end."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()  # what a target starts gets no Ctrl-C either, and can be killed with it
    signal.signal(signal.SIGINT, _do_nothing)  # a function: what is ignored stays so in what a target starts
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.__stdout__ is not None:
        os.dup2(2, 1)  # what a client prints must not end up in the report
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _do_nothing(number: int, frame: FrameType | None) -> None:
    del number, frame


def _use(label: str, seed: int, options: LaunchOptions, job: Job[Any], pipe: Connection, go: Flag, stop: Flag) -> None:
    target = resolve(label, seed=seed, options=options)
    try:
        pipe.send(_Ready())
        go.wait()
        if stop.is_set():
            return
        collect_less_often()
        one_by_one = threading.Lock()  # a job may use its target from several threads

        def send(message: _Message[Any]) -> None:
            with one_by_one:
                pipe.send(message)

        job(_Beating(target, send, stop.is_set), lambda value: send(_Said(value)), stop.is_set)
        pipe.send(_Done())
    finally:
        with contextlib.suppress(TargetError):
            target.close()


def _send_last(pipe: Connection, message: _Failed) -> None:
    with contextlib.suppress(OSError):
        pipe.send(message)


def _description(error: BaseException) -> str:
    """Say what an exception was and where it came from, on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f", {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}".split()) + where


class _Beating:
    """A target that gives a sign of life with every call, and says beforehand how long it will sleep."""

    def __init__(self, target: Target, send: Callable[[_Alive], None], stopped: Callable[[], bool]) -> None:
        self.name = target.name
        self.version = target.version
        self.capabilities = target.capabilities
        self.patience = target.patience
        self.zones = target.zones
        self.clock: Clock = target.clock if Capability.VIRTUAL_TIME in target.capabilities else _BeatingClock(self)
        self.target = target
        self.stopped = stopped
        self._send = send
        self._last = 0.0

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return what came back."""
        now = time.monotonic()
        if now - self._last > _BEAT:
            self._last = now
            self._send(_Alive())
        return self.target.perform(request, names)

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Make one background step happen."""
        self.target.push(step, instance, names)

    def clear(self) -> None:
        """Take away what a scenario made."""
        self._send(_Alive())
        self.target.clear()

    def close(self) -> None:
        """Give back what the target holds."""
        self.target.close()

    def sleeping(self, seconds: float) -> None:
        """Say that nothing will be heard for so long."""
        if seconds > _BEAT:
            self._send(_Alive(seconds))


@dataclass(frozen=True, slots=True)
class _BeatingClock:
    """The clock of a target that says when it sleeps, and does not sleep on when the user asks for the end."""

    beating: _Beating

    def now(self) -> float:
        """Return the time."""
        return self.beating.target.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass, until the user asks for the end."""
        self.beating.sleeping(seconds)
        naps, rest = divmod(seconds, _NAP)
        for nap in (*repeat(_NAP, int(naps)), rest):
            if self.beating.stopped():
                return
            self.beating.target.clock.sleep(nap)
