"""The guided walk of this project, as a contender."""

from contenders import Counted, Spent
from first_divergence import first_divergence

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.oracle.engine import Engine


def guided_walk(target: Target, engine: Engine, number: int, budget: int) -> int | None:
    """Search for a divergence with guided walks, until the budget is spent."""
    try:
        return first_divergence(Counted(target, budget), engine, number, budget)
    except Spent:
        return None
