"""What IAM would say to a request of EC2's, as far as one identity policy has a say; no AWS is asked.

The packages that there are were looked at: policyuniverse and parliament evaluate no conditions, Principal Mapper is
under the AGPL, and IAMSpy has a single release of 2022. This knows only what the policy of the sandbox uses, and raises
`NotImplementedError` on anything else:
Allow and Deny, wildcards in actions and resources, and of conditions StringEquals, StringLike, Bool and Null,
each also with ForAllValues and ForAnyValue, and the first three with IfExists.
Its rules are from the IAM user guide: "Policy evaluation logic", "Condition operators", "Conditions with multiple
context keys or values".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Context: TypeAlias = Mapping[str, str | list[str]]
"""The condition keys of a request and what they are: a list for a key of several values."""
Document: TypeAlias = Mapping[str, Any]

_KNOWN: Final = {"Sid", "Effect", "Action", "Resource", "Condition"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to be allowed: an action on one resource."""

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict[str, str | list[str]])


def allowed(policy: Document, asked: Iterable[Asked]) -> bool:
    """Tell whether a request may be made: only when each of its resources may be used so."""
    return all(_allowed(policy, each) for each in asked)


def _allowed(policy: Document, asked: Asked) -> bool:
    effects = {statement["Effect"] for statement in policy["Statement"] if _applies(statement, asked)}
    return effects == {"Allow"}


def _applies(statement: Document, asked: Asked) -> bool:
    if not _KNOWN.issuperset(statement):
        raise NotImplementedError(f"Statements with {sorted(statement.keys() - _KNOWN)} are not known here.")
    return (
        any(_like(action.lower(), asked.action.lower()) for action in _listed(statement["Action"]))
        and any(_like(resource, asked.resource) for resource in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(values), asked.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, values: list[str], context: Context) -> bool:
    """Tell whether a condition on one key holds; keys are the same in capital and small letters."""
    found = {name.lower(): _listed(value) for name, value in context.items()}.get(key.lower())
    if operator == "Null":
        return [str(not found).lower()] == [value.lower() for value in values]
    quantifier, _, operator = operator.rpartition(":")
    base = operator.removesuffix("IfExists")
    if base not in _OPERATORS or quantifier not in {"", "ForAllValues", "ForAnyValue"}:
        raise NotImplementedError(f"The operator {operator} is not known here.")
    if not found:
        return quantifier == "ForAllValues" or base != operator
    if not quantifier and len(found) > 1:
        raise NotImplementedError(f"{key} has several values: that needs ForAllValues or ForAnyValue.")
    fits = [any(_OPERATORS[base](value, told) for value in values) for told in found]
    return any(fits) if quantifier == "ForAnyValue" else all(fits)


def _like(pattern: str, text: str) -> bool:
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(each, re.escape(each)) for each in pattern), text, re.DOTALL) is not None


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda value, told: value == told,
    "StringLike": _like,
    "Bool": lambda value, told: value.lower() == told.lower(),
}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
