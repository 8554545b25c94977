"""What the reply to a change of state tells of each instance (facts S-31, B-13)."""

from ..clauses import clause
from ..states import InstanceState
from ..world import Instance, World


@clause("TERM-10")
def previous_state(before: World, after: World, i: Instance) -> InstanceState:
    """The state that the request found."""
    return before.state(i)


@clause("TERM-10")
def current_state(before: World, after: World, i: Instance) -> InstanceState:
    """The state that the request left."""
    return after.state(i)
