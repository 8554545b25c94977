"""An entry of the bank: a promise of EC2, broken under one condition, and the scenario that shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from textwrap import indent

from bank.wrong import Around, Bug, wrong_target
from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.strategies.files.format import read_scenario
from ec2_lifecycle.strategies.scenario.scenario import Scenario

SIX: int = 6
"""So many requests make a history deep."""


class Tag(Enum):
    """What a fault is about; the number of requests is its own field."""

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


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong target: what is wrong in a sentence, the clause that it breaks, and a scenario that shows it.

    `requests` is how many requests the scenario takes, the one included whose reply diverges, its last.
    The scenario is the shortest in that none of its steps can be left out (tests/project/test_bench_bank.py).
    """

    name: str
    sentence: str
    clause: str
    requests: int
    tags: frozenset[Tag]
    bug: Bug
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

    def target(self) -> Target:
        """Start a fresh target with this fault."""
        return wrong_target(self.bug)


def fault(
    clause: str,
    requests: int,
    *tags: Tag,
    on: Operation | tuple[Operation, ...],
    steps: str,
    dry_too: bool = False,
    page: int | None = None,
) -> Callable[[Around], Fault]:
    """Make the function that answers some requests wrongly into a fault; its docstring is the sentence."""

    def made(answer: Around) -> Fault:
        operations = frozenset(on if isinstance(on, tuple) else (on,))
        name = str(getattr(answer, "__name__", "")).replace("_", " ")
        sentence = " ".join((answer.__doc__ or "").split())
        return Fault(name, sentence, clause, requests, frozenset(tags), Bug(answer, operations, dry_too, page), steps)

    return made
