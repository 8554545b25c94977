"""What was recorded of real EC2 is permitted: each recording is judged as a target's replies are.

The folder of recordings comes from the environment variable EC2_RECORDINGS; without it nothing here runs.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from botocore.exceptions import ClientError
from recordings import EXEMPT, OUTSIDE, STORIES, TOLD, Event, Exchange, Glimpse, LaunchOptions, ebs_backed, read

from ec2_lifecycle.conformance.adapter.devices import Devices
from ec2_lifecycle.conformance.adapter.failures import failed
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import (
    Changes,
    Done,
    Instances,
    InstanceSeen,
    NoAnswer,
    Observation,
    Refused,
    StateChange,
    StateSeen,
)
from ec2_lifecycle.conformance.adapter.reply_reader import read_reply
from ec2_lifecycle.conformance.oracle.belief import Hypothesis, Records, VolumeRecords
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.fault import state_of
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.model.choices import HARDEST, PREFERRED
from ec2_lifecycle.model.lifecycle import START, STOP, TERMINATE, TRANSITIONS
from ec2_lifecycle.model.requests import BatchRequest, ErrorCode, LaunchRequest, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, InstanceState, RootDevice, ShutdownBehavior, VolumeState
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from ec2_lifecycle.strategies.scenario.translate import form_of

Kind = TypeVar("Kind", Changes, Instances, Refused)

ONLY_ASSUMED: Final = frozenset({"transcript__stop_stopping.json"})
"""Recordings without address and request id, on which only an assumed clause rests (S-13)."""
FOLDER: Final = os.environ.get("EC2_RECORDINGS")
FILES: Final = sorted(path.name for path in Path(FOLDER).glob("*.json")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="EC2_RECORDINGS names no folder of recordings")

CHECKED: Final = [name for name in FILES if name not in OUTSIDE]

Broken = tuple[str, str]
"""What nothing permits: the instance (`-` for none) and the clause that is broken."""

ENGINE: Final = Engine(EC2)
ROWS: Final = {Operation.TERMINATE: TERMINATE, Operation.STOP: STOP, Operation.START: START}
ZONE: Final = Zone("")
"""Where an instance is, as long as nothing tells."""


def holding(*words: str) -> pytest.MarkDecorator:
    """Return a test's parameter: every recording that is checked and has one of these words in it."""
    texts = {name: Path(FOLDER or "", name).read_text(encoding="utf-8") for name in CHECKED}
    return pytest.mark.parametrize("name", [name for name in CHECKED if any(word in texts[name] for word in words)])


every_recording = pytest.mark.parametrize("name", CHECKED)
every_story = pytest.mark.parametrize("story", STORIES)
every_change_of_state = holding("PreviousState", "previousState", '"output"')
every_description = holding('"Reservations"', "instanceState")
every_error = holding('"Error"', '"error"', '_error"', '"error_')


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
        InstanceRecord(
            ZONE, root_device=root, disable_api_termination=kept, disable_api_stop=on, shutdown_behavior=then
        )
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


Seen = tuple[Event, Observation | None]
"""What a recording tells, and its reply as a target's adapter shows it to the oracle."""


def seen_in(*names: str) -> list[Seen]:
    """Return what recordings tell, one after the other."""
    ids, devices = Names(zones={ZONE: ""}), Devices()
    events = [event for name in names for event in read(Path(FOLDER or "", name))]
    return [(event, _observation(event, ids, devices) if isinstance(event, Exchange) else None) for event in events]


def _observation(exchange: Exchange, names: Names, devices: Devices) -> Observation:
    request = exchange.request
    reply: Any = exchange.reply
    if "Error" in reply:
        return failed(request.operation, ClientError(reply, request.operation.value), names)
    return read_reply(request, reply, names, devices)


@dataclass(slots=True)
class Judge:
    """An oracle that knows nothing of the instances in some recordings but what is told of them."""

    seen: list[Seen]
    told: LaunchOptions = ebs_backed
    oracle: Oracle = field(init=False)

    def __post_init__(self) -> None:
        cast = _Cast()
        for event, seen in self.seen:
            cast.take_in(event, seen)
        records = frozenset(record for record in reachable() if self.told(record))
        instances = {i: frozenset(replace(r, zone=zone) for r in records) for i, zone in cast.instances.items()}
        self.oracle = Oracle(
            ENGINE,
            hypotheses=(Hypothesis(instances, cast.volumes),),
            strangers={i: form_of(i) for i in cast.strangers},
        )
        start = next((event.at for event, _ in self.seen if event.at is not None), 0.0)
        self.oracle.history.launched.update(dict.fromkeys(instances, float("-inf")))
        self.oracle.history.confirmed.update(dict.fromkeys(instances, start))

    def broken(self) -> frozenset[Broken]:
        """Return what nothing permits of all that was seen."""
        return frozenset(self._broken())

    def _broken(self) -> Iterator[Broken]:
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
        i = glimpse.instance
        left = [
            hypothesis.having({i: records})
            for hypothesis in self.oracle.hypotheses
            if (records := ENGINE.in_state(ENGINE.settled(hypothesis.instances[i]), glimpse.state))
        ]
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left)


@dataclass(slots=True)
class _Cast:
    """Who takes part: instances with their zones, volumes, and ids that were never given out."""

    instances: dict[Instance, Zone] = field(default_factory=dict[Instance, Zone])
    volumes: dict[Volume, VolumeRecords] = field(default_factory=dict[Volume, VolumeRecords])
    strangers: set[Instance] = field(default_factory=set[Instance])

    def take_in(self, event: Event, seen: Observation | None) -> None:
        """Note whom an event is about; a launch makes its instances itself."""
        if isinstance(event, Glimpse):
            self.instances.setdefault(event.instance, ZONE)
        elif isinstance(seen, Refused) and seen.code == ErrorCode.MALFORMED.value:
            self.strangers.update(event.request.instances)
        elif not isinstance(event.request, LaunchRequest):
            for i in event.request.instances:
                self.instances.setdefault(i, ZONE)
            holder = Instance(event.reply["InstanceId"]) if event.request.operation is Operation.DETACH else None
            for v in event.request.volume_ids:
                self.volumes[v] = frozenset({VolumeRecord(ZONE, VOLUME_STATES[event.request.operation], holder)})
            for shown in seen.items if isinstance(seen, Instances) else ():
                self._look_at(shown)

    def _look_at(self, shown: InstanceSeen) -> None:
        zone = self.instances[shown.instance] = Zone(shown.zone)
        for device in shown.devices:
            self.volumes[device.volume] = frozenset(
                VolumeRecord(zone, VolumeState.IN_USE, shown.instance, deleted) for deleted in (False, True)
            )


def judged(name: str) -> Judge:
    return Judge(seen_in(name), TOLD.get(name, ebs_backed))


def replies(name: str, kind: type[Kind]) -> list[tuple[int, Exchange, Kind]]:
    """Return the replies of a kind in a recording, each with its place and its request; there is at least one."""
    found = [
        (place, event, seen)
        for place, (event, seen) in enumerate(seen_in(name))
        if isinstance(event, Exchange) and isinstance(seen, kind)
    ]
    assert found
    return found


# What was recorded is permitted.


@every_recording
def test_the_specification_permits_what_was_recorded(name: str) -> None:
    judge = judged(name)
    assert not any(isinstance(seen, NoAnswer) for _, seen in judge.seen)
    broken = judge.broken()
    assert {instance for instance, _ in broken} == EXEMPT.get(name, frozenset()), sorted(broken)


@every_story
def test_recordings_of_the_same_instances_fit_each_other(story: str) -> None:
    assert not Judge(seen_in(*STORIES[story])).broken()


@every_change_of_state
def test_a_recorded_change_of_state_is_a_row_of_the_lifecycle(name: str) -> None:
    for _, event, seen in replies(name, Changes):
        for item in seen.items:
            previous, current = state_of(item.previous), state_of(item.current)
            assert previous is not None
            assert ROWS[event.request.operation][previous].to is current
            assert current is previous or current in TRANSITIONS[previous]


def test_an_attached_volume_is_kept_or_deleted_as_recorded() -> None:
    [name] = [name for name in CHECKED if name.startswith("cloudtrail__") and "AttachVolume" in name]
    [(event, seen)] = seen_in(name)
    assert isinstance(event, Exchange)
    judge = Judge([(event, seen)])
    assert not judge.broken()
    [volume] = event.request.volume_ids
    flags = {r.delete_on_termination for h in judge.oracle.hypotheses for r in h.volumes[volume]}
    assert flags == {event.reply["DeleteOnTermination"]}


# What was not recorded is not: a recording that is tampered with diverges.

ANY_REFUSAL: Final = {
    "issue__attach_volume_pending_2021.json": (
        "its launch may have failed, and how EC2 refuses to attach a volume to a terminated instance is open (E-16)"
    ),
}
"""The errors of which another wording, or another code, is permitted as well."""


PERHAPS_REFUSED: Final = ("issue__attach_volume_pending", "issue__describe_notfound_after_run")
"""The errors that might as well have been successes: a launch may be complete, or known, at any time."""


def diverges(name: str, place: int, tampered: Observation) -> bool:
    """Tell whether nothing permits a recording with this reply in the place of its own."""
    judge = judged(name)
    event, _ = judge.seen[place]
    judge.seen[place] = event, tampered
    return bool(judge.broken())


def as_sent(state: InstanceState) -> StateSeen:
    return StateSeen(CODES[state], state.value)


@every_change_of_state
def test_another_current_state_than_the_recorded_one_diverges(name: str) -> None:
    for place, _, seen in replies(name, Changes):
        for n, item in enumerate(seen.items):
            for state in InstanceState:
                items = (*seen.items[:n], replace(item, current=as_sent(state)), *seen.items[n + 1 :])
                expected = name not in ONLY_ASSUMED and state is not state_of(item.current)
                assert diverges(name, place, Changes(items)) is expected, state


@every_description
def test_what_an_instance_showed_in_one_state_diverges_in_another(name: str) -> None:
    for place, _, seen in replies(name, Instances):
        for n, item in enumerate(seen.items):
            ending = state_of(item.state) in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
            state = InstanceState.RUNNING if ending else InstanceState.TERMINATED
            items = (*seen.items[:n], replace(item, state=as_sent(state)), *seen.items[n + 1 :])
            if item.instance not in EXEMPT.get(name, ()):
                assert diverges(name, place, Instances(items)), item.instance


@every_error
def test_another_wording_or_code_than_the_recorded_one_diverges(name: str) -> None:
    for place, _, seen in replies(name, Refused):
        for other in (replace(seen, message=f"{seen.message} "), replace(seen, code="InvalidSnapshot.NotFound")):
            assert diverges(name, place, other) is (name not in ANY_REFUSAL), other


@pytest.mark.parametrize("name", [name for name in TOLD if not name.startswith(PERHAPS_REFUSED)])
def test_a_success_in_the_place_of_a_recorded_refusal_diverges(name: str) -> None:
    for place, event, _ in replies(name, Refused):
        rows = ROWS.get(event.request.operation, {})
        running = as_sent(InstanceState.RUNNING)
        items = [
            StateChange(i, running, as_sent(rows[InstanceState.RUNNING].to)) for i in event.request.instances if rows
        ]
        assert diverges(name, place, Changes(tuple(items)) if rows else Done())


@every_story
def test_no_story_is_permitted_backwards(story: str) -> None:
    assert Judge(seen_in(*reversed(STORIES[story]))).broken()


# The recordings themselves.


def test_every_recording_that_something_is_known_of_is_there() -> None:
    launch_options_of = {name for names in STORIES.values() for name in names} | {*EXEMPT, *TOLD}
    assert {*OUTSIDE} <= {*FILES}
    assert launch_options_of <= {*CHECKED}
