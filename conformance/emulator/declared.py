"""What exists beside instances and volumes: zones, images, types, subnets, groups, key pairs and instance profiles.

Whoever declares a kind of thing says which ones there are, in every region; a launch that names another one is refused.
Of a kind that nobody declares, the model has its own: three zones, each with a subnet, one security group, and the
instance types that botocore knows. It then accepts every image, key pair and instance profile.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import msgspec

from ...model.states import RootDevice
from ...reports.misfits import misfit, place_of_misfit
from ...strategies.files.yaml_nodes import suggestion
from ..user_input.toml_text import BOM, tables_of, where_of

MOST_ZONES: Final = 6
LETTERS: Final = "abcdef"
"""The letters of the zones, in order."""


class WrongDeclaration(ValueError):
    """What is declared is wrong; the message is one sentence, with the place in a file."""


class DeclaredImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """An image."""

    id: str
    name: str = ""
    root_device: Literal["ebs", "instance-store"] = "ebs"
    root_device_name: str = "/dev/xvda"

    @property
    def kind(self) -> RootDevice:
        """The kind of its root device."""
        return RootDevice(self.root_device)


class DeclaredSubnet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A subnet in a zone, by the letter of the zone; the first subnet of a zone is its default."""

    id: str
    zone: str


class DeclaredGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A security group, beside the default one."""

    id: str
    name: str


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What exists; None: the model's own. The keys of a file are these names with dashes."""

    zones: int = 3
    """How many zones each region has, from 1 to 6."""
    images: tuple[DeclaredImage, ...] | None = None
    instance_types: tuple[str, ...] | None = None
    subnets: tuple[DeclaredSubnet, ...] | None = None
    security_groups: tuple[DeclaredGroup, ...] | None = None
    key_pairs: tuple[str, ...] | None = None
    instance_profiles: tuple[str, ...] | None = None

    def mistakes(self) -> Iterator[tuple[str, int, str]]:
        """Yield what cannot be: its key, its place in the list of that key, and a sentence."""
        if not 1 <= self.zones <= MOST_ZONES:
            yield "zones", 0, f"zones is {self.zones}; write a number from 1 to {MOST_ZONES}"
            return
        letters = LETTERS[: self.zones]
        if self.subnets == ():
            yield "subnets", 0, "subnets is empty, and no instance can be launched without one; leave it out"
        for index, subnet in enumerate(self.subnets or ()):
            if len(subnet.zone) != 1 or subnet.zone not in letters:
                yield "subnets", index, f'{subnet.id} is in the zone "{subnet.zone}"; write one of {", ".join(letters)}'
        for index, image in enumerate(self.images or ()):
            if not image.root_device_name.startswith("/dev/"):
                name = image.root_device_name
                yield "images", index, f'the root-device-name of {image.id} is "{name}"; write one such as /dev/xvda'
        yield from self._wrong_names()

    def _wrong_names(self) -> Iterator[tuple[str, int, str]]:
        """Yield the ids and names that are none, or are there twice."""
        for key, prefix, ids in (
            ("images", "ami", [each.id for each in self.images or ()]),
            ("subnets", "subnet", [each.id for each in self.subnets or ()]),
            ("security-groups", "sg", [each.id for each in self.security_groups or ()]),
        ):
            for index, one in enumerate(ids):
                if not re.fullmatch(rf"{prefix}-[0-9a-f]+", one):
                    yield key, index, f'"{one}" is not an id; write one such as {prefix}-0123456789abcdef0'
        for key, names in (
            ("images", [each.id for each in self.images or ()]),
            ("subnets", [each.id for each in self.subnets or ()]),
            ("security-groups", [each.id for each in self.security_groups or ()]),
            ("security-groups", [each.name for each in self.security_groups or ()]),
            ("instance-types", [*(self.instance_types or ())]),
            ("key-pairs", [*(self.key_pairs or ())]),
            ("instance-profiles", [*(self.instance_profiles or ())]),
        ):
            for index, name in enumerate(names):
                if not name:
                    yield key, index, f"a name in {key} is empty; write one"
                if name in names[:index]:
                    yield key, index, f"{name} is declared twice; leave one out"


KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(Declared))
"""The keys of a file."""
NOTHING: Final = Declared()
"""Nothing is declared."""
Declaration: TypeAlias = Declared | Mapping[str, Any] | str | os.PathLike[str]
"""How users declare: as such, as a mapping, or by the name of a TOML file."""


_PARTS: Final = {
    "images": DeclaredImage,
    "subnets": DeclaredSubnet,
    "security-groups": DeclaredGroup,
}
"""The keys whose values are lists of tables."""


def declared_of(given: Declaration) -> Declared:
    """Return what a user declares; raises `WrongDeclaration`."""
    if isinstance(given, Declared | Mapping):
        return _read(cast("dict[str, Any]", _dashed(given)), _Place(None, ""))
    path = Path(given)
    text, tables = tables_of(path, "declaration", WrongDeclaration)
    return _read(tables, _Place(path, text))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a declaration is: a file and its text, or a program."""

    path: Path | None
    text: str

    def of(self, key: str, index: int = 0) -> str:
        """Return the beginning of a sentence about a key, or about a table in its list."""
        if self.path is None:
            return "declare: "
        lines = self.text.removeprefix(BOM).splitlines()
        tables = [n for n, line in enumerate(lines, 1) if line.strip().startswith(f"[[{key}]]")]
        return f"{self.path}:{tables[index]}: " if index < len(tables) else f"{where_of(self.path, self.text, key)}: "


def _read(tables: dict[str, Any], place: _Place) -> Declared:
    _check_keys(tables, KEYS, place.of, "")
    for key, kind in _PARTS.items():
        known = tuple(field.encode_name for field in msgspec.structs.fields(kind))
        listed: object = tables.get(key)
        for index, each in enumerate(cast("list[object]", listed) if isinstance(listed, list) else ()):
            if isinstance(each, dict):
                at = place.of(key, index)
                _check_keys(cast("dict[str, Any]", each), known, lambda _, at=at: at, f" of {key}")
    try:
        declared = msgspec.convert(tables, Declared)
    except msgspec.ValidationError:
        key = place_of_misfit(tables, Declared)
        raise WrongDeclaration(f"{place.of(key)}{misfit(tables, Declared)}.") from None
    for key, index, sentence in declared.mistakes():
        raise WrongDeclaration(f"{place.of(key, index)}{sentence}.")
    return declared


def _check_keys(table: dict[str, Any], known: Collection[str], place: Callable[[str], str], of: str) -> None:
    """Raise `WrongDeclaration` for a key that there is not."""
    for key in table:
        if key not in known:
            raise WrongDeclaration(f"{place(key)}there is no key {key}{of}; {suggestion(key, tuple(known))}.")


def _dashed(value: object) -> object:
    """Return a value of a program as a file would have it: keys with dashes, and lists."""
    match value:
        case Mapping():
            given = cast("Mapping[str, object]", value)
            return {str(key).replace("_", "-"): _dashed(each) for key, each in given.items()}
        case list() | tuple():
            return [_dashed(each) for each in cast("list[object]", value)]
        case msgspec.Struct():
            named = ((f.encode_name, cast("object", getattr(value, f.name))) for f in msgspec.structs.fields(value))
            return {name: _dashed(each) for name, each in named if each is not None}
        case _:
            return value
