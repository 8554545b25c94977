"""The mutants of the specification, made once for all tests of a process: that takes a second."""

from functools import cache

from ec2_lifecycle.model.proof.mutants import Mutant, mutants


@cache
def all_mutants() -> tuple[Mutant, ...]:
    """Return every mutant, in the order in which `mutants` makes them."""
    return mutants()
