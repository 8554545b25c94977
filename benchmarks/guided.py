"""The guided walk of this project, as one of those that look for a divergence."""

from contenders import Counted, Spent

from ec2_lifecycle.conformance.hunt import first_divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.targets.base import Target


def guided_walk(target: Target, engine: Engine, number: int, budget: int) -> int | None:
    """Look for a divergence as the project does; calls beyond the budget are not made, and end the search."""
    try:
        return first_divergence(Counted(target, budget), engine, number, budget)
    except Spent:
        return None
