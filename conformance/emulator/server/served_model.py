"""A served model: its endpoint, and the operations that control it."""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from ....model.background import StepName
from ....model.specification import EC2, Specification
from ....model.world import Instance, Volume
from ..beyond.front import CloudInFront
from ..planned_failures import PlannedFailures
from ..simulation import CannotHappen
from . import world_file
from .clock import MovableClock
from .cloud import Cloud
from .endpoint import Endpoint
from .options import STEPS, Settings, WrongSetting


class ServedModel:
    """One account behind an endpoint. Every method waits for the request in progress.

    The clock begins today; where freezegun or time-machine fakes the time, it begins at that time.
    """

    def __init__(self, settings: Settings | None = None, spec: Specification = EC2) -> None:
        self.settings = settings or Settings()
        self._spec = spec
        self.endpoint = Endpoint(self._empty(), self.settings.nobody)
        self.failures = PlannedFailures()
        """The planned failures; the double asks for them before it calls the endpoint."""

    @property
    def now(self) -> float:
        """The clock time, in seconds since the account was empty."""
        return self.endpoint.cloud.clock.now()

    def advance(self, seconds: float) -> None:
        """Advance the clock and run the due background steps; raises ValueError for a negative or invalid time."""
        with self.endpoint.lock:
            cloud = self.endpoint.cloud
            cloud.advance(seconds)

    def happen(self, step: str, subject: str) -> None:
        """Run a background step (a key of `STEPS`) of an instance or a volume now.

        Raises ValueError with a sentence if the step does not exist or cannot happen now.
        """
        if step not in STEPS:
            raise WrongSetting(f'There is no background step "{step}"; the steps are {", ".join(STEPS)}.')
        with self.endpoint.lock:
            name = STEPS[step]
            simulation = self.endpoint.cloud.holding(subject).simulation
            try:
                if isinstance(name, StepName):
                    simulation.push(name, Instance(subject))
                else:
                    simulation.push_volume(name, Volume(subject))
            except CannotHappen as error:
                raise WrongSetting(f"{step} cannot happen to {subject} now: {error.why}.") from None

    def dump(self) -> bytes:
        """Return the world as a file for `load`."""
        self._refuse_world("dump")
        with self.endpoint.lock:
            return world_file.dump(self.endpoint.cloud)

    def load(self, text: bytes) -> None:
        """Replace the world with that of a file; raises `WrongWorld` and then changes nothing."""
        self._refuse_world("load")
        held = world_file.parse(text)
        with self.endpoint.lock:
            cloud = self._empty(held.now, held.beginning)
            world_file.load(cloud, held)
            self.endpoint.cloud = cloud

    def reset(self) -> None:
        """Empty the account."""
        with self.endpoint.lock:
            self.endpoint.cloud.leave()
            self.endpoint.cloud = self._empty()

    def _empty(self, at: float = 0.0, beginning: datetime | None = None) -> Cloud:
        """Return an empty account whose clock shows `at`."""
        clock = MovableClock(at, is_frozen=self.settings.clock_is_frozen)
        since = beginning or clock.today
        behind, lenient = self.settings.beyond, self.settings.lenient
        if behind is not None:
            return CloudInFront(self.settings.behaviour, clock, since, self._spec, lenient, behind=behind)
        return Cloud(self.settings.behaviour, clock, since, self._spec, lenient)

    def _refuse_world(self, what: str) -> None:
        behind = self.settings.beyond
        if behind is not None:
            why = f"the network of its instances is in {behind.name}"
            raise world_file.WrongWorld(f"A model in front of another EC2 cannot {what} a world: {why}.")


def version_of_model() -> str:
    """Return the version of the project, empty where it is not installed."""
    try:
        return version("ec2-lifecycle")
    except PackageNotFoundError:  # run from its source
        return ""
