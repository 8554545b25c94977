"""The guided walk of this project, as one of those that look for a divergence."""

from contenders import Counted, Spent
from hunt import first_divergence

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.oracle.engine import Engine


def guided_walk(target: Target, engine: Engine, number: int, budget: int) -> int | None:
    """Look for a divergence as the project does; calls beyond the budget are not made, and end the search."""
    try:
        return first_divergence(Counted(target, budget), engine, number, budget)
    except Spent:
        return None
