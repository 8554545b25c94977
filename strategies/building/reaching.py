"""Scenarios that reach a given world by requests alone, and then send a given request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, cast

from ...model.background import StepName, VolumeStepName
from ...model.requests import Attribute, AttributeRequest, BatchRequest, Operation, Request, VolumeRequest
from ...model.specification import Specification
from ...model.states import Cause, Hibernation, InstanceState, ShutdownBehavior, Visibility, VolumeState
from ...model.world import Fate, IdForm, Instance, InstanceRecord, World
from ..scenario.scenario import Scenario
from ..scenario.steps import (
    AttachStep,
    BatchOperation,
    BatchStep,
    CreateVolumeStep,
    DeleteVolumeStep,
    DescribeAttributeStep,
    DescribeVolumesStep,
    DetachStep,
    Gone,
    Malformed,
    ModifyStep,
    Named,
    PushStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
    VolumeSpec,
)
from .guide import PUSHES, Guide

_PROTECTIONS: Final = (
    (Attribute.DISABLE_API_TERMINATION, "disable_api_termination", "termination_settling"),
    (Attribute.DISABLE_API_STOP, "disable_api_stop", "stop_settling"),
)


_MOVES: Final[tuple[tuple[InstanceState, BatchOperation], ...]] = (
    (InstanceState.PENDING, Operation.START),
    (InstanceState.STOPPING, Operation.STOP),
    (InstanceState.SHUTTING_DOWN, Operation.TERMINATE),
)
"""The transitional states, and the operation that leads to each."""


class _Unreachable(Exception):
    """No sequence of plain requests leads there."""


def scenario_reaching(
    spec: Specification, world: World, happening: Request | Enum | None, title: str, clauses: tuple[str, ...]
) -> Scenario | None:
    """Return a scenario that reaches a world and then sends a request or takes a background step on demand.

    None if plain requests cannot reach it: the world depends on chance, or a request on the way is refused.
    """
    before = steps_reaching(spec, world)
    if before is None:
        return None
    route = _Route(world)
    try:
        last = tuple(route.final_steps(happening))
    except _Unreachable:
        return None
    return Scenario(title=title, clauses=clauses, steps=(*before, *last, SettleStep(), *route.observing_steps()))


def steps_reaching(spec: Specification, world: World) -> tuple[Step, ...] | None:
    """Return the steps that reach a world if open points are settled as preferred; None if there are none."""
    try:
        steps = tuple(_Route(world).steps())
    except _Unreachable:
        return None
    guide = Guide(spec)
    for step in steps:
        guide.take(step)
    reached = all(_equivalent(guide.world, world, i) for i in world.instances) and _same_volumes(guide.world, world)
    return steps if reached else None


@dataclass(frozen=True)
class _Route:
    """The route to a world."""

    world: World

    def steps(self) -> Iterator[Step]:
        """Yield the steps to the world: instances at rest come first, those in transition last."""
        records = self.world.instances
        if any(record.fate is not Fate.NONE for record in records.values()):
            raise _Unreachable
        late = [i for i, r in records.items() if r.state is InstanceState.PENDING and not r.has_run]
        early = [i for i in records if i not in late]
        yield from map(self._run, early)
        if early:
            yield SettleStep()
        stopped = [i for i in early if _was_stopped(records[i])]
        ended = [i for i in early if records[i].state is InstanceState.TERMINATED]
        if stopped:
            yield BatchStep(Operation.STOP, tuple(Named(i) for i in stopped))
        if ended:
            yield BatchStep(Operation.TERMINATE, tuple(Named(i) for i in ended))
        if stopped or ended:
            yield SettleStep()
        yield from self._loose_volumes()
        for state, operation in _MOVES:
            moving = tuple(Named(i) for i in early if records[i].state is state)
            if moving:
                yield BatchStep(operation, moving)
        yield from map(self._run, late)
        for i in early:
            yield from _protections(i, records[i])

    def _run(self, i: Instance) -> RunStep:
        record = self.world.record(i)
        fresh = record.state is InstanceState.PENDING and not record.has_run
        volumes = tuple(
            VolumeSpec(v, delete_on_termination=volume.delete_on_termination)
            for v, volume in self.world.volumes.items()
            if volume.holder == i and not volume.root
        )
        return RunStep(
            name=i,
            zone=int(record.zone),
            root=record.root_device,
            disable_api_termination=(record.disable_api_termination or None) if fresh else None,
            disable_api_stop=(record.disable_api_stop or None) if fresh else None,
            shutdown_behavior=None if record.shutdown_behavior is ShutdownBehavior.STOP else record.shutdown_behavior,
            hibernation=True if record.hibernation is Hibernation.CONFIGURED else None,
            volumes=volumes,
        )

    def _loose_volumes(self) -> Iterator[Step]:
        for v, volume in self.world.volumes.items():
            if volume.holder is not None and not volume.detaching and not volume.root:
                continue
            if volume.holder is None and volume.state in (VolumeState.AVAILABLE, VolumeState.CREATING):
                yield CreateVolumeStep(v, zone=int(volume.zone))
            else:
                raise _Unreachable
        if any(volume.state is VolumeState.AVAILABLE for volume in self.world.volumes.values()):
            yield SettleStep()

    # The request at the end.

    def final_steps(self, happening: Request | Enum | None) -> Iterator[Step]:
        """Yield the step for the final request or background step."""
        match happening:
            case None | VolumeStepName():
                return
            case StepName():
                push = next((push for push, name in PUSHES.items() if name is happening), None)
                running = [i for i, r in self.world.instances.items() if r.state is InstanceState.RUNNING]
                if push is not None and running:
                    yield PushStep(push, running[0])
            case BatchRequest():
                yield BatchStep(
                    cast("BatchOperation", happening.operation),
                    tuple(map(self._id, happening.instances)),
                    force=happening.force and happening.operation in (Operation.STOP, Operation.TERMINATE),
                    hibernate=happening.hibernate and happening.operation is Operation.STOP,
                    dry_run=happening.dry_run,
                    caller=happening.caller,
                )
            case AttributeRequest():
                yield self._attribute(happening)
            case VolumeRequest():
                yield from self._volume(happening)
            case _:
                raise _Unreachable

    def _attribute(self, request: AttributeRequest) -> Step:
        if request.operation is Operation.DESCRIBE_ATTRIBUTE:
            return DescribeAttributeStep(
                self._id(request.instance), request.attribute, dry_run=request.dry_run, caller=request.caller
            )
        is_behavior = request.attribute is Attribute.SHUTDOWN_BEHAVIOR
        return ModifyStep(
            self._id(request.instance),
            request.attribute,
            request.shutdown_behavior if is_behavior else request.value,
            request.volume,
            dry_run=request.dry_run,
            caller=request.caller,
        )

    def _volume(self, request: VolumeRequest) -> Iterator[Step]:
        match request.operation:
            case Operation.ATTACH:
                yield AttachStep(
                    request.volumes[0],
                    self._id(request.instance),
                    "/dev/sdh",
                    dry_run=request.dry_run,
                    caller=request.caller,
                )
            case Operation.DETACH:
                named = self._id(request.instance) if request.instances else None
                yield DetachStep(request.volumes[0], named, dry_run=request.dry_run, caller=request.caller)
            case Operation.DELETE_VOLUME:
                yield DeleteVolumeStep(request.volumes[0], dry_run=request.dry_run, caller=request.caller)
            case Operation.DESCRIBE_VOLUMES if request.volumes:
                yield DescribeVolumesStep(tuple(request.volumes), dry_run=request.dry_run, caller=request.caller)
            case _:
                raise _Unreachable

    def _id(self, i: Instance) -> SingleId:
        if i in self.world.instances:
            forgotten = self.world.visibility(i) is Visibility.FORGOTTEN
            return Gone(i) if forgotten else Named(i)
        match self.world.id_form(i):
            case IdForm.MALFORMED:
                return Malformed("foo")
            case IdForm.UNKNOWN:
                return Unknown(1, short=True)
            case _:
                return Unknown(1)

    def observing_steps(self) -> Iterator[Step]:
        """Yield the steps that show the effect."""
        seen = [i for i, r in self.world.instances.items() if r.visibility is not Visibility.FORGOTTEN]
        if seen:
            yield BatchStep(Operation.DESCRIBE, tuple(Named(i) for i in seen))
        if self.world.volumes:
            yield DescribeVolumesStep(tuple(self.world.volumes))


def _was_stopped(record: InstanceRecord) -> bool:
    return record.state is InstanceState.STOPPED or (record.state is InstanceState.PENDING and record.has_run)


def _protections(i: Instance, record: InstanceRecord) -> Iterator[Step]:
    for attribute, field, lag in _PROTECTIONS:
        value, lagging = getattr(record, field), getattr(record, lag)
        if value or lagging:
            yield ModifyStep(Named(i), attribute, value=True)
        if lagging:
            yield ModifyStep(Named(i), attribute, value=False)


def _equivalent(reached: World, wanted: World, i: Instance) -> bool:
    """Return whether an instance is as wanted, except for attributes that are invisible or pass by themselves."""
    if i not in reached.instances:
        return False
    passing = {"cause": Cause.OPEN, "visibility": Visibility.VISIBLE}
    return replace(reached.record(i), **passing) == replace(wanted.record(i), **passing)


def _same_volumes(reached: World, wanted: World) -> bool:
    return all(
        v in reached.volumes
        and (reached.volume_record(v).holder, reached.delete_on_termination(v), reached.volume_zone(v))
        == (record.holder, record.delete_on_termination, record.zone)
        for v, record in wanted.volumes.items()
    )
