"""Scenario files: YAML in and out.

A file is a mapping with `title`, `clauses` and `steps`.
`finding` may hold texts about the origin of the scenario; `format` is the number of the format (`READERS`).
docs/scenarios.md describes all of it. `forms.py` has the forms of steps, `values.py` those of ids and other values.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from ..scenario.names import first_problem
from ..scenario.scenario import Scenario
from ..scenario.steps import Step
from .forms import read_step, write_step
from .values import LINE, NUMBER, Data, keys_of
from .yaml_nodes import Listing, Mapping, Node, Scalar, ScenarioError, node_kind, parse, quoted, suggestion
from .yaml_text import emit

__all__ = [
    "Data",
    "ScenarioError",
    "dump_scenario",
    "load_scenario",
    "read_scenario",
    "scenario_as_data",
    "scenario_from_data",
]

_KEYS: Final = ("title", "clauses", "steps", "finding", "format")
_UNREAD: Final[dict[type[OSError], str]] = {
    FileNotFoundError: "no such file or directory",
    IsADirectoryError: "is a directory",
    NotADirectoryError: "not a directory",
    PermissionError: "permission denied",
}
_START: Final = "write title:, clauses: and steps:"


def load_scenario(path: Path, known_clauses: Collection[str] | None = None) -> Scenario:
    """The scenario in a file; raises `ScenarioError` if it cannot be read, as `read_scenario` does."""
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        reason = next(
            (words for node_kind, words in _UNREAD.items() if isinstance(error, node_kind)), "the system cannot read it"
        )
        raise ScenarioError(str(path), None, f"cannot be read ({reason}); name a scenario file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start + 1} of the file is not UTF-8; write a text file in that encoding"
        raise ScenarioError(str(path), line, message) from error
    return read_scenario(text, str(path), known_clauses)


def read_scenario(text: str, path: str, known_clauses: Collection[str] | None = None) -> Scenario:
    """The scenario in the text of a file; `path` is for messages.

    Clause ids are looked up in `known_clauses` when it is given.
    Raises `ScenarioError` for anything that is not a scenario with valid names.
    """
    root = parse(text, path)
    if root is None:
        raise ScenarioError(path, 1, f"the file is empty; {_START}")
    if not isinstance(root, Mapping):
        raise root.error(f"a scenario file must be a mapping, not {node_kind(root)}; {_START}")
    return READERS[_format_of(root)](root, known_clauses)


def _format_of(root: Mapping) -> int:
    """The number of a file's format, which is read first because other formats may have other keys."""
    node = next((value for key, value in root.entries if key.text == "format"), None)
    if node is None:
        return 1
    number = NUMBER.read(node, "format")
    if number not in READERS:
        known = " or ".join(map(str, READERS))
        raise node.error(f"format {number} is unknown to this version; write format: {known}, or update ec2-lifecycle")
    return number


def _read_first_format(root: Mapping, known_clauses: Collection[str] | None) -> Scenario:
    values = keys_of(root, "a scenario file", _KEYS, ("title", "steps"))
    return Scenario(
        title=LINE.read(values["title"], "title"),
        clauses=_read_clauses(values["clauses"], known_clauses) if "clauses" in values else (),
        steps=_read_steps(values["steps"]),
        finding=_read_finding(values["finding"]) if "finding" in values else (),
    )


READERS: Final[dict[int, Callable[[Mapping, Collection[str] | None], Scenario]]] = {1: _read_first_format}
"""The reader of each format. A file without the key has format 1.

A change that would reject an old file or change its meaning is a new format: add its reader here,
keep the others, and let `dump_scenario` write the number. An added key or form of step is not a new format.
"""


def dump_scenario(scenario: Scenario) -> str:
    """The text of a file that reads back as this scenario, if its names are valid (`names.first_problem`)."""
    return emit(scenario_as_data(scenario))


def scenario_as_data(scenario: Scenario) -> dict[str, Data]:
    """The content of the scenario's file, as data for JSON."""
    keep_zone = len(scenario.zones) > 1
    data: dict[str, Data] = {"title": scenario.title}
    if scenario.clauses:
        data["clauses"] = list(scenario.clauses)
    data["steps"] = [write_step(step, keep_zone=keep_zone) for step in scenario.steps]
    if scenario.finding:
        data["finding"] = dict(scenario.finding)
    return data


def scenario_from_data(data: Data, path: str) -> Scenario:
    """The scenario that `scenario_as_data` wrote; a `ScenarioError` has the line in the equivalent file."""
    return read_scenario(emit(data), path)


def _read_clauses(node: Node, known: Collection[str] | None) -> tuple[str, ...]:
    if not isinstance(node, Listing):
        raise node.error(f"clauses must be a list, not {node_kind(node)}; write [TERM-4, TERM-5]")
    clauses: dict[str, None] = {}
    for item in node.items:
        clause = LINE.read(item, "each of clauses")
        if known is not None and clause not in known:
            raise item.error(f"{quoted(clause)} is not a clause; {suggestion(clause, sorted(known))}")
        if clause in clauses:
            raise item.error(f"the clause {quoted(clause)} is named twice; write it once")
        clauses[clause] = None
    return tuple(clauses)


def _read_steps(node: Node) -> tuple[Step, ...]:
    if not isinstance(node, Listing):
        raise node.error(f"steps must be a list, not {node_kind(node)}; write a line with a dash for each step")
    if not node.items:
        raise node.error("the scenario has no steps; write at least one")
    steps = tuple(read_step(item) for item in node.items)
    problem = first_problem(steps)
    if problem is not None:
        item = node.items[problem.step]
        raise (_place_of(problem.name, item) or item).error(problem.message)
    return steps


def _place_of(text: str, node: Node) -> Scalar | None:
    """The first value with this text, to point an error at it."""
    match node:
        case Scalar():
            return node if node.text == text else None
        case Listing():
            values = node.items
        case Mapping():
            values = tuple(value for _, value in node.entries)
    return next(filter(None, (_place_of(text, value) for value in values)), None)


def _read_finding(node: Node) -> tuple[tuple[str, str], ...]:
    if not isinstance(node, Mapping):
        raise node.error(
            f"finding must be a mapping of texts, not {node_kind(node)}; write a key and a text on each line"
        )
    return tuple((key.text, _read_fact(key.text, value)) for key, value in node.entries)


def _read_fact(key: str, value: Node) -> str:
    if not isinstance(value, Scalar):
        raise value.error(f"finding has {node_kind(value)} at {quoted(key)}; write a text")
    return value.text
