"""Turns a raw answer into an observation, whether it has just arrived or was recorded."""

from collections.abc import Iterator
from typing import Final

from ...model.requests import Operation, Request
from .answer import Answer
from .devices import Devices
from .failures import failed
from .names import Names
from .observation import Observation
from .reply_parts import Reply, WrongPart, required_items, structure, text
from .reply_reader import read_reply, unreadable

PAGED: Final = {Operation.DESCRIBE: "Reservations", Operation.DESCRIBE_VOLUMES: "Volumes"}
"""The paginated operations, and the list that each page holds."""
TOKEN: Final = "NextToken"  # noqa: S105 - a page token, not a secret


def read_answer(request: Request, answer: Answer, names: Names, devices: Devices) -> Observation:
    """Return the observation for an answer; binds the ids that it shows for the first time."""
    operation = request.operation
    if answer.error is not None:
        return failed(operation, answer.error, names)
    try:
        reply = _as_one(answer.pages, PAGED[operation]) if operation in PAGED else answer.pages[0]
    except WrongPart as wrong:
        return unreadable(operation, wrong, names)
    return read_reply(request, reply, names, devices)


def _as_one(pages: tuple[object, ...], key: str) -> object:
    """Return all pages as one reply; raises `WrongPart`."""
    if len(pages) == 1 and TOKEN not in structure(pages[0], "the reply"):
        return pages[0]
    return {key: [item for page in _pages(pages) for item in required_items(page, key, "the reply")]}


def _pages(pages: tuple[object, ...]) -> Iterator[Reply]:
    token = ""
    for reply in pages:
        page = structure(reply, "the reply")
        yield page
        token = text(page, TOKEN, "the reply")
    if token:
        raise WrongPart(f"its NextToken leads in a circle after {len(pages)} pages", TOKEN)
