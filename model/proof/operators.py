"""The small changes that make mutants: one function for each kind of change, from a place to its edits.

Each changes one token, or leaves out one part. Where two kinds would say the same, one of them does.
"""

import ast
from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Final

from .edits import Edit, Span
from .places import NAMES_A_CLAUSE, Place
from .substitutes import other_accessors, other_members, other_names, other_wording

Operator = Callable[[Place], Iterator[Edit]]


def _replaced(place: Place, node: ast.expr, text: str) -> Edit:
    span = place.text.span(node)
    return Edit(span, text, span)


# Conditions.


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
                yield _replaced(place, node, place.text.of(place.text.whole(operand)))
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
        yield _replaced(place, node, f"{other} if {test} else {arm}")


# Values.


def other_member(place: Place) -> Iterator[Edit]:
    """A member of an enum becomes another one."""
    for node in place.nodes(ast.expr):
        for text in other_members(place, node):
            yield _replaced(place, node, text)


def other_name(place: Place) -> Iterator[Edit]:
    """A rule, a choice or a table becomes another of its kind."""
    for node in place.nodes(ast.Name):
        for text in other_names(place, node):
            yield _replaced(place, node, text)


def other_accessor(place: Place) -> Iterator[Edit]:
    """An attribute of the world or the request becomes another of its type."""
    for node in place.nodes(ast.Attribute):
        for text in other_accessors(place, node):
            yield _replaced(place, node, f"{place.text.segment(node.value)}.{text}")


def true_false(place: Place) -> Iterator[Edit]:
    """True becomes False, and the other way round."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, bool):
            yield _in_field(place, node, str(not node.value))


def off_by_one(place: Place) -> Iterator[Edit]:
    """A number becomes the next, or the one before."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, int) and not isinstance(node.value, bool) and _field(place, node) != "status":
            yield from (_replaced(place, node, str(node.value + by)) for by in (1, -1))


def change_status(place: Place) -> Iterator[Edit]:
    """The HTTP status of a refusal becomes another, or any of the 400-series."""
    for node in place.nodes(ast.Constant):
        if _field(place, node) == "status":
            usual = "403" if node.value == _USUAL_STATUS else str(_USUAL_STATUS)
            yield from (_in_field(place, node, text) for text in (usual, "None") if text != str(node.value))
    for call in _calls(place, "Rung"):
        if all(keyword.arg != "status" for keyword in call.keywords):
            yield from (_added(place, call, f"status={text}") for text in ("403", "None"))


_USUAL_STATUS: Final = 400


def change_wording(place: Place) -> Iterator[Edit]:
    """The wording of a message becomes that of another."""
    for node in place.nodes(ast.Constant):
        if isinstance(node.value, str) and isinstance(place.parent(node), ast.Tuple):
            yield _replaced(place, node, repr(other_wording(node.value)))


def set_flag(place: Place) -> Iterator[Edit]:
    """A flag of a rung or a background step that is left at its default is set."""
    for name, flags in _FLAGS_TO_SET.items():
        for call in _calls(place, name):
            given = {keyword.arg for keyword in call.keywords}
            for flag, (needs, text) in flags.items():
                if flag not in given and needs in (None, *given):
                    yield _added(place, call, text)


_FLAGS_TO_SET: Final[dict[str, dict[str, tuple[str | None, str]]]] = {
    # Whom a message names is open anyway where nothing is known of the message.
    "Rung": {"by_zone": (None, "by_zone=True"), "names_kin": ("wordings", "names_kin=True")},
    "BackgroundStep": {"spontaneous": (None, "spontaneous=False")},
}


# Parts of tables and effects.


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
                    yield _replaced(place, node, "()")
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
                yield _replaced(place, node, f"frozenset({text})" if isinstance(left, ast.Set) else text)


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


def _calls(place: Place, name: str) -> Iterator[ast.Call]:
    return (call for call in place.nodes(ast.Call) if isinstance(call.func, ast.Name) and call.func.id == name)


def _field(place: Place, node: ast.expr) -> str | None:
    """Return the field that a value is given to in a call."""
    parent = place.parent(node)
    return parent.arg if isinstance(parent, ast.keyword) else None


def _in_field(place: Place, node: ast.expr, text: str) -> Edit:
    parent = place.parent(node)
    return Edit(place.text.span(node), text, place.text.span(parent if isinstance(parent, ast.keyword) else node))


def _added(place: Place, call: ast.Call, text: str) -> Edit:
    """Return the call with one more field."""
    end = place.text.whole(call.args[-1]).end
    return Edit(Span(end, end), f", {text}", Span(place.text.span(call).start, end))


OPERATORS: Final[dict[str, Operator]] = {
    "drop-operand": drop_operand,
    "and-or": and_or,
    "any-all": any_all,
    "negate": negate,
    "shift-bound": shift_bound,
    "drop-branch": drop_branch,
    "always-branch": always_branch,
    "swap-arms": swap_arms,
    "other-member": other_member,
    "other-name": other_name,
    "other-accessor": other_accessor,
    "true-false": true_false,
    "off-by-one": off_by_one,
    "change-status": change_status,
    "change-wording": change_wording,
    "set-flag": set_flag,
    "drop-key": drop_key,
    "drop-element": drop_element,
    "drop-set": drop_set,
    "drop-field": drop_field,
}
"""Every kind of change, by the name that mutants have of it."""
