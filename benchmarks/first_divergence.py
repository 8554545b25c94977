"""How soon walks find a divergence, for comparing search methods."""

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.execution.walker import Walker
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.strategies.walking.coverage import Coverage


def first_divergence(target: Target, engine: Engine, seed: int, budget: int) -> int | None:
    """Return how many calls walks need until the first divergence; None if more than the budget.

    The walks start without coverage: neither the corpus nor the covering suite is played.
    """
    walker = Walker(target, engine, seed=seed)
    coverage = Coverage()
    made = 0
    first: list[int] = []

    def seen(found: tuple[Divergence, ...], calls: int) -> bool:
        if found and not first:
            first.append(made + calls)
        return bool(first)

    number = 0
    while made < budget and not first:
        made += walker.play(number, coverage, budget - made, seen=seen).calls
        number += 1
    return first[0] if first and first[0] <= budget else None
