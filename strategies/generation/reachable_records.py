"""The records that one instance or one volume can reach, found by executing the specification."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from ...model.reach.acts import Act, InstanceEvent, VolumeEvent
from ...model.reach.moves import ways
from ...model.reach.scope import Scope
from ...model.requests import Attribute, AttributeRequest, BatchRequest, LaunchRequest, Operation, VolumeRequest
from ...model.specification import Specification
from ...model.states import Cause, Hibernation, InstanceState, RootDevice, ShutdownBehavior, Visibility
from ...model.world import Fate, Instance, InstanceRecord, Volume, VolumeRecord, World, Zone

ONE: Final = Instance("one")
HELPER: Final = Instance("helper")
"""A protected instance in another zone; because of it, a request about both has a delayed effect on the first."""
HERE: Final = Zone("here")
_HELPER: Final = InstanceRecord(
    Zone("elsewhere"),
    InstanceState.RUNNING,
    has_run=True,
    disable_api_termination=True,
    disable_api_stop=True,
    cause=Cause.NONE,
    visibility=Visibility.VISIBLE,
)
LAUNCHED: Final = (Hibernation.OFF, Hibernation.CONFIGURED)
"""What a scenario's launch may say of hibernation."""
_ALL_CHOICES: Final = Scope("histories", "Everything is open.", ())
_REQUESTS: Final = (
    BatchRequest(Operation.START, instances=(ONE,)),
    BatchRequest(Operation.STOP, instances=(ONE,)),
    BatchRequest(Operation.STOP, instances=(ONE,), force=True),
    BatchRequest(Operation.STOP, instances=(ONE,), hibernate=True),
    BatchRequest(Operation.STOP, instances=(ONE, HELPER)),
    BatchRequest(Operation.TERMINATE, instances=(ONE,)),
    BatchRequest(Operation.TERMINATE, instances=(ONE, HELPER)),
    *(
        AttributeRequest(
            Operation.MODIFY, instances=(ONE,), attribute=Attribute.SHUTDOWN_BEHAVIOR, shutdown_behavior=behavior
        )
        for behavior in ShutdownBehavior
    ),
)
"""Every request about an instance, except changes of its protections (`_CHANGES`)."""


_FLAGS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)
_CHANGES: Final = tuple(
    AttributeRequest(Operation.MODIFY, instances=(ONE,), attribute=flag, value=value)
    for value in (True, False)
    for flag in _FLAGS
)


class ReachableRecords:
    """The records that an instance in zone `HERE` can reach under a specification."""

    def __init__(self, spec: Specification) -> None:
        self.spec = spec
        # The records reached without changing protections, each with its predecessor and the act that led from it.
        self._unprotected: dict[InstanceRecord, tuple[InstanceRecord, Act] | None] = {}
        self._protected: dict[InstanceRecord, tuple[InstanceRecord, ...]] = {}

    def unprotected(self) -> tuple[InstanceRecord, ...]:
        """Return every record that an instance reaches without changes of its protections.

        They are ordered by distance from a launch. The first call takes about a second.
        """
        if not self._unprotected:
            self._unprotected.update(dict.fromkeys(self._launched()))
            for record in (queue := list(self._unprotected)):  # the list grows during the loop
                for act in (*_REQUESTS, *(InstanceEvent(step.name, ONE) for step in self.spec.steps)):
                    for after in self._after(record, act):
                        if after not in self._unprotected:
                            self._unprotected[after] = (record, act)
                            queue.append(after)
        return tuple(self._unprotected)

    def protected(self, record: InstanceRecord) -> tuple[InstanceRecord, ...]:
        """Return an unprotected record, and its variants with protections changed on the way to it.

        It follows the shortest way; on a longer way, an instance may be protected in more ways.
        """
        if record not in self._protected:
            found = {record: None}
            if (way := self._unprotected[record]) is not None:
                before, act = way
                arrived = (after for other in self.protected(before) for after in self._after(other, act))
                found.update((after, None) for after in arrived if without_protection(after) == record)
            queue = list(found)
            for one in queue:
                for change in _CHANGES:
                    new = [after for after in self._after(one, change) if after not in found]
                    found.update(dict.fromkeys(new))
                    queue.extend(dict.fromkeys(new))
            self._protected[record] = tuple(found)
        return self._protected[record]

    def _launched(self) -> Iterator[InstanceRecord]:
        made = self.spec.operations[Operation.RUN].created_instance
        if made is None:
            raise ValueError("the specification does not say what RunInstances makes; give it a created_instance")
        for root, behavior, hibernation in product(RootDevice, ShutdownBehavior, LAUNCHED):
            launch = LaunchRequest(instances=(ONE,), zone=HERE, root_device=root, shutdown_behavior=behavior)
            yield made(replace(launch, hibernation=hibernation), ONE)

    def _after(self, record: InstanceRecord, act: Act) -> Iterator[InstanceRecord]:
        world = World({ONE: record, HELPER: _HELPER})
        return (after.record(ONE) for after in worlds_after(self.spec, world, act))


Flags = tuple[bool, bool, bool, bool]


def protections(record: InstanceRecord) -> Flags:
    """Return which protections are set, and which were just cleared; DisableApiTermination comes first."""
    return (
        record.disable_api_termination,
        record.disable_api_stop,
        record.termination_settling,
        record.stop_settling,
    )


def without_protection(record: InstanceRecord) -> InstanceRecord:
    """Return the record with its protections never touched."""
    return replace(
        record,
        disable_api_termination=False,
        disable_api_stop=False,
        termination_settling=False,
        stop_settling=False,
    )


def worlds_after(spec: Specification, world: World, act: Act) -> Iterator[World]:
    """Yield each permitted world after an act; none if a background step is not enabled."""
    for way in ways(spec, _ALL_CHOICES, world, act):
        yield from (taken.after for taken in way.transitions)


def volumes_after(spec: Specification, world: World, v: Volume) -> tuple[VolumeRecord, ...]:
    """Return the records that a volume can reach in one act: background steps first, then requests."""
    holder = world.volume_record(v).holder
    acts: list[Act] = [VolumeEvent(step.name, v) for step in spec.volume_steps]
    if holder is None:
        acts += [VolumeRequest(Operation.ATTACH, instances=(i,), volumes=(v,)) for i in world.instances]
        acts.append(VolumeRequest(Operation.DELETE_VOLUME, volumes=(v,)))
    else:
        acts += [
            VolumeRequest(Operation.DETACH, volumes=(v,)),
            *(
                AttributeRequest(
                    Operation.MODIFY,
                    instances=(holder,),
                    attribute=Attribute.BLOCK_DEVICE_MAPPINGS,
                    value=value,
                    volume=v,
                )
                for value in (True, False)
            ),
        ]
    found = (after.volume_record(v) for act in acts for after in worlds_after(spec, world, act))
    return tuple(record for record in dict.fromkeys(found) if record != world.volume_record(v))


def is_plain(record: InstanceRecord) -> bool:
    """Tell whether every operation knows the instance, and no failed request has a pending effect."""
    return record.visibility is Visibility.VISIBLE and record.fate is Fate.NONE
