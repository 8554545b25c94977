"""Pagination of descriptions by `MaxResults` and `NextToken` (D-02)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, TypeVar

from ...model.requests import Operation
from .refusals import rejected
from .wire.ec2_errors import Ec2Error

S = TypeVar("S", bound=str)

MIN_RESULTS: Final = 5
MAX_RESULTS: Final = 1000
"""The documented bounds of `MaxResults` for DescribeTags, used for all operations."""


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
        check_no_size(operation, named, sent)
        return [], None
    if size is not None and size < MIN_RESULTS:
        raise rejected(operation, Ec2Error.PAGE_TOO_SMALL, size=size, least=MIN_RESULTS)
    if size is not None and size > MAX_RESULTS:
        raise rejected(operation, Ec2Error.PAGE_TOO_LARGE, size=size, most=MAX_RESULTS)
    ids = list(all_ids)
    start = _after(operation, ids, token, is_sorted=is_sorted) if token else 0
    end = len(ids) if size is None else start + size
    return ids[start:end], _token(ids[end - 1]) if end < len(ids) else None


def check_no_size(operation: Operation | str, named: Collection[str], sent: Mapping[str, Any]) -> None:
    """Raise `ClientError` for a request that names ids, known or not, and a size of pages (E-29)."""
    if named and sent.get("MaxResults") is not None:
        raise rejected(operation, Ec2Error.PAGE_OF_IDS if operation is Operation.DESCRIBE else Ec2Error.PAGE_OF_OTHERS)


def _after(operation: Operation | str, ids: list[S], token: str, *, is_sorted: bool) -> int:
    try:
        last = urlsafe_b64decode(token).decode()
        if is_sorted:
            return bisect_right(ids, last)
        return [*map(str, ids)].index(last) + 1
    except ValueError:
        raise rejected(operation, Ec2Error.WRONG_PAGE_TOKEN, token=token) from None


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()
