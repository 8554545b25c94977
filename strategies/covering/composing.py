"""Makes scenarios of a cover: the questions put in on the way of their trunks, with titles that tell them apart."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ...model.requests import Operation
from ...model.states import RootDevice, ShutdownBehavior
from ..steps import RequestStep, RunStep, Step, WaitStep
from .cover import Question, Trunk

_VERBS: Final = {
    Operation.TERMINATE: "terminate",
    Operation.STOP: "stop",
    Operation.START: "start",
    Operation.REBOOT: "reboot",
    Operation.MODIFY: "modify",
    Operation.DESCRIBE: "describe",
    Operation.DESCRIBE_ATTRIBUTE: "describe an attribute of",
    Operation.CREATE_VOLUME: "create a volume beside",
    Operation.ATTACH: "attach a volume to",
    Operation.DETACH: "detach a volume from",
    Operation.DESCRIBE_VOLUMES: "describe the volumes of",
    Operation.RUN: "launch",
}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_LONGEST: Final = 100


def composed(trunk: Trunk, questions: Sequence[Question]) -> tuple[Step, ...]:
    """Return the steps of a trunk with questions asked where they belong."""
    steps: list[Step] = []
    for length in range(len(trunk.steps) + 1):
        steps.extend(question.ask for question in questions if question.place == trunk.steps[:length])
        steps.extend(trunk.steps[length : length + 1])
    return tuple(steps)


def titled(found: Sequence[tuple[Trunk, Sequence[Question]]]) -> tuple[str, ...]:
    """Return a title for each scenario of a cover, no two the same."""
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
    """Return such a title as "Stop and start a protected instance, with two questions on the way"."""
    done = list(dict.fromkeys(_deed(step) for step in trunk.steps if _is_deed(step)))
    what = _listed(done) or "Launch"
    title = f"{what[0].upper()}{what[1:]} {_listed(list(_subjects(trunk.steps)))}"
    if len({step.zone for step in trunk.steps if isinstance(step, RunStep)}) > 1:
        title += " in two zones"
    if any(isinstance(step, WaitStep) for step in trunk.steps):
        title += " after a minute"
    if questions:
        plural = "" if len(questions) == 1 else "s"
        title += f", with {_NUMBERS[len(questions)]} question{plural} on the way"
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1].rsplit(' ', 1)[0]} …"


def _is_deed(step: Step) -> bool:
    return isinstance(step, RequestStep) and not isinstance(step, RunStep)


def _deed(step: Step) -> str:
    return _VERBS[step.operation] if isinstance(step, RequestStep) else ""


def _subjects(steps: Sequence[Step]) -> Iterator[str]:
    kinds = Counter(_kind(step) for step in steps if isinstance(step, RunStep) for _ in range(step.count))
    for kind, count in kinds.items():
        name = f"{kind} instance".strip()
        if count == 1:
            yield f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        else:
            yield f"{_NUMBERS[count] if count < len(_NUMBERS) else count} {name}s"


def _kind(step: RunStep) -> str:
    words = {
        "protected": step.disable_api_termination,
        "stop-protected": step.disable_api_stop,
        "instance-store": step.root is RootDevice.INSTANCE_STORE,
        "self-terminating": step.shutdown_behavior is ShutdownBehavior.TERMINATE,
    }
    return ", ".join(word for word, applies in words.items() if applies)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
