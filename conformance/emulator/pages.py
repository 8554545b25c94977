"""Descriptions in pages: `MaxResults`, and the `NextToken` that leads to the rest (D-02)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .refusals import rejected

S = TypeVar("S", bound=str)

LEAST: Final = 5
MOST: Final = 1000
"""Between these `MaxResults` must be; it is documented so for DescribeTags."""
_SETS: Final = {Operation.DESCRIBE: "instancesSet", Operation.DESCRIBE_VOLUMES: "volumesSet"}
"""What EC2 calls the list of ids that are named (E-29, by which the second goes too)."""


def page(
    operation: Operation | str,
    named: Collection[S],
    every: Iterable[S],
    sent: Mapping[str, Any],
    *,
    by_order: bool = False,
) -> tuple[list[S], str | None]:
    """Return the ids of the page that is asked for, and the token for the next one, or None after the last.

    A token holds the last id of its page. `every` must have an order that never changes, and keep what is gone;
    or it is sorted, which `by_order` says, so that the place of what is gone can be told.
    There are no pages where ids are named. Raises `ClientError` for a size or a token that is none.
    """
    most: int | None = sent.get("MaxResults")
    token: str | None = sent.get("NextToken")
    if named:
        if most is not None:
            what = _SETS.get(operation, "idSet") if isinstance(operation, Operation) else "idSet"
            message = f"The parameter {what} cannot be used with the parameter maxResults"
            raise rejected(operation, message, "InvalidParameterCombination")
        return [], None
    if most is not None and not LEAST <= most <= MOST:
        message = f"Value ( {most} ) for parameter maxResults is invalid. Expecting a value between {LEAST} and {MOST}."
        raise rejected(operation, message)
    ids = list(every)
    start = _after(operation, ids, token, by_order=by_order) if token else 0
    end = len(ids) if most is None else start + most
    return ids[start:end], _token(ids[end - 1]) if end < len(ids) else None


def _after(operation: Operation | str, ids: list[S], token: str, *, by_order: bool) -> int:
    try:
        last = urlsafe_b64decode(token).decode()
        if by_order:
            return bisect_right(ids, last)
        return [*map(str, ids)].index(last) + 1
    except ValueError:
        raise rejected(operation, f"Unable to parse pagination token {token!r}") from None


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()
