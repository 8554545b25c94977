"""What instances and volumes show that the specification does not speak of."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from .images import Image

Tags = list[dict[str, Any]]

SIZE: Final = 8
"""The size of a volume for which none is asked, in GiB."""
KIND: Final = "gp3"
"""The type of one for which none is asked."""


@dataclass(frozen=True, slots=True)
class ExtraFields:
    """The rest of an instance: where it came from, and what was asked for with it; `token` is the client's."""

    number: int
    reservation: str
    index: int
    image: Image
    instance_type: str
    launched: float
    """When it was launched last: a start launches it again."""
    made: float
    tags: Tags
    token: str = ""
    key_name: str = ""

    @property
    def address(self) -> str:
        """Its private address, the same all its life."""
        return _address(self.number)


@lru_cache(1024)
def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True, slots=True)
class VolumeExtraFields:
    """The rest of a volume; `device` is where it was attached last, and `attached` when."""

    created: float
    size: int = SIZE
    kind: str = KIND
    device: str = ""
    attached: float = 0.0
    tags: Tags | None = None
