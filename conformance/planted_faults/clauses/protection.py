"""Faults in what termination protection and stop protection promise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ....model.background import StepName, is_retired, shuts_down_from_inside
from ....model.choices import CLEARED_PROTECTION, Choices, Cleared
from ....model.outcomes import Move, Refusal
from ....model.requests import Attribute, AttributeRequest, BatchRequest, ErrorCode, LaunchRequest, Operation
from ....model.rules import launch
from ....model.states import InstanceState
from ....model.world import Instance, InstanceRecord, World
from ..fault import Fault
from ..faulty_ec2 import intercepting, obeying, rewriting
from ..replies import Interceptor, Original, Reply
from ..rules import Trips, accepting, in_state, never, refusing, with_moves, with_rules, with_step

MODIFY: Final = Operation.MODIFY
PROTECTIONS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)


def _of_protection(*states: InstanceState) -> Trips:
    def trips(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
        return request.attribute in PROTECTIONS and in_state(*states)(world, request, choices, i)

    return trips


def _launched_protected(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), disable_api_termination=True)


def _launched_stop_protected(request: LaunchRequest, i: Instance) -> InstanceRecord:
    return replace(launch.launched(request, i), disable_api_stop=True)


def _both(world: World, request: AttributeRequest, move: Move, i: Instance) -> InstanceRecord:
    del world, i
    if request.attribute is not Attribute.DISABLE_API_STOP:
        return move.after
    return replace(move.after, disable_api_termination=request.value)


def _termination_protected(world: World, request: BatchRequest, choices: Choices, i: Instance) -> bool:
    del request, choices
    return i in world.instances and world.disable_api_termination(i)


def _unless_protected(world: World, i: Instance, after: InstanceRecord) -> InstanceRecord:
    return world.record(i) if world.disable_api_termination(i) or world.disable_api_stop(i) else after


def _guest_kept_up(world: World, i: Instance) -> InstanceRecord:
    return _unless_protected(world, i, shuts_down_from_inside(world, i))


def _kept_from_retirement(world: World, i: Instance) -> InstanceRecord:
    return _unless_protected(world, i, is_retired(world, i))


def _stale_attributes() -> Mapping[Operation, Interceptor]:
    """Show each attribute for ever as it was shown first."""
    first: dict[tuple[str, str], Reply] = {}

    def answer(ec2: Original, sent: Reply) -> Reply:
        return first.setdefault((sent["InstanceId"], sent["Attribute"]), ec2.call(**sent))

    return {Operation.DESCRIBE_ATTRIBUTE: answer}


def _never_protected(ec2: Original, sent: Reply) -> Reply:
    reply = ec2.call(**sent)
    return {key: {"Value": False} if key.startswith("Disable") else value for key, value in reply.items()}


def _shown_and_nothing_else() -> Mapping[Operation, Interceptor]:
    """Note what is written to termination protection, show it when asked, and disregard it."""
    written: dict[str, bool] = {}

    def write(ec2: Original, sent: Reply) -> Reply:
        if "DisableApiTermination" not in sent:
            return ec2.call(**sent)
        state = ec2.owner.describe_instances(InstanceIds=[sent["InstanceId"]])
        del state
        written[sent["InstanceId"]] = sent["DisableApiTermination"]["Value"]
        return {}

    def read(ec2: Original, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        if "DisableApiTermination" in reply and sent["InstanceId"] in written:
            return {**reply, "DisableApiTermination": {"Value": written[sent["InstanceId"]]}}
        return reply

    return {MODIFY: write, Operation.DESCRIBE_ATTRIBUTE: read}


def _always_stop(reply: Reply) -> None:
    if "InstanceInitiatedShutdownBehavior" in reply:
        reply["InstanceInitiatedShutdownBehavior"] = {"Value": "stop"}


PROTECTION_FAULTS: Final = (
    Fault(
        "PROT-3",
        "instances are protected against termination unless told otherwise",
        obeying(with_rules(Operation.RUN, created_instance=_launched_protected)),
    ),
    Fault(
        "PROT-3",
        "instances are protected against stopping unless told otherwise",
        obeying(with_rules(Operation.RUN, created_instance=_launched_stop_protected)),
    ),
    Fault(
        "PROT-4",
        "it cannot be changed of pending instances",
        obeying(refusing(MODIFY, _of_protection(InstanceState.PENDING))),
    ),
    Fault(
        "PROT-4",
        "it cannot be changed of stopping instances",
        obeying(refusing(MODIFY, _of_protection(InstanceState.STOPPING))),
    ),
    Fault("PROT-4", "it can be changed of dead instances", obeying(accepting(MODIFY, Refusal.DEAD))),
    Fault("PROT-5", "stop protection sets the other too", obeying(with_moves(MODIFY, _both))),
    Fault(
        "PROT-5",
        "termination protection blocks a stop",
        obeying(
            refusing(
                Operation.STOP,
                _termination_protected,
                ErrorCode.NOT_PERMITTED,
                "The instance '{id}' may not be stopped. "
                "Modify its 'disableApiTermination' instance attribute and try again.",
            )
        ),
    ),
    Fault(
        "PROT-6",
        "it keeps an instance up that is shut down from inside",
        obeying(with_step(StepName.GUEST_SHUTDOWN, after=_guest_kept_up)),
    ),
    Fault(
        "PROT-6",
        "it keeps an instance from being retired",
        obeying(with_step(StepName.RETIREMENT, after=_kept_from_retirement)),
    ),
    Fault("PROT-7", "what was shown once is shown for ever", intercepting(_stale_attributes)),
    Fault(
        "PROT-7", "no protection is ever shown", intercepting(lambda: {Operation.DESCRIBE_ATTRIBUTE: _never_protected})
    ),
    Fault(
        "PROT-10",
        "the shutdown behavior is shown as stop, whatever it was set to",
        rewriting(Operation.DESCRIBE_ATTRIBUTE, _always_stop),
    ),
    Fault(
        "PROT-8",
        "it cannot be changed of running and stopped instances",
        obeying(refusing(MODIFY, _of_protection(InstanceState.RUNNING, InstanceState.STOPPED))),
    ),
    Fault("PROT-8", "what is written is shown, and nothing else", intercepting(_shown_and_nothing_else)),
    Fault(
        "PROT-8",
        "what was cleared holds for ever",
        obeying(with_step(StepName.TERMINATION_CLEARS, enabled=never), {CLEARED_PROTECTION.id: Cleared.STILL_ENFORCED}),
    ),
    Fault(
        "PROT-9",
        "it can be set of an instance store-backed instance",
        obeying(accepting(MODIFY, Refusal.STOP_PROTECTION_UNSUPPORTED)),
    ),
    Fault(
        "PROT-9",
        "an instance store-backed instance can be launched with it",
        obeying(accepting(Operation.RUN, Refusal.STOP_PROTECTION_UNSUPPORTED)),
    ),
)
