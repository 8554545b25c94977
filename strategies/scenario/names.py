"""The names in a scenario: which a step creates and uses, and whether each is created once and before its use."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from .steps import (
    All,
    AttachStep,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    Gone,
    IdRef,
    ModifyStep,
    Named,
    PushStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    Step,
    WaitStep,
)

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""The names of instances and volumes (`fullmatch`)."""
CLIENT_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,27}")
"""The names of client tokens (`fullmatch`): together with the 37 of a uuid, EC2 takes 64 (fact K-04)."""
DEVICE: Final = re.compile(r"/dev/[a-z][a-z0-9]*|xvd[a-z][a-z0-9]*")
"""EC2's device names, as `/dev/sdf`, or `xvdf` on Windows (`fullmatch`)."""
INSTANCE_ID: Final = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
"""A well-formed instance id, which cannot serve as a malformed one (`fullmatch`)."""
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROOT: Final = "root"
"""The device part of a root volume's name, whatever the target calls the device."""

_SHOWN: Final = 8


def letter_name(number: int) -> str:
    """The default name of an instance or a run, counted from 0: A, B and so on to Z, then AA, AB.

    It has no digit, so that it never equals the name of an instance in a launch of several (A1, A2).
    """
    before, last = divmod(number, len(_LETTERS))
    return (letter_name(before - 1) if before else "") + _LETTERS[last]


def split_volume(volume: str) -> tuple[str, str] | None:
    """The instance and the device of `A.root` or `A./dev/sdf`; `None` for a volume with a name of its own."""
    instance, dot, device = volume.partition(".")
    return (instance, device) if dot else None


def is_volume(text: str) -> bool:
    """Whether the text is the name of a volume in one of its three forms."""
    attached = split_volume(text)
    if attached is None:
        return NAME.fullmatch(text) is not None
    instance, device = attached
    return NAME.fullmatch(instance) is not None and (device == ROOT or DEVICE.fullmatch(device) is not None)


def ids_used(step: Step) -> tuple[IdRef, ...]:
    """The ids that a step sends, in order, repeats kept; `All` as it is written."""
    match step:
        case BatchStep():
            return step.ids
        case ModifyStep() | DescribeAttributeStep() | AttachStep():
            return (step.id,)
        case DetachStep():
            return () if step.id is None else (step.id,)
        case PushStep():
            return (Named(step.id),)
        case RunAgainStep():
            return (All(step.name),)
        case RunStep() | CreateVolumeStep() | DeleteVolumeStep() | DescribeVolumesStep() | SettleStep() | WaitStep():
            return ()


def volumes_used(step: Step) -> tuple[str, ...]:
    """The volumes that a step refers to, in order, repeats kept."""
    match step:
        case DescribeVolumesStep():
            return step.volumes
        case AttachStep() | DetachStep() | DeleteVolumeStep():
            return (step.volume,)
        case ModifyStep(volume=str(volume)):
            return (volume,)
        case _:
            return ()


def instances_made(step: Step) -> tuple[str, ...]:
    """The instances that a step creates, in reply order; a dry run and a caller without permission create none."""
    return step.instance_names if isinstance(step, RunStep) and step.in_earnest else ()


def runs_made(step: Step) -> tuple[str, ...]:
    """The name of the run for `All`; empty if the step creates no instances."""
    return (step.name,) if isinstance(step, RunStep) and step.in_earnest else ()


def volumes_made(step: Step) -> tuple[str, ...]:
    """The volumes with their own name that a step creates, in order."""
    match step:
        case RunStep() if step.in_earnest:
            return tuple(name for names in step.volume_names for name in names)
        case CreateVolumeStep() if step.in_earnest:
            return (step.name,)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class NameProblem:
    """A problem with a name: the step's index, the name, and a sentence."""

    step: int
    name: str
    message: str


@dataclass(slots=True)
class _Made:
    """The names created so far, each with the number of its step; instances and volumes share one namespace."""

    instances: dict[str, int] = field(default_factory=dict[str, int])
    volumes: dict[str, int] = field(default_factory=dict[str, int])
    runs: dict[str, int] = field(default_factory=dict[str, int])
    """The names of runs, which name instances only without a count."""
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    """The run with each client token."""


def first_problem(steps: Sequence[Step]) -> NameProblem | None:
    """The first name that is created twice, or used before it is created; `None` if there is none.

    Steps can be removed from a scenario as long as this stays `None`.
    """
    made = _Made()
    for index, step in enumerate(steps):
        for name, message in _problems(step, index + 1, made):
            return NameProblem(index, name, message)
    return None


def _problems(step: Step, number: int, made: _Made) -> Iterator[tuple[str, str]]:
    for reference in ids_used(step):
        if isinstance(reference, Named | Gone) and reference.name not in made.instances:
            yield reference.name, _unmade("instance", reference.name, made.instances, "a run")
        if isinstance(reference, All) and reference.name not in made.runs:
            yield reference.name, _unmade("run", reference.name, made.runs, "a run")
    if isinstance(step, RunAgainStep) and step.name in made.runs and step.name not in made.tokens.values():
        yield step.name, f"the run {step.name} has no ClientToken to send again; write ClientToken: t in it"
    for volume in volumes_used(step):
        instance, _ = split_volume(volume) or (None, None)
        if instance is not None and instance not in made.instances:
            yield volume, _unmade("instance", instance, made.instances, "a run")
        if instance is None and volume not in made.volumes:
            yield volume, _unmade("volume", volume, made.volumes, "a run or a create-volume")
    yield from _made_twice(step, number, made)
    if isinstance(step, RunStep):
        yield from _same_device(step)
        before = made.tokens.get(step.token) if step.token else None
        if before is not None:
            told = f"the ClientToken {step.token} is the one of the run {before}"
            yield step.name, f"{told}; write run-again: {{name: {before}}} to send it again, or another token here"
        if step.token:
            made.tokens[step.token] = step.name
    made.runs.update((name, number) for name in runs_made(step))


def _made_twice(step: Step, number: int, made: _Made) -> Iterator[tuple[str, str]]:
    for names, known in ((instances_made(step), made.instances), (volumes_made(step), made.volumes)):
        for name in names:
            before = made.instances.get(name) or made.volumes.get(name)
            if before is not None:
                where = "this step" if before == number else f"step {before}"
                yield name, f'{where} already creates the name "{name}"; write another name here'
            known[name] = number


def _same_device(step: RunStep) -> Iterator[tuple[str, str]]:
    devices = [volume.device for volume in step.volumes if volume.device is not None]
    for index, device in enumerate(devices):
        if device in devices[:index]:
            yield device, f"two volumes of one run have the device {device}; write another device here"


def _unmade(kind: str, name: str, known: dict[str, int], maker: str) -> str:
    wrong = f'no earlier step creates the {kind} "{name}" (a dry run creates nothing)'
    nearest = get_close_matches(name, known, 1)
    if nearest:
        return f'{wrong}; write "{nearest[0]}", or add {maker} for it before this step'
    if not known:
        return f"{wrong}; add {maker} for it before this step"
    shown = ", ".join(list(known)[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    one = "" if len(known) == 1 else "one of "
    return f"{wrong}; write {one}{shown}, or add {maker} for it before this step"
