"""A target in front of another one, for the benchmarks that count or change what it does."""

from dataclasses import dataclass

from ec2_lifecycle.conformance.adapter.clock import Clock
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Observation
from ec2_lifecycle.conformance.adapter.target import Alive, Capability, Cleared, Patience, Target
from ec2_lifecycle.model.requests import Request
from ec2_lifecycle.model.world import Instance


@dataclass(slots=True)
class Wrapped:
    """A target that passes everything on to another one."""

    target: Target

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name

    @property
    def version(self) -> str:
        """The target's version."""
        return self.target.version

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The target's capabilities."""
        return self.target.capabilities

    @property
    def clock(self) -> Clock:
        """The target's clock."""
        return self.target.clock

    @property
    def patience(self) -> Patience:
        """The target's patience."""
        return self.target.patience

    @property
    def zones(self) -> tuple[str, ...]:
        """The target's zones."""
        return self.target.zones

    def perform(self, request: Request, names: Names) -> Observation:
        """Make one call."""
        return self.target.perform(request, names)

    def push(self, step: str, instance: Instance, names: Names) -> None:
        """Make a background step happen."""
        self.target.push(step, instance, names)

    def clear(self, alive: Alive) -> Cleared:
        """Clean up after a scenario."""
        return self.target.clear(alive)

    def close(self) -> None:
        """Close the target."""
        self.target.close()
