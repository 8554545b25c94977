"""The guide: what the model expects of a scenario so far, for choosing further steps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ...model.background import BackgroundStep, StepName
from ...model.choices import PREFERRED, Choices
from ...model.outcomes import Rung
from ...model.requests import BatchRequest, Operation, Request
from ...model.specification import EC2, Specification
from ...model.states import InstanceState, Visibility
from ...model.step import execute, permitted_refusals
from ...model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World
from ..scenario.names import instances_made, letter_name, volumes_made
from ..scenario.steps import (
    READS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    Gone,
    Malformed,
    ModifyStep,
    Push,
    PushStep,
    RequestStep,
    RunAgainStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
    WaitStep,
)
from ..scenario.translate import Translator, form_of

PUSHES: Final = {
    Push.GUEST_SHUTDOWN: StepName.GUEST_SHUTDOWN,
    Push.RETIRE: StepName.RETIREMENT,
    Push.LAUNCH_FAILURE: StepName.LAUNCH_FAILS,
}
"""The background step that each push causes."""
_UNEXPECTED: Final = frozenset({StepName.LAUNCH_FAILS, StepName.START_FAILS, StepName.FORGOTTEN})
"""Background steps that EC2 may take, but normally does not while a scenario settles."""
_DEAD: Final = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
_LATER_DEVICES: Final = tuple(f"/dev/sd{letter}" for letter in "pqrstuvwxyz")
"""Devices for volumes attached later; no launch uses them, and each is used once in a scenario."""


@dataclass(slots=True)
class Guide:
    """A scenario in progress, and the world that it leads to if every open point is settled as preferred.

    A target may differ in every open point. The guide only helps to build good scenarios, and judges nothing.
    """

    spec: Specification = EC2
    world: World = field(default_factory=World)
    steps: list[Step] = field(default_factory=list[Step])
    shown: dict[Volume, None] = field(default_factory=dict[Volume, None])
    """The volumes whose ids some reply has shown, so that a request can name them."""
    disputed: set[Instance] = field(default_factory=set[Instance])
    """The instances named by a refused request; if an open point decided, they may not be as expected."""
    modified: Instance | None = None
    """The instance that was modified last."""
    choices: Choices = PREFERRED
    """How open points are settled."""
    last_requests: tuple[tuple[Request, Rung | None], ...] = ()
    """The requests of the last step, each with its expected refusal."""
    _strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    _translator: Translator = field(init=False)
    _expected_steps: tuple[BackgroundStep, ...] = field(init=False)
    """The background steps that EC2 normally takes while a scenario settles."""
    _cached_instances: tuple[World, tuple[Instance, ...]] = field(init=False)
    """The last world for which `instances` was computed, and the result."""

    def __post_init__(self) -> None:
        self.world = World(self.world.instances, self.world.volumes, self._strangers)
        self._translator = Translator(self._identity)
        self._expected_steps = tuple(s for s in self.spec.steps if s.spontaneous and s.name not in _UNEXPECTED)
        self._cached_instances = self.world, self._known_to_ec2()

    # The expected world.

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance that EC2 still knows, in the order of launch."""
        if self._cached_instances[0] is not self.world:
            self._cached_instances = self.world, self._known_to_ec2()
        return self._cached_instances[1]

    def _known_to_ec2(self) -> tuple[Instance, ...]:
        return tuple([i for i, record in self.world.instances.items() if record.visibility is not Visibility.FORGOTTEN])

    def in_state(self, *states: InstanceState) -> tuple[Instance, ...]:
        """Return the instances in one of these states."""
        return tuple(i for i in self.instances if self.world.state(i) in states)

    @property
    def alive(self) -> tuple[Instance, ...]:
        """The instances that are neither terminated nor shutting down."""
        state = self.world.state
        return tuple([i for i in self.instances if state(i) not in _DEAD])

    @property
    def next_run(self) -> str:
        """The name of the next launch."""
        return letter_name(sum(isinstance(step, RunStep) for step in self.steps))

    @property
    def next_volume(self) -> str:
        """The name of the next created volume."""
        return f"v{1 + sum(isinstance(step, CreateVolumeStep) for step in self.steps)}"

    @property
    def next_device(self) -> str:
        """The device for the next attachment."""
        return _LATER_DEVICES[sum(isinstance(step, AttachStep) for step in self.steps) % len(_LATER_DEVICES)]

    def not_refused(self, operation: BatchOperation) -> tuple[Instance, ...]:
        """Return the instances that cause no refusal of the operation."""
        return tuple(
            i
            for i in self.instances
            if not permitted_refusals(self.spec, self.world, BatchRequest(operation, instances=(i,)), self.choices)
        )

    def refuses(self, step: RequestStep) -> bool:
        """Tell whether a request would be refused, as a dry run always is; records no open point."""
        if isinstance(step, RunAgainStep):
            return not step.in_earnest or step.changes(self.launch_of(step))
        requests = self._translator.requests(step)
        return any(permitted_refusals(self.spec, self.world, request, PREFERRED) for request in requests)

    @property
    def repeatable_launches(self) -> tuple[RunStep, ...]:
        """The launches with a client token, which can be sent again."""
        return tuple(step for step in self.steps if isinstance(step, RunStep) and step.token and step.in_earnest)

    def launch_of(self, step: RunAgainStep) -> RunStep:
        """Return the launch that a step sends again."""
        return next(run for run in self.repeatable_launches if run.name == step.name)

    @property
    def settled(self) -> bool:
        """Whether the last step was a settle."""
        return bool(self.steps) and isinstance(self.steps[-1], SettleStep)

    @property
    def refusal(self) -> Rung | None:
        """The expected refusal of the last request of the last step; None if it succeeds or there is none."""
        return self.last_requests[-1][1] if self.last_requests else None

    # Steps.

    def take(self, step: Step) -> None:
        """Add a step to the scenario, and apply its expected effect to the world."""
        self.steps.append(step)
        self.last_requests = ()
        match step:
            case SettleStep():
                self._settle()
            case WaitStep():
                pass
            case PushStep():
                self._push(step)
            case RunAgainStep():
                pass  # it launches nothing, or something without a name
            case _:
                self._send(step)

    def _send(self, step: RequestStep) -> None:
        if isinstance(step, BatchStep) and any(isinstance(ref, Gone) for ref in step.ids):
            self._forget()
        for request in self._translator.requests(step):
            refusals = permitted_refusals(self.spec, self.world, request, self.choices)
            refusal = refusals[0] if refusals else None
            self.last_requests = (*self.last_requests, (request, refusal))
            if refusal is not None and not step.dry_run and request.operation not in READS:
                self.disputed.update(i for i in request.instances if i in self.world.instances)
            if refusal is None or not step.dry_run:
                done = execute(self.spec, self.world, request, self.choices, refusal)
                self.world = done.world if done.instances or done.volumes else self.world
            if request.operation is Operation.DESCRIBE and refusal is None:
                self._note_shown(request.instances)
        if isinstance(step, ModifyStep) and not isinstance(step.id, Unknown | Malformed):
            self.modified = Instance(step.id.name)
        if not instances_made(step):
            self.shown.update((Volume(name), None) for name in volumes_made(step) if name in self.world.volumes)

    def _push(self, step: PushStep) -> None:
        i = Instance(step.id)
        pushed = next(s for s in self.spec.steps if s.name is PUSHES[step.push])
        self.world = self.world.with_records({i: pushed.after(self.world, i)})

    def _settle(self) -> None:
        """Take background steps until none is left."""
        changed = self._changed(self.world.instances)
        while changed:
            self.world = self.world.with_records(changed)
            changed = self._changed(changed)
        moved = self._moved(self.world.volumes)
        while moved:
            self.world = self.world.with_records(volumes=moved)
            moved = self._moved(moved)
        self._note_shown(self.instances)

    def _changed(self, instances: Iterable[Instance]) -> dict[Instance, InstanceRecord]:
        """Return the new records of the instances that take a background step."""
        world, changed = self.world, dict[Instance, InstanceRecord]()
        for i in instances:
            for step in self._expected_steps:
                if step.enabled(world, i):
                    changed[i] = step.after(world, i)
                    break
        return changed

    def _moved(self, volumes: Iterable[Volume]) -> dict[Volume, VolumeRecord]:
        """Return the new records of the volumes that take a background step."""
        world, moved = self.world, dict[Volume, VolumeRecord]()
        for v in volumes:
            for step in self.spec.volume_steps:
                if step.enabled(world, self.choices, v):
                    moved[v] = step.after(world, v)
                    break
        return moved

    def _forget(self) -> None:
        """Let time pass until everything is at rest and every terminated instance is forgotten."""
        self._settle()
        [forgotten] = (step for step in self.spec.steps if step.name is StepName.FORGOTTEN)
        world = self.world
        over = {i: forgotten.after(world, i) for i in world.instances if forgotten.enabled(world, i)}
        self.world = world.with_records(over)

    def _note_shown(self, instances: tuple[Instance, ...]) -> None:
        """Record that a description showed these instances; instances at rest show their attached volumes."""
        world, seen = self.world, set(instances)
        for v, record in world.volumes.items():
            i = record.holder
            if i is None or v in self.shown or i not in seen or i not in world.instances:
                continue
            if self.spec.at_rest(world, i):
                self.shown[v] = None

    def _identity(self, ref: SingleId) -> Instance:
        match ref:
            case Unknown():
                return Instance(f"unknown-{ref.number}")
            case Malformed():
                self._strangers[Instance(ref.text)] = form_of(ref.text)
                return Instance(ref.text)
            case _:
                return Instance(ref.name)
