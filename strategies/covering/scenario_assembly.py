"""Assembles the scenarios of a cover: inserts questions into their trunks, and makes distinct titles."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.states import RootDevice, ShutdownBehavior
from ..scenario.steps import ModifyStep, RequestStep, RunStep, SettleStep, Step, WaitStep
from .cover import Question, Trunk

_DEEDS: Final = {
    Operation.TERMINATE: "terminate",
    Operation.STOP: "stop",
    Operation.START: "start",
    Operation.REBOOT: "reboot",
    Operation.DESCRIBE: "describe",
    Operation.DESCRIBE_ATTRIBUTE: "ask for an attribute",
    Operation.CREATE_VOLUME: "create a volume",
    Operation.ATTACH: "attach a volume",
    Operation.DETACH: "detach a volume",
    Operation.DELETE_VOLUME: "delete a volume",
    Operation.DESCRIBE_VOLUMES: "describe volumes",
}
_CHANGES: Final = {
    (Attribute.DISABLE_API_TERMINATION, True): "protect",
    (Attribute.DISABLE_API_TERMINATION, False): "unprotect",
    (Attribute.DISABLE_API_STOP, True): "stop-protect",
    (Attribute.DISABLE_API_STOP, False): "allow to stop",
    (Attribute.BLOCK_DEVICE_MAPPINGS, True): "delete a volume with it",
    (Attribute.BLOCK_DEVICE_MAPPINGS, False): "keep a volume",
}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_LONGEST: Final = 100


def composed(trunk: Trunk, questions: Sequence[Question]) -> tuple[Step, ...]:
    """Return the steps of a trunk with its questions inserted at their places."""
    steps: list[Step] = []
    for length in range(len(trunk.steps) + 1):
        steps.extend(question.ask for question in questions if question.place == trunk.steps[:length])
        steps.extend(trunk.steps[length : length + 1])
    return tuple(steps)


def titled(found: Sequence[tuple[Trunk, Sequence[Question]]]) -> tuple[str, ...]:
    """Return a distinct title for each scenario of a cover."""
    titles = [_title(trunk, questions) for trunk, questions in found]
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for title in titles:
        seen[title] += 1
        unique.append(title if titles.count(title) == 1 else f"{title} ({seen[title]})")
    return tuple(unique)


def file_name(title: str) -> str:
    """Return the name of a scenario's file, without its suffix."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _title(trunk: Trunk, questions: Sequence[Question]) -> str:
    """Return a title such as "A protected instance: stop, start at once (two questions on the way)"."""
    launches = [step for step in (*trunk.steps, *(q.ask for q in questions)) if isinstance(step, RunStep)]
    subjects = " and ".join(_subjects(launches))
    if len({step.zone for step in launches}) > 1:
        subjects += " in two zones"
    done = ", ".join(_done(trunk.steps)) or ("run" if trunk.steps else "launch in vain")
    asked = ""
    if questions:
        asked = f" ({_NUMBERS[len(questions)]} question{'' if len(questions) == 1 else 's'} on the way)"
    title = f"{subjects[:1].upper()}{subjects[1:]}: {done}"
    room = _LONGEST - len(asked)
    return (title if len(title) <= room else f"{title[: room - 1].rsplit(' ', 1)[0]} …") + asked


def _done(steps: Sequence[Step]) -> Iterator[str]:
    """Yield each request in words; "at once" if no settle precedes it."""
    settled = True
    for step in steps:
        if isinstance(step, WaitStep):
            yield "wait a minute"
        elif isinstance(step, RequestStep) and not isinstance(step, RunStep):
            yield _deed(step) + ("" if settled else " at once")
        settled = isinstance(step, SettleStep | WaitStep)


def _deed(step: RequestStep) -> str:
    if isinstance(step, ModifyStep):
        deed = _CHANGES.get((step.attribute, step.value is True), "change")
        if step.attribute is Attribute.SHUTDOWN_BEHAVIOR:
            deed = "change its shutdown behavior"
    else:
        deed = _DEEDS[step.operation]
    words = {
        "force": "by force",
        "skip_os_shutdown": "without shutdown",
        "hibernate": "to hibernate",
        "dry_run": "as a dry run",
    }
    return " ".join([deed, *(phrase for flag, phrase in words.items() if getattr(step, flag, False))])


def _subjects(launches: Sequence[RunStep]) -> Iterator[str]:
    kinds = Counter(_kind(step) for step in launches for _ in range(step.count))
    for kind, count in kinds.items():
        name = f"{kind} instance".strip()
        if count == 1:
            yield f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        else:
            yield f"{_NUMBERS[count] if count < len(_NUMBERS) else f'as many as {count}'} {name}s"


def _kind(step: RunStep) -> str:
    words = {
        "protected": step.disable_api_termination,
        "stop-protected": step.disable_api_stop,
        "instance-store": step.root is RootDevice.INSTANCE_STORE,
        "self-terminating": step.shutdown_behavior is ShutdownBehavior.TERMINATE,
    }
    return ", ".join(word for word, applies in words.items() if applies)
