"""Writes plain data as the YAML of scenario files.

Every key, step and fact has its own line; nested values are in braces and brackets.
"""

from typing import Final

import yaml

from .values import Data

_WIDTH: Final = 120
_LONG: Final = frozenset({"steps", "finding"})
_QUOTED: Final = "malformed"
"""Its text is always quoted, because it is not a name."""


class _Dumper(yaml.SafeDumper):
    """Indents the items of a list under its key; the signature is PyYAML's."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def emit(data: Data) -> str:
    """The YAML text of a scenario file."""
    # PyYAML's stubs do not type nodes.
    return yaml.serialize(_top(data), Dumper=_Dumper, width=_WIDTH, allow_unicode=True)  # pyright: ignore[reportUnknownMemberType]


def _top(data: Data) -> yaml.Node:
    if not isinstance(data, dict):
        return _inline(data)
    return _mapping([(key, _lines(value) if key in _LONG else _inline(value)) for key, value in data.items()])


def _lines(data: Data) -> yaml.Node:
    match data:
        case dict():
            return _mapping([(key, _inline(value)) for key, value in data.items()])
        case list():
            items = [_lines(item) if isinstance(item, dict) else _inline(item) for item in data]
            return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=False)
        case _:
            return _inline(data)


def _mapping(entries: list[tuple[str, yaml.Node]], *, flow: bool = False) -> yaml.MappingNode:
    pairs = [(_inline(key), value) for key, value in entries]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=flow)


def _inline(data: Data, key: str = "") -> yaml.Node:
    match data:
        case dict():
            return _mapping([(each, _inline(value, each)) for each, value in data.items()], flow=True)
        case list():
            return yaml.SequenceNode("tag:yaml.org,2002:seq", [_inline(item) for item in data], flow_style=True)
        case bool():
            return yaml.ScalarNode("tag:yaml.org,2002:bool", str(data).lower())
        case int():
            return yaml.ScalarNode("tag:yaml.org,2002:int", str(data))
        case str():
            quoted = key == _QUOTED or not data.isprintable()  # other styles lose a line break U+0085 at the end
            return yaml.ScalarNode("tag:yaml.org,2002:str", data, style='"' if quoted else None)
