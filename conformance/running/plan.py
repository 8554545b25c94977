"""What a run plays on a target, and how far it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..oracle.settings import Settings

CALLS: Final = 8_000
"""The default limit of calls in a run."""
RESERVED: Final = 10
"""One call in so many is kept for confirming findings, where the user limits the calls."""
MOST_RESERVED: Final = 500

LANES: Final = 4
"""The most lanes of a run; so many scenarios can be played at a time.

The number is fixed, because every lane learns what the others met only after its turn:
with a lane per core, findings would depend on the machine.
"""
CALLS_OF_A_LANE: Final = 500
"""The fewest calls that are worth a lane: a target such as moto takes as long to start as some hundred calls."""
_CALLS_OF_A_SCENARIO: Final = 20
"""With those that confirm what it shows, on a target with many defects."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and when to stop; None means the default limit."""

    seed: int = 0
    jobs: int = 1
    """Lanes to play at a time. The findings do not depend on it."""
    corpus: tuple[Path, ...] = ()
    purposes: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By `folder/name`, clauses; a file is left out once all of its clauses were put to the test."""
    generate: bool = True
    max_calls: int | None = None
    time_budget: float | None = None
    clauses: frozenset[str] = frozenset()
    """Judge only these clauses; empty means all."""
    settings: Settings = field(default_factory=Settings)
    longest_wait: float = 0.0
    """The longest `wait` to play in real time, in seconds."""
    confirm_last: bool = False
    """Whether findings are confirmed after all scenarios, several by one more play, and not minimised.

    A quick run does so: its scenarios are short, and searches would cost more calls than they do.
    """
    record: Path | None = None
    """The folder for a trace of everything that is played."""
    is_swept: bool = False
    """Whether everything that the run made is removed after each scenario, as in a live account."""

    @property
    def reserve(self) -> int:
        """The calls that are kept for confirming what the last scenarios show."""
        if self.max_calls is None or self.confirm_last:
            return 0
        return min(self.max_calls // RESERVED, MOST_RESERVED)

    @property
    def calls_before_reserve(self) -> int | None:
        """The calls after which only findings are confirmed, and slow scenarios played; None means any number."""
        if self.max_calls is not None:
            return self.max_calls - self.reserve
        return CALLS if self.walks and self.time_budget is None else None

    @property
    def walks(self) -> bool:
        """Whether generated scenarios are played, after the corpus."""
        return self.generate and not self.clauses

    @property
    def has_bystanders(self) -> bool:
        """Whether the run looks after instances that no request names."""
        return self.walks and not self.is_swept

    @property
    def lanes(self) -> int:
        """The number of lanes: fewer than usual for a run of few calls."""
        corpus = len(self.corpus) * _CALLS_OF_A_SCENARIO
        if self.clauses:
            return 1
        calls = self.max_calls if self.max_calls is not None else CALLS if self.generate else corpus
        return max(1, min(LANES, calls // CALLS_OF_A_LANE))
