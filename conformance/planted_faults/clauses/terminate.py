"""Faults in what TerminateInstances promises."""

from dataclasses import replace
from typing import Final

from botocore.exceptions import ClientError

from ....model.background import StepName
from ....model.choices import FREE_ZONES, Effect
from ....model.outcomes import Move, Refusal
from ....model.requests import BatchRequest, ErrorCode, Operation
from ....model.states import Cause, InstanceState
from ....model.world import Instance, InstanceRecord, World
from ..clauses.instance_changes import refused, wrong_items, wrong_row
from ..fault import Fault
from ..faulty_ec2 import intercepting, obeying, rewriting
from ..replies import (
    Original,
    Reply,
    code_of,
    despite_refusal,
    error,
    forgetting_the_last,
    instances_of,
    message_of,
    one_by_one,
)
from ..rules import accepting, blind, in_state, never, refusing, with_moves, with_step

TERMINATE: Final = Operation.TERMINATE


def _stopped_ones_are_not_shielded(world: World, request: BatchRequest, move: Move, i: Instance) -> InstanceRecord:
    del request
    record = world.record(i)
    if record.disable_api_termination or record.disable_api_stop or move.after.state is not InstanceState.STOPPED:
        return move.after
    return replace(record, state=InstanceState.TERMINATED, cause=Cause.USER_SHUTDOWN)


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


def _without_the_protected(ec2: Original, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) != "OperationNotPermitted" or sent.get("DryRun"):
            raise
        free = [i for i in sent["InstanceIds"] if f"'{i}'" not in message_of(refused)]
        return _without_the_protected(ec2, {**sent, "InstanceIds": free}) if free else {"TerminatingInstances": []}


def _lifting_protection(ec2: Original, sent: Reply) -> Reply:
    for i in sent["InstanceIds"]:
        for attribute in ("DisableApiTermination", "DisableApiStop"):
            change: Reply = {attribute: {"Value": False}}
            ec2.owner.modify_instance_attribute(InstanceId=i, **change)
    return ec2.call(**sent)


def _forced_past_protection(ec2: Original, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "OperationNotPermitted" and sent.get("Force"):
            return _lifting_protection(ec2, sent)
        raise


def _protected_all_the_same(ec2: Original, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "OperationNotPermitted":
            _lifting_protection(ec2, sent)
        raise


def _stopped_ones_are_refused_first(ec2: Original, sent: Reply) -> Reply:
    """Refuse a stopped instance, before anything else but the ids is looked at."""
    ids = list(dict.fromkeys(sent["InstanceIds"]))
    try:
        named = instances_of(ec2.owner.describe_instances(InstanceIds=ids)) if ids else []
    except ClientError:
        return ec2.call(**sent)
    if any(instance["State"]["Name"] == "stopped" for instance in named):
        raise error("IncorrectInstanceState", "A stopped instance cannot be terminated.")
    return ec2.call(**sent)


def _always_previously_running(reply: Reply) -> None:
    for item in reply["TerminatingInstances"]:
        item["PreviousState"] = {"Code": 16, "Name": "running"}


def _refused_again(state: InstanceState, code: ErrorCode, wording: str) -> Fault:
    return Fault(
        "TERM-2",
        f"{state.value} instances are refused with {code.value}",
        obeying(refusing(TERMINATE, in_state(state), code, wording)),
    )


TERMINATE_FAULTS: Final = (
    Fault(
        "TERM-1",
        "the last one named is said to shut down, and runs on",
        intercepting(lambda: {TERMINATE: forgetting_the_last(TERMINATE, InstanceState.SHUTTING_DOWN)}),
    ),
    _refused_again(
        InstanceState.TERMINATED, ErrorCode.INCORRECT_INSTANCE_STATE, "The instance '{id}' is not in a state for this."
    ),
    _refused_again(
        InstanceState.SHUTTING_DOWN, ErrorCode.INCORRECT_INSTANCE_STATE, "The instance '{id}' is being terminated."
    ),
    _refused_again(InstanceState.TERMINATED, ErrorCode.NOT_FOUND, "The instance ID '{id}' does not exist"),
    Fault(
        "TERM-3",
        "a bad id is reported, and the good ones are terminated",
        intercepting(lambda: {TERMINATE: despite_refusal("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")}),
    ),
    Fault("TERM-3", "a bad id is reported where it stands in the list", intercepting(lambda: {TERMINATE: one_by_one})),
    Fault(
        "TERM-4", "only the protected instance itself stays", obeying(with_moves(TERMINATE, _only_the_protected_stays))
    ),
    Fault(
        "TERM-4", "stopped instances are not shielded", obeying(with_moves(TERMINATE, _stopped_ones_are_not_shielded))
    ),
    Fault(
        "TERM-4", "what stands before the protected one in the list goes", intercepting(lambda: {TERMINATE: one_by_one})
    ),
    Fault(
        "TERM-5",
        "one protected instance keeps all from going",
        obeying(with_moves(TERMINATE, _nothing_moves_beside_a_protected_one)),
    ),
    Fault("TERM-5", "all is one zone", obeying(blind(TERMINATE, zone="us-east-1a"))),
    Fault(
        "TERM-5",
        "what stands behind the protected one in the list stays",
        intercepting(lambda: {TERMINATE: one_by_one}),
    ),
    Fault(
        "TERM-5",
        "what should go some time after the answer never goes",
        obeying(with_step(StepName.FATE_TERMINATES, enabled=never), {FREE_ZONES.id: Effect.AFTER_ANSWER}),
    ),
    Fault(
        "TERM-6",
        "protected ones are left out without a word",
        intercepting(lambda: {TERMINATE: _without_the_protected}),
    ),
    Fault("PROT-1", "termination protection is disregarded", obeying(blind(TERMINATE, disable_api_termination=False))),
    Fault(
        "TERM-7", "terminated instances are forgotten after ten seconds", obeying(delays={StepName.FORGOTTEN: (10, 10)})
    ),
    Fault("TERM-8", "no ids are accepted", obeying(accepting(TERMINATE, Refusal.EMPTY))),
    Fault("TERM-9", "any number of ids is accepted", obeying(accepting(TERMINATE, Refusal.TOO_MANY))),
    *wrong_items("TERM-10", TERMINATE),
    Fault("TERM-10", "the previous state is always running", rewriting(TERMINATE, _always_previously_running)),
    Fault("TERM-11", "stop protection does not block it", obeying(blind(TERMINATE, disable_api_stop=False))),
    wrong_row("TERM-12", TERMINATE, InstanceState.STOPPED, InstanceState.SHUTTING_DOWN),
    Fault(
        "TERM-12",
        "stopped instances are refused before protection is looked at",
        intercepting(lambda: {TERMINATE: _stopped_ones_are_refused_first}),
    ),
    wrong_row("TERM-13", TERMINATE, InstanceState.RUNNING, InstanceState.TERMINATED),
    wrong_row("TERM-13", TERMINATE, InstanceState.RUNNING, InstanceState.RUNNING),
    wrong_row("TERM-14", TERMINATE, InstanceState.STOPPING, InstanceState.TERMINATED),
    wrong_row("TERM-14", TERMINATE, InstanceState.STOPPING, InstanceState.STOPPING),
    refused("TERM-14", TERMINATE, InstanceState.STOPPING),
    wrong_row("TERM-15", TERMINATE, InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
    wrong_row("TERM-16", TERMINATE, InstanceState.TERMINATED, InstanceState.SHUTTING_DOWN),
    wrong_row("TERM-17", TERMINATE, InstanceState.PENDING, InstanceState.PENDING),
    wrong_row("TERM-17", TERMINATE, InstanceState.PENDING, InstanceState.STOPPED),
    refused("TERM-17", TERMINATE, InstanceState.PENDING),
    Fault("TERM-18", "shutting-down never ends", obeying(with_step(StepName.SHUTDOWN_COMPLETES, enabled=never))),
    Fault("PROT-1", "Force overrides it", intercepting(lambda: {TERMINATE: _forced_past_protection})),
    Fault("PROT-1", "it is refused, and done all the same", intercepting(lambda: {TERMINATE: _protected_all_the_same})),
    Fault(
        "PROT-1",
        "it is refused, and nothing is shielded",
        obeying(blind(TERMINATE, in_refusals=False, disable_api_termination=False)),
    ),
)
