"""Wrong targets for what TerminateInstances promises."""

from dataclasses import replace
from typing import Final

from botocore.exceptions import ClientError
from wrong_doubles import WrongTarget
from wrong_replies import (
    Ec2,
    Reply,
    changed,
    code_of,
    despite_refusal,
    forgetting_the_last,
    message_of,
    one_by_one,
    wrapped,
)
from wrong_rules import accepting, blind, in_state, never, played, refusing, with_moves, with_row, with_step

from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.choices import FREE_ZONES, Effect
from ec2_lifecycle.model.outcomes import Move, Refusal
from ec2_lifecycle.model.requests import BatchRequest, ErrorCode, Operation
from ec2_lifecycle.model.states import Cause, InstanceState
from ec2_lifecycle.model.world import Instance, InstanceRecord, World

TERMINATE: Final = Operation.TERMINATE


def _only_the_protected_stays(world: World, request: BatchRequest, move: Move, i: Instance) -> InstanceRecord:
    del request
    record = world.record(i)
    if record.disable_api_termination or record.disable_api_stop or move.after.state is not InstanceState.RUNNING:
        return move.after
    return replace(record, state=InstanceState.SHUTTING_DOWN, cause=Cause.USER_SHUTDOWN)


def _nothing_moves_beside_a_protected_one(
    world: World, request: BatchRequest, move: Move, i: Instance
) -> InstanceRecord:
    return world.record(i) if any(world.record(j).disable_api_termination for j in request.instances) else move.after


def _without_the_protected(ec2: Ec2, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) != "OperationNotPermitted" or sent.get("DryRun"):
            raise
        free = [i for i in sent["InstanceIds"] if f"'{i}'" not in message_of(refused)]
        return _without_the_protected(ec2, {**sent, "InstanceIds": free}) if free else {"TerminatingInstances": []}


def _lifting_protection(ec2: Ec2, sent: Reply) -> Reply:
    for i in sent["InstanceIds"]:
        for attribute in ("DisableApiTermination", "DisableApiStop"):
            change: Reply = {attribute: {"Value": False}}
            ec2.owner.modify_instance_attribute(InstanceId=i, **change)
    return ec2.call(**sent)


def _forced_past_protection(ec2: Ec2, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "OperationNotPermitted" and sent.get("Force"):
            return _lifting_protection(ec2, sent)
        raise


def _protected_all_the_same(ec2: Ec2, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "OperationNotPermitted":
            _lifting_protection(ec2, sent)
        raise


def _one_item_less(reply: Reply) -> None:
    del reply["TerminatingInstances"][-1:]


def _one_item_twice(reply: Reply) -> None:
    reply["TerminatingInstances"] += reply["TerminatingInstances"][:1]


def _one_item_more(reply: Reply) -> None:
    reply["TerminatingInstances"] += [{**reply["TerminatingInstances"][0], "InstanceId": "i-0123456789abcdef0"}]


def _always_previously_running(reply: Reply) -> None:
    for item in reply["TerminatingInstances"]:
        item["PreviousState"] = {"Code": 16, "Name": "running"}


def _previous_as_current(reply: Reply) -> None:
    for item in reply["TerminatingInstances"]:
        item["PreviousState"] = item["CurrentState"]


def _refused_again(state: InstanceState, code: ErrorCode, wording: str) -> WrongTarget:
    return WrongTarget(
        "TERM-2",
        f"{state.value} instances are refused with {code.value}",
        played(refusing(TERMINATE, in_state(state), code, wording)),
    )


def _row(clause: str, before: InstanceState, after: InstanceState) -> WrongTarget:
    return WrongTarget(
        clause, f"{before.value} goes to {after.value}", played(with_row(TERMINATE, before, state=after))
    )


def _refused(clause: str, state: InstanceState) -> WrongTarget:
    return WrongTarget(clause, f"{state.value} instances are refused", played(refusing(TERMINATE, in_state(state))))


WRONG_TERMINATE: Final = (
    WrongTarget(
        "TERM-1",
        "the last one named is said to shut down, and runs on",
        forgetting_the_last(TERMINATE, InstanceState.SHUTTING_DOWN),
    ),
    _refused_again(
        InstanceState.TERMINATED, ErrorCode.INCORRECT_INSTANCE_STATE, "The instance '{id}' is not in a state for this."
    ),
    _refused_again(
        InstanceState.SHUTTING_DOWN, ErrorCode.INCORRECT_INSTANCE_STATE, "The instance '{id}' is being terminated."
    ),
    _refused_again(InstanceState.TERMINATED, ErrorCode.NOT_FOUND, "The instance ID '{id}' does not exist"),
    WrongTarget(
        "TERM-3",
        "a bad id is reported, and the good ones are terminated",
        wrapped(lambda: {TERMINATE: despite_refusal("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")}),
    ),
    WrongTarget("TERM-3", "a bad id is reported where it stands in the list", wrapped(lambda: {TERMINATE: one_by_one})),
    WrongTarget(
        "TERM-4", "only the protected instance itself stays", played(with_moves(TERMINATE, _only_the_protected_stays))
    ),
    WrongTarget(
        "TERM-4", "what stands before the protected one in the list goes", wrapped(lambda: {TERMINATE: one_by_one})
    ),
    WrongTarget(
        "TERM-5",
        "one protected instance keeps all from going",
        played(with_moves(TERMINATE, _nothing_moves_beside_a_protected_one)),
    ),
    WrongTarget("TERM-5", "all is one zone", played(blind(TERMINATE, zone="us-east-1a"))),
    WrongTarget(
        "TERM-5", "what stands behind the protected one in the list stays", wrapped(lambda: {TERMINATE: one_by_one})
    ),
    WrongTarget(
        "TERM-5",
        "what should go some time after the answer never goes",
        played(with_step(StepName.FATE_TERMINATES, enabled=never), {FREE_ZONES.id: Effect.AFTER_ANSWER}),
    ),
    WrongTarget(
        "TERM-6", "protected ones are left out without a word", wrapped(lambda: {TERMINATE: _without_the_protected})
    ),
    WrongTarget(
        "TERM-6", "termination protection is disregarded", played(blind(TERMINATE, disable_api_termination=False))
    ),
    WrongTarget(
        "TERM-7", "terminated instances are forgotten after ten seconds", played(delays={StepName.FORGOTTEN: (10, 10)})
    ),
    WrongTarget("TERM-8", "no ids are accepted", played(accepting(TERMINATE, Refusal.EMPTY))),
    WrongTarget("TERM-9", "any number of ids is accepted", played(accepting(TERMINATE, Refusal.TOO_MANY))),
    WrongTarget("TERM-10", "an item is missing", changed(TERMINATE, _one_item_less)),
    WrongTarget("TERM-10", "an item comes twice", changed(TERMINATE, _one_item_twice)),
    WrongTarget("TERM-10", "an item for an instance that was not named", changed(TERMINATE, _one_item_more)),
    WrongTarget("TERM-10", "the previous state is always running", changed(TERMINATE, _always_previously_running)),
    WrongTarget("TERM-10", "the current state stands as the previous one", changed(TERMINATE, _previous_as_current)),
    WrongTarget("TERM-11", "stop protection does not block it", played(blind(TERMINATE, disable_api_stop=False))),
    _row("TERM-12", InstanceState.STOPPED, InstanceState.SHUTTING_DOWN),
    _row("TERM-13", InstanceState.RUNNING, InstanceState.TERMINATED),
    _row("TERM-13", InstanceState.RUNNING, InstanceState.RUNNING),
    _row("TERM-14", InstanceState.STOPPING, InstanceState.TERMINATED),
    _row("TERM-14", InstanceState.STOPPING, InstanceState.STOPPING),
    _refused("TERM-14", InstanceState.STOPPING),
    _row("TERM-15", InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
    _row("TERM-16", InstanceState.TERMINATED, InstanceState.SHUTTING_DOWN),
    _row("TERM-17", InstanceState.PENDING, InstanceState.PENDING),
    _row("TERM-17", InstanceState.PENDING, InstanceState.STOPPED),
    _refused("TERM-17", InstanceState.PENDING),
    WrongTarget("TERM-18", "shutting-down never ends", played(with_step(StepName.SHUTDOWN_COMPLETES, enabled=never))),
    WrongTarget("PROT-1", "Force overrides it", wrapped(lambda: {TERMINATE: _forced_past_protection})),
    WrongTarget(
        "PROT-1", "it is refused, and done all the same", wrapped(lambda: {TERMINATE: _protected_all_the_same})
    ),
    WrongTarget(
        "PROT-1",
        "it is refused, and nothing is shielded",
        played(blind(TERMINATE, in_refusals=False, disable_api_termination=False)),
    ),
)
