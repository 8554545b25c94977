"""The specification as a Hypothesis state machine, for use in a project's own tests.

`TestEmulator = state_machine(my_target).TestCase` is a test case that pytest collects (docs/strategies.md).
It walks at random, without the guide of `strategies.scenarios`, so `run` finds the same faults sooner.
`hypothesis.seed(7)(state_machine(my_target))` takes the same steps in every process.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, multiple, precondition, rule

from ...model.requests import Attribute, Caller, Operation
from ...model.specification import EC2, Specification
from ...model.states import InstanceState, RootDevice, ShutdownBehavior
from ...model.world import Instance, Volume
from ...strategies.building.batches import MALFORMED
from ...strategies.building.guide import Guide
from ...strategies.scenario.steps import (
    FLAGS,
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    IdRef,
    Malformed,
    ModifyStep,
    Named,
    Push,
    PushStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
    VolumeSpec,
    WaitStep,
)
from ..adapter.target import Capability, Target, Unsupported
from ..execution.play import Play
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.settings import Settings
from .diverged import ScenarioDiverged

__all__ = ["Lifecycle", "state_machine"]

MOST_ZONES: Final = 3
_FLAGS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)
_PLAIN: Final[tuple[BatchOperation, ...]] = (Operation.START, Operation.REBOOT, Operation.DESCRIBE)
_CHANGES: Final = tuple(operation for operation in FLAGS if operation is not Operation.DESCRIBE)
_WAITS: Final = st.sampled_from([10, 40, 100])
"""Seconds: within a transition, after it, and after every delay that EC2 may have."""
_SIZES: Final = st.integers(1, 3)
_DATA: Final = ("data", "logs")
"""The suffixes of a launch's data volumes."""
_BAD_IDS: Final[st.SearchStrategy[SingleId]] = st.one_of(
    st.builds(Unknown, st.integers(1, 2), st.booleans()),
    st.sampled_from([Malformed(text) for text in MALFORMED]),
)
_SOME: Final = st.sampled_from(tuple(FLAGS))
_OPTIONAL: Final = st.sampled_from([None, True, False])

Instances: TypeAlias = MultipleResults[str]


def _has(bundle: str) -> Callable[["Lifecycle"], bool]:
    """Return the precondition of a rule that draws lists from a bundle.

    Hypothesis checks this itself only for rules that draw from the bundle directly;
    it discards the whole example if a list is to be drawn from an empty bundle.
    """
    return lambda machine: bool(machine.bundle(bundle))


_has_instances: Final = precondition(_has("instances"))
_has_volumes: Final = precondition(_has("volumes"))


class Lifecycle(RuleBasedStateMachine):
    """Instances, volumes, every request about them, and the oracle."""

    instances: Bundle[str] = Bundle("instances")
    volumes: Bundle[str] = Bundle("volumes")

    def __init__(self) -> None:
        super().__init__()
        self.play = self.begin_play()
        self.guide = Guide(self.play.engine.spec)
        self.over = False

    def begin_play(self) -> Play:
        """Return a new play on the target."""
        raise NotImplementedError("state_machine makes the class that knows its target")

    def perform(self, step: Step) -> None:
        """Play a step; raise `ScenarioDiverged` if a reply is one that EC2 would not have given."""
        self.guide.take(step)
        try:
            found = self.play.perform(step)
        except Unsupported:
            self.over = True
            reject()
        self.check(found)

    def check(self, found: Iterable[Divergence]) -> None:
        """Raise if there are divergences."""
        divergences = tuple(found)
        self.over = self.over or bool(divergences) or self.play.broken is not None
        if divergences:
            raise ScenarioDiverged(self.play.engine.spec, divergences, tuple(self.guide.steps))
        if self.play.broken is not None:
            raise AssertionError(f"The target gave no answer: {self.play.broken}")

    def teardown(self) -> None:
        """Describe everything once more, so that no effect goes unnoticed."""
        if not self.over:
            self.check(self.play.finish())

    def has(self, capability: Capability) -> bool:
        """Tell whether the target has an optional capability."""
        return capability in self.play.target.capabilities

    def zone(self, number: int) -> int:
        """Return a zone that the target has."""
        return 1 + (number - 1) % len(self.play.target.zones)

    def is_shown(self, volume: str) -> bool:
        """Tell whether the id of a volume is known, after a settle if necessary."""
        if not self.play.names.knows(Volume(volume)):
            self.perform(SettleStep())
        return self.play.names.knows(Volume(volume))

    # Launches.

    def launched(self, step: RunStep) -> Instances:
        """Launch, and return the names of the instances."""
        self.perform(step)
        return multiple(*step.instance_names)

    @rule(
        target=instances,
        zone=st.integers(1, MOST_ZONES),
        size=_SIZES,
        termination=_OPTIONAL,
        stop=_OPTIONAL,
        behavior=st.sampled_from([None, *ShutdownBehavior]),
        data=st.lists(_OPTIONAL, max_size=len(_DATA)),
    )
    def launch(
        self,
        zone: int,
        size: int,
        termination: bool | None,  # noqa: FBT001 - Hypothesis calls it by keyword
        stop: bool | None,  # noqa: FBT001
        behavior: ShutdownBehavior | None,
        data: list[bool | None],
    ) -> Instances:
        """RunInstances of one to three, with protections and data volumes."""
        name = self.guide.next_run
        volumes = tuple(
            VolumeSpec(f"{name.lower()}-{what}", None, kept) for what, kept in zip(_DATA, data, strict=False)
        )
        return self.launched(
            RunStep(
                name,
                self.zone(zone),
                size,
                disable_api_termination=termination,
                disable_api_stop=stop,
                shutdown_behavior=behavior,
                volumes=volumes,
            )
        )

    @precondition(lambda self: self.has(Capability.INSTANCE_STORE))
    @rule(target=instances, zone=st.integers(1, MOST_ZONES), termination=_OPTIONAL)
    def launch_from_instance_store(self, zone: int, termination: bool | None) -> Instances:  # noqa: FBT001
        """RunInstances, with an instance-store image."""
        step = RunStep(self.guide.next_run, self.zone(zone), root=RootDevice.INSTANCE_STORE)
        return self.launched(replace(step, disable_api_termination=termination))

    # Instances.

    @_has_instances
    @rule(operation=st.sampled_from(_PLAIN), ids=st.lists(instances, min_size=1, max_size=5))
    def batch(self, operation: BatchOperation, ids: list[str]) -> None:
        """Start-, Reboot- or DescribeInstances."""
        self.perform(BatchStep(operation, tuple(map(Named, ids))))

    @_has_instances
    @rule(ids=st.lists(instances, min_size=1, max_size=5), force=st.booleans())
    def terminate(self, ids: list[str], force: bool) -> None:  # noqa: FBT001
        """TerminateInstances."""
        self.perform(BatchStep(Operation.TERMINATE, tuple(map(Named, ids)), force=force))

    @_has_instances
    @rule(ids=st.lists(instances, min_size=1, max_size=5), force=st.booleans(), hibernate=st.booleans())
    def stop(self, ids: list[str], force: bool, hibernate: bool) -> None:  # noqa: FBT001
        """StopInstances."""
        self.perform(BatchStep(Operation.STOP, tuple(map(Named, ids)), force=force, hibernate=hibernate))

    @rule(operation=st.sampled_from(_CHANGES))
    def batch_of_none(self, operation: BatchOperation) -> None:
        """A request that names no instance."""
        self.perform(BatchStep(operation, ()))

    @_has_instances
    @rule(operation=_SOME, ids=st.lists(instances, max_size=3), bad=_BAD_IDS, first=st.booleans())
    def spoilt_batch(self, operation: BatchOperation, ids: list[str], bad: IdRef, first: bool) -> None:  # noqa: FBT001
        """A request with an id that no instance has, in front or at the end."""
        named = tuple(map(Named, ids))
        self.perform(BatchStep(operation, (bad, *named) if first else (*named, bad)))

    @_has_instances
    @rule(operation=_SOME, ids=st.lists(instances, min_size=1, max_size=3))
    def dry_run(self, operation: BatchOperation, ids: list[str]) -> None:
        """A dry run."""
        self.perform(BatchStep(operation, tuple(map(Named, ids)), dry_run=True))

    @_has_instances
    @precondition(lambda self: self.has(Capability.NOBODY))
    @rule(operation=_SOME, ids=st.lists(instances, min_size=1, max_size=3), dry_run=st.booleans())
    def forbidden(self, operation: BatchOperation, ids: list[str], dry_run: bool) -> None:  # noqa: FBT001
        """A request by a caller without permission."""
        self.perform(BatchStep(operation, tuple(map(Named, ids)), dry_run=dry_run, caller=Caller.NOBODY))

    @rule(i=instances, attribute=st.sampled_from(_FLAGS), value=st.booleans())
    def protect(self, i: str, attribute: Attribute, value: bool) -> None:  # noqa: FBT001
        """ModifyInstanceAttribute: one of the protections."""
        self.perform(ModifyStep(Named(i), attribute, value))

    @rule(i=instances, value=st.sampled_from(ShutdownBehavior))
    def change_shutdown(self, i: str, value: ShutdownBehavior) -> None:
        """ModifyInstanceAttribute: InstanceInitiatedShutdownBehavior."""
        self.perform(ModifyStep(Named(i), Attribute.SHUTDOWN_BEHAVIOR, value))

    @rule(i=instances, attribute=st.sampled_from(Attribute))
    def ask(self, i: str, attribute: Attribute) -> None:
        """DescribeInstanceAttribute."""
        self.perform(DescribeAttributeStep(Named(i), attribute))

    @rule(bad=_BAD_IDS, attribute=st.sampled_from(_FLAGS), writes=st.booleans())
    def change_nobody(self, bad: SingleId, attribute: Attribute, writes: bool) -> None:  # noqa: FBT001
        """Modify- or DescribeInstanceAttribute of an id that no instance has."""
        self.perform(ModifyStep(bad, attribute, value=True) if writes else DescribeAttributeStep(bad, attribute))

    @rule()
    def settle(self) -> None:
        """Wait until everything is at rest."""
        self.perform(SettleStep())

    @precondition(lambda self: self.has(Capability.VIRTUAL_TIME))
    @rule(seconds=_WAITS)
    def wait(self, seconds: int) -> None:
        """Let time pass, on targets with virtual time."""
        self.perform(WaitStep(seconds))

    @precondition(lambda self: self.has(Capability.BACKGROUND))
    @rule(i=instances, push=st.sampled_from([Push.GUEST_SHUTDOWN, Push.RETIRE]))
    def push(self, i: str, push: Push) -> None:
        """Take a background step of a running instance; does nothing if it may not be running."""
        if not self.guide.settled:
            self.perform(SettleStep())
        if Instance(i) in self.guide.in_state(InstanceState.RUNNING) and Instance(i) not in self.guide.disputed:
            self.perform(PushStep(push, i))

    # Volumes.

    @rule(target=volumes, zone=st.integers(1, MOST_ZONES))
    def create_volume(self, zone: int) -> str:
        """CreateVolume."""
        name = self.guide.next_volume
        self.perform(CreateVolumeStep(name, self.zone(zone)))
        return name

    @rule(target=volumes, i=instances)
    def find_volumes(self, i: str) -> Instances:
        """Add the data volumes of a launch, as soon as a description shows them."""
        launches = (step for step in self.guide.steps if isinstance(step, RunStep))
        made = [
            volume
            for step in launches
            for name, volumes in zip(step.instance_names, step.volume_names, strict=True)
            for volume in volumes
            if name == i
        ]
        return multiple(*(volume for volume in made if self.is_shown(volume)))

    @rule(i=instances, value=st.booleans())
    def keep_root(self, i: str, value: bool) -> None:  # noqa: FBT001
        """ModifyInstanceAttribute: DeleteOnTermination of the root device."""
        if self.is_shown(f"{i}.root"):
            self.perform(ModifyStep(Named(i), Attribute.BLOCK_DEVICE_MAPPINGS, value, f"{i}.root"))

    @rule(volume=volumes, i=instances)
    def attach(self, volume: str, i: str) -> None:
        """AttachVolume, each time with a new device."""
        if self.is_shown(volume):
            self.perform(AttachStep(volume, Named(i), self.guide.next_device))

    @rule(volume=volumes)
    def detach(self, volume: str) -> None:
        """DetachVolume."""
        if self.is_shown(volume):
            self.perform(DetachStep(volume))

    @rule(volume=volumes)
    def delete_volume(self, volume: str) -> None:
        """DeleteVolume."""
        if self.is_shown(volume):
            self.perform(DeleteVolumeStep(volume))

    @_has_volumes
    @rule(names=st.lists(volumes, min_size=1, max_size=3))
    def describe_volumes(self, names: list[str]) -> None:
        """DescribeVolumes."""
        if shown := tuple(name for name in names if self.is_shown(name)):
            self.perform(DescribeVolumesStep(shown))


def state_machine(
    target_factory: Callable[[], Target], spec: Specification = EC2, settings: Settings | None = None
) -> type[RuleBasedStateMachine]:
    """Return a state machine that sends requests to a target and fails on the first reply that diverges.

    It calls the factory for every example; if a target is expensive, let the factory return the same one each time.
    The caller closes the target.
    """
    engine = Engine(spec)

    class TargetLifecycle(Lifecycle):
        """The state machine for this target."""

        def begin_play(self) -> Play:
            """Return a play on the target."""
            return Play(target_factory(), engine, settings or Settings(), watch_volumes=True)

    return TargetLifecycle
