"""A rule about a whole request is asked once for each of its instances; its answer is kept with the world."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from ..choices import Choices
from ..requests import Request
from ..world import World

R = TypeVar("R", bound=Request)
P = ParamSpec("P")
T = TypeVar("T")


def once_per_request(
    rule: Callable[Concatenate[World, R, Choices, P], T],
) -> Callable[Concatenate[World, R, Choices, P], T]:
    """Return the rule with a memory in the world it is asked about; worlds, requests and choices never change."""

    @wraps(rule)
    def remembered(world: World, request: R, choices: Choices, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Hashable = (rule, id(request), id(choices), args)
        if key not in world.memo:
            # Keeping request and choices keeps their ids from being given to others.
            world.memo[key] = (rule(world, request, choices, *args, **kwargs), request, choices)
        return cast("T", world.memo[key][0])

    return remembered
