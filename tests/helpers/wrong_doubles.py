"""What a wrong target is. Some are made by `wrong_rules`, some by `wrong_replies`: the oracle never sees which."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.model.clauses import Part

Make: TypeAlias = Callable[[], Target]


@dataclass(frozen=True, slots=True)
class WrongTarget:
    """A target that breaks one clause, or only one part of it; `make` starts a fresh one."""

    clause: str
    what_is_wrong: str
    make: Make
    part: Part | None = None

    def __str__(self) -> str:
        return f"{self.clause}: {self.what_is_wrong}"
