"""Pagination of descriptions by `MaxResults` and `NextToken` (D-02)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .refusals import rejected

S = TypeVar("S", bound=str)

MIN_RESULTS: Final = 5
MAX_RESULTS: Final = 1000
"""The documented bounds of `MaxResults` for DescribeTags, used for all operations."""
_ID_LISTS: Final = {Operation.DESCRIBE: "instancesSet", Operation.DESCRIBE_VOLUMES: "volumesSet"}
"""EC2's names for the list of ids (E-29, also applied to volumes)."""


def page_of(
    operation: Operation | str,
    named: Collection[S],
    all_ids: Iterable[S],
    sent: Mapping[str, Any],
    *,
    is_sorted: bool = False,
) -> tuple[list[S], str | None]:
    """Return the ids of the requested page, and the token for the next page, or None after the last.

    A token holds the last id of its page. `all_ids` must keep its order and never lose an id;
    or it must be sorted (`is_sorted`), so that the position of a removed id can be found.
    A request that names ids has no pages. Raises `ClientError` for an invalid size or token.
    """
    size: int | None = sent.get("MaxResults")
    token: str | None = sent.get("NextToken")
    if named:
        if size is not None:
            what = _ID_LISTS.get(operation, "idSet") if isinstance(operation, Operation) else "idSet"
            message = f"The parameter {what} cannot be used with the parameter maxResults"
            raise rejected(operation, message, "InvalidParameterCombination")
        return [], None
    if size is not None and not MIN_RESULTS <= size <= MAX_RESULTS:
        bounds = f"between {MIN_RESULTS} and {MAX_RESULTS}"
        message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value {bounds}."
        raise rejected(operation, message)
    ids = list(all_ids)
    start = _after(operation, ids, token, is_sorted=is_sorted) if token else 0
    end = len(ids) if size is None else start + size
    return ids[start:end], _token(ids[end - 1]) if end < len(ids) else None


def _after(operation: Operation | str, ids: list[S], token: str, *, is_sorted: bool) -> int:
    try:
        last = urlsafe_b64decode(token).decode()
        if is_sorted:
            return bisect_right(ids, last)
        return [*map(str, ids)].index(last) + 1
    except ValueError:
        raise rejected(operation, f"Unable to parse pagination token {token!r}") from None


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()
