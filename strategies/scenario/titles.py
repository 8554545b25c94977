"""Titles that describe a scenario in a few words."""

from collections.abc import Iterator, Sequence
from typing import Final

from ...model.requests import Caller, Operation
from ...model.states import RootDevice
from .names import ids_used, instances_made, volumes_made, volumes_used
from .steps import (
    BatchStep,
    Gone,
    Malformed,
    PushStep,
    RequestStep,
    RunAgainStep,
    RunStep,
    Step,
    Unknown,
)

_VERBS: Final = {
    Operation.TERMINATE: "terminate",
    Operation.STOP: "stop",
    Operation.START: "start",
    Operation.REBOOT: "reboot",
    Operation.MODIFY: "modify",
    Operation.ATTACH: "attach",
    Operation.DETACH: "detach",
    Operation.DELETE_VOLUME: "delete a volume",
}


def title_of(steps: Sequence[Step]) -> str:
    """Return a title such as "Stop, terminate: 4 instances in 2 zones; protection, bad id"."""
    verbs = ", ".join(dict.fromkeys(_verbs(steps))) or "launch"
    count = sum(len(instances_made(step)) for step in steps)
    zones = len({step.zone for step in steps if isinstance(step, RunStep) and step.in_earnest})
    instances = f"{count} instance{'s' * (count != 1)} in {zones} zone{'s' * (zones != 1)}"
    oddities = ", ".join(sorted({word for step in steps for word in _oddities(step)}))
    return f"{verbs[0].upper()}{verbs[1:]}: {instances}{'; ' * bool(oddities)}{oddities}"


def _verbs(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, PushStep):
            yield step.push.value
        elif isinstance(step, RequestStep) and step.operation in _VERBS:
            yield _VERBS[step.operation]


def _oddities(step: Step) -> Iterator[str]:
    if isinstance(step, RunStep | RunAgainStep):
        yield from _oddities_of_launch(step)
    if volumes_made(step) or volumes_used(step):
        yield "volumes"
    for ref in ids_used(step):
        if isinstance(ref, Unknown | Malformed):
            yield "bad id"
        if isinstance(ref, Gone):
            yield "forgotten instance"
    if isinstance(step, BatchStep) and len(set(step.ids)) < len(step.ids):
        yield "repeated id"
    if isinstance(step, RequestStep):
        if step.dry_run:
            yield "dry run"
        if step.caller is Caller.NOBODY:
            yield "no permission"


def _oddities_of_launch(step: RunStep | RunAgainStep) -> Iterator[str]:
    if isinstance(step, RunAgainStep):
        yield "client token"
        return
    if step.min_count is not None:
        yield "MinCount"
    if step.disable_api_termination or step.disable_api_stop:
        yield "protection"
    if step.hibernation:
        yield "hibernation"
    if step.root is RootDevice.INSTANCE_STORE:
        yield "instance store"
