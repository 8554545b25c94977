"""Tampering with tapes: one reply is made to say something else, likely or not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from transcripts import Event, Reply, Rest, Tape

from ec2_lifecycle.conformance.adapter.observation import (
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
    VolumeSeen,
)
from ec2_lifecycle.model.lifecycle import START, STOP, TERMINATE, Row
from ec2_lifecycle.model.requests import ErrorCode, Operation, Request
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, Cause, InstanceState, VolumeState
from ec2_lifecycle.model.world import Instance
from ec2_lifecycle.strategies.building.dice import Dice

STATES: Final = tuple(InstanceState)


def seen(state: InstanceState) -> StateSeen:
    """Return a state as it is sent."""
    return StateSeen(CODES[state], state.value)


def tampered(dice: Dice, tape: Tape) -> tuple[Tape, int]:
    """Return a tape on which one reply says something else, and its place; what follows is as it was."""
    place = dice.below(len(tape))
    event = tape[place]
    if isinstance(event, Reply):
        changed: Event = false_reply(dice, event, tape[:place])
    else:
        looks = list(event.looks)
        number = dice.below(len(looks))
        looks[number] = false_reply(dice, looks[number], tape[:place])
        changed = replace(event, looks=tuple(looks))
    return (*tape[:place], changed, *tape[place + 1 :]), place


def false_reply(dice: Dice, reply: Reply, earlier: Tape) -> Reply:
    """Return a reply that says something else than this one did, after those of a tape."""
    request, observation = reply.request, reply.observation
    made = request.operation in (Operation.RUN, Operation.CREATE_VOLUME)
    if not made and dice.chance(5):  # what nobody saw being made has no name
        false: Observation = NoAnswer("tampered with")
    elif isinstance(observation, Refused):
        false = _refusal(dice, request) if dice.chance(60) else _success(dice, request, earlier)
    elif isinstance(observation, Done | NoAnswer) or dice.chance(20):
        false = _refusal(dice, request)
    else:
        false = _other(dice, observation)
    return replace(reply, observation=false)


# Another answer.


def _refusal(dice: Dice, request: Request) -> Refused:
    """Return some refusal of the operation's ladder, about some of the ids that were sent."""
    rung = dice.pick(EC2.operations[request.operation].ladder)
    about = [i for i in dict.fromkeys(request.instances) if dice.chance(50)] or list(request.instances[:1])
    wording = dice.pick(rung.wordings) if rung.wordings else "The request is refused."
    message = wording.replace("{id}", next(iter(about), "")).replace("{ids}", ", ".join(about))
    message = message.replace("{volume}", next(iter(request.volume_ids), ""))
    code = "InvalidParameterValue" if rung.code is ErrorCode.ANY else rung.code.value
    return Refused(code, message, 500 if dice.chance(3) else rung.status or 400)


ROWS: Final[Mapping[Operation, Mapping[InstanceState, Row]]] = {
    Operation.TERMINATE: TERMINATE,
    Operation.STOP: STOP,
    Operation.START: START,
}


def _success(dice: Dice, request: Request, earlier: Tape) -> Observation:
    """Return a success that looks likely, going by what was last seen of the instances."""
    last = _last_seen(earlier)
    named = list(dict.fromkeys(request.instances))
    if request.operation in ROWS:
        rows = ROWS[request.operation]
        items: list[StateChange] = []
        for i in named:
            before = InstanceState(last[i].state.name) if i in last and dice.chance(80) else dice.pick(STATES)
            items.append(StateChange(i, seen(before), seen(rows[before].to if before in rows else before)))
        return Changes(tuple(items))
    match request.operation:
        case Operation.DESCRIBE:
            return Instances(tuple(last[i] for i in named if i in last))
        case Operation.RUN:
            return Instances(())
        case Operation.DESCRIBE_ATTRIBUTE:
            return AttributeValue(dice.pick((True, False, "stop", "terminate")))
        case Operation.CREATE_VOLUME | Operation.DESCRIBE_VOLUMES:
            return Volumes(())
        case _:
            return Done()


def _last_seen(earlier: Tape) -> dict[Instance, InstanceSeen]:
    replies = [reply for event in earlier for reply in (event.looks if isinstance(event, Rest) else (event,))]
    return {
        item.instance: item
        for reply in replies
        if isinstance(reply.observation, Instances)
        for item in reply.observation.items
    }


# The same answer, with something else in it.


def _other(dice: Dice, observation: Observation) -> Observation:
    match observation:
        case Changes(items) if items:
            return _other_changes(dice, items)
        case Instances(items) if items:
            return _other_instances(dice, items)
        case Volumes(items) if items:
            return _other_volumes(dice, items)
        case AttributeValue(bool() as flag):
            return AttributeValue(not flag)
        case AttributeValue(value):
            return AttributeValue("terminate" if value == "stop" else "stop")
        case _:
            return observation


def _other_changes(dice: Dice, items: tuple[StateChange, ...]) -> Changes:
    n = dice.below(len(items))
    before, item, after = items[:n], items[n], items[n + 1 :]
    what = dice.weigh(((1, "missing"), (1, "twice"), (4, "current"), (4, "previous")))
    if what == "missing":
        return Changes((*before, *after))
    if what == "twice":
        return Changes((*items, item))
    if what == "current":
        return Changes((*before, replace(item, current=seen(dice.pick(STATES))), *after))
    return Changes((*before, replace(item, previous=seen(dice.pick(STATES))), *after))


def _other_volumes(dice: Dice, items: tuple[VolumeSeen, ...]) -> Volumes:
    item, *others = items
    if item.delete_on_termination is not None and dice.chance(40):
        item = replace(item, delete_on_termination=not item.delete_on_termination)
    else:
        item = replace(item, state=dice.pick(tuple(VolumeState)).value)
    return Volumes((item, *others))


def _other_instances(dice: Dice, items: tuple[InstanceSeen, ...]) -> Instances:
    n = dice.below(len(items))
    if dice.chance(10):
        return Instances((*items[:n], *items[n + 1 :]))
    return Instances((*items[:n], _other_instance(dice, items[n]), *items[n + 1 :]))


SHOWN: Final = {
    InstanceState.PENDING: frozenset({Shown.PRIVATE_IP, Shown.STATE_REASON}),
    InstanceState.RUNNING: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES}),
    InstanceState.STOPPING: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.STOPPED: frozenset({Shown.PRIVATE_IP, Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.SHUTTING_DOWN: frozenset({Shown.BLOCK_DEVICES, Shown.STATE_REASON}),
    InstanceState.TERMINATED: frozenset({Shown.STATE_REASON}),
}
"""Fields that an instance may show in a state without breaking a promise about its shape."""

BY_USER_OR_EC2: Final = (Cause.USER_SHUTDOWN.value, "Server.InternalError")
REASONS: Final = {
    InstanceState.PENDING: (Cause.LAUNCH.value,),
    InstanceState.RUNNING: ("",),
    InstanceState.SHUTTING_DOWN: (Cause.USER_SHUTDOWN.value,),
}
"""Reasons that go with a state; with one that is not here, those above."""


def _other_instance(dice: Dice, item: InstanceSeen) -> InstanceSeen:
    """Return another description of an instance: mostly of another state, and consistent in itself."""
    what = dice.weigh(((1, "zone"), (1, "reason"), (1, "devices"), (1, "flag"), (1, "state alone"), (15, "state")))
    if what == "zone":
        return replace(item, zone="2" if item.zone == "1" else "1")
    if what == "reason":
        return replace(item, reason=dice.pick(("", Cause.LAUNCH.value, *BY_USER_OR_EC2)))
    if what == "devices":
        return replace(item, devices=item.devices[1:])
    if what == "flag" and item.devices:
        device, *others = item.devices
        return replace(item, devices=(replace(device, delete_on_termination=not device.delete_on_termination), *others))
    state = dice.pick(STATES)
    if what == "state alone":
        return replace(item, state=seen(state))
    reason = dice.pick(REASONS.get(state, BY_USER_OR_EC2))
    return replace(
        item,
        state=seen(state),
        reason=reason,
        transition_reason="User initiated (2026-01-01 00:00:00 GMT)" if reason == Cause.USER_SHUTDOWN.value else "",
        shown=SHOWN[state],
        devices=() if state is InstanceState.TERMINATED else item.devices,
    )
