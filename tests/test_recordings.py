"""What was recorded of real EC2 is permitted: each recording is judged as a target's replies are.

The folder of recordings comes from the environment variable EC2_RECORDINGS; without it nothing here runs.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from botocore.exceptions import ClientError
from recordings import Event, Exchange, Glimpse, read

from ec2_lifecycle.conformance.names import Names
from ec2_lifecycle.conformance.observation import Changes, Instances, Observation, Refused, StateSeen
from ec2_lifecycle.conformance.oracle.belief import Hypothesis, Records
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.targets.devices import Devices
from ec2_lifecycle.conformance.targets.failures import failed
from ec2_lifecycle.conformance.targets.replies import observed
from ec2_lifecycle.model.choices import HARDEST, PREFERRED
from ec2_lifecycle.model.lifecycle import START, STOP, TERMINATE, TRANSITIONS
from ec2_lifecycle.model.requests import BatchRequest, ErrorCode, LaunchRequest, Operation, VolumeRequest
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, InstanceState, RootDevice, ShutdownBehavior, Visibility, VolumeState
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from ec2_lifecycle.strategies.translate import form_of

FOLDER: Final = os.environ.get("EC2_RECORDINGS")
FILES: Final = sorted(path.name for path in Path(FOLDER).glob("*.json")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="EC2_RECORDINGS names no folder of recordings")

CHECKED: Final = [name for name in FILES if name not in OUTSIDE]

Broken = frozenset[tuple[str, str]]
"""What nothing permits: each time the instance (`-` for none) and the clause that is broken."""

ENGINE: Final = Engine(EC2)
ROWS: Final = {Operation.TERMINATE: TERMINATE, Operation.STOP: STOP, Operation.START: START}
ZONE: Final = Zone("")
"""Where an instance is, as long as nothing tells."""

every_recording = pytest.mark.parametrize("name", CHECKED)
every_story = pytest.mark.parametrize("story", STORIES)


# What may have been.


@cache
def reachable() -> Records:
    """Return every record that the specification lets an instance have."""
    i = Instance("i")
    requests = [
        BatchRequest(Operation.START, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,), hibernate=True),
        BatchRequest(Operation.TERMINATE, instances=(i,)),
    ]
    todo = [
        InstanceRecord(ZONE, root_device=root, disable_api_termination=kept, disable_api_stop=on, shutdown_behavior=then)
        for root in RootDevice
        for kept in (False, True)
        for on in (False, root is RootDevice.EBS)
        for then in ShutdownBehavior
    ]
    found = set(todo)
    while todo:
        world = World({i: todo.pop()})
        later = [step.after(world, i) for step in EC2.steps if step.enabled(world, i)]
        for request in requests:
            for choices in (PREFERRED, HARDEST):
                if not permitted_refusals(EC2, world, request, choices):
                    later += execute(EC2, world, request, choices, None).instances.values()
        todo += {record for record in later if record not in found}
        found.update(later)
    # Nothing judged here depends on what a shutdown from inside would do.
    return frozenset(replace(record, shutdown_behavior=ShutdownBehavior.STOP) for record in found)


VOLUME_STATES: Final = {
    Operation.ATTACH: VolumeState.AVAILABLE,
    Operation.DETACH: VolumeState.IN_USE,
    Operation.DESCRIBE_VOLUMES: VolumeState.DELETED,
}
"""The state of the volumes in the recordings of an operation (V-03, V-08)."""


@dataclass(slots=True)
class Judge:
    """An oracle to which everything is possible of the instances in some recordings, but for what is told of them."""

    seen: Sequence[tuple[Event, Observation | None]]
    told: Told = lambda _: True
    oracle: Oracle = field(init=False)

    def __post_init__(self) -> None:
        instances, volumes, strangers = self._cast()
        records = frozenset(record for record in reachable() if self.told(record))
        self.oracle = Oracle(
            ENGINE,
            hypotheses=(
                Hypothesis(
                    {i: frozenset(replace(r, zone=zone) for r in records) for i, zone in instances.items()},
                    volumes,
                ),
            ),
            strangers={i: form_of(i) for i in strangers},
        )
        start = next((event.at for event, _ in self.seen if event.at is not None), 0.0)
        self.oracle.history.launched.update(dict.fromkeys(instances, float("-inf")))
        self.oracle.history.confirmed.update(dict.fromkeys(instances, start))

    def _cast(self) -> tuple[dict[Instance, Zone], dict[Volume, frozenset[VolumeRecord]], set[Instance]]:
        """Return who takes part: instances with their zones, volumes, and ids that were never given out."""
        instances: dict[Instance, Zone] = {}
        volumes: dict[Volume, frozenset[VolumeRecord]] = {}
        strangers: set[Instance] = set()
        for event, seen in self.seen:
            if isinstance(event, Glimpse):
                instances.setdefault(event.instance, ZONE)
                continue
            if isinstance(event.request, LaunchRequest):
                continue
            if isinstance(seen, Refused) and seen.code == ErrorCode.MALFORMED.value:
                strangers.update(event.request.instances)
            else:
                instances.update({i: instances.get(i, ZONE) for i in event.request.instances})
            for v in event.request.volume_ids:
                volumes[v] = frozenset({VolumeRecord(ZONE, VOLUME_STATES[event.request.operation])})
            for shown in seen.items if isinstance(seen, Instances) else ():
                instances[shown.instance] = Zone(shown.zone)
                for device in shown.devices:
                    volumes[device.volume] = frozenset(
                        VolumeRecord(Zone(shown.zone), VolumeState.IN_USE, shown.instance, flag)
                        for flag in (False, True)
                    )
        return instances, volumes, strangers

    def broken(self) -> Broken:
        """Return what nothing permits of all that was seen."""
        return frozenset(self._broken())

    def _broken(self) -> Iterator[tuple[str, str]]:
        now = 0.0
        for step, (event, seen) in enumerate(self.seen):
            now = now if event.at is None else event.at
            if isinstance(event, Glimpse):
                if not self._could_be_seen(event):
                    yield event.instance, "STATE-3"
            elif seen is not None:
                for divergence in self.oracle.judge(step, event.request, seen, now, now):
                    yield divergence.instance or "-", divergence.clause

    def _could_be_seen(self, glimpse: Glimpse) -> bool:
        """Tell whether an instance can be in a state just now; if so it is in no other."""
        left = [
            h.having({glimpse.instance: records})
            for h in self.oracle.hypotheses
            if (records := ENGINE.in_state(ENGINE.settled(h.instances[glimpse.instance]), glimpse.state))
        ]
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left)


def comparable(events: Iterable[Event]) -> list[tuple[Event, Observation | None]]:
    """Return events with their replies as a target's adapter shows them to the oracle."""
    names, devices = Names(zones={ZONE: ""}), Devices()
    return [(event, observation(event, names, devices) if isinstance(event, Exchange) else None) for event in events]


def observation(exchange: Exchange, names: Names, devices: Devices) -> Observation:
    request, reply = exchange.request, exchange.reply
    if "Error" in reply:
        return failed(request.operation, ClientError(reply, request.operation.value), names)  # type: ignore[arg-type]
    return observed(request, reply, names, devices)


def told_by(*names: str) -> list[tuple[Event, Observation | None]]:
    return comparable(event for name in names for event in read(Path(FOLDER or "", name)))


# What was recorded is permitted.


@every_recording
def test_nothing_in_a_recording_diverges(name: str) -> None:
    judge = Judge(told_by(name), TOLD.get(name, lambda _: True))
    assert judge.broken() == EXEMPT.get(name, frozenset())


@every_story
def test_recordings_of_the_same_instances_fit_each_other(story: str) -> None:
    assert Judge(told_by(*STORIES[story])).broken() == frozenset()
