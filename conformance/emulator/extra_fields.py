"""The fields of instances and volumes that the specification does not cover."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from .images import Image

Tags = list[dict[str, Any]]

SIZE: Final = 8
"""The default size of a volume, in GiB."""
_ADDRESSES: Final = 1 << 16
"""How many numbers of instances have public addresses before those of the next start begin."""
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
    shown: dict[str, Any] = field(default_factory=dict[str, Any])
    """More fields of its description, as its launch set them."""
    user_data: str = ""
    """In base64."""
    cpu_credits: str = ""
    private_address: str = ""
    """The address that the launch asked for; empty: one that depends on `number`."""
    is_public: bool = True
    subnet: str = ""
    """The subnet of its launch; empty: the model's own of its zone."""
    starts: int = 0
    """How often it was started after its launch."""

    @property
    def address(self) -> str:
        """Its private address, which never changes."""
        return self.private_address or _address(self.number)

    @property
    def public_address(self) -> str:
        """Its public address while it runs, another one after each start (S-38)."""
        return f"54{_address(self.number + self.starts * _ADDRESSES).removeprefix('10')}"


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
    shown: dict[str, Any] = field(default_factory=dict[str, Any])
    """More fields of its description, as it was created with."""
