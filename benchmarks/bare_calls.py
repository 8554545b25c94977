"""The calls of a run on moto, to be made again with nothing around them.

moto's ids are seeded, so that the calls name what they named before. What the run cleared between its scenarios is
cleared again too: otherwise moto would hold more with every scenario, and give other ids.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from moto.moto_api._internal import mock_random
from wrapped import Wrapped

from ec2_lifecycle.conformance.adapter.target import Alive, Cleared
from ec2_lifecycle.conformance.running.garbage_collection import collect_less_often
from ec2_lifecycle.conformance.targets.moto import moto_target

SEED: Final = 11

Call: TypeAlias = tuple[str, dict[str, Any]]
"""A method of a boto3 client, and its parameters."""
Calls: TypeAlias = list[Call | Alive]
"""Calls; in between, the instances that were alive when everything was cleared."""


@dataclass(slots=True)
class Recorder:
    """A client that notes down every call."""

    client: Any
    calls: Calls = field(default_factory=list[Call | Alive])
    failed: list[bool] = field(default_factory=list[bool])
    """For each call, whether it raised an error."""

    def __getattr__(self, method: str) -> Any:
        """Return a method of the client that is noted down."""
        real = getattr(self.client, method)

        def call(**parameters: Any) -> Any:
            self.calls.append((method, parameters))
            try:
                answer = real(**parameters)
            except Exception:  # moto also fails inside
                self.failed.append(True)
                raise
            self.failed.append(False)
            return answer

        return call


@dataclass(slots=True)
class Recorded(Wrapped):
    """moto, with every call noted down."""

    recorder: Recorder

    def clear(self, alive: Alive) -> Cleared:
        """Clean up after a scenario, and note that down."""
        self.recorder.calls.append(alive)
        return self.target.clear(alive)


def recorded_moto() -> Recorded:
    """Start moto with ids that come out the same in every process."""
    recorders: list[Recorder] = []

    def wrap(client: Any) -> Recorder:
        recorders.append(Recorder(client))
        return recorders[0]

    target = moto_target(wrap)
    mock_random.seed(SEED)
    recorders[0].calls.clear()
    recorders[0].failed.clear()
    return Recorded(target, recorders[0])


class Recording(NamedTuple):
    """What a run did, and how long that took."""

    seconds: float
    calls: Calls
    failed: list[bool]


class Bare(NamedTuple):
    """How long bare calls took, and which of them failed."""

    seconds: float
    failed: list[bool]


def recorded(play: Callable[[Recorded], object], clock: Callable[[], float] = time.process_time) -> Recording:
    """Play something on moto, with garbage as seldom collected as in a run."""
    target = recorded_moto()
    collect_less_often()
    began = clock()
    play(target)
    return Recording(clock() - began, target.recorder.calls, target.recorder.failed)


def made_again(calls: Calls, clock: Callable[[], float] = time.process_time, *, spared: bool = True) -> Bare:
    """Make calls with nothing around them; `spared`: with garbage as seldom collected as in a run."""
    target = recorded_moto()
    client = target.recorder.client
    failed: list[bool] = []
    if spared:
        collect_less_often()
    began = clock()
    for call in calls:
        if not isinstance(call, tuple):
            target.target.clear(call)
            continue
        method, parameters = call
        try:
            getattr(client, method)(**parameters)
        except Exception:  # noqa: BLE001 - moto also fails inside
            failed.append(True)
        else:
            failed.append(False)
    return Bare(clock() - began, failed)


def check_same(run: Recording, bare: Bare) -> None:
    """End with an error if the bare calls were not answered as in the run: then their times say nothing."""
    if run.failed != bare.failed:
        differ = sum(one is not other for one, other in zip(run.failed, bare.failed, strict=True))
        sys.exit(f"the bare calls are not the same: {differ} of {len(run.failed)} were answered otherwise in the run")
