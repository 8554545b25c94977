"""Makes the simplest legal call of each operation, to learn whether a target works and what it implements."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.world import Instance
from ...strategies.scenario.steps import (
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    ModifyStep,
    Named,
    RunStep,
    SettleStep,
    Step,
)
from ..adapter.failures import is_not_ec2_xml, is_unimplemented
from ..adapter.observation import NoAnswer, Observation, Refused, Unreadable
from ..adapter.target import Broken, Target, Unsupported
from ..oracle.engine import Engine
from .play import Play

TRIES: Final = 5
"""How often a call is made whose answer says only that the target cannot answer now."""
UNSUPPORTED: Final = "unsupported"
UNREADABLE: Final = "broken: the body is not EC2's XML"
_A: Final = (Named("A"),)

STEPS: Final[tuple[Step, ...]] = (
    RunStep("A"),
    SettleStep(),
    BatchStep(Operation.DESCRIBE, _A),
    DescribeAttributeStep(Named("A"), Attribute.DISABLE_API_TERMINATION),
    ModifyStep(Named("A"), Attribute.DISABLE_API_TERMINATION, value=False),
    CreateVolumeStep("v"),
    DescribeVolumesStep(("v",)),
    AttachStep("v", Named("A"), "/dev/sdg"),
    DetachStep("v"),
    BatchStep(Operation.REBOOT, _A),
    BatchStep(Operation.STOP, _A),
    SettleStep(),
    BatchStep(Operation.START, _A),
    SettleStep(),
    BatchStep(Operation.TERMINATE, _A),
)


def smoke(target: Target, engine: Engine) -> Mapping[Operation, str]:
    """Call every operation once; return a short summary of each reply.

    A summary is `ok`, a text that begins with `unsupported`, `UNREADABLE`, an error code and its message, or why no
    answer came. Raises `Broken` if not even an instance can be launched.
    """
    answers: dict[Operation, str] = {}
    heard: list[tuple[Operation, Observation]] = []
    play = Play(target, engine)
    play.on_reply = lambda operation, observation: heard.append((operation, observation))
    for step in STEPS:
        for _ in range(TRIES):
            heard.clear()
            with suppress(Unsupported):  # such as a volume to attach, where none could be made
                play.perform(step)
            play.broken = None
            if not heard or play.oracle.excused is None or not play.oracle.excused.always:
                break
        for operation, observation in dict(heard).items():
            answers.setdefault(operation, _summary(observation))
        excused = play.oracle.excused
        if heard and excused is not None and excused.always:
            answers[excused.operation] = f"{UNSUPPORTED}: {answers[excused.operation]}"
        if not play.names.knows(Instance("A")):
            summary = answers.get(Operation.RUN, "ok")
            why = "RunInstances was answered without one" if summary == "ok" else summary.rstrip(".")
            raise Broken(f"{target.name} does not launch an instance: {why}.")
    play.clear()
    return answers


def broken(answers: Mapping[Operation, str]) -> frozenset[Operation]:
    """Return the operations whose replies cannot be read; nothing that needs them can be judged."""
    return frozenset(operation for operation, summary in answers.items() if summary == UNREADABLE)


def unsupported(answers: Mapping[Operation, str]) -> frozenset[Operation]:
    """Return the operations that the target says it does not implement."""
    return frozenset(operation for operation, summary in answers.items() if summary.startswith(UNSUPPORTED))


def always_refused(answers: Mapping[Operation, str]) -> Mapping[Operation, str]:
    """Return the operations whose every reply said that the target cannot answer now, each with the error code."""
    return {
        operation: summary.removeprefix(f"{UNSUPPORTED}: ").partition(":")[0]
        for operation, summary in answers.items()
        if summary.startswith(f"{UNSUPPORTED}: ")
    }


def _summary(observation: Observation) -> str:
    if is_unimplemented(observation):
        return UNSUPPORTED
    if is_not_ec2_xml(observation):
        return UNREADABLE
    if isinstance(observation, Refused):
        return f"{observation.code}: {observation.message}"
    return observation.problem if isinstance(observation, NoAnswer | Unreadable) else "ok"
