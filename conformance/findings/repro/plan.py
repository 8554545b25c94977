"""The plan of a program: the requests of each step, and what to print of the replies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ....model.requests import Caller, LaunchRequest, Operation, Request
from ....model.world import Instance, Volume
from ....strategies.scenario.scenario import Scenario
from ....strategies.scenario.steps import BatchStep, RequestStep, RunStep, SingleId, Step
from ....strategies.scenario.translate import Translator

PlannedStep: TypeAlias = tuple[Step, tuple[Request, ...]]
"""A step with its requests."""

FEW: Final = 6
"""The most instances of one launch that get a variable each; more share a list."""

_ADDRESSES: Final = ("PrivateIpAddress", "PublicIpAddress", "VpcId", "SubnetId", "PrivateDnsName", "PublicDnsName")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "KIND-1": ("RootDeviceType",),
    "KIND-2": ("RootDeviceType",),
    "KIND-3": ("RootDeviceType",),
    "RUN-2": ("Placement",),
    "RUN-3": ("StateReason",),
    "RUN-5": ("StateReason", "StateTransitionReason"),
    "RUN-6": ("ImageId", "InstanceType", "KeyName"),
    "DESC-4": ("LaunchTime",),
    "START-11": ("LaunchTime", "StateTransitionReason"),
    "SHAPE-1": (*_ADDRESSES, "SourceDestCheck"),
    "SHAPE-2": ("BlockDeviceMappings", "NetworkInterfaces", "SecurityGroups"),
    "SHAPE-3": ("StateReason",),
    "SHAPE-4": ("StateTransitionReason",),
    "SHAPE-5": (*_ADDRESSES, "SecurityGroups"),
    "SHAPE-6": ("StateReason", "StateTransitionReason"),
    "SHAPE-7": ("BlockDeviceMappings", "PrivateIpAddress"),
    "SHUT-1": ("StateReason",),
    "VOL-4": ("BlockDeviceMappings",),
    "VOL-5": ("BlockDeviceMappings",),
    "VOL-9": ("BlockDeviceMappings",),
}
"""The fields that the program prints besides the state, by clause."""
_CODES: Final = frozenset({"STATE-1", "STATE-2"})
"""The clauses for which it also prints state codes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A scenario with the requests of its steps."""

    scenario: Scenario
    steps: tuple[PlannedStep, ...]

    @property
    def requests(self) -> list[Request]:
        """All requests, in order."""
        return [request for _, requests in self.steps for request in requests]

    @property
    def fields(self) -> list[str]:
        """The fields of an instance to print besides its state."""
        return [*dict.fromkeys(name for clause in self.scenario.clauses for name in _FIELDS.get(clause, ()))]

    @property
    def shows_codes(self) -> bool:
        """Whether to print state codes."""
        return not _CODES.isdisjoint(self.scenario.clauses)

    @property
    def differ_in_zone(self) -> bool:
        """Whether its launches are in several zones."""
        return len({run.zone for run in self._runs}) > 1

    @property
    def differ_in_root(self) -> bool:
        """Whether its launches have several kinds of root device."""
        return len({run.root for run in self._runs}) > 1

    @property
    def has_ranges(self) -> bool:
        """Whether a launch has another MinCount than MaxCount."""
        return any(run.min_count not in (None, run.count) for run in self._runs)

    @property
    def _runs(self) -> list[RunStep]:
        return [step for step in self.scenario.steps if isinstance(step, RunStep) and step.in_earnest]

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes to describe, each once: those that a step uses or names, and those that end with an instance."""
        if not self.scenario.mentions_volumes:
            return ()
        about_volumes = any(clause.startswith("VOL-") for clause in self.scenario.clauses)
        found: dict[Volume, None] = {}
        for request in self.requests:
            if not isinstance(request, LaunchRequest):
                found |= dict.fromkeys(request.volume_ids)
            elif len(request.instances) <= FEW and _in_earnest(request):
                launched = (volume for group in request.volumes for volume in group)
                found |= {each.volume: None for each in launched if about_volumes or not each.root}
        return tuple(found)


def planned(scenario: Scenario, identity: Callable[[SingleId], Instance]) -> Plan:
    """Return the plan of a scenario; `identity` maps ids to instances."""
    translator = Translator(identity)
    steps = (
        (step, tuple(translator.requests(step)) if isinstance(step, RequestStep) else ()) for step in scenario.steps
    )
    return Plan(scenario, tuple(steps))


def describes(step: Step) -> bool:
    """Tell whether a step only describes instances."""
    return isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE and step.in_earnest


def _in_earnest(request: Request) -> bool:
    return request.caller is Caller.OWNER and not request.dry_run
