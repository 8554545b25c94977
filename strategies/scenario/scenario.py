"""A scenario: a finite program of steps over named instances and volumes, with no real ids in it.

It is plain data, so it can be stored in a file (see `files/format.py`), shrunk, and replayed on any target.
`steps.py` has the steps.
Expected results are never part of it: the specification is the oracle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ...model.requests import Caller, Operation
from ...model.states import RootDevice
from .names import volumes_made, volumes_used
from .steps import BatchStep, CreateVolumeStep, Push, PushStep, RequestStep, RunAgainStep, RunStep, Step

T = TypeVar("T")


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A titled list of steps, and the ids of the clauses that it is meant to exercise.

    `finding` keeps the origin of the scenario as pairs of texts, in order; nothing here reads them.
    So a finding's file is a scenario file, and can move into the corpus unchanged.
    """

    title: str
    clauses: tuple[str, ...]
    steps: tuple[Step, ...]
    finding: tuple[tuple[str, str], ...] = ()

    @property
    def requests(self) -> tuple[RequestStep, ...]:
        """The steps that send a request."""
        return tuple(step for step in self.steps if isinstance(step, RequestStep))

    @property
    def instance_names(self) -> tuple[str, ...]:
        """The instances that its runs make, in order; a dry run makes none."""
        return tuple(name for step in self._runs for name in step.instance_names)

    @property
    def volume_names(self) -> tuple[str, ...]:
        """The volumes with a name of their own that its steps make, in order."""
        return tuple(name for step in self.steps for name in volumes_made(step))

    @property
    def volumes_used(self) -> tuple[str, ...]:
        """The volumes that its steps refer to, `A.root` and `A./dev/sdf` included, each once."""
        return _distinct(volume for step in self.steps for volume in volumes_used(step))

    @property
    def mentions_volumes(self) -> bool:
        """Whether a step names a volume; if not, a run need not describe volumes."""
        runs = (step for step in self.requests if isinstance(step, RunStep))
        creates = any(step.operation is Operation.CREATE_VOLUME for step in self.requests)
        return creates or any(run.volumes for run in runs) or bool(self.volumes_used)

    @property
    def zones(self) -> tuple[int, ...]:
        """The zone numbers in use, in ascending order."""
        named = (step.zone for step in self.steps if isinstance(step, RunStep | RunAgainStep | CreateVolumeStep))
        filtered = {zone for step in self.steps if isinstance(step, BatchStep) for zone in step.zones}
        return tuple(sorted(filtered | {zone for zone in named if zone is not None}))

    @property
    def root_devices(self) -> tuple[RootDevice, ...]:
        """The kinds of root device that a target must offer."""
        return _distinct(step.root for step in self.steps if isinstance(step, RunStep))

    @property
    def callers(self) -> tuple[Caller, ...]:
        """The callers that a target must offer."""
        return _distinct(step.caller for step in self.requests)

    @property
    def pushes(self) -> tuple[Push, ...]:
        """The background steps that a target must offer on demand."""
        return _distinct(step.push for step in self.steps if isinstance(step, PushStep))

    @property
    def _runs(self) -> tuple[RunStep, ...]:
        return tuple(step for step in self.steps if isinstance(step, RunStep) and step.in_earnest)
