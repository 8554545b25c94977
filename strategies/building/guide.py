"""What the model expects of a scenario so far: the guide by which further steps are chosen."""

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
"""The background step that each push asks for."""
_UNFORESEEN: Final = frozenset({StepName.LAUNCH_FAILS, StepName.START_FAILS, StepName.FORGOTTEN})
"""What EC2 may do by itself, but does not while a scenario settles if all goes well."""
_DEAD: Final = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
_LATER_DEVICES: Final = tuple(f"/dev/sd{letter}" for letter in "pqrstuvwxyz")
"""Devices of volumes attached later, which no volume of a launch has; each is used once in a scenario."""


@dataclass(slots=True)
class Guide:
    """A scenario under way, and the world that it leads to where every open point is settled as preferred.

    A target may differ in every open point: the guide makes good scenarios, and judges nothing.
    """

    spec: Specification = EC2
    world: World = field(default_factory=World)
    steps: list[Step] = field(default_factory=list[Step])
    shown: dict[Volume, None] = field(default_factory=dict[Volume, None])
    """The volumes whose ids some reply has shown, so that a request can name them."""
    disputed: set[Instance] = field(default_factory=set[Instance])
    """The instances named by a request that was refused; where an open point decides, it may not be as expected."""
    modified: Instance | None = None
    """The instance whose attributes were changed last."""
    choices: Choices = PREFERRED
    """How open points are settled."""
    asked: tuple[tuple[Request, Rung | None], ...] = ()
    """The requests of the last step, each with the refusal that is expected of it."""
    _strangers: dict[Instance, IdForm] = field(default_factory=dict[Instance, IdForm])
    _translator: Translator = field(init=False)
    _foreseen: tuple[BackgroundStep, ...] = field(init=False)
    """What EC2 does by itself while a scenario settles, if all goes well."""
    _known: tuple[World, tuple[Instance, ...]] = field(init=False)
    """The world that was looked at last, and the instances that EC2 knows in it."""

    def __post_init__(self) -> None:
        self.world = World(self.world.instances, self.world.volumes, self._strangers)
        self._translator = Translator(self._identity)
        self._foreseen = tuple(s for s in self.spec.steps if s.spontaneous and s.name not in _UNFORESEEN)
        self._known = self.world, self._known_to_ec2()

    # What there is.

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance that EC2 still knows, in the order of launch."""
        if self._known[0] is not self.world:
            self._known = self.world, self._known_to_ec2()
        return self._known[1]

    def _known_to_ec2(self) -> tuple[Instance, ...]:
        return tuple([i for i, record in self.world.instances.items() if record.visibility is not Visibility.FORGOTTEN])

    def in_state(self, *states: InstanceState) -> tuple[Instance, ...]:
        """Return the instances in one of these states."""
        return tuple(i for i in self.instances if self.world.state(i) in states)

    @property
    def alive(self) -> tuple[Instance, ...]:
        """Return the instances that have not ended, and are not about to."""
        state = self.world.state
        return tuple([i for i in self.instances if state(i) not in _DEAD])

    @property
    def next_run(self) -> str:
        """The name of the next launch."""
        return letter_name(sum(isinstance(step, RunStep) for step in self.steps))

    @property
    def next_volume(self) -> str:
        """The name of the next volume that is made by itself."""
        return f"v{1 + sum(isinstance(step, CreateVolumeStep) for step in self.steps)}"

    @property
    def next_device(self) -> str:
        """The device as which the next volume is attached."""
        return _LATER_DEVICES[sum(isinstance(step, AttachStep) for step in self.steps) % len(_LATER_DEVICES)]

    def willing(self, operation: BatchOperation) -> tuple[Instance, ...]:
        """Return the instances on account of which the operation is not refused."""
        return tuple(
            i
            for i in self.instances
            if not permitted_refusals(self.spec, self.world, BatchRequest(operation, instances=(i,)), self.choices)
        )

    def refuses(self, step: RequestStep) -> bool:
        """Tell whether a request, only thought of, would be refused, as a dry run always is; no open point is met."""
        requests = self._translator.requests(step)
        return any(permitted_refusals(self.spec, self.world, request, PREFERRED) for request in requests)

    @property
    def settled(self) -> bool:
        """Nothing happened since everything came to rest."""
        return bool(self.steps) and isinstance(self.steps[-1], SettleStep)

    @property
    def refusal(self) -> Rung | None:
        """The refusal that is expected of the last request of the last step; None: it succeeds, or nothing is asked."""
        return self.asked[-1][1] if self.asked else None

    # What happens.

    def take(self, step: Step) -> None:
        """Add a step to the scenario, and do to the world what it is expected to do."""
        self.steps.append(step)
        self.asked = ()
        match step:
            case SettleStep():
                self._settle()
            case WaitStep():
                pass
            case PushStep():
                self._push(step)
            case _:
                self._send(step)

    def _send(self, step: RequestStep) -> None:
        if isinstance(step, BatchStep) and any(isinstance(ref, Gone) for ref in step.ids):
            self._forget()
        for request in self._translator.requests(step):
            refusals = permitted_refusals(self.spec, self.world, request, self.choices)
            refusal = refusals[0] if refusals else None
            self.asked = (*self.asked, (request, refusal))
            if refusal is not None and not step.dry_run and request.operation not in READS:
                self.disputed.update(i for i in request.instances if i in self.world.instances)
            if refusal is None or not step.dry_run:
                done = execute(self.spec, self.world, request, self.choices, refusal)
                self.world = done.world if done.instances or done.volumes else self.world
            if request.operation is Operation.DESCRIBE and refusal is None:
                self._see(request.instances)
        if isinstance(step, ModifyStep) and not isinstance(step.id, Unknown | Malformed):
            self.modified = Instance(step.id.name)
        if not instances_made(step):
            self.shown.update((Volume(name), None) for name in volumes_made(step) if name in self.world.volumes)

    def _push(self, step: PushStep) -> None:
        i = Instance(step.id)
        pushed = next(s for s in self.spec.steps if s.name is PUSHES[step.push])
        self.world = self.world.with_records({i: pushed.after(self.world, i)})

    def _settle(self) -> None:
        """Let each thing take its steps, all of them one at a time, until none has any left."""
        changed = self._changed(self.world.instances)
        while changed:
            self.world = self.world.with_records(changed)
            changed = self._changed(changed)
        moved = self._moved(self.world.volumes)
        while moved:
            self.world = self.world.with_records(volumes=moved)
            moved = self._moved(moved)
        self._see(self.instances)

    def _changed(self, instances: Iterable[Instance]) -> dict[Instance, InstanceRecord]:
        """Return what becomes of those that take a step by themselves."""
        world, changed = self.world, dict[Instance, InstanceRecord]()
        for i in instances:
            for step in self._foreseen:
                if step.enabled(world, i):
                    changed[i] = step.after(world, i)
                    break
        return changed

    def _moved(self, volumes: Iterable[Volume]) -> dict[Volume, VolumeRecord]:
        """Return what becomes of the volumes with which something happens by itself."""
        world, moved = self.world, dict[Volume, VolumeRecord]()
        for v in volumes:
            for step in self.spec.volume_steps:
                if step.enabled(world, self.choices, v):
                    moved[v] = step.after(world, v)
                    break
        return moved

    def _forget(self) -> None:
        """Let so much time pass that everything is at rest, and every terminated instance forgotten."""
        self._settle()
        [forgotten] = (step for step in self.spec.steps if step.name is StepName.FORGOTTEN)
        world = self.world
        over = {i: forgotten.after(world, i) for i in world.instances if forgotten.enabled(world, i)}
        self.world = world.with_records(over)

    def _see(self, instances: tuple[Instance, ...]) -> None:
        """Note that a description showed these instances; at rest they show the volumes attached to them."""
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
