"""Widens the belief after a reply that EC2 would not give: either the state or the reply may be wrong.

Such a reply never decides alone whether it is the state that is wrong, or the reply. Both stay possible until the next
look, so that whatever follows is judged too.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ...model.requests import Attribute, AttributeRequest, Operation, Request
from ...model.states import GONE, Cause, InstanceState, RootDevice, ShutdownBehavior, VolumeState
from ...model.world import Fate, Instance, InstanceRecord, VolumeRecord, Zone
from .belief import Hypothesis, Records, VolumeRecords
from .engine import Engine
from .items import DEAD

_LEADS_TO: Final = {
    Operation.TERMINATE: (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED),
    Operation.STOP: (InstanceState.STOPPING,),
    Operation.START: (InstanceState.PENDING,),
}
"""The states that an operation brings an instance to, whatever state it found it in."""


def shown_as(records: Iterable[InstanceRecord], *states: InstanceState) -> Records:
    """Return what records are if their instance is in one of these states, however it came there."""
    return frozenset(
        replace(
            record,
            state=state,
            cause=Cause.OPEN,
            has_run=record.has_run or state is not InstanceState.PENDING,
            fate=Fate.NONE,
        )
        for record in records
        for state in states
    )


def or_shown_as(records: Records, state: InstanceState | None) -> Records:
    """Return the records, and what they are in a state that a reply shows although none of them has it."""
    return records if state is None else records | shown_as(records, state)


def or_in_zone(records: Records, zone: Zone) -> Records:
    """Return the records, and what they are in a zone that a reply shows."""
    return records | {replace(record, zone=zone) for record in records}


def or_with_root(records: Records, root: str) -> Records:
    """Return the records, and what they are with the root device that a reply shows."""
    kinds = [kind for kind in RootDevice if kind.value == root]
    return records | {replace(record, root_device=kind) for record in records for kind in kinds}


def or_forgotten(engine: Engine, records: Records) -> Records:
    """Return the records; an instance that is shutting down or terminated may also be forgotten."""
    ending = frozenset(record for record in records if record.state in DEAD)
    return records | engine.with_forgotten(engine.settled(ending))


def changed_or_not(records: Records, request: Request) -> Records:
    """Return what may have become of an instance if a request was carried out, or not, whatever state it was in."""
    if isinstance(request, AttributeRequest) and request.operation is Operation.MODIFY:
        return records | with_attribute(records, request.attribute)
    return records | shown_as(records, *_LEADS_TO.get(request.operation, ()))


def with_attribute(records: Records, attribute: Attribute) -> Records:
    """Return what records are with every value of an attribute."""
    if attribute is Attribute.DISABLE_API_TERMINATION:
        return frozenset(replace(r, disable_api_termination=value) for r in records for value in (True, False))
    if attribute is Attribute.DISABLE_API_STOP:
        return frozenset(replace(r, disable_api_stop=value) for r in records for value in (True, False))
    if attribute is Attribute.SHUTDOWN_BEHAVIOR:
        return frozenset(replace(r, shutdown_behavior=value) for r in records for value in ShutdownBehavior)
    return records


def volume_changed_or_not(records: VolumeRecords, request: Request) -> VolumeRecords:
    """Return what may have become of a volume if a request was carried out, or not."""
    if isinstance(request, AttributeRequest) and request.operation is Operation.MODIFY:
        return records | {replace(r, delete_on_termination=value) for r in records for value in (True, False)}
    if request.operation is Operation.ATTACH:
        return records | _attached(records, request.instances)
    if request.operation is Operation.DETACH:
        return records | _detached(records)
    if request.operation is Operation.DELETE_VOLUME:
        return records | {replace(r, state=VolumeState.DELETING, holder=None, detaching=False) for r in records}
    if request.operation is Operation.DESCRIBE_VOLUMES:
        return any_volume(records, ())
    return records


def any_volume(records: VolumeRecords, holders: Iterable[Instance]) -> VolumeRecords:
    """Return every state that volumes may be in, attached to one of these instances or those they were attached to."""
    everywhere = (*dict.fromkeys((*holders, *sorted(r.holder for r in records if r.holder))),)
    return frozenset(one for record in records for one in (record, *_states_of(record, everywhere)))


def _states_of(record: VolumeRecord, holders: Iterable[Instance]) -> Iterable[VolumeRecord]:
    for state in VolumeState:
        if state is VolumeState.IN_USE:
            yield from _attached((record,), holders)
        else:
            yield replace(record, state=state, holder=None, detaching=False)


def _attached(records: Iterable[VolumeRecord], holders: Iterable[Instance]) -> VolumeRecords:
    """Return what volumes are once one of these instances has them in use, whatever becomes of them at its end."""
    return frozenset(
        replace(record, state=VolumeState.IN_USE, holder=holder, detaching=False, delete_on_termination=flag)
        for record in records
        for holder in holders
        for flag in (True, False)
    )


def _detached(records: VolumeRecords) -> VolumeRecords:
    """Return what volumes are while they are detached, and afterwards."""
    leaving = frozenset(replace(record, detaching=True) for record in records if record.state is VolumeState.IN_USE)
    return leaving | {
        replace(record, state=VolumeState.AVAILABLE, holder=None, detaching=False)
        for record in records
        if record.state not in GONE
    }


def widened(engine: Engine, hypothesis: Hypothesis, request: Request) -> Hypothesis:
    """Return a hypothesis in which a request changed each thing that it names, or did not."""
    if request.operation is Operation.DESCRIBE:
        return ended_or_forgotten(engine, hypothesis, request)
    instances = {
        i: changed_or_not(hypothesis.instances[i], request) for i in request.instances if i in hypothesis.instances
    }
    volumes = {
        v: volume_changed_or_not(hypothesis.volumes[v], request) for v in request.volume_ids if v in hypothesis.volumes
    }
    return hypothesis.having(instances, volumes)


def ended_or_forgotten(engine: Engine, hypothesis: Hypothesis, request: Request) -> Hypothesis:
    """Return a hypothesis in which the target may know nothing more of the instances that were on their end."""
    known = {i: hypothesis.instances[i] for i in request.instances if i in hypothesis.instances}
    return hypothesis.having({i: or_forgotten(engine, records) for i, records in known.items()})


def with_volumes_of_revived(before: Hypothesis, after: Hypothesis) -> Hypothesis:
    """Return a hypothesis in which the volumes of an instance that came back from its end may be in any state."""
    revived = [
        i
        for i, records in after.instances.items()
        if any(r.state in DEAD for r in before.instances.get(i, ())) and any(r.state not in DEAD for r in records)
    ]
    volumes = {
        v: any_volume(records, ())
        for v, records in after.volumes.items()
        if any(record.holder in revived for record in records)
    }
    return after.having(volumes=volumes) if volumes else after
