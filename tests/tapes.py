"""Tapes: short runs of the model, written down reply by reply, so that two judges can be given the very same replies.

A tape is drawn by Hypothesis, played on the model as it stands or on a wrong one, and may be falsified afterwards.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, TypeVar, cast

from hypothesis import strategies as st

from ec2_lifecycle.conformance.names import Names
from ec2_lifecycle.conformance.observation import (
    AttributeValue,
    Changes,
    Done,
    Instances,
    InstanceSeen,
    NoAnswer,
    Observation,
    Refused,
    StateChange,
    StateSeen,
    Volumes,
)
from ec2_lifecycle.conformance.targets.behaviour import DELAYS, Behaviour, Manner
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.lifecycle import REBOOT, START, STOP, TERMINATE, Row
from ec2_lifecycle.model.outcomes import Move
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    Caller,
    ErrorCode,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import CODES, Cause, InstanceState, RootDevice, ShutdownBehavior, VolumeState
from ec2_lifecycle.model.world import Fate, IdForm, Instance, Volume, World, Zone

T = TypeVar("T")
Rule = Callable[[World, Request, Choices, Instance], Move]
Draw = Callable[[st.SearchStrategy[T]], T]

UNKNOWN: Final = Instance("unknown-short-1")
UNCERTAIN: Final = Instance("unknown-1")
MALFORMED: Final = Instance("foo")
STRANGERS: Final = {UNKNOWN: IdForm.UNKNOWN, UNCERTAIN: IdForm.UNCERTAIN, MALFORMED: IdForm.MALFORMED}
"""The ids that were never given out, by their names on a tape."""

LOST = 6
FORGETTING = (60.0, 300.0)
REST: Final = 150.0
"""Seconds after which nothing is on its way any more: no chain of steps of the model takes longer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A request and what came back, at some second of the target's clock."""

    request: Request
    observation: Observation
    at: float


@dataclass(frozen=True, slots=True)
class Rest:
    """A look at everything, after so long that all of it must be at rest."""

    looks: tuple[Reply, ...]
    at: float


Event = Reply | Rest
Tape = tuple[Event, ...]


# What is to be played.


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, after a wait; `lost`: its answer gets lost, or (`sent` False) the request itself."""

    request: Request
    wait: float = 0.0
    lost: bool = False
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until everything is at rest, and look at it."""


Script = tuple[Ask | Settle, ...]


def often(percent: int) -> st.SearchStrategy[bool]:
    """Return a decision that is true in so many of a hundred cases."""
    return st.integers(0, 99).map(lambda n: n >= 100 - percent)


def weighted(*options: tuple[int, T]) -> st.SearchStrategy[T]:
    """Return one of the options, as often as its weight says."""
    return st.sampled_from([option for weight, option in options for _ in range(weight)])


WAITS: Final = weighted((6, 0.0), (2, 4.0), (1, 15.0), (1, 31.0), (1, 61.0), (1, 70.0))
STATES: Final = st.sampled_from(list(InstanceState))


@st.composite
def launches(draw: Draw, most: int, volumes: bool = False) -> list[LaunchRequest]:  # noqa: FBT001, FBT002
    """Return one to three launches of at most so many instances in two zones."""
    names = iter("ABCD"[:most])
    made: list[LaunchRequest] = []
    for _ in range(draw(st.integers(1, 3))):
        wanted = draw(st.integers(1, 2))
        instances = tuple(Instance(name) for name in islice(names, wanted))
        if not instances:
            break
        store = not volumes and draw(often(10))
        made.append(
            LaunchRequest(
                instances=instances,
                zone=draw(st.sampled_from([Zone("1"), Zone("2")])),
                root_device=RootDevice.INSTANCE_STORE if store else RootDevice.EBS,
                disable_api_termination=draw(often(30)),
                disable_api_stop=not store and draw(often(20)),
                shutdown_behavior=ShutdownBehavior.TERMINATE if draw(often(10)) else ShutdownBehavior.STOP,
                volumes=_launched_volumes(draw, instances) if volumes else ((),) * len(instances),
            )
        )
    return made


def _launched_volumes(draw: Draw, instances: Sequence[Instance]) -> tuple[tuple[LaunchVolume, ...], ...]:
    """Return the root of each instance, and perhaps one volume more: all instances of a launch have the same devices."""
    more = draw(st.booleans())
    flag = draw(st.sampled_from([None, True, False]))
    return tuple(
        (
            LaunchVolume(Volume(f"{i}.root"), root=True),
            *([LaunchVolume(Volume(f"{i}-data"), "/dev/sdf", flag)] if more else []),
        )
        for i in instances
    )


@st.composite
def batches(draw: Draw, instances: Sequence[Instance], mostly: Operation | None = None) -> BatchRequest:
    """Return a request about some of the instances, and sometimes about ids that lead nowhere."""
    operation = mostly if mostly is not None and draw(often(60)) else draw(
        weighted(
            (6, Operation.TERMINATE), (3, Operation.STOP), (2, Operation.START), (1, Operation.REBOOT), (3, Operation.DESCRIBE)
        )
    )
    named = [i for i in instances if draw(often(75))]
    if draw(often(8)):
        named.append(draw(st.sampled_from(list(STRANGERS))))
    if named and draw(often(8)):
        named.append(draw(st.sampled_from(named)))
    if not named and not draw(often(10)):
        named = list(instances)
    if operation is Operation.DESCRIBE and not named:
        named = list(instances)  # without ids it asks for all that anybody has
    return BatchRequest(
        operation,
        **_call(draw),
        instances=tuple(draw(st.permutations(named))),
        force=operation is Operation.STOP and draw(often(20)),
        hibernate=operation is Operation.STOP and draw(often(20)),
    )


def _call(draw: Draw) -> dict[str, object]:
    return {"caller": Caller.NOBODY if draw(often(4)) else Caller.OWNER, "dry_run": draw(often(8))}


@st.composite
def attributes(draw: Draw, instances: Sequence[Instance]) -> AttributeRequest:
    """Return a question about an attribute of an instance, or a change of it."""
    operation = Operation.MODIFY if draw(often(75)) else Operation.DESCRIBE_ATTRIBUTE
    i = draw(st.sampled_from(list(STRANGERS))) if draw(often(4)) else draw(st.sampled_from(instances))
    return AttributeRequest(
        operation,
        **_call(draw),
        instances=(i,),
        attribute=draw(
            weighted(
                (4, Attribute.DISABLE_API_TERMINATION), (3, Attribute.DISABLE_API_STOP), (1, Attribute.SHUTDOWN_BEHAVIOR)
            )
        ),
        value=draw(often(40)),
        shutdown_behavior=draw(st.sampled_from(ShutdownBehavior)),
    )


@st.composite
def scripts(draw: Draw, mostly: Operation | None = None) -> Script:
    """Return one to three launches, one to four requests more, mostly of one operation, and a look in the end."""
    launched = draw(launches(4))
    instances = [i for launch in launched for i in launch.instances]
    script: list[Ask | Settle] = [Ask(launch) for launch in launched]
    if len(instances) > 2 or draw(often(80)):
        script.append(Settle())
    for _ in range(draw(st.integers(1, 4))):
        request = draw(attributes(instances)) if draw(often(25)) else draw(batches(instances, mostly))
        script.append(_asked(draw, request))
        if draw(often(15)):
            script.append(Settle())
    return (*script, Settle())


@st.composite
def volume_scripts(draw: Draw) -> Script:
    """Return a script about one or two instances and their volumes."""
    launched = draw(launches(2, volumes=True))
    instances = [i for launch in launched for i in launch.instances]
    script: list[Ask | Settle] = [*(Ask(launch) for launch in launched), Settle()]
    volumes = [v for launch in launched for v in launch.volume_ids]
    if draw(often(50)):
        extra = Volume("extra")
        volumes.append(extra)
        script.append(Ask(VolumeRequest(Operation.CREATE_VOLUME, volumes=(extra,), zone=draw(st.sampled_from([Zone("1"), Zone("2")])))))
        script.append(_asked(draw, VolumeRequest(Operation.ATTACH, volumes=(extra,), instances=(draw(st.sampled_from(instances)),), device="/dev/sdx")))
    for _ in range(draw(st.integers(1, 4))):
        script.append(_asked(draw, _about_volumes(draw, instances, volumes)))
    return (*script, Settle())


def _about_volumes(draw: Draw, instances: Sequence[Instance], volumes: Sequence[Volume]) -> Request:
    v = draw(st.sampled_from(volumes))
    kind = draw(st.integers(0, 9))
    if kind < 5:
        return draw(batches(instances))
    if kind == 5:
        return VolumeRequest(Operation.DETACH, **_call(draw), volumes=(v,))
    if kind == 6:
        return VolumeRequest(Operation.DESCRIBE_VOLUMES, **_call(draw), volumes=(v,))
    if kind == 7:
        i = draw(st.sampled_from(instances))
        return VolumeRequest(Operation.ATTACH, **_call(draw), volumes=(v,), instances=(i,), device="/dev/sdy")
    return AttributeRequest(
        Operation.MODIFY,
        **_call(draw),
        instances=(draw(st.sampled_from(instances)),),
        attribute=Attribute.BLOCK_DEVICE_MAPPINGS,
        value=draw(st.booleans()),
        volume=v,
    )


def _asked(draw: Draw, request: Request) -> Ask:
    lost = draw(often(LOST))
    return Ask(request, draw(WAITS), lost, not lost or draw(st.booleans()))


@st.composite
def behaviours(draw: Draw) -> Behaviour:
    """Return a legal manner of the model: any alternative, any duration, instances forgotten as soon as may be."""
    return Behaviour(
        seed=draw(st.integers(0, 2**16)),
        manner=Manner.RANDOM,
        delays={**DELAYS, StepName.FORGOTTEN: FORGETTING},
        failures=0.25,
        permute=True,
        high_byte=True,
    )


# How it is played.


def play(script: Script, behaviour: Behaviour, spec: Specification = EC2) -> Tape:
    """Play a script on the model and write down what it answers."""
    return tuple(_Player(spec, behaviour).played(script))


@dataclass(slots=True)
class _Player:
    spec: Specification
    behaviour: Behaviour
    instances: list[Instance] = field(default_factory=list[Instance])
    volumes: list[Volume] = field(default_factory=list[Volume])

    def played(self, script: Script) -> Iterator[Event]:
        target = model_target(self.spec, self.behaviour)
        names = Names(zones={str(n): zone for n, zone in enumerate(target.zones, start=1)})
        names.bind(UNKNOWN, "i-0badc0de")
        names.bind(UNCERTAIN, "i-00000000000badc0d")

        def reply(request: Request) -> Reply:
            return Reply(request, target.perform(request, names), target.clock.now())

        for step in script:
            if isinstance(step, Settle):
                target.clock.sleep(REST)
                looks = [reply(BatchRequest(Operation.DESCRIBE, instances=tuple(self.instances)))]
                if isinstance(looks[0].observation, Refused):  # one of them is forgotten
                    looks += [reply(BatchRequest(Operation.DESCRIBE, instances=(i,))) for i in self.instances]
                looks += [
                    reply(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(v,)))
                    for v in self.volumes
                    if names.knows(v)
                ]
                yield Rest(tuple(looks), target.clock.now())
                continue
            target.clock.sleep(step.wait)
            request = step.request
            if any(not names.knows(v) for v in request.volume_ids) and not isinstance(request, LaunchRequest):
                if request.operation is not Operation.CREATE_VOLUME:
                    continue  # the launch of its instance failed before anybody saw it
            done = reply(request) if step.sent else Reply(request, NoAnswer("not sent"), target.clock.now())
            if step.lost:
                yield replace(done, observation=NoAnswer("lost"))
            else:
                yield done
            if isinstance(done.observation, Instances | Volumes) and isinstance(request, LaunchRequest):
                self.instances += request.instances
                self.volumes += request.volume_ids
            elif isinstance(done.observation, Volumes) and request.operation is Operation.CREATE_VOLUME:
                self.volumes += request.volume_ids


# Worlds that are not EC2's: each makes mistakes that hang together, and that later replies may show first.


def _changed(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of OperationRules
    return replace(EC2, operations={**EC2.operations, operation: replace(EC2.operations[operation], **changes)})


def _odd(i: Instance) -> bool:
    """Tell half of the instances from the other half, whatever their ids are."""
    return int(i[-1], 16) % 2 == 1


def _skips(operation: Operation) -> Specification:
    """Return an EC2 that leaves out half of the instances."""
    rule = cast("Rule", EC2.operations[operation].instance)

    def half(world: World, request: Request, choices: Choices, i: Instance) -> Move:
        return Move(world.record(i), row="", because="") if _odd(i) else rule(world, request, choices, i)

    return _changed(operation, instance=half)


def _by_itself(operation: Operation) -> Specification:
    """Return an EC2 in which a protection shields nothing but its own instance."""
    rule = cast("Rule", EC2.operations[operation].instance)

    def alone(world: World, request: Request, choices: Choices, i: Instance) -> Move:
        return rule(world, replace(request, instances=(i,)), choices, i)

    return _changed(operation, instance=alone)


def _wholly(operation: Operation) -> Specification:
    """Return an EC2 that does nothing at all when it refuses."""
    ladder = EC2.operations[operation].ladder
    return _changed(operation, ladder=tuple(replace(rung, by_zone=False) for rung in ladder))


def _with_step(name: StepName, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of BackgroundStep
    return replace(EC2, steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.steps))


def _never(_world: World, _i: Instance) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, the operation that shows it, and the specification that says so."""

    what: str
    shown_by: Operation
    spec: Specification


WRONG: Final = (
    Wrong("terminates half of the instances", Operation.TERMINATE, _skips(Operation.TERMINATE)),
    Wrong("stops half of the instances", Operation.STOP, _skips(Operation.STOP)),
    Wrong("starts half of the instances", Operation.START, _skips(Operation.START)),
    Wrong("a protection shields nothing but its instance", Operation.TERMINATE, _by_itself(Operation.TERMINATE)),
    Wrong("a stop protection shields nothing but its instance", Operation.STOP, _by_itself(Operation.STOP)),
    Wrong("refuses a termination wholly", Operation.TERMINATE, _wholly(Operation.TERMINATE)),
    Wrong(
        "forgets what it was to terminate after the answer",
        Operation.TERMINATE,
        _with_step(StepName.FATE_TERMINATES, after=lambda world, i: replace(world.record(i), fate=Fate.NONE)),
    ),
    Wrong(
        "terminates what it was to stop",
        Operation.STOP,
        _with_step(
            StepName.STOP_COMPLETES, after=lambda world, i: replace(world.record(i), state=InstanceState.TERMINATED)
        ),
    ),
    Wrong("never ends what it shuts down", Operation.TERMINATE, _with_step(StepName.SHUTDOWN_COMPLETES, enabled=_never)),
)
"""Every mistake may be hidden by the choices and durations that are drawn; then it is no mistake."""


# How it is falsified.


def falsified(draw: Draw, tape: Tape, place: int) -> Tape:
    """Return a tape in which one reply, of the event at that place, was tampered with; what follows is as it was."""
    event = tape[place]
    if isinstance(event, Reply):
        changed: Event = _falsified(draw, event, tape[:place])
    else:
        number = draw(st.integers(0, len(event.looks) - 1))
        looks = list(event.looks)
        looks[number] = _falsified(draw, looks[number], tape[:place])
        changed = replace(event, looks=tuple(looks))
    return (*tape[:place], changed, *tape[place + 1 :])


def _falsified(draw: Draw, reply: Reply, earlier: Tape) -> Reply:
    observation = reply.observation
    made = reply.request.operation in (Operation.RUN, Operation.CREATE_VOLUME)
    if not made and draw(often(5)):  # what nobody saw being made has no name
        false: Observation = NoAnswer("tampered with")
    elif isinstance(observation, Refused):
        false = draw(refusals(reply.request)) if draw(often(60)) else _success(draw, reply.request, earlier)
    elif isinstance(observation, Done | NoAnswer) or draw(often(20)):
        false = draw(refusals(reply.request))
    else:
        false = _other(draw, observation)
    return replace(reply, observation=false)


@st.composite
def refusals(draw: Draw, request: Request) -> Refused:
    """Return some refusal of the operation's ladder, about some of the ids that were sent."""
    rung = draw(st.sampled_from(EC2.operations[request.operation].ladder))
    about = [i for i in dict.fromkeys(request.instances) if draw(st.booleans())] or list(request.instances[:1])
    wording = draw(st.sampled_from(rung.wordings)) if rung.wordings else "The request is refused."
    message = wording.replace("{id}", about[0] if about else "").replace("{ids}", ", ".join(about))
    message = message.replace("{volume}", next(iter(request.volume_ids), ""))
    code = "InvalidParameterValue" if rung.code is ErrorCode.ANY else rung.code.value
    return Refused(code, message, 500 if draw(often(3)) else rung.status or 400)


ROWS: Final = {Operation.TERMINATE: TERMINATE, Operation.STOP: STOP, Operation.START: START, Operation.REBOOT: REBOOT}


def _success(draw: Draw, request: Request, earlier: Tape) -> Observation:
    """Return a success that looks likely, going by what was last seen of the instances."""
    last = _last_seen(earlier)
    named = list(dict.fromkeys(request.instances))
    match request.operation:
        case Operation.TERMINATE | Operation.STOP | Operation.START:
            rows: dict[InstanceState, Row] = ROWS[request.operation]
            items: list[StateChange] = []
            for i in named:
                before = InstanceState(last[i].state.name) if i in last and draw(often(80)) else draw(STATES)
                after = rows[before].to if before in rows else before
                items.append(StateChange(i, seen(before), seen(after)))
            return Changes(tuple(items))
        case Operation.DESCRIBE:
            return Instances(tuple(last[i] for i in named if i in last))
        case Operation.RUN:
            return Instances(())
        case Operation.DESCRIBE_ATTRIBUTE:
            return AttributeValue(draw(st.sampled_from([True, False, "stop", "terminate"])))
        case Operation.CREATE_VOLUME | Operation.DESCRIBE_VOLUMES:
            return Volumes(())
        case _:
            return Done()


def _last_seen(earlier: Tape) -> dict[Instance, InstanceSeen]:
    replies = [r for event in earlier for r in (event.looks if isinstance(event, Rest) else (event,))]
    return {
        item.instance: item
        for reply in replies
        if isinstance(reply.observation, Instances)
        for item in reply.observation.items
    }


def _other(draw: Draw, observation: Observation) -> Observation:
    """Return a success with something else in it."""
    match observation:
        case Changes(items) if items:
            n = draw(st.integers(0, len(items) - 1))
            item = items[n]
            kind = draw(st.integers(0, 9))
            if kind == 0:
                return Changes(items[:n] + items[n + 1 :])
            if kind == 1:
                return Changes((*items, item))
            if kind < 6:
                return Changes((*items[:n], replace(item, current=seen(draw(STATES))), *items[n + 1 :]))
            return Changes((*items[:n], replace(item, previous=seen(draw(STATES))), *items[n + 1 :]))
        case Instances(items) if items:
            n = draw(st.integers(0, len(items) - 1))
            if draw(often(10)):
                return Instances(items[:n] + items[n + 1 :])
            return Instances((*items[:n], _other_instance(draw, items[n]), *items[n + 1 :]))
        case AttributeValue(value):
            return AttributeValue(not value if isinstance(value, bool) else "terminate" if value == "stop" else "stop")
        case Volumes(items) if items:
            item = items[0]
            if draw(often(40)) and item.delete_on_termination is not None:
                return Volumes((replace(item, delete_on_termination=not item.delete_on_termination),))
            return Volumes((replace(item, state=draw(st.sampled_from(VolumeState)).value),))
        case _:
            return observation


def seen(state: InstanceState) -> StateSeen:
    """Return a state as it is sent."""
    return StateSeen(CODES[state], state.value)


SHOWN: Final = {
    InstanceState.PENDING: frozenset({Shown.PRIVATE_IP, Shown.STATE_REASON}),
    InstanceState.RUNNING: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES}),
    InstanceState.STOPPING: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.STOPPED: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.SHUTTING_DOWN: frozenset({Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.TERMINATED: frozenset({Shown.STATE_REASON}),
}
"""Fields that an instance may show in a state without breaking the promises about its shape."""

REASONS: Final = {
    InstanceState.PENDING: [Cause.LAUNCH.value],
    InstanceState.RUNNING: [""],
    InstanceState.SHUTTING_DOWN: [Cause.USER_SHUTDOWN.value],
}
"""Reasons that go with a state; where it is not here, a user or EC2 itself."""
BY_USER_OR_EC2: Final = [Cause.USER_SHUTDOWN.value, "Server.InternalError"]


def _other_instance(draw: Draw, item: InstanceSeen) -> InstanceSeen:
    """Return the description of an instance in another state, mostly one that goes with itself."""
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return replace(item, zone="2" if item.zone == "1" else "1")
    if kind == 1 and item.devices:
        return replace(item, devices=item.devices[1:])
    if kind == 2 and item.devices:
        device, *others = item.devices
        return replace(item, devices=(replace(device, delete_on_termination=not device.delete_on_termination), *others))
    if kind == 3:
        return replace(item, reason=draw(st.sampled_from(["", "pending", *BY_USER_OR_EC2])))
    state = draw(STATES)
    if kind == 4:
        return replace(item, state=seen(state))
    reason = draw(st.sampled_from(REASONS.get(state, BY_USER_OR_EC2)))
    return replace(
        item,
        state=seen(state),
        reason=reason,
        transition_reason="User initiated (2026-01-01 00:00:00 GMT)" if reason == Cause.USER_SHUTDOWN.value else "",
        shown=SHOWN[state],
        devices=() if state is InstanceState.TERMINATED else item.devices,
    )
