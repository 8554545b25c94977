"""Protection: which instances the API keeps from being stopped or terminated."""

from ..choices import (
    BOTH_PROTECTIONS,
    CLEARED_PROTECTION,
    DEAD_PROTECTED,
    Choices,
    Cleared,
    DeadProtected,
    NamedProtection,
)
from ..clauses import clause
from ..states import InstanceState
from ..world import Instance, World
from .common import known


def alive(world: World, i: Instance) -> bool:
    """The instance is neither shutting down nor terminated."""
    return world.state(i) not in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)


@clause("PROT-1", "PROT-8")
def termination_enforced(world: World, choices: Choices, i: Instance) -> bool:
    """Termination protection is set, or was cleared so lately that it is still enforced."""
    if world.termination_settling(i):
        return world.disable_api_termination(i) or choices.at(CLEARED_PROTECTION, i) is Cleared.STILL_ENFORCED
    return world.disable_api_termination(i)


@clause("TERM-11", "PROT-2", "PROT-8")
def stop_enforced(world: World, choices: Choices, i: Instance) -> bool:
    """Stop protection is set, or was cleared so lately that it is still enforced."""
    if world.stop_settling(i):
        return world.disable_api_stop(i) or choices.at(CLEARED_PROTECTION, i) is Cleared.STILL_ENFORCED
    return world.disable_api_stop(i)


def still_counts(world: World, choices: Choices, i: Instance) -> bool:
    """Its protection counts: it is alive, or the dead are still taken into account."""
    if world.state(i) is InstanceState.TERMINATED:
        return choices.of(DEAD_PROTECTED) is DeadProtected.ALWAYS
    if world.state(i) is InstanceState.SHUTTING_DOWN:
        return choices.of(DEAD_PROTECTED) is not DeadProtected.NEVER
    return True


@clause("PROT-1", "TERM-11")
def protects(world: World, choices: Choices, i: Instance) -> bool:
    """A named instance with either protection keeps a request from terminating it."""
    return (
        known(world, choices, i)
        and (termination_enforced(world, choices, i) or stop_enforced(world, choices, i))
        and still_counts(world, choices, i)
    )


def named_for_stop(world: World, choices: Choices, i: Instance) -> bool:
    """The refusal for a protected instance names disableApiStop, not disableApiTermination."""
    if termination_enforced(world, choices, i) and stop_enforced(world, choices, i):
        return choices.at(BOTH_PROTECTIONS, i) is NamedProtection.STOP
    return stop_enforced(world, choices, i)
