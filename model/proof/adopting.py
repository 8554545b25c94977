"""Translates a variant's records and enums to the known ones, where the variant has its own.

A variant has its own if it adds a member to an enum, for example. Code that compares two specifications,
or judges by one, recognizes the known members by identity.
"""

from dataclasses import replace
from enum import Enum
from inspect import signature
from typing import Any, TypeVar

from ..background import BackgroundStep, StepName, VolumeStep, VolumeStepName
from ..rules.describe import Shape, Shown
from ..specification import Specification

R = TypeVar("R")


def adopted(made: object) -> Specification:
    """Return a specification, of whatever class, as one that is known; raises TypeError, AttributeError.

    A field that it lacks is as in the original.
    """
    spec = _as(Specification, made)
    steps, volume_steps, shapes = spec.steps, spec.volume_steps, spec.shapes
    if _is_foreign(steps, BackgroundStep):
        steps = tuple(_as(BackgroundStep, step, name=_known(StepName, step.name)) for step in steps)
    if _is_foreign(volume_steps, VolumeStep):
        volume_steps = tuple(_as(VolumeStep, step, name=_known(VolumeStepName, step.name)) for step in volume_steps)
    if any(_is_foreign(row, Shape) for row in shapes.values()):
        shapes = {state: tuple(_shape(shape) for shape in row) for state, row in shapes.items()}
    known = (steps, volume_steps, shapes) == (spec.steps, spec.volume_steps, spec.shapes)
    return spec if known else replace(spec, steps=steps, volume_steps=volume_steps, shapes=shapes)


def _is_foreign(records: tuple[Any, ...], cls: type) -> bool:
    return not all(isinstance(record, cls) for record in records)


def _shape(shape: Shape) -> Shape:
    must, must_not = (frozenset(_known(Shown, shown) for shown in part) for part in (shape.must, shape.must_not))
    return _as(Shape, shape, must=must, must_not=must_not)


def _as(cls: type[R], record: Any, **changes: object) -> R:  # noqa: ANN401 - a record of a class that looks like this
    if isinstance(record, cls):
        return record
    names = signature(cls).parameters
    return cls(**{name: getattr(record, name) for name in names if hasattr(record, name)} | changes)


def _known(enum: type[Enum], member: Enum) -> Any:  # noqa: ANN401 - a member of either
    """Return the member of this name that is known, or else the variant's own."""
    return enum.__members__.get(member.name, member)
