"""What the user may say of an endpoint, where it does not tell itself or something else is wanted."""

from dataclasses import dataclass
from pathlib import Path

from ..sandbox.limits import Limits


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A run's stay in a live account: what it may do there, and where its journal is."""

    limits: Limits
    journal: Path


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """What to launch and where; empty: find it out by asking."""

    image_id: str = ""
    instance_type: str = ""
    zones: tuple[str, ...] = ()
    """The zones to use, in order: the scenario's zone n is the nth."""
    live_session: LiveSession | None = None
    """The run's stay in a live account, which there has to be."""

    def __bool__(self) -> bool:
        return bool(self.image_id or self.instance_type or self.zones)


NO_LAUNCH_OPTIONS = LaunchOptions()
