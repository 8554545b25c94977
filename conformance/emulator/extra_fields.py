"""The fields of instances and volumes that the specification does not cover."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from .images import Image

Tags = list[dict[str, Any]]

SIZE: Final = 8
"""The default size of a volume, in GiB."""
KIND: Final = "gp3"
"""The default type of a volume."""


@dataclass(frozen=True, slots=True)
class ExtraFields:
    """The other fields of an instance: its launch, and what the launch asked for; `token` is the client token."""

    number: int
    reservation: str
    index: int
    image: Image
    instance_type: str
    launched: float
    """The time of its last launch or start."""
    made: float
    tags: Tags
    token: str = ""
    key_name: str = ""

    @property
    def address(self) -> str:
        """Its private address, which never changes."""
        return _address(self.number)


@lru_cache(1024)
def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True, slots=True)
class VolumeExtraFields:
    """The other fields of a volume; `device` and `attached` are the place and time of its last attachment."""

    created: float
    size: int = SIZE
    kind: str = KIND
    device: str = ""
    attached: float = 0.0
    tags: Tags | None = None
