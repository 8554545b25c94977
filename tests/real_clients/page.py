"""What `docs/custodian.md` says of each policy: a world, and what becomes of it on each server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from docs import text_of

PAGE: Final = "custodian.md"
EXIT: Final = "exit code"
_POLICY: Final = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """An instance of the page."""

    name: str
    zone: str
    protection: str


@dataclass(frozen=True)
class Case:
    """One column of a table: a policy, the instances that it finds, and how it ends on one server."""

    title: str
    policy: str
    server: str
    rows: tuple[Row, ...]
    outcome: dict[str, str]
    """Of each instance by its name, and of the run as `EXIT`."""

    def __str__(self) -> str:
        return f"{self.title}, {self.server}"


def sections() -> dict[str, str]:
    """Return the sections of the page that have a policy, by their titles."""
    parts = [part.partition("\n") for part in text_of(PAGE).split("\n## ")[1:]]
    return {title: text for title, _, text in parts if _POLICY.search(text)}


def policy_of(title: str) -> str:
    """Return the policy of a section."""
    found = _POLICY.search(sections()[title])
    assert found is not None
    return found[1]


def cases() -> Iterator[Case]:
    """Return every column of every table, in order."""
    for title, text in sections().items():
        head, *lines = [_cells(line) for line in text.splitlines() if line.startswith("| ")]
        rows = tuple(Row(*line[:3]) for line in lines if line[0] != EXIT)
        for column in range(3, len(head)):
            outcome = {line[0]: line[column] for line in lines}
            yield Case(title, policy_of(title), head[column], rows, outcome)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
