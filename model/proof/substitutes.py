"""The tokens that can replace a token of a rule and still make sense.

If there are few alternatives, each is used. If there are many (error codes, refusals, fields), the next one is enough:
a check that misses it misses the others too. The alternative that permits everything is used as well, if there is one.
"""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import FunctionType
from typing import Any, Final, cast

from ..choices import Choice
from ..requests import ErrorCode
from ..states import Cause
from ..world import World
from .places import Place
from .variants import MODEL

_FEW: Final = 6
_WIDEST: Final[Mapping[type[Enum], Enum]] = {ErrorCode: ErrorCode.ANY, Cause: Cause.OPEN}


def other_members(place: Place, node: ast.expr) -> Iterator[str]:
    """Yield other members of the enum, where a node is a member; none that would say what another change says."""
    member = place.meaning(node)
    if not isinstance(member, Enum):
        return
    siblings = _siblings(place, node, member)
    for other in _others(member):
        text = _written(place, node, other)
        if text is not None and other not in siblings:
            yield text


def _others(member: Enum) -> Iterator[Enum]:
    members = list(type(member))
    later = members.index(member) + 1
    others = [*members[later:], *members[: later - 1]]
    if len(members) <= _FEW:
        yield from others
        return
    yield others[0]
    widest = _WIDEST.get(type(member))
    if widest not in (None, member, others[0]):
        yield widest


def _siblings(place: Place, node: ast.expr, member: Enum) -> set[object]:
    """Return the members that cannot stand in the place of a node.

    These are the ones beside it in a set or among the keys of a table,
    and in a comparison, of an enum with two members, the other one: `negate` says the same.
    """
    match place.parent(node):
        case ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return {place.meaning(part) for part in parts}
        case ast.Dict(keys=keys) if node in keys:
            return {place.meaning(key) for key in keys if key is not None}
        case ast.Compare():
            members = set[object](type(member))
            return members if len(members) == 2 else set()  # noqa: PLR2004 - yes or no
        case _:
            return set()


def _written(place: Place, node: ast.expr, member: Enum) -> str | None:
    """Return a member in the way in which a node is written: by the name of its enum, or by a name of its own."""
    if isinstance(node, ast.Attribute):
        return f"{place.text.segment(node.value)}.{member.name}"
    return next((name for name, meaning in place.scope.items() if meaning is member), None)


def other_names(place: Place, node: ast.Name) -> Iterator[str]:
    """Yield the next name that stands for something of the same kind as this one does."""
    parameters = _parameters(place)
    if node.id in parameters:
        alike = [name for name, kind in parameters.items() if kind == parameters[node.id]]
        yield from _next_of(alike, node.id)
        return
    kind = _kind(place.meaning(node))
    if kind is None:
        return
    names = [name for name, meaning in place.scope.items() if _kind(meaning) == kind]
    later = names.index(node.id) + 1
    for name in [*names[later:], *names[: later - 1]]:
        if not _leads_back(place, name):
            yield name
            return


def _kind(meaning: Any) -> object:  # noqa: ANN401 - whatever a name of a module stands for
    """Return what has to be the same of two names for one to stand in the other's place; None: it is no such name."""
    match meaning:
        case FunctionType() if meaning.__module__.startswith((f"{MODEL}.rules.", f"{MODEL}.background")):
            return tuple(inspect.unwrap(meaning).__annotations__.values())
        case Choice():
            choice = cast("Choice[Enum]", meaning)
            return type(choice.preferred), choice.per_instance
        case dict() if meaning:
            table = cast("dict[Any, Any]", meaning)
            return dict, _type_of_one(table), _type_of_one(table.values())
        case frozenset() if meaning:
            return frozenset, _type_of_one(cast("frozenset[Any]", meaning))
        case _:
            return None


def _type_of_one(members: Iterable[object]) -> type:
    return type(next(iter(members)))


def _leads_back(place: Place, name: str) -> bool:
    """Tell whether a rule that called this one instead could call itself: it is that rule, or comes after it."""
    rule, other = place.scope.get(place.name), place.scope[name]
    if not isinstance(rule, FunctionType) or not isinstance(other, FunctionType):
        return name == place.name
    rule, other = inspect.unwrap(rule), inspect.unwrap(other)
    return rule.__module__ == other.__module__ and other.__code__.co_firstlineno >= rule.__code__.co_firstlineno


def other_accessors(place: Place, node: ast.Attribute) -> Iterator[str]:
    """Yield the next attribute of the world, or of the request, that has the same type."""
    if isinstance(node.value, ast.Name):
        types = _types_of_accessors(place.scope.get(_parameters(place).get(node.value.id, "")))
        yield from _next_of([name for name, kind in types.items() if kind == types.get(node.attr)], node.attr)


def _next_of(names: list[str], name: str) -> list[str]:
    """Return the name after this one, where there is another: after the last comes the first."""
    return [names[(names.index(name) + 1) % len(names)]] if len(names) > 1 else []


def _parameters(place: Place) -> dict[str, str]:
    """Return the parameters of a rule, each with the name of its type."""
    rule = place.statement
    arguments = rule.args.args if isinstance(rule, ast.FunctionDef) else []
    return {arg.arg: arg.annotation.id for arg in arguments if isinstance(arg.annotation, ast.Name)}


def _types_of_accessors(cls: object) -> dict[str, object]:
    """Return the type of each attribute that rules read: a method of the world, a field or property of a request."""
    if cls is World:
        methods = {name: function for name, function in vars(World).items() if isinstance(function, FunctionType)}
        return {name: tuple(m.__annotations__.values()) for name, m in methods.items() if not name.startswith("_")}
    types: dict[str, object] = {}
    for base in reversed(cls.__mro__ if isinstance(cls, type) else ()):
        types |= inspect.get_annotations(base)
        types |= {name: p.fget.__annotations__["return"] for name, p in vars(base).items() if isinstance(p, property)}
    return types


def other_wording(wording: str) -> str:
    """Return another of EC2's messages."""
    return next(text for text in _WORDINGS if text != wording)


_WORDINGS: Final = ("The instance ID '{id}' does not exist", 'Invalid id: "{id}"')
