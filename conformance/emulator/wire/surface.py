"""The surface of the operations as botocore describes it: every parameter and every reply field, with its standing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ....model.requests import Operation
from ....model.surface import INPUTS, OUTPUTS, Entry, by_path, unclassified
from .services import EC2, operation_of

INPUT: Final = "input"
OUTPUT: Final = "output"


@dataclass(frozen=True, slots=True)
class Classified:
    """A path of an operation's parameters (`input`) or of its reply (`output`), and its entry in the ledger.

    `known` is false for a path of a newer botocore: it counts as outside.
    """

    operation: Operation
    direction: str
    entry: Entry
    known: bool


def surface() -> list[Classified]:
    """Return every path of the operations, in the order of the operations and by name."""
    return [each for operation in Operation for each in _of(operation)]


def _of(operation: Operation) -> Iterator[Classified]:
    # botocore-stubs says less of shapes than there is.
    described: Any = operation_of(EC2, operation.value)
    for direction, shape, entries in (
        (INPUT, described.input_shape, INPUTS[operation]),
        (OUTPUT, described.output_shape, OUTPUTS[operation]),
    ):
        yield from classified(operation, direction, paths_of_shape(shape), by_path(entries))


def classified(
    operation: Operation, direction: str, paths: Iterable[str], entries: Mapping[str, Entry]
) -> Iterator[Classified]:
    """Yield paths with their entries, by name."""
    for path in sorted(paths):
        known = entries.get(path)
        yield Classified(operation, direction, known or unclassified(path), known is not None)


def paths_of_shape(shape: Any) -> Iterator[str]:  # noqa: ANN401 - a shape of botocore, which may be None
    """Yield the path of each value in a shape, such as `Placement.Tenancy`; places in lists are left out."""
    if shape is not None:
        yield from _paths(shape, "")


def _paths(shape: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - as above
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _paths(member, f"{path}.{name}" if path else name)
    elif shape.type_name == "list":
        yield from _paths(shape.member, path)
    else:
        yield path
