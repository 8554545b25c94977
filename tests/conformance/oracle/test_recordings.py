"""What was recorded of real EC2 is permitted: each recording is judged as a target's replies are.

The folder of recordings comes from the environment variable EC2_RECORDINGS; without it nothing here runs.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import pytest
from recordings.events import Call, Event, UnknownForm
from recordings.exchanges import Exchange
from recordings.forms import read
from recordings.judge import Judge, Outcome, anything
from recordings.known import EXCUSED, EXEMPT, MAY_BE, OUTSIDE, SENT, STORIES
from recordings.seen import seen_in

from ec2_lifecycle.conformance.adapter.observation import (
    Changes,
    Done,
    Instances,
    NoAnswer,
    Observation,
    Refused,
    StateChange,
    StateSeen,
)
from ec2_lifecycle.conformance.oracle.fault import state_of
from ec2_lifecycle.model.lifecycle import START, STOP, TERMINATE, TRANSITIONS
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.states import CODES, InstanceState

Kind = TypeVar("Kind", Changes, Instances, Refused)

ONLY_ASSUMED: Final = frozenset({"transcript__stop_stopping.json"})
"""Recordings without address and request id, on which only an assumed clause rests (S-13)."""
OF_ANOTHER_OPERATION: Final = frozenset({"issue__associate_eip_terminated_2021.json"})
"""The refusals of which only the state that they name is judged."""
FOLDER: Final = os.environ.get("EC2_RECORDINGS")
FILES: Final = sorted(path.name for path in Path(FOLDER).glob("*.json")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="EC2_RECORDINGS names no folder of recordings")

CHECKED: Final = [name for name in FILES if name not in OUTSIDE]
ROWS: Final = {Operation.TERMINATE: TERMINATE, Operation.STOP: STOP, Operation.START: START}


def holding(*words: str, but_not: frozenset[str] = frozenset()) -> pytest.MarkDecorator:
    """Return a test's parameter: every recording that is checked and has one of these words in it."""
    texts = {name: Path(FOLDER or "", name).read_text(encoding="utf-8") for name in CHECKED if name not in but_not}
    return pytest.mark.parametrize("name", [name for name in texts if any(word in texts[name] for word in words)])


every_recording = pytest.mark.parametrize("name", CHECKED)
every_story = pytest.mark.parametrize("story", STORIES)
every_change_of_state = holding("PreviousState", "previousState", '"output"')
every_description = holding('"Reservations"', "instanceState")
every_error = holding('"Error"', '"error"', '_error"', '"error_', but_not=EXCUSED | OF_ANOTHER_OPERATION)


def events_in(*names: str) -> list[Event]:
    """Return what recordings tell, one after the other."""
    return [
        replace(event, sent={**SENT[name]}) if name in SENT and isinstance(event, Call) else event
        for name in names
        for event in read(Path(FOLDER or "", name))
    ]


def judged(name: str, *, plain: bool = False) -> Judge:
    return Judge(seen_in(events_in(name)), MAY_BE.get(name, anything), plain=plain)


def replies(name: str, kind: type[Kind]) -> list[tuple[int, Exchange, Kind]]:
    """Return the replies of a kind in a recording, each with its place and its request; there is at least one."""
    found = [
        (place, each.asked, each.observation)
        for place, each in enumerate(judged(name).seen)
        if isinstance(each.asked, Exchange) and isinstance(each.observation, kind)
    ]
    assert found
    return found


# What was recorded is permitted.


@every_recording
def test_the_specification_permits_or_excuses_what_was_recorded(name: str) -> None:
    judge = judged(name)
    assert not any(isinstance(each.observation, NoAnswer) for each in judge.seen)
    broken = judge.broken()
    assert {instance for instance, _ in broken} == EXEMPT.get(name, frozenset()), sorted(broken)
    assert set(judge.outcomes) - {Outcome.UNJUDGED}
    assert (Outcome.EXCUSED in judge.outcomes) is (name in EXCUSED)


@every_recording
def test_nothing_else_needs_an_excuse(name: str) -> None:
    broken = {instance for instance, _ in judged(name, plain=True).broken()}
    # By its code alone the refusal of a Spot instance might be that of an instance-store root (KIND-2).
    assert bool(broken - EXEMPT.get(name, frozenset())) is (name in EXCUSED - {"issue__stop_onetime_spot.json"})


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_not_read_is_an_error(name: str) -> None:
    with pytest.raises(UnknownForm, match=name):
        events_in(name)


def test_nearly_every_recording_is_read() -> None:
    assert len(OUTSIDE) <= 5


@every_story
def test_recordings_of_the_same_instances_fit_each_other(story: str) -> None:
    assert not Judge(seen_in(events_in(*STORIES[story]))).broken()


@every_change_of_state
def test_a_recorded_change_of_state_is_a_row_of_the_lifecycle(name: str) -> None:
    for _, exchange, seen in replies(name, Changes):
        for item in seen.items:
            previous, current = state_of(item.previous), state_of(item.current)
            assert previous is not None
            assert ROWS[exchange.request.operation][previous].to is current
            assert current is previous or current in TRANSITIONS[previous]


def test_an_attached_volume_is_kept_or_deleted_as_recorded() -> None:
    [name] = [name for name in CHECKED if name.startswith("cloudtrail__") and "AttachVolume" in name]
    judge = judged(name)
    [exchange] = [each.asked for each in judge.seen]
    assert isinstance(exchange, Exchange)
    assert not judge.broken()
    [volume] = exchange.request.volume_ids
    flags = {r.delete_on_termination for h in judge.oracle.hypotheses for r in h.volumes[volume]}
    assert flags == {exchange.reply["DeleteOnTermination"]}


# What was not recorded is not: a recording that is tampered with diverges.

ANY_REFUSAL: Final = {
    "issue__attach_volume_pending_2021.json": (
        "its launch may have failed, and how EC2 refuses to attach a volume to a terminated instance is open (E-16)"
    ),
}
"""The errors of which another code is permitted as well."""

RECORDED_WORDINGS: Final = frozenset(
    {
        "c7n__test_ebs_force_delete__ec2.DescribeVolumes_3.json",
        "c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json",
        "issue__stop_protected_2022.json",
    }
)
"""The errors whose wording is judged (VOL-7, PROT-2)."""


PERHAPS_REFUSED: Final = ("issue__attach_volume_pending", "issue__describe_notfound_after_run")
"""The errors that might as well have been successes: a launch may be complete, or known, at any time."""


def diverges(name: str, place: int, tampered: Observation) -> bool:
    """Tell whether nothing permits a recording with this reply in the place of its own."""
    judge = judged(name, plain=True)
    judge.seen[place] = replace(judge.seen[place], observation=tampered)
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
def test_another_code_than_the_recorded_one_diverges(name: str) -> None:
    for place, _, seen in replies(name, Refused):
        other = replace(seen, code="InvalidSnapshot.NotFound")
        assert diverges(name, place, other) is (name not in ANY_REFUSAL), other


@every_error
def test_another_wording_diverges_only_where_it_is_recorded(name: str) -> None:
    for place, _, seen in replies(name, Refused):
        assert diverges(name, place, replace(seen, message=f"{seen.message} ")) is (name in RECORDED_WORDINGS)


@pytest.mark.parametrize(
    "name", [name for name in MAY_BE if name not in EXCUSED and not name.startswith(PERHAPS_REFUSED)]
)
def test_a_success_in_the_place_of_a_recorded_refusal_diverges(name: str) -> None:
    for place, exchange, _ in replies(name, Refused):
        rows = ROWS.get(exchange.request.operation, {})
        running = as_sent(InstanceState.RUNNING)
        items = [
            StateChange(i, running, as_sent(rows[InstanceState.RUNNING].to)) for i in exchange.request.instances if rows
        ]
        assert diverges(name, place, Changes(tuple(items)) if rows else Done())


@every_story
def test_no_story_is_permitted_backwards(story: str) -> None:
    backwards = [replace(event, at=None) for event in events_in(*reversed(STORIES[story]))]
    assert Judge(seen_in(backwards)).broken()


# The recordings themselves.


def test_every_recording_that_something_is_known_of_is_there() -> None:
    launch_options_of = {name for names in STORIES.values() for name in names} | {*EXEMPT, *MAY_BE, *SENT, *EXCUSED}
    assert {*OUTSIDE} <= {*FILES}
    assert launch_options_of <= {*CHECKED}
