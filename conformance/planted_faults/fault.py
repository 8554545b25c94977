"""What a planted fault is: the clause that it breaks, a sentence, and the EC2 that has it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from textwrap import indent

from ...model.clauses import Part
from ...model.requests import Operation
from ...strategies.files.format import read_scenario
from ...strategies.scenario.scenario import Scenario
from ..adapter.target import Target
from .faulty_ec2 import AT_ONCE_EC2, FaultyEc2
from .handlers import Handle, Handler

SIX: int = 6
"""So many requests make a history deep."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted fault: the clause that it breaks, or only one part of it, and what is wrong in a sentence."""

    clause: str
    sentence: str
    ec2: FaultyEc2
    part: Part | None = None
    also: frozenset[str] = frozenset()
    """Other clauses that the sentence breaks as well: a finding under one of them names the fault too."""

    def __str__(self) -> str:
        return f"{self.clause}: {self.sentence}"

    @property
    def id(self) -> str:
        """A name for manifests, such as `fault/TERM-10/an-item-is-missing`."""
        return f"fault/{self.clause}/{re.sub('[^a-z0-9]+', '-', self.sentence.lower()).strip('-')}"

    @property
    def clauses(self) -> frozenset[str]:
        """A finding under any of these clauses names the fault."""
        return self.also | {self.clause}

    def target(self) -> Target:
        """Start a fresh target with this fault."""
        return self.ec2.target()


class Tag(Enum):
    """What a fault of the bank is about; the number of requests is its own field."""

    HISTORY = "history of one instance"
    SECOND_TOGGLE = "second toggle"
    THREE_ZONES = "three zones"
    FIFTY_IDS = "fifty ids"
    VOLUMES = "volumes"
    BAD_IDS = "bad ids"
    REPEATED_IDS = "repeated ids"
    DRY_RUN = "dry runs"
    REPLIES = "replies"
    PROTECTION = "protection"
    STATES = "states"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFault(Fault):
    """A fault that shows only under one condition, with the shortest scenario that shows it.

    `requests` is how many requests the scenario takes, including its last one, whose reply diverges.
    The scenario is the shortest in that none of its steps can be left out (tests/project/test_bench_bank.py).
    """

    name: str
    requests: int
    tags: frozenset[Tag]
    steps: str

    @property
    def deep(self) -> bool:
        """Whether it takes six requests or more to be seen."""
        return self.requests >= SIX

    @property
    def scenario(self) -> Scenario:
        """The scenario that shows it."""
        text = f"title: {self.name}\nclauses: [{self.clause}]\nsteps:\n{indent(self.steps.strip(), '  ')}\n"
        return read_scenario(text, f"the steps of {self.name}")


def bank_fault(
    clause: str,
    requests: int,
    *tags: Tag,
    on: Operation | tuple[Operation, ...],
    steps: str,
    dry_too: bool = False,
    also: tuple[str, ...] = (),
) -> Callable[[Handle], BankFault]:
    """Make a fault of the function that handles some requests wrongly; its docstring is the sentence."""

    def made(handle: Handle) -> BankFault:
        handler = Handler(handle, frozenset(on if isinstance(on, tuple) else (on,)), dry_too)
        return BankFault(
            name=str(getattr(handle, "__name__", "")).replace("_", " "),
            sentence=" ".join((handle.__doc__ or "").split()),
            clause=clause,
            requests=requests,
            tags=frozenset(tags),
            also=frozenset(also),
            steps=steps,
            ec2=replace(AT_ONCE_EC2, handler=handler),
        )

    return made
