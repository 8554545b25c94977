"""What the user may set about launches on an endpoint or a live account."""

from dataclasses import dataclass
from pathlib import Path

from ..sandbox.limits import Limits


@dataclass(frozen=True, slots=True)
class LiveSession:
    """The session of a run in a live account: its limits, and its journal file."""

    limits: Limits
    journal: Path


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """What to launch and where; empty values are found by asking the target."""

    image_id: str = ""
    instance_type: str = ""
    zones: tuple[str, ...] = ()
    """The zones to use, in order: the scenario's zone n is the nth."""
    live_session: LiveSession | None = None
    """The session in a live account; required there."""

    def __bool__(self) -> bool:
        return bool(self.image_id or self.instance_type or self.zones)


NO_LAUNCH_OPTIONS = LaunchOptions()
