"""A served model: its endpoint, and all that can be done to it from behind."""

from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from ....model.background import StepName
from ....model.specification import EC2, Specification
from ....model.world import Instance, Volume
from ..descriptions import BEGINNING
from ..simulation import CannotHappen
from . import world_file
from .clock import MovableClock
from .cloud import Cloud
from .endpoint import Endpoint
from .options import STEPS, Settings, WrongSetting


class ServedModel:
    """One account behind an endpoint. Every method waits until the request is answered that is under way.

    Where the clock stands, it shows the same date in every run.
    """

    def __init__(self, settings: Settings | None = None, spec: Specification = EC2) -> None:
        self.settings = settings or Settings()
        self._spec = spec
        self.endpoint = Endpoint(self._empty(), self.settings.nobody)

    @property
    def now(self) -> float:
        """The seconds that have passed since the account was empty, by its own clock."""
        return self.endpoint.cloud.clock.now()

    def advance(self, seconds: float) -> None:
        """Put the clock forward: what is due until then comes. ValueError for a time that is none, or negative."""
        with self.endpoint.lock:
            cloud = self.endpoint.cloud
            cloud.advance(seconds)

    def happen(self, step: str, subject: str) -> None:
        """Make a background step (a key of `STEPS`) happen to an instance or a volume now.

        ValueError, with a sentence, where there is no such step or it cannot come now.
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
        """Return all that there is as a file, which `load` takes."""
        with self.endpoint.lock:
            return world_file.dump(self.endpoint.cloud)

    def load(self, text: bytes) -> None:
        """Hold what a file holds instead of what is there; raises `WrongWorld`, and then nothing has changed."""
        held = world_file.parse(text)
        with self.endpoint.lock:
            cloud = self._empty(held.now, held.beginning)
            world_file.load(cloud, held)
            self.endpoint.cloud = cloud

    def reset(self) -> None:
        """Hold nothing, as in the beginning."""
        with self.endpoint.lock:
            self.endpoint.cloud = self._empty()

    def _empty(self, at: float = 0.0, beginning: datetime | None = None) -> Cloud:
        """Return an account without anything, whose clock shows some time now."""
        clock_is_frozen = self.settings.clock_is_frozen
        beginning = beginning or (BEGINNING if clock_is_frozen else datetime.now(UTC))
        return Cloud(self.settings.behaviour, MovableClock(at, is_frozen=clock_is_frozen), beginning, self._spec)


def version_of_model() -> str:
    """Return the version of the project, empty where it is not installed."""
    try:
        return version("ec2-lifecycle")
    except PackageNotFoundError:  # run from its source
        return ""
