"""Small changes of conditions, and of the branches that depend on them."""

import ast
from collections.abc import Iterator
from typing import Final

from .edits import Edit, Span
from .places import Place


def drop_operand(place: Place) -> Iterator[Edit]:
    """`a and b` becomes `a`, or `b`; so with `or`."""
    for node in place.nodes(ast.BoolOp):
        parts = [place.text.whole(part) for part in node.values]
        for k in range(len(parts)):
            yield Edit(place.text.without(parts, k), "", place.text.span(node))


def and_or(place: Place) -> Iterator[Edit]:
    """`and` becomes `or`, and the other way round."""
    for node in place.nodes(ast.BoolOp):
        now, then = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for gap in place.text.gaps(node.values):
            yield Edit(place.text.token(now, gap), then, place.text.span(node))


def any_all(place: Place) -> Iterator[Edit]:
    """`any` becomes `all`, and the other way round."""
    for node in place.nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in _QUANTIFIERS:
            yield Edit(place.text.span(node.func), _QUANTIFIERS[node.func.id], place.text.span(node))


_QUANTIFIERS: Final = {"any": "all", "all": "any"}


def negate(place: Place) -> Iterator[Edit]:
    """`x` becomes `not x`, `is` becomes `is not`, and so on; a condition within `not` is negated by losing that."""
    for node in place.conditions():
        parent = place.parent(node)
        # Of a conditional expression `swap_arms` says the same.
        within_not = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
        if within_not or (isinstance(parent, ast.IfExp) and node is parent.test):
            continue
        match node:
            case ast.Constant():
                pass  # `true_false` says the same
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield place.replaced(node, place.text.of(place.text.whole(operand)))
            case ast.Compare(ops=[op]):
                yield _compared(place, node, _NEGATED[type(op)])
            case _:
                whole = place.text.whole(node)
                bare = isinstance(node, (ast.BoolOp, ast.IfExp)) and whole == place.text.span(node)
                text = place.text.of(whole)
                yield Edit(whole, f"not ({text})" if bare else f"not {text}", whole)


def shift_bound(place: Place) -> Iterator[Edit]:
    """`>` becomes `>=`, `<` becomes `<=`, and the other way round."""
    for node in place.nodes(ast.Compare):
        if len(node.ops) == 1 and type(node.ops[0]) in _SHIFTED:
            yield _compared(place, node, _SHIFTED[type(node.ops[0])])


_NEGATED: Final[dict[type[ast.cmpop], str]] = {
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.Lt: ">=",
    ast.LtE: ">",
}
_SHIFTED: Final[dict[type[ast.cmpop], str]] = {ast.Gt: ">=", ast.GtE: ">", ast.Lt: "<=", ast.LtE: "<"}


def _compared(place: Place, node: ast.Compare, operator: str) -> Edit:
    """Return the comparison by another operator."""
    [gap] = place.text.gaps([node.left, *node.comparators])
    tokens = [token for token in place.text.tokens(gap) if place.text.of(token) not in ("(", ")")]
    return Edit(Span(tokens[0].start, tokens[-1].end), operator, place.text.span(node))


# Branches.


def drop_branch(place: Place) -> Iterator[Edit]:
    """An `if` goes, with what it leads to."""
    for node in place.nodes(ast.If):
        if not node.orelse:
            span = place.text.lines(node)
            yield Edit(span, "", Span(place.text.span(node).start, place.text.whole(node.test).end))


def always_branch(place: Place) -> Iterator[Edit]:
    """An `if` does not ask any more."""
    for node in place.nodes(ast.If):
        yield Edit(place.text.whole(node.test), "True", place.text.whole(node.test))


def swap_arms(place: Place) -> Iterator[Edit]:
    """`a if c else b` becomes `b if c else a`."""
    for node in place.nodes(ast.IfExp):
        arm, test, other = (place.text.of(place.text.whole(part)) for part in (node.body, node.test, node.orelse))
        yield place.replaced(node, f"{other} if {test} else {arm}")
