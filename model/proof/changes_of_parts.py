"""Small changes that remove a part: a row, an element, a set, or a field of an effect."""

import ast
from collections.abc import Iterator
from inspect import Parameter, signature
from typing import Final

from .edits import Edit, Span
from .places import NAMES_A_CLAUSE, Place


def drop_key(place: Place) -> Iterator[Edit]:
    """A row of a table goes."""
    for node in place.nodes(ast.Dict):
        if None in node.keys:
            continue
        spans = [
            Span(place.text.span(key).start, place.text.whole(value).end)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        for k, span in enumerate(spans):
            yield Edit(place.text.without(spans, k), "", span)


def drop_element(place: Place) -> Iterator[Edit]:
    """An element of a tuple or a set goes: a state, a rung, a wording, a background step, a field."""
    for node in place.nodes(ast.expr):
        match node:
            case ast.Tuple(elts=[_]) | ast.Set(elts=[_]):
                # Where it is all that a field is given, `drop_field` says the same, and of a union `drop_set` does.
                if not isinstance(_beyond_a_call(place, node), (ast.keyword, ast.BinOp)):
                    yield place.replaced(node, "()")
            case ast.Tuple(elts=parts) | ast.Set(elts=parts) if parts:
                spans = [place.text.whole(part) for part in parts]
                for k, part in enumerate(spans):
                    cut = place.text.without(spans, k)
                    if len(parts) == 2 and isinstance(node, ast.Tuple):  # noqa: PLR2004 - of two, one stays: with a comma
                        left = place.text.of(spans[1 - k])
                        yield Edit(place.text.span(node), f"({left},)", place.text.span(node))
                    else:
                        yield Edit(cut, "", place.text.span(node) if _is_short(place, node) else part)
            case _:
                pass


def _beyond_a_call(place: Place, node: ast.expr) -> ast.AST:
    """Return what is around an expression, or around the call (`frozenset(…)`) of which it is the argument."""
    parent = place.parent(node)
    return place.parent(parent) if isinstance(parent, ast.Call) else parent


def _is_short(place: Place, node: ast.expr) -> bool:
    """Tell whether a reader wants to see a whole list rather than the one element that goes."""
    return len(place.text.segment(node)) <= _LINE


_LINE: Final = 100


def drop_set(place: Place) -> Iterator[Edit]:
    """`a | b` becomes `a`, or `b`; `a - b` becomes `a`."""
    for node in place.nodes(ast.BinOp):
        if isinstance(node.op, (ast.BitOr, ast.Sub)):
            for left in (node.left, node.right) if isinstance(node.op, ast.BitOr) else (node.left,):
                text = place.text.of(place.text.whole(left))
                yield place.replaced(node, f"frozenset({text})" if isinstance(left, ast.Set) else text)


def drop_field(place: Place) -> Iterator[Edit]:
    """A field of an effect, a rung or a shape is left as it is by default."""
    for call in place.nodes(ast.Call):
        optional = frozenset(_optional(place, call))
        arguments = [*call.args, *call.keywords]
        spans = [place.text.span(argument) for argument in arguments]
        for k, argument in enumerate(arguments):
            if isinstance(argument, ast.keyword) and argument.arg in optional:
                yield Edit(place.text.without(spans, k), "", spans[k])


def _optional(place: Place, call: ast.Call) -> Iterator[str]:
    """Yield the fields that a call need not give, and of which no other operator says the same."""
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg not in NAMES_A_CLAUSE}
    is_replace = isinstance(call.func, ast.Name) and call.func.id == "replace"
    defaults = {} if is_replace else _defaults(place.meaning(call.func))
    for name, value in given.items():
        if name is not None and (is_replace or (name not in _ELSEWHERE and name in defaults)):
            same = value.value if isinstance(value, ast.Constant) else place.meaning(value)
            if is_replace or same is None or same != defaults[name]:
                yield name


_ELSEWHERE: Final = frozenset({"status", "holds", "trips", "by_zone", "names_kin", "spontaneous"})
"""Fields with operators of their own. (Without its condition a rung never applies, as if it were dropped.)"""


def _defaults(cls: object) -> dict[str, object]:
    """Return the fields of a dataclass that have a default."""
    parameters = signature(cls).parameters.values() if isinstance(cls, type) else ()
    return {p.name: p.default for p in parameters if p.default is not Parameter.empty}
