"""Decorates callables of every kind with a context: functions, coroutines, generators, and the tests of a class."""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Final, TypeAlias, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
Context: TypeAlias = AbstractContextManager[object]

_TEST: Final = "test"
"""The prefix of a test's name, as in unittest and pytest."""


def decorated(context: Context, function: F) -> F:
    """Return a callable of the same kind that runs inside the context; a class is changed and returned.

    In a class, it decorates each method whose name begins with `test`, inherited ones too.
    """
    if not inspect.isclass(function):
        return cast("F", wraps(function)(_wrapper(context, function)))
    for name, method in inspect.getmembers(function, inspect.isfunction):
        if name.startswith(_TEST):
            setattr(function, name, decorated(context, method))
    return cast("F", function)


def _wrapper(context: Context, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what runs a function inside the context, from its first line to its last."""
    if inspect.isasyncgenfunction(function):

        async def yield_later(*args: object, **kwargs: object) -> AsyncGenerator[object]:
            with context:
                async for each in function(*args, **kwargs):
                    yield each

        return yield_later
    if inspect.iscoroutinefunction(function):

        async def wait(*args: object, **kwargs: object) -> object:
            with context:
                return await function(*args, **kwargs)

        return wait
    if inspect.isgeneratorfunction(function):

        def generate(*args: object, **kwargs: object) -> Generator[object, Any, object]:
            with context:
                return cast("object", (yield from function(*args, **kwargs)))

        return generate

    def run(*args: object, **kwargs: object) -> object:
        with context:
            return function(*args, **kwargs)

    return run
