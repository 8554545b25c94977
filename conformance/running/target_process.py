"""Runs a target in its own process, because in-process targets modify their process and any target may hang."""

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
from ..adapter.target import Alive, Capability, Cleared, Target, TargetError, UnknownTarget, notes_of
from ..targets.launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from ..targets.resolve import resolve
from .garbage_collection import collect_less_often
from .interrupts import SIGNALS, Interrupts

if TYPE_CHECKING:
    from ..adapter.clock import Clock

T = TypeVar("T")
"""The messages of a job."""

Job: TypeAlias = Callable[[Target, Callable[[T], None], Callable[[], bool]], None]
"""What to do with a target; it must be picklable.

Its arguments are the target, a function that sends a message, and one that tells whether to stop.
"""

_CONTEXT: Final = multiprocessing.get_context("spawn")
_START_TIMEOUT: Final = 120.0
"""Seconds that Python itself may take to start on a busy machine."""
_GRACE: Final = 6.0
"""Seconds that a job has to end by itself after an interrupt."""
_POLL: Final = 0.1
"""Seconds between two checks for signals."""
_SLEEP_SLICE: Final = 0.5
"""Seconds that a target sleeps between two checks for an interrupt."""
_HEARTBEAT: Final = 0.25
"""Minimum seconds between two heartbeats."""


class TargetFailed(Exception):
    """The target cannot be used; `wrong_usage` says that the user, not the target, made the mistake."""

    def __init__(self, message: str, *, wrong_usage: bool = False) -> None:
        super().__init__(message)
        self.wrong_usage = wrong_usage


class Interrupted(Exception):
    """The user interrupted, and the job did not end by itself."""

    def __str__(self) -> str:
        return "interrupted."


@dataclass(frozen=True, slots=True)
class _Alive:
    """A heartbeat; the target will be silent for `asleep` seconds because it sleeps."""

    asleep: float = 0.0


@dataclass(frozen=True, slots=True)
class _Ready:
    """The target is ready for use."""


@dataclass(frozen=True, slots=True)
class _Value(Generic[T]):
    """A message of the job."""

    value: T


@dataclass(frozen=True, slots=True)
class _Done:
    """The job is done."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """The content of a `TargetFailed`."""

    message: str
    wrong_usage: bool


_Message: TypeAlias = _Alive | _Ready | _Value[T] | _Done | _Failed


class TargetProcess(Generic[T]):
    """A target and a job, in a process that starts at once and ends with the context.

    If the target gives no sign of life for `hang_after` seconds, the process is stopped.
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
        self.label = label
        self._interrupts = interrupts
        self._hang_after = hang_after
        self._start = _CONTEXT.Event()
        self._stop_asked = _CONTEXT.Event()
        self._pipe, child_end = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=_child_main,
            args=(label, seed, options, job, child_end, self._start, self._stop_asked),
            daemon=True,
            name=label,
        )
        with _no_signals():  # the child starts with signals blocked: Ctrl-C reaches this process, which passes it on
            self._process.start()
        child_end.close()
        self._deadline = time.monotonic() + max(_START_TIMEOUT, hang_after)
        self._asleep_until = 0.0
        self._given_up = False
        self._flags_lock = threading.Lock()
        """Held while a flag is set: whoever sets a flag on which a killed process waits is never done."""
        self._started = self._stopping = False
        """Whether the flags are set; a killed process may have left them locked."""

    def ready(self) -> None:
        """Wait until the target is ready; raises `TargetFailed`, `Interrupted`."""
        for message in self._messages():
            if isinstance(message, _Ready):
                return

    def run(self) -> Iterator[T]:
        """Start the job, and yield its messages until it is done; raises `TargetFailed`, `Interrupted`."""
        with self._flags_lock:
            if not self._given_up:
                self._start.set()
            self._started = True
        self._extend_deadline()
        for message in self._messages():
            if isinstance(message, _Done):
                return
            if isinstance(message, _Value):
                yield message.value
                self._extend_deadline()

    def _messages(self) -> Iterator[_Message[T]]:
        while True:
            if self._interrupts.asked and not self._stopping:
                self._stopping = True
                with self._flags_lock:
                    if not self._given_up:
                        self._stop_asked.set()
                self._deadline = min(self._deadline, time.monotonic() + _GRACE)
            if self._interrupts.asked and (self._interrupts.asked > 1 or not self._started):
                self._given_up = True
                raise Interrupted
            if self._pipe.poll(_POLL):
                message = self._receive()
                if isinstance(message, _Failed):
                    raise TargetFailed(message.message, wrong_usage=message.wrong_usage)
                self._extend_deadline(message.asleep if isinstance(message, _Alive) else 0.0)
                yield message
            elif time.monotonic() > self._deadline:
                self._given_up = True
                if self._stopping:
                    raise Interrupted
                raise TargetFailed(
                    f"{self.label} did not answer for {self._hang_after:g} s, so the run stopped; "
                    "give a slow target a longer --hang-after."
                )

    def _receive(self) -> _Message[T]:
        try:
            message: _Message[T] = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(_GRACE)
            if self._stopping:
                raise Interrupted from None
            raise TargetFailed(f"the process of {self.label} ended {_exit_reason(self._process.exitcode)}.") from None
        return message

    def _extend_deadline(self, asleep: float = 0.0) -> None:
        if not self._stopping:
            now = time.monotonic()
            # Several threads may use the target: one may still sleep while another sends a heartbeat.
            self._asleep_until = max(self._asleep_until, now + asleep)
            self._deadline = self._asleep_until + self._hang_after

    def kill(self) -> None:
        """End the process now. A thread that waits for its messages gets `TargetFailed` or `Interrupted`."""
        with self._flags_lock:
            self._given_up = True
            if self._process.is_alive():
                _kill(self._process.pid)
                self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._pipe.close()
        if not self._given_up:
            self._stop_asked.set()
            self._start.set()
            if kind is None:  # the job is done, and closes its target
                self._process.join(_GRACE)
        self.kill()
        self._process.join()


def _exit_reason(code: int | None) -> str:
    """Describe how a process ended unexpectedly."""
    if code is None or code >= 0:
        return f"by itself, with exit code {code}"
    try:
        return f"by the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"by the signal {-code}"


@contextlib.contextmanager
def _no_signals() -> Generator[None]:
    """Block Ctrl-C; a pending one arrives at the end, here and not in the process that was started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(pid: int | None) -> None:
    """Kill the process group of a target's process."""
    if pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


# Everything below runs in the process of the target.


def _child_main(
    label: str, seed: int, options: LaunchOptions, job: Job[Any], pipe: Connection, start: Flag, stop_asked: Flag
) -> None:
    """Make the target, wait for the start, do the job, close the target."""
    _detach()
    try:
        pipe.send(_Alive())
        _run_job(label, seed, options, job, pipe, start, stop_asked)
    except BrokenPipeError:
        os._exit(1)  # The parent is gone.
    except TargetError as error:
        _send_last(pipe, _Failed(str(error), isinstance(error, UnknownTarget)))
    except BaseException as error:  # noqa: BLE001 - a client's error, or a bug here: reported without traceback
        _send_last(pipe, _Failed(f"{label} ended the run from inside ({_describe(error)}).", wrong_usage=False))
    finally:
        pipe.close()


def _detach() -> None:
    """Detach from the parent: its signals, its standard output, its end."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()  # processes that a target starts get no Ctrl-C either, and can be killed as a group
    signal.signal(signal.SIGINT, _ignore_signal)  # a function: child processes would inherit SIG_IGN
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.__stdout__ is not None:
        os.dup2(2, 1)  # output of a client must not end up in the report
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _ignore_signal(number: int, frame: FrameType | None) -> None:
    del number, frame


def _run_job(
    label: str, seed: int, options: LaunchOptions, job: Job[Any], pipe: Connection, start: Flag, stop_asked: Flag
) -> None:
    target = resolve(label, seed=seed, options=options)
    try:
        pipe.send(_Ready())
        start.wait()
        if stop_asked.is_set():
            return
        collect_less_often()
        send_lock = threading.Lock()  # a job may use its target from several threads

        def send(message: _Message[Any]) -> None:
            with send_lock:
                pipe.send(message)

        job(_HeartbeatTarget(target, send, stop_asked.is_set), lambda value: send(_Value(value)), stop_asked.is_set)
        pipe.send(_Done())
    finally:
        with contextlib.suppress(TargetError):
            target.close()


def _send_last(pipe: Connection, message: _Failed) -> None:
    with contextlib.suppress(OSError):
        pipe.send(message)


def _describe(error: BaseException) -> str:
    """Describe an exception and its origin on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f", {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}".split()) + where


class _HeartbeatTarget:
    """A target that sends a heartbeat with every call, and announces how long it will sleep."""

    def __init__(self, target: Target, send: Callable[[_Alive], None], stopped: Callable[[], bool]) -> None:
        self.name = target.name
        self.version = target.version
        self.capabilities = target.capabilities
        self.patience = target.patience
        self.zones = target.zones
        self.notes = notes_of(target)
        self.clock: Clock = target.clock if Capability.VIRTUAL_TIME in target.capabilities else _HeartbeatClock(self)
        self.target = target
        self.stopped = stopped
        self._send = send
        self._last = 0.0

    def perform(self, request: Request, names: Names) -> Observation:
        """Send one request and return what came back."""
        now = time.monotonic()
        if now - self._last > _HEARTBEAT:
            self._last = now
            self._send(_Alive())
        return self.target.perform(request, names)

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Make one background step happen."""
        self.target.push(step, instance, names)

    def clear(self, alive: Alive) -> Cleared:
        """Remove what a scenario made."""
        self._send(_Alive())
        return self.target.clear(alive)

    def close(self) -> None:
        """Release the resources of the target."""
        self.target.close()

    def announce_sleep(self, seconds: float) -> None:
        """Announce that no heartbeat will come for so long."""
        if seconds > _HEARTBEAT:
            self._send(_Alive(seconds))


@dataclass(frozen=True, slots=True)
class _HeartbeatClock:
    """A clock that announces when it sleeps, and stops sleeping when the user interrupts."""

    target: _HeartbeatTarget

    def now(self) -> float:
        """Return the time."""
        return self.target.target.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass, until the user interrupts."""
        self.target.announce_sleep(seconds)
        slices, rest = divmod(seconds, _SLEEP_SLICE)
        for seconds_slept in (*repeat(_SLEEP_SLICE, int(slices)), rest):
            if self.target.stopped():
                return
            self.target.target.clock.sleep(seconds_slept)
