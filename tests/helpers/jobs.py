"""Jobs for the process of a target: they stand here because that process must be able to import them."""

from collections.abc import Callable
from dataclasses import dataclass

from ec2_lifecycle.conformance.adapter.target import Target


@dataclass(frozen=True, slots=True)
class SendsOne:
    """A job that sends one message."""

    def __call__(self, target: Target, send: Callable[[str], None], stopped: Callable[[], bool]) -> None:
        """Send the name of the target."""
        del stopped
        send(target.name)
