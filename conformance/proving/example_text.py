"""Describes a small situation in words: the world, the request or step, and the choices."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any, Final

from ...model.choices import Choice
from ...model.proof.counterexample import Example
from ...model.requests import Request
from ...model.states import Cause, Hibernation, Visibility
from ...model.world import Instance, InstanceRecord, VolumeRecord

Labelled = tuple[str, str]
"""A label, and the line."""


def in_words(example: Example, choices: tuple[Choice[Enum], ...]) -> Iterator[Labelled]:
    """Yield the lines that describe a situation; `choices` are those of its specifications."""
    for i, instance in example.world.instances.items():
        yield "instance", f"{i}: {', '.join(_record(instance))}"
    for i, form in example.world.strangers.items():
        if example.request is not None and i in example.request.instances:
            yield "id", f"{i or 'none'}: {form.value}"
    for v, volume in example.world.volumes.items():
        yield "volume", f"{v}: {', '.join(_record(volume))}"
    if example.request is not None:
        yield "request", _request(example.request)
    if example.about is not None and example.subject is not None:
        yield "step", f"{example.about.value}: {example.subject}"
    for choice in choices:
        yield from (("choice", f"{choice.id}{where}: {picked.value}") for where, picked in _picked(example, choice))


USUAL: Final[Mapping[str, object]] = {
    "has_run": True,
    "hibernation": Hibernation.OFF,
    "visibility": Visibility.VISIBLE,
    "cause": Cause.NONE,
}
"""The usual values of a running, untouched instance, where they differ from the defaults."""


def _record(record: InstanceRecord | VolumeRecord) -> Iterator[str]:
    """Yield state and zone, and every unusual value."""
    yield f"{record.state.value} in zone {record.zone}"
    yield from _unusual(record, {"state", "zone"})


def _request(request: Request) -> str:
    ids = Counter(request.instances)
    named = ", ".join(f"{i or 'none'} ({times} times)" if times > 1 else str(i) for i, times in ids.items())
    about = ", ".join(_unusual(request, {"operation", "instances"}))
    return f"{request.operation.value} of {named or 'no instance'}" + (f"; {about}" if about else "")


def _unusual(value: Any, omitted: set[str]) -> Iterator[str]:  # noqa: ANN401 - any record or request
    """Yield the fields with unusual values."""
    for field in fields(value):
        usual = USUAL.get(field.name, _default(field))
        if field.name not in omitted and getattr(value, field.name) != usual:
            yield f"{field.name} {_word(getattr(value, field.name))}"


def _default(field: Field[Any]) -> object:
    return field.default if field.default is not MISSING else None


def _word(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _picked(example: Example, choice: Choice[Enum]) -> Iterator[tuple[str, Enum]]:
    """Yield how a choice is settled, unless it is the preferred alternative."""
    asked: Mapping[str, Instance | None] = (
        {f" of {i}": i for i in example.world.instances} if choice.per_instance else {"": None}
    )
    for where, i in asked.items():
        picked = example.choices.pick(choice, i)
        if picked.name != choice.preferred.name:
            yield where, picked
