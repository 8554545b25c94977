"""The solver agrees with plain execution: in a scope, about every answer to every request, and every world after.

What a solver is told is the meaning that `model/proof` reads in the rules. It is asked for a world of the scope,
a request (or background step) and choices of which that meaning says anything else than plain execution did.
There must be none. Choices that plain execution did not read stay open: the solver also says that they do not matter.
"""

import os
from dataclasses import replace

import pytest
from agreement import disagreements

from ec2_lifecycle.model.background import StepName, comes_to_a_stop
from ec2_lifecycle.model.reach.explore import explore
from ec2_lifecycle.model.reach.scope import Scope
from ec2_lifecycle.model.reach.scopes import FATES, IDS, LIMIT, PAIRS, SCOPES, STORE, VOLUMES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.world import World

THOROUGH = os.environ.get("EC2_LIFECYCLE_EVERY_WORLD") == "1"
"""Whether to ask about every world of every scope, which takes minutes."""
ASKED = tuple(s for s in SCOPES if s is not LIMIT) if THOROUGH else (STORE, FATES, PAIRS, VOLUMES, IDS)
"""Without `limit`: there is no solver's scope with a thousand ids."""
TRANSITIONS = 2_000
"""About how many of a scope's transitions are asked about, where not all are, as in `nox -s agreement`."""


def worlds_of(scope: Scope) -> tuple[World, ...]:
    """Return the worlds to ask about: all, or some of every distance."""
    reached = explore(EC2, scope)
    return reached.worlds if THOROUGH else reached.worlds[:: max(1, reached.transitions // TRANSITIONS)]


@pytest.mark.parametrize("scope", ASKED, ids=lambda scope: scope.name)
def test_the_solver_permits_exactly_what_is_executed(scope: Scope) -> None:
    assert disagreements(EC2, EC2, scope, worlds_of(scope)) == []


def without_the_last_rung(operation: Operation) -> Specification:
    """Return the specification without the last rung of an operation."""
    rules = EC2.operations[operation]
    return replace(EC2, operations={**EC2.operations, operation: replace(rules, ladder=rules.ladder[:-1])})


def with_another_end() -> Specification:
    """Return the specification in which a shutdown ends in stopped."""
    wrong = (replace(s, after=comes_to_a_stop) if s.name is StepName.SHUTDOWN_COMPLETES else s for s in EC2.steps)
    return replace(EC2, steps=tuple(wrong))


def with_another_effect() -> Specification:
    """Return the specification in which a start does nothing."""
    rules = EC2.operations[Operation.START]
    idle = replace(rules, instance=EC2.operations[Operation.REBOOT].instance)
    return replace(EC2, operations={**EC2.operations, Operation.START: idle})


@pytest.mark.parametrize(
    ("executed", "scope", "about"),
    [
        (without_the_last_rung(Operation.STOP), FATES, "StopInstances"),
        (without_the_last_rung(Operation.REBOOT), PAIRS, "RebootInstances"),
        (with_another_end(), STORE, "shutdown completes"),
        (with_another_effect(), PAIRS, "StartInstances"),
    ],
    ids=["answer", "answer by a choice", "step", "effect"],
)
def test_the_solver_disagrees_where_something_else_was_executed(
    executed: Specification, scope: Scope, about: str
) -> None:
    found = disagreements(EC2, executed, scope, worlds_of(scope)[::5])
    assert found
    assert all(one.startswith(about) and one.endswith("sat") for one in found)
