"""Judges what a description shows of an instance, against each record that it may have."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...model.requests import Operation
from ...model.rules.describe import Shape
from ...model.specification import Specification
from ...model.states import Cause, InstanceState, VolumeState
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord, Zone
from ..observation import DeviceSeen, InstanceSeen
from .belief import Records, VolumeRecords
from .engine import Engine
from .fault import STATES, Fault, at_rest, doubt_of, show, state_of

_USER_INITIATED: Final = re.compile(r"User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)")
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""The time of day would make the finding another one in every run."""
_ENDING: Final = (
    InstanceState.STOPPING,
    InstanceState.STOPPED,
    InstanceState.SHUTTING_DOWN,
    InstanceState.TERMINATED,
)


_CAUSES: Final = {cause.value: cause for cause in Cause if cause is not Cause.NONE}


def cause_seen(reason: str) -> Cause:
    """Return the class of a StateReason's code."""
    return _CAUSES.get(reason, Cause.SERVICE) if reason else Cause.NONE


def _only_by_failure(record: InstanceRecord, seen: Cause) -> bool:
    """Tell whether EC2 itself would have ended the instance, though the reason shown is the user's (S-03, T-09)."""
    return record.cause is Cause.SERVICE and seen in (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE)


def _reason_fits(cause: Cause, seen: Cause) -> bool:
    return cause is Cause.OPEN or cause is seen or (cause is Cause.SERVICE and seen is Cause.GUEST_SHUTDOWN)


def _reason_of(seen: InstanceSeen) -> str:
    return f"StateReason.Code {seen.reason!r}" if seen.reason else "no StateReason"


@dataclass(frozen=True, slots=True)
class View:
    """What is left of the possible records once a description was seen, and what was wrong with it."""

    records: Records
    faults: tuple[Fault, ...]
    checked: tuple[str, ...]
    """The clauses that the description could have broken."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """Records of a state that was seen: those that may be in it for some cause, and what is told of them together."""

    same: Records
    fitting: Records
    """Those of them that the seen cause fits."""
    causes: frozenset[Cause]
    zones: frozenset[Zone]
    new: bool
    """Whether what is left of them was surely never started or stopped since its launch."""

    @classmethod
    def of(cls, records: Records, state: InstanceState, cause: Cause) -> "_Alike":
        """Look through the records that an instance may have."""
        same = frozenset(r for r in records if r.state is state and not _only_by_failure(r, cause))
        fitting = frozenset(r for r in same if _reason_fits(r.cause, cause))
        return cls(
            same,
            fitting,
            causes=frozenset(r.cause for r in same),
            zones=frozenset(r.zone for r in same),
            new=all(r.cause is Cause.LAUNCH for r in fitting or same),
        )


def judge_view(engine: Engine, operation: Operation, seen: InstanceSeen, records: Records) -> View:
    """Compare a description with every record that the instance may have."""
    spec = engine.spec
    name = seen.instance
    state = state_of(seen.state)
    checked = ["STATE-1", "DESC-2"]
    if seen.state.code > 0xFF:  # noqa: PLR2004
        checked.append("STATE-2")
    if state is None:
        fault = Fault(
            "STATE-1",
            operation,
            seen.state.name if seen.state.name in STATES else "-",
            "state:consistent",
            "state:inconsistent",
            ("a code that belongs to the name of the state",),
            show(seen.state),
            instance=name,
            doubts=frozenset({name}),
        )
        return View(records, (fault,), tuple(checked))
    cause = cause_seen(seen.reason)
    alike = engine.memory.of(("alike", records, state, cause), lambda: _Alike.of(records, state, cause))
    same, fitting, causes = alike.same, alike.fitting, alike.causes
    if not same:
        likely = {r.state for r in records if r.cause is not Cause.SERVICE} or {r.state for r in records}
        fault = Fault(
            "",
            operation,
            "-",
            "|".join(f"state:{s.value}" for s in at_rest(likely)),
            f"state:{state.value}",
            tuple(f"{name} {p}" for p in sorted(s.value for s in likely)),
            f"{name} {state.value}",
            instance=name,
            doubts=doubt_of(name, likely, state),
        )
        return View(records, (fault,), tuple(checked))
    faults: list[Fault] = []
    if seen.zone not in alike.zones:
        faults.append(_zone_fault(operation, seen, alike.zones))
    checked.append("RUN-2")
    [only, *others] = causes
    if not others and only in spec.reason_clause:
        checked.append(spec.reason_clause[only])
    if not fitting:
        first = min(causes, key=lambda c: c.value)
        faults.append(
            Fault(
                spec.reason_clause[first],
                operation,
                state.value,
                "|".join(sorted(f"reason:{c.value}" for c in causes)),
                f"reason:{cause.value}",
                tuple(f"StateReason.Code {c.value!r}" for c in sorted(causes, key=lambda c: c.value)),
                _reason_of(seen),
                instance=name,
            )
        )
        fitting = same
    if cause in (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE) and state in _ENDING:
        checked.append("SHAPE-4")
        if _USER_INITIATED.fullmatch(seen.transition_reason) is None:
            faults.append(
                Fault(
                    "SHAPE-4",
                    operation,
                    state.value,
                    "transition-reason:user",
                    "transition-reason:other",
                    ("StateTransitionReason 'User initiated (YYYY-MM-DD HH:MM:SS GMT)'",),
                    f"StateTransitionReason {_WHEN.sub('YYYY-MM-DD HH:MM:SS', seen.transition_reason)!r}",
                    instance=name,
                )
            )
    if alike.new and seen.transition_reason:
        faults.append(
            Fault(
                "RUN-5",
                operation,
                state.value,
                "missing:StateTransitionReason",
                "shown:StateTransitionReason",
                ("an empty StateTransitionReason of a new instance",),
                f"StateTransitionReason {seen.transition_reason!r}",
                instance=name,
            )
        )
    for shape in spec.shapes[state]:
        checked.append(shape.clause)
        if not (shape.must <= seen.shown and shape.must_not.isdisjoint(seen.shown)):  # most replies are as promised
            faults.extend(_shape_faults(operation, seen, state, shape))
    return View(fitting, tuple(faults), tuple(checked))


def _zone_fault(operation: Operation, seen: InstanceSeen, zones: Iterable[Zone]) -> Fault:
    return Fault(
        "RUN-2",
        operation,
        seen.state.name,
        "zone:own",
        "zone:other",
        tuple(f"{seen.instance} in zone {zone}" for zone in sorted(zones)),
        f"{seen.instance} in zone {seen.zone or '(none shown)'}",
        instance=seen.instance,
        # Where none is shown, it may well be in the zone that it was launched for.
        doubts=frozenset({seen.instance} if seen.zone else ()),
    )


def _shape_faults(operation: Operation, seen: InstanceSeen, state: InstanceState, shape: Shape) -> Iterator[Fault]:
    lacking = sorted(field.value for field in shape.must - seen.shown)
    if lacking:
        yield Fault(
            shape.clause,
            operation,
            state.value,
            "|".join(f"shown:{field}" for field in lacking),
            "|".join(f"missing:{field}" for field in lacking),
            (f"{', '.join(lacking)} shown of a {state.value} instance",),
            f"no {', '.join(lacking)}",
            instance=seen.instance,
        )
    too_many = sorted(field.value for field in shape.must_not & seen.shown)
    if too_many:
        yield Fault(
            shape.clause,
            operation,
            state.value,
            "|".join(f"missing:{field}" for field in too_many),
            "|".join(f"shown:{field}" for field in too_many),
            (f"no {', '.join(too_many)} (or empty) of a {state.value} instance",),
            f"{', '.join(too_many)} with a value",
            instance=seen.instance,
        )


@dataclass(frozen=True, slots=True)
class Devices:
    """What is left of the possible records of volumes, and what was wrong with the devices shown."""

    volumes: Mapping[Volume, VolumeRecords]
    faults: tuple[Fault, ...] = ()
    checked: tuple[str, ...] = ()
    flagged: tuple[Volume, ...] = ()
    """The volumes whose DeleteOnTermination was compared."""


def shows_devices(spec: Specification, seen: InstanceSeen, records: Records) -> bool:
    """Tell whether the block devices of an instance of these records are promised, in the state that it shows."""
    state = state_of(seen.state)
    return state in spec.shows_volumes and all(r.state is state for r in records)


def judge_devices(operation: Operation, seen: InstanceSeen, volumes: Mapping[Volume, VolumeRecords]) -> Devices:
    """Compare the block devices of an instance in this state with every record that its volumes may have."""
    name, state = seen.instance, seen.state.name
    listed = {device.volume: device for device in seen.devices}
    left: dict[Volume, VolumeRecords] = {}
    faults: list[Fault] = []
    checked: list[str] = []
    compared: list[Volume] = []
    for volume, possible in volumes.items():
        device = listed.get(volume)
        if device is None:
            absent = frozenset(v for v in possible if v.holder != name or v.detaching)
            if not any(v.holder == name for v in possible):
                continue
            checked.append("VOL-9")
            if absent:
                left[volume] = absent
            else:
                faults.append(_device_fault(operation, state, name, volume, "attached", "not attached"))
            continue
        if device.delete_on_termination is None:
            faults.append(_device_fault(operation, state, name, volume, "with DeleteOnTermination", "without it"))
        held = frozenset(v for v in possible if v.holder == name and v.state is VolumeState.IN_USE)
        if not held:
            faults.append(_device_fault(operation, state, name, volume, "not attached", "attached"))
            continue
        flagged = _with_flag(held, device)
        compared.append(volume)
        if flagged:
            left[volume] = flagged
        else:
            wanted = next(iter(held)).delete_on_termination
            faults.append(
                Fault(
                    "",
                    operation,
                    state,
                    f"DeleteOnTermination:{wanted}",
                    f"DeleteOnTermination:{not wanted}",
                    (f"DeleteOnTermination {wanted} of volume {volume}",),
                    f"DeleteOnTermination {device.delete_on_termination}",
                    instance=name,
                    volume=volume,
                    doubts=frozenset({volume}),
                )
            )
    return Devices(left, tuple(faults), tuple(checked), tuple(compared))


def _with_flag(held: frozenset[VolumeRecord], device: DeviceSeen) -> VolumeRecords:
    if device.delete_on_termination is None:
        return held
    return frozenset(v for v in held if v.delete_on_termination is device.delete_on_termination)


def _device_fault(
    operation: Operation, state: str, name: Instance, volume: Volume, expected: str, observed: str
) -> Fault:
    return Fault(
        "VOL-9",
        operation,
        state,
        f"device:{expected}",
        f"device:{observed}",
        (f"volume {volume} {expected} to {name}",),
        f"volume {volume} {observed}",
        instance=name,
        volume=volume,
        doubts=frozenset({volume}),
    )
