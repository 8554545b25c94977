"""Follow-up steps that can show a difference that a request made."""

from collections.abc import Iterator
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.specification import Specification
from ..scenario.steps import (
    BatchOperation,
    BatchStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    Named,
    SettleStep,
    Step,
    WaitStep,
)
from .candidates import Candidate

_ASKED: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP, Attribute.SHUTDOWN_BEHAVIOR)
_TRIED: Final[tuple[BatchOperation, ...]] = (Operation.STOP, Operation.TERMINATE, Operation.START, Operation.REBOOT)
_MINUTE: Final = 61
"""Seconds after which cleared protections are no longer enforced, and every new id is known."""


def followed_up(spec: Specification, candidate: Candidate) -> Iterator[Candidate]:
    """Yield a candidate with each follow-up that may show its effect, the cheapest first."""
    place = candidate.place if candidate.ask is None else candidate.place.after(spec, candidate.ask)
    named = tuple(map(Named, place.instances))
    if not named:
        return
    settle = SettleStep()
    rested = place.after(spec, settle)
    asks: list[Step] = [DescribeAttributeStep(one, attribute) for one in named for attribute in _ASKED]
    tries: list[Step] = [BatchStep(operation, named) for operation in _TRIED]
    volumes: list[Step] = [DescribeVolumesStep(rested.shown)] if rested.shown else []
    endings: list[tuple[Step, ...]] = [
        *((one,) for one in tries),
        *((one,) for one in asks),
        *((settle, one) for one in (*tries, *volumes, *asks)),
        *((settle, one, settle, *volumes) for one in tries if volumes),
        *((WaitStep(_MINUTE), one) for one in tries),
    ]
    for looks in endings:
        yield Candidate(candidate.place, candidate.ask, looks)
