"""The oracle is held to the exact set of worlds: it never alarms where a world is left, and how much it misses is told.

Both judge the same tapes, reply by reply, up to the first divergence that either of them sees.
What is lost is mostly this: the ids in the message of a permitted refusal do not narrow what the oracle believes
("'A' does not exist", so that B does, and that A is terminated), nor does a volume what it believes of its instance.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from random import Random

import pytest
from exact import Exact
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts import behaviour, directed_script, instance_script, volume_script
from tampering import seen, tampered
from transcripts import STRANGERS, Ask, Event, Reply, Rest, Script, Settle, Tape, play, told

from ec2_lifecycle.conformance.adapter.observation import (
    Changes,
    Done,
    Instances,
    InstanceSeen,
    Observation,
    Refused,
    StateChange,
)
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.planted_faults.hidden import HIDDEN_FAULTS
from ec2_lifecycle.model.clauses import Clause, recorded
from ec2_lifecycle.model.requests import (
    AttributeRequest,
    BatchRequest,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import Cause, InstanceState
from ec2_lifecycle.model.world import Instance, Volume, Zone
from ec2_lifecycle.strategies.building.dice import Dice

Record = Callable[[str, object], None]
"""pytest's way to keep a property of a test."""
Write = Callable[[Dice], Script]
"""A way to make scripts by chance."""


def taken_for_recorded(clause: Clause) -> Clause:
    """Return a clause as if each part of it were well enough known for a finding."""
    graded = {
        part: recorded(*evidence.facts) if clause.level_of(part) is None else evidence
        for part, evidence in clause.evidence.items()
    }
    return replace(clause, evidence=graded)


ENGINE = Engine(EC2)
STERNER = Engine(replace(EC2, clauses={name: taken_for_recorded(clause) for name, clause in EC2.clauses.items()}))
"""What is too little known makes no finding; here it does."""


def oracle_judges(oracle: Oracle, step: int, event: Event) -> tuple[Divergence, ...]:
    """Let the oracle judge one event."""
    if isinstance(event, Reply):
        return oracle.judge(step, event.request, event.observation, event.at, event.at)
    found = [d for look in event.looks for d in oracle.judge(step, look.request, look.observation, look.at, look.at)]
    return (*found, *oracle.stuck(step, event.volumes))


def exact_judges(exact: Exact, event: Event) -> bool:
    """Let the exact set judge one event; tell whether that leaves no world."""
    if isinstance(event, Rest):
        exact.rest(event.at)
    for look in event.looks if isinstance(event, Rest) else (event,):
        exact.judge(look.request, look.observation, look.at)
    return not exact.moments


def snapshots(tape: Tape) -> Iterator[Exact]:
    """Yield what the exact set is before each event of a tape, and after the last one."""
    exact = Exact(EC2, strangers=dict(STRANGERS))
    for event in tape:
        yield replace(exact)
        exact_judges(exact, event)
    yield exact


class Verdict(Enum):
    """How the two judge a tape."""

    LEGAL = "legal to both"
    FOUND = "found by both at the same reply"
    UNKNOWN = "wrong only by what is too little known"
    EXCUSED = "refused for what the specification does not hold"
    LATER = "found by the oracle later"
    LOST = "lost"
    FALSE_ALARM = "false alarms"


def compared(tape: Tape, exact: Exact, place: int = 0) -> Verdict:
    """Compare the judges on a tape, given the exact set before one event, up to which there was nothing wrong."""
    oracle = Oracle(ENGINE, strangers=dict(STRANGERS))
    for step, event in enumerate(tape):
        alarm = bool(oracle_judges(oracle, step, event))
        empty = step >= place and exact_judges(exact, event)
        if alarm:
            return Verdict.FOUND if empty else Verdict.FALSE_ALARM
        if empty and oracle.excusals:
            return Verdict.EXCUSED
        if empty:
            return missed(oracle, tape, step)
    return Verdict.LEGAL


def missed(oracle: Oracle, tape: Tape, place: int) -> Verdict:
    """Return why the oracle said nothing of the event at that place."""
    sterner = Oracle(STERNER, strangers=dict(STRANGERS))
    if any(oracle_judges(sterner, step, event) for step, event in enumerate(tape[: place + 1])):
        return Verdict.UNKNOWN
    later = [oracle_judges(oracle, place + 1 + step, event) for step, event in enumerate(tape[place + 1 :])]
    return Verdict.LATER if any(later) else Verdict.LOST


@dataclass(slots=True)
class Tally:
    """How many tapes were judged how."""

    what: str
    verdicts: Counter[Verdict] = field(default_factory=Counter[Verdict])

    def add(self, tape: Tape, exact: Exact, place: int = 0) -> None:
        """Compare the judges on a tape; fail where the oracle alarms for nothing."""
        verdict = compared(tape, exact, place)
        assert verdict is not Verdict.FALSE_ALARM, f"the oracle alarms, but a world is left:\n{told(tape)}"
        self.verdicts[verdict] += 1

    @property
    def loss(self) -> float:
        """The share of the wrong tapes that the oracle let pass at the reply at which no world was left."""
        lost = self.verdicts[Verdict.LOST] + self.verdicts[Verdict.LATER]
        return lost / max(1, lost + self.verdicts[Verdict.FOUND])

    def __str__(self) -> str:
        counts = ", ".join(f"{self.verdicts[v]} {v.value}" for v in Verdict if v is not Verdict.FALSE_ALARM)
        return f"oracle and exact worlds, {self.what}: {counts}; loss {self.loss:.1%}"


def without_excused(tape: Tape) -> Tape:
    """Leave out the requests that the model refuses for what the specification does not hold, such as a device."""
    oracle, kept = Oracle(ENGINE, strangers=dict(STRANGERS)), list[Event]()
    for step, event in enumerate(tape):
        before = oracle.excusals.total()
        assert not oracle_judges(oracle, step, event), f"the oracle does not permit what the model does:\n{told(tape)}"
        if oracle.excusals.total() == before:
            kept.append(event)
    return tuple(kept)


def played_and_compared(tally: Tally, write: Write, seed: int, dice: Dice) -> None:
    """Let the judges agree on a legal tape, then compare them on two tapes that differ from it in one reply."""
    tape = without_excused(play(write(dice), behaviour(seed)))
    false = [tampered(dice, tape) for _ in range(2)]
    before = list(snapshots(tape))
    note = f"seed {seed}\n{told(tape)}"
    assert before[-1].moments, f"the exact set does not permit what the model does, {note}"
    verdict = compared(tape, before[-1], len(tape))
    assert verdict is Verdict.LEGAL, f"the oracle does not permit what the model does, {note}"
    for other, place in false:
        if other != tape:
            tally.add(other, replace(before[place]), place)


def rolled(seed: int) -> Dice:
    """Return dice that fall the same way for the same seed."""
    return Dice(Random(seed).randrange)  # noqa: S311 - that it can be repeated is the point


def test_the_oracle_alarms_only_where_no_world_is_left(record_property: Record) -> None:
    tally = Tally("falsified replies")
    for seed in range(300):
        played_and_compared(tally, instance_script, seed, rolled(seed))
    record_property("measured", str(tally))
    assert tally.verdicts[Verdict.FOUND] > 300
    assert tally.loss < 0.02


def test_the_oracle_alarms_about_volumes_only_where_no_world_is_left(record_property: Record) -> None:
    tally = Tally("falsified replies about volumes")
    for seed in range(150):
        played_and_compared(tally, volume_script, seed, rolled(seed))
    record_property("measured", str(tally))
    assert tally.verdicts[Verdict.FOUND] > 150
    assert tally.loss < 0.04


def test_the_oracle_sees_a_wrong_ec2_as_soon_as_no_world_is_left(record_property: Record) -> None:
    tally = Tally("wrong EC2s")
    for seed in range(15):
        for fault in HIDDEN_FAULTS:
            script = directed_script(rolled(seed), fault.shown_by)
            tape = play(script, replace(behaviour(seed), failures=0.0), fault.ec2.spec)
            tally.add(tape, Exact(EC2, strangers=dict(STRANGERS)))
    record_property("measured", str(tally))
    assert tally.verdicts[Verdict.FOUND] > 30
    assert tally.loss == 0


@pytest.mark.parametrize("write", [instance_script, volume_script])
@settings(max_examples=30, database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_smallest_script_with_a_false_alarm_is_not_found(write: Write, data: st.DataObject) -> None:
    """Finds no more than the tests above, but where there is something to find, Hypothesis makes it small."""

    def below(n: int) -> int:
        return data.draw(st.integers(0, n - 1))

    played_and_compared(Tally(""), write, below(100), Dice(below))


# What a plain product of instances could not tell.

A, B, C, D = (Instance(name) for name in "ABCD")
SHOWN = {
    InstanceState.STOPPED: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES}),
    InstanceState.TERMINATED: frozenset[Shown](),
}
BY_USER = "User initiated (2026-01-01 00:00:00 GMT)"


def described(i: Instance, zone: str, state: InstanceState) -> InstanceSeen:
    """Return a description as EC2 gives it: what is stopped or terminated was so by a user."""
    if state in (InstanceState.PENDING, InstanceState.RUNNING):
        reason = Cause.LAUNCH.value if state is InstanceState.PENDING else ""
        return InstanceSeen(i, seen(state), zone, "ebs", reason, "", frozenset({Shown.PRIVATE_IP}), ())
    return InstanceSeen(i, seen(state), zone, "ebs", Cause.USER_SHUTDOWN.value, BY_USER, SHOWN[state], ())


@dataclass(slots=True)
class Court:
    """Both judges, told the same by hand; they must agree at every reply."""

    zones: dict[Instance, str] = field(default_factory=dict[Instance, str])
    oracle: Oracle = field(default_factory=lambda: Oracle(ENGINE))
    exact: Exact = field(default_factory=lambda: Exact(EC2))
    now: float = 0.0
    step: int = 0

    def hears(self, event: Event) -> tuple[Divergence, ...]:
        """Let both judge an event."""
        self.step += 1
        found = oracle_judges(self.oracle, self.step, event)
        assert exact_judges(self.exact, event) is bool(found)
        return found

    def hears_reply(self, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Let both judge a reply that comes now."""
        return self.hears(Reply(request, observation, self.now))

    def launches(self, *names: Instance, zone: str, protected: bool = False) -> None:
        """Let instances be launched."""
        self.zones.update(dict.fromkeys(names, zone))
        request = LaunchRequest(
            instances=names, zone=Zone(zone), disable_api_termination=protected, volumes=((),) * len(names)
        )
        items = tuple(described(i, zone, InstanceState.PENDING) for i in names)
        assert not self.hears_reply(request, Instances(items))

    def sees_at_rest(self, **states: InstanceState) -> tuple[Divergence, ...]:
        """Let time pass until everything rests, and show instances in these states."""
        self.now += 55.0  # a terminated instance may not have been forgotten yet
        look = BatchRequest(Operation.DESCRIBE, instances=tuple(Instance(name) for name in states))
        items = tuple(described(Instance(name), self.zones[Instance(name)], state) for name, state in states.items())
        return self.hears(Rest((Reply(look, Instances(items), self.now),), self.now))

    def sees_all_running(self) -> None:
        """Show that all launches succeeded."""
        assert not self.sees_at_rest(**dict.fromkeys(self.zones, InstanceState.RUNNING))

    def is_told_that_protection_forbids_to_terminate(self, *named: Instance, about: Instance) -> None:
        """Let a request to terminate these instances be refused for the protection of one of them."""
        message = (
            f"The instance '{about}' may not be terminated. "
            "Modify its 'disableApiTermination' instance attribute and try again."
        )
        refused = Refused("OperationNotPermitted", message, 400)
        assert not self.hears_reply(BatchRequest(Operation.TERMINATE, instances=named), refused)


RUNNING, TERMINATED = InstanceState.RUNNING, InstanceState.TERMINATED


@pytest.fixture
def court() -> Court:
    return Court()


@pytest.fixture
def half_protected(court: Court) -> Court:
    """A is protected, B, C and D (another zone) are free; D's protection was cleared a moment ago."""
    court.launches(A, zone="1", protected=True)
    court.launches(B, C, zone="2")
    court.launches(D, zone="2", protected=True)
    court.sees_all_running()
    clear = AttributeRequest(Operation.MODIFY, instances=(D,), value=False)
    assert not court.hears_reply(clear, Done())
    court.is_told_that_protection_forbids_to_terminate(A, B, C, D, about=A)
    return court


def test_free_instances_of_one_zone_may_all_go_where_its_protection_was_just_cleared(half_protected: Court) -> None:
    assert not half_protected.sees_at_rest(A=RUNNING, B=TERMINATED, C=TERMINATED, D=TERMINATED)


def test_free_instances_of_one_zone_may_all_stay_where_its_protection_was_just_cleared(half_protected: Court) -> None:
    assert not half_protected.sees_at_rest(A=RUNNING, B=RUNNING, C=RUNNING, D=RUNNING)


@pytest.mark.parametrize("d", [RUNNING, TERMINATED])
def test_of_two_free_instances_of_one_zone_neither_goes_without_the_other(
    half_protected: Court, d: InstanceState
) -> None:
    assert half_protected.sees_at_rest(A=RUNNING, B=TERMINATED, C=RUNNING, D=d)


@pytest.fixture
def protected_elsewhere(court: Court) -> Court:
    """A is protected, B and C are free in a zone that holds no protected one."""
    court.launches(A, zone="1", protected=True)
    court.launches(B, C, zone="2")
    court.sees_all_running()
    court.is_told_that_protection_forbids_to_terminate(A, B, C, about=A)
    return court


def test_free_instances_of_another_zone_go(protected_elsewhere: Court) -> None:
    assert not protected_elsewhere.sees_at_rest(A=RUNNING, B=TERMINATED, C=TERMINATED)


def test_free_instances_of_another_zone_do_not_stay(protected_elsewhere: Court) -> None:
    found = protected_elsewhere.sees_at_rest(A=RUNNING, B=RUNNING, C=RUNNING)
    assert {d.clause for d in found} == {"TERM-5"}


def test_no_free_instance_of_another_zone_stays_alone(protected_elsewhere: Court) -> None:
    found = protected_elsewhere.sees_at_rest(A=RUNNING, B=TERMINATED, C=RUNNING)
    assert {d.clause for d in found} == {"TERM-5"}


# Twins.


@pytest.fixture
def twins(court: Court) -> Court:
    """A and B are alike in everything; A is terminated."""
    court.launches(A, B, zone="1")
    court.sees_all_running()
    item = StateChange(A, seen(RUNNING), seen(InstanceState.SHUTTING_DOWN))
    assert not court.hears_reply(BatchRequest(Operation.TERMINATE, instances=(A,)), Changes((item,)))
    return court


def test_of_twins_the_one_that_was_named_goes(twins: Court) -> None:
    assert not twins.sees_at_rest(A=TERMINATED, B=RUNNING)


def test_of_twins_the_other_one_does_not_go_instead(twins: Court) -> None:
    assert twins.sees_at_rest(A=RUNNING, B=TERMINATED)


def test_of_twins_the_other_one_does_not_go_as_well(twins: Court) -> None:
    found = twins.sees_at_rest(A=TERMINATED, B=TERMINATED)
    assert [(d.clause, d.instance) for d in found] == [("FRAME-1", B)]


# What hangs together over several replies.


def test_a_stopped_instance_shows_no_devices_once_its_last_volume_was_detached() -> None:
    root = Volume("A.root")
    script = (
        Ask(LaunchRequest(instances=(A,), volumes=((LaunchVolume(root, root=True),),))),
        Settle(),
        Ask(BatchRequest(Operation.STOP, instances=(A,))),
        Settle(),
        Ask(VolumeRequest(Operation.DETACH, volumes=(root,))),
        Settle(),
        Settle(),
    )
    tape = play(script, Behaviour())
    assert compared(tape, Exact(EC2)) is Verdict.LEGAL


# The exact set itself.


def test_the_exact_set_keeps_one_world_for_each_way_a_refused_request_may_have_gone(protected_elsewhere: Court) -> None:
    states = {
        tuple((i, record.state, record.fate.name) for i, record in moment.instances)
        for moment in protected_elsewhere.exact.moments
    }
    shutting_down = InstanceState.SHUTTING_DOWN
    assert states == {
        ((A, RUNNING, "NONE"), (B, shutting_down, "NONE"), (C, shutting_down, "NONE")),
        ((A, RUNNING, "NONE"), (B, RUNNING, "TERMINATE"), (C, RUNNING, "TERMINATE")),
    }


def test_the_exact_set_lets_a_dry_run_change_nothing(court: Court) -> None:
    court.launches(A, zone="1", protected=True)
    court.launches(B, zone="2")
    court.sees_all_running()
    message = (
        "The instance 'A' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
    )
    dry = BatchRequest(Operation.TERMINATE, dry_run=True, instances=(A, B))
    assert not court.hears_reply(dry, Refused("OperationNotPermitted", message, 400))
    assert not court.sees_at_rest(A=RUNNING, B=RUNNING)
