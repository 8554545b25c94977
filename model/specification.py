"""The specification as one value. All other code takes it as an argument.

So the original, mutants, faulty EC2s and other revisions can be used in one process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from . import background, lifecycle
from .background import BackgroundStep, VolumeStep
from .choices import CHOICES, Choice
from .clauses import Clause
from .ledger import CLAUSES
from .outcomes import OperationRules
from .requests import Operation
from .rules import attributes, describe, launch, reboot, reply, start, stop, terminate, volumes
from .rules.describe import Shape
from .states import Cause, InstanceState
from .world import Instance, Volume, World


@dataclass(frozen=True)
class Specification:
    """What EC2 may do: operations, background steps, the shapes it shows, and the clauses that promise it."""

    operations: Mapping[Operation, OperationRules]
    steps: tuple[BackgroundStep, ...] = background.STEPS
    volume_steps: tuple[VolumeStep, ...] = background.VOLUME_STEPS
    at_rest: Callable[[World, Instance], bool] = background.at_rest
    volume_at_rest: Callable[[World, Volume], bool] = background.volume_at_rest
    shapes: Mapping[InstanceState, tuple[Shape, ...]] = field(default_factory=lambda: describe.SHAPES)
    shows_volumes: tuple[InstanceState, ...] = describe.SHOWS_VOLUMES
    reason_clause: Mapping[Cause, str] = field(default_factory=lambda: describe.REASON_CLAUSE)
    transitions: Mapping[InstanceState, tuple[InstanceState, ...]] = field(
        default_factory=lambda: lifecycle.TRANSITIONS
    )
    """All changes of state that may occur. No rule reads them; theorems prove that the rules cause no others."""
    previous_state: Callable[[World, World, Instance], InstanceState] = reply.previous_state
    current_state: Callable[[World, World, Instance], InstanceState] = reply.current_state
    choices: tuple[Choice[Enum], ...] = CHOICES
    clauses: Mapping[str, Clause] = field(default_factory=lambda: CLAUSES)


EC2: Final = Specification(
    operations={
        Operation.RUN: launch.RULES,
        Operation.START: start.RULES,
        Operation.STOP: stop.RULES,
        Operation.REBOOT: reboot.RULES,
        Operation.TERMINATE: terminate.RULES,
        Operation.MODIFY: attributes.MODIFY,
        Operation.DESCRIBE_ATTRIBUTE: attributes.DESCRIBE,
        Operation.DESCRIBE: describe.RULES,
        Operation.CREATE_VOLUME: volumes.CREATE,
        Operation.ATTACH: volumes.ATTACH,
        Operation.DETACH: volumes.DETACH,
        Operation.DELETE_VOLUME: volumes.DELETE,
        Operation.DESCRIBE_VOLUMES: volumes.DESCRIBE,
    },
)
"""EC2, as far as the facts tell."""
