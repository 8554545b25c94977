"""The exact set of worlds: slow, small, and with nothing clever in it, so that the oracle can be held to it.

Every world is kept whole. For each reply every world is tried
with every combination of the alternatives that the rules ask for (request by request, instance by instance),
with every refusal that is permitted then, and after every order of background steps;
what the reply does not fit is dropped. Nothing is factored, joined or remembered.

Time is the oracle's contract, with `sent` and `received` the same moment:
- Untimed steps may come at once, in any order, and need not come at all.
- An id may be unknown to an operation, and a cleared protection enforced, for as long as the settings say;
  an operation that was seen to know an id does not forget it.
  (The steps that end this early show nothing that the choices do not show as well: they are taken when time is up.)
- A terminated instance may be forgotten once it may have been terminated for `forget_after`.
- `read_lag` is 0, and no step is asked for on demand.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import permutations
from typing import Final, TypeVar, cast

from ec2_lifecycle.conformance.adapter.observation import (
    AttributeValue,
    Changes,
    Instances,
    InstanceSeen,
    NoAnswer,
    Observation,
    Refused,
    StateSeen,
    Volumes,
    VolumeSeen,
)
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import NEW_ID, REPEATS, Choice, Choices, NewId, Repeats
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.requests import Attribute, AttributeRequest, ErrorCode, Operation, Request
from ec2_lifecycle.model.rules.describe import SHOWS_VOLUMES, Shown
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import CODES, Cause, InstanceState, Visibility, VolumeState
from ec2_lifecycle.model.step import execute, offenders, permitted_refusals
from ec2_lifecycle.model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World

A = TypeVar("A", bound=Enum)
T = TypeVar("T")

# Every setting of the choices.


@dataclass(slots=True)
class Branch(Choices):
    """The alternatives picked so far; whenever one is picked, the others are put on the list of what is to be tried."""

    picked: dict[tuple[str, Instance | None], Enum]
    untried: list[dict[tuple[str, Instance | None], Enum]]

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative of this branch."""
        key = (choice.id, instance)
        if key not in self.picked:
            first, *others = choice.alternatives
            self.untried += [{**self.picked, key: other} for other in others]
            self.picked[key] = first
        return cast("A", self.picked[key])


def branches(rule: Callable[[Branch], T], given: Mapping[tuple[str, Instance | None], Enum]) -> Iterator[T]:
    """Yield what a rule says, for every combination of the alternatives that it asks for."""
    untried = [dict(given)]
    while untried:
        yield rule(Branch(untried.pop(), untried))


# One possible world, with as much of its past as still counts.


class Clock(Enum):
    """What goes by the clock."""

    NEW = auto()
    TERMINATION_CLEARED = auto()
    STOP_CLEARED = auto()
    TERMINATED = auto()


RUNS: Final[Mapping[Clock, Callable[[InstanceRecord], bool]]] = {
    Clock.NEW: lambda record: record.visibility is Visibility.SETTLING,
    Clock.TERMINATION_CLEARED: lambda record: record.termination_settling,
    Clock.STOP_CLEARED: lambda record: record.stop_settling,
    Clock.TERMINATED: lambda record: record.state is InstanceState.TERMINATED,
}
"""While what is so the clock runs."""

ENDS: Final = {
    StepName.BECOMES_VISIBLE: Clock.NEW,
    StepName.TERMINATION_CLEARS: Clock.TERMINATION_CLEARED,
    StepName.STOP_CLEARS: Clock.STOP_CLEARED,
}
"""The steps that come when time is up, at the latest."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One way things may stand: a world, since when each clock runs, and which operation has heard of which id."""

    instances: tuple[tuple[Instance, InstanceRecord], ...] = ()
    """In the order of their launches, so that equal worlds are equal moments."""
    volumes: tuple[tuple[Volume, VolumeRecord], ...] = ()
    since: tuple[tuple[Clock, Instance, float], ...] = ()
    heard: frozenset[tuple[Operation, Instance]] = frozenset()

    def world(self, strangers: Mapping[Instance, IdForm]) -> World:
        """Return the world alone, as the rules know it."""
        return World(dict(self.instances), dict(self.volumes), strangers)

    def become(self, world: World, now: float, heard: frozenset[tuple[Operation, Instance]] | None = None) -> "Moment":
        """Return how things stand once the world has become this one; new clocks run from now on."""
        started = {(clock, i): start for clock, i, start in self.since}
        return Moment(
            tuple(world.instances.items()),
            tuple(world.volumes.items()),
            tuple(
                (clock, i, started.get((clock, i), now))
                for i, record in world.instances.items()
                for clock, runs in RUNS.items()
                if runs(record)
            ),
            # Once everything knows an id, who heard of it first is of no account.
            frozenset(
                (operation, i)
                for operation, i in (self.heard if heard is None else heard)
                if world.visibility(i) is Visibility.SETTLING
            ),
        )


@dataclass(slots=True)
class Exact:
    """All that may be the case, given every reply so far; no moment left: the replies contradict the specification."""

    spec: Specification
    settings: Settings = field(default_factory=Settings)
    strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    moments: frozenset[Moment] = frozenset({Moment()})
    now: float = 0.0

    def judge(self, request: Request, observation: Observation, now: float) -> None:
        """Keep what a reply fits."""
        before = self._until(now)
        after = {after for moment in before for after in self._answers(moment, request, observation, now)}
        # What was never answered may never have arrived.
        self.moments = frozenset(after | before if isinstance(observation, NoAnswer) else after)
        self.now = now

    def rest(self, now: float) -> None:
        """Keep what is at rest: so much time has passed that whatever EC2 had begun is done."""
        self.moments = frozenset(moment for moment in self._until(now) if self._at_rest(moment))
        self.now = now

    def _at_rest(self, moment: Moment) -> bool:
        world = moment.world(self.strangers)
        return all(self.spec.at_rest(world, i) for i in world.instances) and all(
            self.spec.volume_at_rest(world, v) for v in world.volumes
        )

    # What EC2 does by itself.

    def _until(self, now: float) -> set[Moment]:
        """Return what may have become of every moment, in any order of steps."""
        reached: set[Moment] = set()
        todo = list(self.moments)
        while todo:
            moment = todo.pop()
            if moment not in reached:
                reached.add(moment)
                todo += self._steps(moment)
        return {later for moment in reached for later in self._clocks(moment, now)}

    def _steps(self, moment: Moment) -> Iterator[Moment]:
        """Yield what one untimed step makes of a moment; it comes right after the last request, at the soonest."""
        world = moment.world(self.strangers)
        for i in world.instances:
            for step in self.spec.steps:
                untimed = step.spontaneous and step.name not in ENDS and step.name is not StepName.FORGOTTEN
                if untimed and step.enabled(world, i):
                    yield moment.become(world.with_records({i: step.after(world, i)}), self.now)
        for v in world.volumes:
            for volume_step in self.spec.volume_steps:
                if any(branches(lambda c, s=volume_step, v=v: s.enabled(world, c, v), {})):
                    yield moment.become(world.with_records({}, {v: volume_step.after(world, v)}), self.now)

    def _clocks(self, moment: Moment, now: float) -> Iterator[Moment]:
        """Yield what the time makes of a moment: what must have come has come, what may have come has or has not."""
        limits = {
            Clock.NEW: self.settings.launch_visibility,
            Clock.TERMINATION_CLEARED: self.settings.protection_lag,
            Clock.STOP_CLEARED: self.settings.protection_lag,
        }
        steps = {step.name: step for step in self.spec.steps}
        before = world = moment.world(self.strangers)
        for clock, i, start in moment.since:
            for name, ended in ENDS.items():
                if clock is ended and now - start > limits[clock]:
                    world = world.with_records({i: steps[name].after(world, i)})
        worlds = [world]
        for clock, i, start in moment.since:
            if clock is Clock.TERMINATED and now - start >= self.settings.forget_after:
                step = steps[StepName.FORGOTTEN]
                worlds += [w.with_records({i: step.after(w, i)}) for w in worlds if step.enabled(w, i)]
        for later in worlds:
            yield moment if later is before else moment.become(later, now)

    # What a request does.

    def _answers(self, moment: Moment, request: Request, observation: Observation, now: float) -> Iterator[Moment]:
        """Yield how things may stand after a request that was met so, and got this reply."""
        if not fits_what_it_met(self.spec, moment.world(self.strangers), request, observation):
            return
        new_id = NEW_ID.id
        given: dict[tuple[str, Instance | None], Enum] = {
            (new_id, i): NewId.KNOWN for operation, i in moment.heard if operation is request.operation
        }

        def answer(choices: Branch) -> list[Moment]:
            before = moment.world(self.strangers)
            found: list[Moment] = []
            for refusal in permitted_refusals(self.spec, before, request, choices) or (None,):
                if not fits_answer(refusal, before, request, choices, observation):
                    continue
                # DRY-1: a dry run does nothing, whichever refusal answers it.
                after = before if request.dry_run else execute(self.spec, before, request, choices, refusal).world
                if fits_what_it_made(after, request, choices, observation):
                    heard = {
                        (request.operation, i)
                        for (choice, i), alternative in choices.picked.items()
                        if choice == new_id and alternative is NewId.KNOWN and i is not None
                    }
                    found.append(moment.become(after, now, moment.heard | heard))
            return found

        for found in branches(answer, given):
            yield from found


# Whether a reply fits.


def state_of(seen: StateSeen) -> InstanceState | None:
    """Return the state that name and low byte of the code agree on (STATE-1, STATE-2)."""
    return next((s for s in InstanceState if s.value == seen.name and CODES[s] == seen.code & 0xFF), None)


def fits_answer(
    refusal: Rung | None, world: World, request: Request, choices: Choices, observation: Observation
) -> bool:
    """Tell whether a reply is a success, or an error, of the right kind."""
    if isinstance(observation, NoAnswer):
        return True
    if refusal is None or not isinstance(observation, Refused):
        return (refusal is None) is not isinstance(observation, Refused)
    if refusal.code is not ErrorCode.ANY and observation.code != refusal.code.value:
        return False
    if observation.status not in (range(400, 500) if refusal.status is None else (refusal.status,)):
        return False
    return not refusal.wordings or observation.message in messages(refusal, world, request, choices)


def messages(rung: Rung, world: World, request: Request, choices: Choices) -> Iterator[str]:
    """Yield every message that a refusal may have: about one instance, or about all if there is a wording for it."""
    about = offenders(rung, world, request, choices)
    nameable = about
    if rung.names_kin:
        kin = (other for other in EC2.operations[request.operation].ladder if other.code is rung.code)
        nameable = tuple({i for other in kin for i in offenders(other, world, request, choices)})
    many = len(about) > 1 and any("{ids}" in wording for wording in rung.wordings)
    for wording in rung.wordings:
        if "{ids}" in wording:
            yield from (wording.replace("{ids}", ", ".join(order)) for order in permutations(about) if many)
        elif not ("{id}" in wording and many):
            yield from (
                wording.replace("{id}", i).replace("{volume}", v).replace("{holder}", world.holder(v) if v else "")
                for i in (nameable if "{id}" in wording else ("",))
                for v in (request.volume_ids if "{volume}" in wording else ("",))
            )


def fits_what_it_met(spec: Specification, world: World, request: Request, observation: Observation) -> bool:
    """Tell whether what a reply shows of the world as it was is so."""
    match observation:
        case Changes(items):
            return all(item.instance in world.instances for item in items) and all(
                state_of(item.previous) is world.state(item.instance) for item in items
            )
        case Instances(items) if request.operation is Operation.DESCRIBE:
            # DESC-2: each exactly once.
            return Counter(item.instance for item in items) == Counter(set(request.instances)) and all(
                item.instance in world.instances and fits_description(spec, world, item) for item in items
            )
        case AttributeValue(value) if isinstance(request, AttributeRequest):
            return all(
                fits_attribute(world.record(i), request, value) for i in request.instances if i in world.instances
            )
        case Volumes(items) if request.operation is Operation.DESCRIBE_VOLUMES:
            return Counter(item.volume for item in items) == Counter(set(request.volume_ids)) and all(
                fits_volume(world.volume_record(item.volume), item) for item in items
            )
        case _:
            return True


def fits_what_it_made(world: World, request: Request, choices: Choices, observation: Observation) -> bool:
    """Tell whether what a reply shows of the world as it is now is so."""
    match observation:
        case Changes(items):
            named = Counter(set(request.instances))
            if request.count > request.distinct and choices.of(REPEATS) is Repeats.OCCURRENCE:
                named = Counter(request.instances)
            return Counter(item.instance for item in items) == named and all(
                state_of(item.current) is world.state(item.instance) for item in items
            )
        case Instances(items) if request.operation is Operation.RUN:
            return sorted(item.instance for item in items) == sorted(request.instances) and all(
                state_of(item.state) is world.state(item.instance)
                and item.zone == world.zone(item.instance)
                and fits_reason(world.cause(item.instance), item.reason)
                for item in items
            )
        case _:
            return True


USER: Final = (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE)
USER_INITIATED: Final = re.compile(r"User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)")


def fits_description(spec: Specification, world: World, seen: InstanceSeen) -> bool:
    """Compare all that a description shows and a clause speaks of."""
    record = world.record(seen.instance)
    if state_of(seen.state) is not record.state or seen.zone != record.zone:
        return False
    if not fits_reason(record.cause, seen.reason):
        return False
    if record.cause in USER and not USER_INITIATED.fullmatch(seen.transition_reason):
        return False
    # What had volumes, all of which were detached, has none to show.
    bare = bool(world.volumes) and not any(
        v.holder == seen.instance and not v.detaching for v in world.volumes.values()
    )
    excused = {Shown.BLOCK_DEVICES} if bare else set[Shown]()
    if any(shape.must - seen.shown - excused or shape.must_not & seen.shown for shape in spec.shapes[record.state]):
        return False
    return record.state not in SHOWS_VOLUMES or all(fits_device(v, r, seen) for v, r in world.volumes.items())


def fits_reason(cause: Cause, reason: str) -> bool:
    """Compare a StateReason's code with the cause of a state."""
    if cause is Cause.OPEN:
        return True
    if cause is Cause.SERVICE:
        return reason not in ("", Cause.LAUNCH.value, *(user.value for user in USER))
    return reason == ("" if cause is Cause.NONE else cause.value)


def fits_device(v: Volume, record: VolumeRecord, seen: InstanceSeen) -> bool:
    """Compare one volume with the devices that a description lists."""
    flags = [device.delete_on_termination for device in seen.devices if device.volume == v]
    if record.holder != seen.instance:
        return not flags
    if not flags:
        return record.detaching
    return flags in ([record.delete_on_termination], [None])


def fits_attribute(record: InstanceRecord, request: AttributeRequest, value: bool | str | None) -> bool:  # noqa: FBT001
    """Compare the value of an attribute; a flag that is not shown is not set."""
    match request.attribute:
        case Attribute.DISABLE_API_TERMINATION:
            return (value or False) == record.disable_api_termination
        case Attribute.DISABLE_API_STOP:
            return (value or False) == record.disable_api_stop
        case Attribute.SHUTDOWN_BEHAVIOR:
            return value == record.shutdown_behavior.value
        case Attribute.BLOCK_DEVICE_MAPPINGS:
            return True


def fits_volume(record: VolumeRecord, seen: VolumeSeen) -> bool:
    """Compare a described volume; what is attached tells its instance and its flag, if it tells anything."""
    if seen.state != record.state.value:
        return False
    if record.state is not VolumeState.IN_USE:
        return True
    return seen.holder in (None, record.holder) and seen.delete_on_termination in (None, record.delete_on_termination)
