"""A served model: its endpoint, and the operations that control it."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ....model.background import StepName
from ....model.specification import EC2, Specification
from ....model.world import Instance, Volume
from ..beyond.front import CloudInFront
from ..call_log import Call, CallLog, error_in
from ..explanations import explain
from ..planned_failures import Answered, PlannedFailures
from ..simulation import CannotHappen
from ..wire.http import HttpReply, HttpRequest
from . import world_file
from .clock import MovableClock
from .cloud import Cloud
from .endpoint import Endpoint
from .options import STEPS, Settings, WrongSetting


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of an account, and the time of its clock."""

    cloud: Cloud
    at: float


class ServedModel:
    """One account behind an endpoint. Every method waits for the request in progress.

    The clock begins today; where freezegun or time-machine fakes the time, it begins at that time.
    """

    def __init__(self, settings: Settings | None = None, spec: Specification = EC2) -> None:
        self.settings = settings or Settings()
        self._spec = spec
        self.endpoint = Endpoint(self._empty(), self.settings.nobody)
        rng = self.settings.behaviour.stream("failures on purpose")
        self.failures = PlannedFailures(self.settings.fail, self.settings.slow, rng)
        self.calls = CallLog()
        """The last calls that came in through `answer`."""

    def answer(self, request: HttpRequest) -> Answered:
        """Answer a request, or have it fail on purpose, and log the call; never raises."""
        made: list[Call] = []

        def really(request: HttpRequest) -> HttpReply:
            reply, call = self.endpoint.call(request)
            made.append(call)
            return reply

        answered = self.failures.answer(request, really)
        call = made[0] if made else self.endpoint.unanswered(request)
        if answered.failure is not None:
            call = replace(call, failure=answered.failure)
            if answered.reply is not None and not answered.failure.is_slow:
                code, message = error_in(answered.reply.status, answered.reply.body)
                call = replace(call, status=answered.reply.status, code=code, message=message, body=answered.reply.body)
        self.calls.add(call)
        return answered

    def explain(self, call: Call) -> str:
        """Return in words why a call was answered as it was."""
        return explain(call, self._spec)

    def snapshot(self) -> Snapshot:
        """Return everything that the account holds, with the state of all random numbers."""
        self._refuse_world("snapshot")
        with self.endpoint.lock:
            return Snapshot(self._copied(self.endpoint.cloud, self.now), self.now)

    def restore(self, snapshot: Snapshot) -> None:
        """Put a snapshot back: the account continues from the moment of the snapshot."""
        self._refuse_world("restore")
        with self.endpoint.lock:
            self.endpoint.cloud = self._copied(snapshot.cloud, snapshot.at)

    def _copied(self, cloud: Cloud, at: float) -> Cloud:
        """Return a copy of an account, with a clock of its own that shows a given time."""
        clock = MovableClock(at, is_frozen=self.settings.clock_is_frozen)
        shared: dict[int, Any] = {id(cloud.clock): clock, id(self._spec): self._spec}
        return deepcopy(cloud, shared)

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
        held = world_file.parse(text, self.settings.declared)
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
        behind, lenient = self.settings.beyond, self.settings.lenient
        if behind is not None:
            return CloudInFront(self.settings.behaviour, clock, beginning, self._spec, lenient, behind=behind)
        return Cloud(self.settings.behaviour, clock, beginning, self._spec, lenient, self.settings.declared)

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
