"""Evaluates a formula in one small world, without a solver."""

from collections.abc import Callable
from typing import TypeAlias

from .expansion import Scope
from .terms import Term, substituted

Plain: TypeAlias = bool | int | str
"""A truth value, a number, or the name of a member of an enum or of a scope's sort."""

Interpretation: TypeAlias = Callable[[Term, tuple[Plain, ...]], Plain]
"""What a symbol is, applied to these values; the term tells its name and its sort."""


def evaluated(  # noqa: C901 (its own `compute`)
    term: Term, scope: Scope, interpretation: Interpretation, known: dict[Term, Plain] | None = None
) -> Plain:
    """Return the value of a term over the members of a scope.

    Whoever asks for many keeps what is `known` of their parts, for one scope and interpretation.
    """
    done = {} if known is None else known

    def value(part: Term) -> Plain:
        if part not in done:
            done[part] = compute(part)
        return done[part]

    def compute(part: Term) -> Plain:
        match part.op, part.args:
            case (("true" | "false"), _):
                return part.op == "true"
            case (("integer" | "member"), _):
                return part.what if isinstance(part.what, int) else str(part.what)
            case "not", (inner,):
                return not value(inner)
            case "and", parts:
                return all(value(one) for one in parts)
            case "or", parts:
                return any(value(one) for one in parts)
            case "ite", (test, then, otherwise):
                return value(then) if value(test) else value(otherwise)
            case "=", (a, b):
                return value(a) == value(b)
            case "<", (a, b):
                return int(value(a)) < int(value(b))
            case "+", parts:
                return sum(int(value(one)) for one in parts)
            case (("exists" | "forall"), (bound, body)):
                each = (value(substituted(body, {bound: one})) for one in scope.members(bound.sort))
                return any(each) if part.op == "exists" else all(each)
            case _:
                return interpretation(part, tuple(map(value, part.args)))

    return value(term)
