"""Two baselines for finding the first divergence of a target: Hypothesis' rule-based state machine, and a uniform walk.

The benchmark compares them with the guided walk of this project (`guided.py`).
All use the same oracle; every call counts, including those of `settle`.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final, TypeAlias, TypedDict

from hypothesis import HealthCheck, Phase, seed, settings, stateful
from hypothesis.errors import Flaky
from wrapped import Wrapped

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Observation
from ec2_lifecycle.conformance.adapter.target import Target, Unsupported
from ec2_lifecycle.conformance.execution.play import Play
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.pytest.state_machine import Lifecycle
from ec2_lifecycle.model.requests import Attribute, Caller, Operation, Request
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior
from ec2_lifecycle.model.world import Instance, Volume
from ec2_lifecycle.strategies.scenario.steps import (
    FLAGS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    IdRef,
    Malformed,
    ModifyStep,
    Named,
    RunStep,
    SettleStep,
    Step,
    Unknown,
    VolumeSpec,
)

Contender: TypeAlias = Callable[[Target, Engine, int, int], int | None]
"""Takes a target, the engine, a seed and a budget of calls.

Returns the number of calls until the first divergence; None if there was none within the budget.
"""

STEPS: Final = 50
"""The steps after which both start again with new instances."""


class Spent(BaseException):
    """The budget is spent; not an `Exception`, so that no test framework takes it for a test failure."""


class Seen(BaseException):
    """A divergence was seen; not an `Exception` for the same reason."""


@dataclass(slots=True)
class Counted(Wrapped):
    """A target that counts the calls made to it, and ends the search when the budget is spent."""

    budget: int
    calls: int = 0

    def perform(self, request: Request, names: Names) -> Observation:
        """Count and make one call; raises `Spent` if none is left."""
        if self.calls >= self.budget:
            raise Spent
        self.calls += 1
        return self.target.perform(request, names)


# A plain machine of Hypothesis.


def rule_based_machine(target: Target, engine: Engine, number: int, budget: int) -> int | None:
    """Run the project's rule-based state machine, with one seed after another."""
    counted = Counted(target, budget)
    seen: list[int] = []

    class Machine(Lifecycle):
        """The state machine on this target; the first divergence ends the search."""

        def begin_play(self) -> Play:
            return Play(counted, engine, watch_volumes=True)

        def check(self, found: Iterable[Divergence]) -> None:
            if tuple(found):
                self.over = True
                seen.append(counted.calls)
                raise Seen
            super().check(())

    plain = settings(
        max_examples=1000,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    for part in count():
        machine = seed(number * 1_000_003 + part)(Machine)
        # Hypothesis may call a walk flaky that is ended here, or one on a target that remembers walks before.
        with suppress(Seen, Spent, Flaky):
            stateful.run_state_machine_as_test(machine, settings=plain)  # pyright: ignore[reportUnknownMemberType] - Hypothesis gives it no types
        if seen:
            return seen[0]
        if counted.calls >= budget:
            return None
    raise AssertionError("there is always one more seed")


# A uniform random walk.

BATCHES: Final[tuple[BatchOperation, ...]] = tuple(FLAGS)
BAD: Final[tuple[IdRef, ...]] = (Unknown(), Unknown(short=True), Malformed("foo"), Malformed("i-foo"))
ALL_FLAGS: Final = ("force", "skip_os_shutdown", "hibernate")
MOST_IDS: Final = 5
UNSURE: Final = 0.2
"""How many of the requests for several ids name a bad one, anywhere; and how many requests are no more than a dry run,
or come from a caller without permission: one in ten each."""


class Sent(TypedDict):
    """Whether a request is a dry run, and who sends it."""

    dry_run: bool
    caller: Caller


@dataclass(slots=True)
class Walk:
    """A walk on new instances in which all operations and arguments are equally likely."""

    play: Play
    dice: random.Random
    instances: list[str] = field(default_factory=list[str])
    created: list[str] = field(default_factory=list[str])
    made: int = 0

    def step(self) -> Step:
        """Return a random step."""
        choices: Mapping[Operation | None, Callable[[], Step]] = {
            Operation.RUN: self.run,
            Operation.MODIFY: self.modify,
            Operation.DESCRIBE_ATTRIBUTE: self.ask,
            Operation.CREATE_VOLUME: self.create,
            Operation.ATTACH: self.attach,
            Operation.DETACH: lambda: DetachStep(self.dice.choice(self.created), **self.manner()),
            Operation.DESCRIBE_VOLUMES: lambda: DescribeVolumesStep((self.dice.choice(self.volumes()),)),
            None: SettleStep,
            **{operation: lambda o=operation: self.batch(o) for operation in BATCHES},
        }
        possible = list(choices)
        if not self.instances:
            return self.run()
        if not self.created:
            possible = [o for o in possible if o not in (Operation.ATTACH, Operation.DETACH)]
        if not self.volumes():
            possible.remove(Operation.DESCRIBE_VOLUMES)
        return choices[self.dice.choice(possible)]()

    def take(self, step: Step) -> tuple[Divergence, ...]:
        """Play a step, and record what it created."""
        found = self.play.perform(step)
        if isinstance(step, RunStep):
            self.instances += [i for i in step.instance_names if self.play.names.knows(Instance(i))]
        if isinstance(step, CreateVolumeStep) and self.play.names.knows(Volume(step.name)):
            self.created.append(step.name)
        return found

    def volumes(self) -> list[str]:
        """Return the volumes that some reply has shown."""
        known = self.play.oracle.hypotheses[0].volumes
        return [v for v in known if self.play.names.knows(v)]

    def new(self, letter: str) -> str:
        """Return an unused name."""
        self.made += 1
        return f"{letter}{self.made}n"

    def manner(self) -> Sent:
        """Return a random caller and dry-run flag."""
        number = self.dice.random() / UNSURE
        return {"dry_run": number < 1 / 2, "caller": Caller.NOBODY if 1 / 2 <= number < 1 else Caller.OWNER}

    def coin(self) -> bool:
        """Return true or false."""
        return self.dice.random() < 1 / 2

    def zone(self) -> int:
        """Return any zone."""
        return self.dice.randint(1, len(self.play.target.zones))

    def maybe(self) -> bool | None:
        """Return a flag or None."""
        return self.dice.choice((None, True, False))

    def run(self) -> RunStep:
        """Launch one to three instances."""
        name = self.new("i")
        return RunStep(
            name,
            self.zone(),
            self.dice.randint(1, 3),
            self.dice.choice(list(RootDevice)),
            self.maybe(),
            self.maybe(),
            self.dice.choice((None, *ShutdownBehavior)),
            volumes=tuple(VolumeSpec(f"{name}d{n}", None, self.maybe()) for n in range(self.dice.randint(0, 2))),
        )

    def batch(self, operation: BatchOperation) -> BatchStep:
        """Name one to five random instances."""
        ids: list[IdRef] = [Named(self.dice.choice(self.instances)) for _ in range(self.dice.randint(1, MOST_IDS))]
        if self.dice.random() < UNSURE:
            ids.insert(self.dice.randint(0, len(ids)), self.dice.choice(BAD))
        force, skip, hibernate = (flag in FLAGS[operation] and self.coin() for flag in ALL_FLAGS)
        return BatchStep(operation, tuple(ids), force, skip, hibernate, **self.manner())

    def modify(self) -> ModifyStep:
        """Modify a random attribute."""
        i = Named(self.dice.choice(self.instances))
        attribute = self.dice.choice(list(Attribute))
        volumes = self.volumes()
        if attribute is Attribute.BLOCK_DEVICE_MAPPINGS and volumes:
            return ModifyStep(i, attribute, self.coin(), self.dice.choice(volumes), **self.manner())
        if attribute is Attribute.SHUTDOWN_BEHAVIOR:
            return ModifyStep(i, attribute, self.dice.choice(list(ShutdownBehavior)), **self.manner())
        protection = self.dice.choice((Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP))
        return ModifyStep(i, protection, self.coin(), **self.manner())

    def ask(self) -> DescribeAttributeStep:
        """Describe a random attribute."""
        return DescribeAttributeStep(
            Named(self.dice.choice(self.instances)), self.dice.choice(list(Attribute)), **self.manner()
        )

    def create(self) -> CreateVolumeStep:
        """Create a volume in a random zone."""
        return CreateVolumeStep(self.new("v"), self.zone())

    def attach(self) -> AttachStep:
        """Attach a volume to an instance, each time with a new device."""
        self.made += 1
        device = f"/dev/sd{chr(ord('p') + self.made % 10)}"
        return AttachStep(
            self.dice.choice(self.created), Named(self.dice.choice(self.instances)), device, **self.manner()
        )


def uniform_walk(target: Target, engine: Engine, number: int, budget: int) -> int | None:
    """Walk at random, starting anew after every fifty steps."""
    counted = Counted(target, budget)
    dice = random.Random(number)  # noqa: S311 - a walk that can be repeated
    try:
        while not _diverges(Walk(Play(counted, engine, watch_volumes=True), dice)):
            pass
    except Spent:
        return None
    return counted.calls


def _diverges(walk: Walk) -> bool:
    for _ in range(STEPS):
        try:
            if walk.take(walk.step()):
                return True
        except Unsupported:
            continue  # it was no call
        if walk.play.broken is not None:
            raise AssertionError(f"The target gave no answer: {walk.play.broken}")
    return bool(walk.play.finish())
