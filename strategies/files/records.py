"""Converts mappings of a scenario file to frozen dataclasses and back; one list of fields serves both directions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .values import Codec, Data, keys_of
from .yaml_nodes import Mapping as MappingNode
from .yaml_nodes import Node, node_kind

_REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping, the attribute that it fills, and the default that is left out when written."""

    key: str
    attribute: str
    codec: Codec[Any]
    default: object = _REQUIRED

    @property
    def required(self) -> bool:
        """Whether a file must have the key."""
        return self.default is _REQUIRED


def read_fields(fields: Sequence[Field], node: Node, what: str) -> dict[str, Any]:
    """The attributes that a mapping gives; `what` names the mapping in messages."""
    if not isinstance(node, MappingNode):
        raise node.error(f"{what} must be a mapping, not {node_kind(node)}; write {{{fields[0].key}: …}}")
    required = [each.key for each in fields if each.required]
    given = keys_of(node, what, [each.key for each in fields], required)
    return {each.attribute: each.codec.read(given[each.key], each.key) for each in fields if each.key in given}


def write_fields(fields: Sequence[Field], value: object, keep: str = "") -> dict[str, Data]:
    """The mapping for a value's attributes, without the defaults; the key `keep` stays, unless there is no value."""
    values = [(each, getattr(value, each.attribute)) for each in fields]
    kept = ((each, one) for each, one in values if one != each.default or (each.key == keep and one is not None))
    return {each.key: each.codec.write(one) for each, one in kept}


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass as a mapping with the keys of `fields`; `fixed` are the attributes that no key gives."""

    make: type[Any]
    fields: tuple[Field, ...] = ()
    fixed: Mapping[str, object] = field(default_factory=dict[str, object])

    def keys(self) -> Sequence[Field]:
        """Every key that the mapping may have."""
        return self.fields

    def read(self, node: Node, what: str) -> Any:  # noqa: ANN401 (it is what `make` makes)
        """The dataclass for a mapping; `what` names it in messages."""
        return self.made(read_fields(self.fields, node, what))

    def write(self, value: Any, keep: str = "") -> dict[str, Data]:  # noqa: ANN401 (it is what `make` makes)
        """The mapping for a dataclass, without the defaults; the key `keep` is always written."""
        return write_fields(self.fields, value, keep)

    def made(self, attributes: Mapping[str, object]) -> Any:  # noqa: ANN401 (it is what `make` makes)
        """The dataclass with these attributes; those left out have its defaults."""
        return self.make(**self.fixed, **attributes)

    def fits(self, value: object) -> bool:
        """Whether the value is of this dataclass and has the fixed attributes."""
        return isinstance(value, self.make) and all(getattr(value, name) == one for name, one in self.fixed.items())
