"""The tools to make a wrong target: the specification with one thing changed, or a wrapper over the model's replies.

The oracle never sees which: it judges with the true specification.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.targets.base import Capability, Target, VirtualClock
from ec2_lifecycle.conformance.targets.behaviour import DELAYS, Behaviour, Bounds, StepKind
from ec2_lifecycle.conformance.targets.model import PATIENCE, ModelClient, model_target
from ec2_lifecycle.conformance.targets.python import factory_target
from ec2_lifecycle.conformance.targets.refusals import client_error
from ec2_lifecycle.model.background import StepName, VolumeStepName
from ec2_lifecycle.model.choices import Choices
from ec2_lifecycle.model.outcomes import Move, Refusal, Rung, VolumeMove
from ec2_lifecycle.model.requests import ErrorCode, Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.states import CODES, InstanceState
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, World

Make: TypeAlias = Callable[[], Target]
Reply: TypeAlias = dict[str, Any]
"""A reply, and a structure in one, as boto3 shows it."""
Call: TypeAlias = Callable[..., Reply]
"""A method of a boto3-shaped client."""


@dataclass(frozen=True, slots=True)
class WrongTarget:
    """A target that breaks one clause; `make` starts a fresh one."""

    clause: str
    what_is_wrong: str
    make: Make

    def __str__(self) -> str:
        return f"{self.clause}: {self.what_is_wrong}"


# The specification with one thing changed. Behind the change it is the plainest EC2 that there is.


def played(
    spec: Specification = EC2,
    picks: Mapping[str, Enum] | None = None,
    delays: Mapping[StepKind, Bounds] | None = None,
) -> Make:
    """Play a specification that settles open points by `picks`, else as preferred, and takes these delays."""
    behaviour = Behaviour(picks=picks or {}, delays={**DELAYS, **(delays or {})})
    return lambda: model_target(spec, behaviour, name="double")


def with_rules(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - the fields of OperationRules
    """Change fields of the rules of one operation."""
    return replace(EC2, operations={**EC2.operations, operation: replace(EC2.operations[operation], **changes)})


def rungs_of(operation: Operation, refusal: Refusal) -> tuple[Rung, ...]:
    """Return the rungs of an operation for one refusal, at least one."""
    found = tuple(rung for rung in EC2.operations[operation].ladder if rung.refusal is refusal)
    assert found, f"{operation.value} is never refused for {refusal.value}"
    return found


def with_rung(operation: Operation, refusal: Refusal, **changes: Any) -> Specification:  # noqa: ANN401 - fields of Rung
    """Change fields of one rung of an operation's ladder."""
    rungs_of(operation, refusal)
    ladder = (replace(r, **changes) if r.refusal is refusal else r for r in EC2.operations[operation].ladder)
    return with_rules(operation, ladder=tuple(ladder))


def with_added_rung(operation: Operation, rung: Rung) -> Specification:
    """Let an operation be refused for a reason that EC2 does not have."""
    return with_rules(operation, ladder=(*EC2.operations[operation].ladder, rung))


Trips: TypeAlias = Callable[[World, Any, Choices, Instance], bool]


def refusing(
    operation: Operation,
    trips: Trips,
    code: ErrorCode = ErrorCode.INCORRECT_INSTANCE_STATE,
    wording: str = "The instance '{id}' is not in a state for this.",
) -> Specification:
    """Let an operation be refused, by a rung after those for bad ids, where EC2 accepts it."""
    bad_id = frozenset({Refusal.UNAUTHORIZED, Refusal.MALFORMED, Refusal.NOT_FOUND})
    return with_added_rung(
        operation, Rung(Refusal.REBOOT_STATE, "-", code, trips=trips, wordings=(wording,), after=bad_id)
    )


def accepting(operation: Operation, *refusals: Refusal, to: InstanceState | None = None) -> Specification:
    """Leave out refusals; the instances that they were about go to a state, or stay as they are."""
    rules = EC2.operations[operation]
    left_out = [rung for rung in rules.ladder if rung.refusal in refusals]
    assert left_out, f"{operation.value} is never refused for {refusals}"

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        if any(r.trips is not None and r.trips(world, request, choices, i) for r in left_out) or rules.instance is None:
            return Move(replace(world.record(i), state=to or world.state(i)), "-", "-")
        return rules.instance(world, request, choices, i)

    ladder = tuple(rung for rung in rules.ladder if rung.refusal not in refusals)
    return with_rules(operation, ladder=ladder, instance=rules.instance and moved)


def blind(
    operation: Operation, *, in_refusals: bool = True, in_moves: bool = True, **seen: bool | str
) -> Specification:
    """Let an operation take an attribute of every instance for another value than it has."""
    rules = EC2.operations[operation]

    def darkened(world: World) -> World:
        return replace(world, instances={i: replace(r, **seen) for i, r in world.instances.items()}, memo={})

    def unseeing(rung: Rung) -> Rung:
        if rung.trips is None:
            return rung
        seeing = rung.trips

        def trips(world: World, request: Any, choices: Choices, i: Instance) -> bool:  # noqa: ANN401 - any request
            return seeing(darkened(world), request, choices, i)

        return replace(rung, trips=trips)

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rules.instance is not None
        move = rules.instance(darkened(world), request, choices, i)
        kept = {name: getattr(world.record(i), name) for name in seen}
        return replace(move, after=replace(move.after, **kept))

    return with_rules(
        operation,
        ladder=tuple(map(unseeing, rules.ladder)) if in_refusals else rules.ladder,
        instance=moved if in_moves else rules.instance,
    )


def with_row(operation: Operation, before: InstanceState, /, **changes: Any) -> Specification:  # noqa: ANN401 - of a record
    """Let an operation that EC2 carries out leave an instance of one state with another record."""
    rules = EC2.operations[operation]

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rules.instance is not None
        move = rules.instance(world, request, choices, i)
        if world.state(i) is not before:
            return move
        return replace(move, after=replace(move.after, **changes))

    return with_rules(operation, instance=moved)


def with_moves(operation: Operation, after: Callable[[World, Any, Move, Instance], InstanceRecord]) -> Specification:
    """Let an operation that EC2 carries out leave its instances with other records."""
    rules = EC2.operations[operation]

    def moved(world: World, request: Any, choices: Choices, i: Instance) -> Move:  # noqa: ANN401 - any request
        assert rules.instance is not None
        move = rules.instance(world, request, choices, i)
        return replace(move, after=after(world, request, move, i))

    return with_rules(operation, instance=moved)


def with_volume_moves(operation: Operation, **changes: Any) -> Specification:  # noqa: ANN401 - fields of VolumeRecord
    """Let an operation leave its volumes with other records."""
    rules = EC2.operations[operation]

    def moved(world: World, request: Any, choices: Choices, v: Volume) -> VolumeMove:  # noqa: ANN401 - any request
        assert rules.volume is not None
        move = rules.volume(world, request, choices, v)
        return replace(move, after=replace(move.after, **changes))

    return with_rules(operation, volume=moved)


def with_step(name: StepName, **changes: Any) -> Specification:  # noqa: ANN401 - fields of BackgroundStep
    """Change fields of one background step of instances."""
    return replace(EC2, steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.steps))


def with_volume_step(name: VolumeStepName, **changes: Any) -> Specification:  # noqa: ANN401 - fields of VolumeStep
    """Change fields of one background step of volumes."""
    return replace(EC2, volume_steps=tuple(replace(s, **changes) if s.name is name else s for s in EC2.volume_steps))


def never(world: World, i: Instance) -> bool:
    """Tell that a background step does not come."""
    del world, i
    return False


def never_of_volume(world: World, choices: Choices, v: Volume) -> bool:
    """Tell that a background step of a volume does not come."""
    del world, choices, v
    return False


# Wrappers over the model's replies.

METHODS: Final[Mapping[Operation, str]] = {
    Operation.RUN: "run_instances",
    Operation.START: "start_instances",
    Operation.STOP: "stop_instances",
    Operation.REBOOT: "reboot_instances",
    Operation.TERMINATE: "terminate_instances",
    Operation.MODIFY: "modify_instance_attribute",
    Operation.DESCRIBE_ATTRIBUTE: "describe_instance_attribute",
    Operation.DESCRIBE: "describe_instances",
    Operation.CREATE_VOLUME: "create_volume",
    Operation.ATTACH: "attach_volume",
    Operation.DETACH: "detach_volume",
    Operation.DESCRIBE_VOLUMES: "describe_volumes",
}


@dataclass(frozen=True, slots=True)
class Ec2:
    """What stands behind a wrapper: the call that was made, and the client it was made to, for calls of one's own."""

    call: Call
    client: ModelClient
    owner: ModelClient
    """The same account, by a caller who may do everything."""


Around: TypeAlias = Callable[[Ec2, Reply], Reply]
"""Answers a call in the place of EC2: its keyword arguments in, the reply out."""


class Wrapper:
    """A boto3-shaped client that answers some operations itself and leaves the others to the model."""

    capabilities: Final = tuple(c.name.lower().replace("_", "-") for c in Capability)
    patience_polls: Final = PATIENCE.polls

    def __init__(
        self, around: Mapping[Operation, Around], client: ModelClient, clock: VirtualClock, owner: ModelClient
    ) -> None:
        self.clock = clock
        self._around = {METHODS[operation]: answer for operation, answer in around.items()}
        self._client = client
        self._owner = owner
        self.push = client.push

    def for_nobody(self) -> "Wrapper":
        """Return a client of the same account whose caller has no permission."""
        around = {operation: self._around[name] for operation, name in METHODS.items() if name in self._around}
        return Wrapper(around, self._client.for_nobody(), self.clock, self._owner)

    def __getattr__(self, name: str) -> Call:
        call: Call = getattr(self._client, name)
        answer = self._around.get(name)
        if answer is None:
            return call

        def answered(**sent: Any) -> Reply:  # noqa: ANN401 - whatever is sent
            return answer(Ec2(call, self._client, self._owner), sent)

        return answered


def wrapped(around: Callable[[], Mapping[Operation, Around]], behaviour: Behaviour | None = None) -> Make:
    """Put a wrapper over the model; `around` is asked anew for each target, so that it may remember what it saw."""

    def client() -> Wrapper:
        clock = VirtualClock()
        model = ModelClient(EC2, behaviour or Behaviour(), clock)
        return Wrapper(around(), model, clock, model)

    return lambda: factory_target("double", client)


def changed(operation: Operation, change: Callable[[Reply], object]) -> Make:
    """Change every successful reply of one operation, in place."""

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        reply = deepcopy(ec2.call(**sent))
        change(reply)
        return reply

    return wrapped(lambda: {operation: answer})


def error(code: str, message: str) -> ClientError:
    """Return an error reply, as a boto3 client raises it."""
    return client_error("Double", code, message)


def code_of(refused: ClientError) -> str:
    """Return the error code of a refusal."""
    return str(refused.response.get("Error", {}).get("Code"))


def message_of(refused: ClientError) -> str:
    """Return the message of a refusal."""
    return str(refused.response.get("Error", {}).get("Message"))


def instances_of(reply: Reply) -> list[Reply]:
    """Return the instances that a description shows."""
    return [instance for reservation in reply["Reservations"] for instance in reservation["Instances"]]


def described(change: Callable[[Reply], object], *states: InstanceState) -> Make:
    """Change the description of every instance, or of those in some states."""
    names = [state.value for state in states]

    def change_all(reply: Reply) -> None:
        for instance in instances_of(reply):
            if not names or instance["State"]["Name"] in names:
                change(instance)

    return changed(Operation.DESCRIBE, change_all)


def in_state(*states: InstanceState) -> Trips:
    """Return a condition for a rung: the instance is in one of these states."""

    def trips(world: World, request: object, choices: Choices, i: Instance) -> bool:
        del request, choices
        return i in world.instances and world.state(i) in states

    return trips


def one_by_one(ec2: Ec2, sent: Reply) -> Reply:
    """Do with one id after the other what is asked, until one of them is refused."""
    replies = [ec2.call(**{**sent, "InstanceIds": [i]}) for i in sent["InstanceIds"]] or [ec2.call(**sent)]
    together = replies[0]
    for key, value in together.items():
        if isinstance(value, list):
            together[key] = [item for reply in replies for item in reply[key]]
    return together


def despite_refusal(*codes: str) -> Around:
    """Refuse a request as EC2 does, by one of these codes, and carry it out on every id that permits it."""

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        try:
            return ec2.call(**sent)
        except ClientError as refused:
            if code_of(refused) in codes:
                for i in sent["InstanceIds"]:
                    with suppress(ClientError):
                        ec2.call(**{**sent, "InstanceIds": [i]})
            raise

    return answer


_LISTS: Final = {
    Operation.TERMINATE: "TerminatingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.START: "StartingInstances",
}


def _is_free(ec2: Ec2, i: str) -> bool:
    """Tell whether an instance runs without any protection."""
    try:
        ((instance,),) = (r["Instances"] for r in ec2.owner.describe_instances(InstanceIds=[i])["Reservations"])
    except ClientError:
        return False
    flags = ("disableApiTermination", "disableApiStop")
    return instance["State"]["Name"] == "running" and not any(
        ec2.owner.describe_instance_attribute(InstanceId=i, Attribute=flag)[f"D{flag[1:]}"]["Value"] for flag in flags
    )


def forgetting_the_last(operation: Operation, current: InstanceState) -> Make:
    """Answer for the last id of a request, if it is running and not protected, and do nothing about it."""
    key = _LISTS[operation]

    def answer(ec2: Ec2, sent: Reply) -> Reply:
        *_, last = sent["InstanceIds"] or [""]
        if sent.get("DryRun") or ec2.client is not ec2.owner or not _is_free(ec2, last):
            return ec2.call(**sent)
        others = [i for i in sent["InstanceIds"] if i != last]
        reply: Reply = ec2.call(**{**sent, "InstanceIds": others}) if others else {key: []}
        item = {
            "InstanceId": last,
            "PreviousState": {"Code": 16, "Name": "running"},
            "CurrentState": {"Code": CODES[current], "Name": current.value},
        }
        return {**reply, key: [*reply[key], item]}

    return wrapped(lambda: {operation: answer})
