"""Judges what a description shows of an instance, against each record that it may have."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ...model.requests import Operation
from ...model.rules.describe import Shape, Shown
from ...model.specification import Specification
from ...model.states import CODES, Cause, InstanceState
from ...model.world import Instance, InstanceRecord, Volume, Zone
from ..adapter.observation import InstanceSeen
from .belief import Records, VolumeRecords
from .engine import Engine
from .fault import STATES, Fault, at_rest, show, state_of
from .widening import any_volume, or_in_zone, or_shown_as, or_with_root, shown_as

_USER_INITIATED: Final = re.compile(r"User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)")
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""The time of day would make the finding another one in every run."""
_ENDING: Final = (
    InstanceState.STOPPING,
    InstanceState.STOPPED,
    InstanceState.SHUTTING_DOWN,
    InstanceState.TERMINATED,
)


_CLAUSES: Final = {"Placement": "RUN-2", "RootDeviceType": "KIND-3", Shown.TRANSITION_REASON.value: "SHAPE-4"}
"""The clauses about single parts of a description."""
_BY_CODE: Final = {code: state for state, code in CODES.items()}
_CAUSES: Final = {cause.value: cause for cause in Cause if cause is not Cause.NONE}


def cause_seen(reason: str) -> Cause:
    """Return the class of a StateReason's code."""
    return _CAUSES.get(reason, Cause.SERVICE) if reason else Cause.NONE


def _only_by_failure(record: InstanceRecord, seen: Cause | None) -> bool:
    """Tell whether EC2 itself would have ended the instance, though the reason shown is the user's (S-03, T-09)."""
    return record.cause is Cause.SERVICE and seen in (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE)


def _lacking(must: Iterable[Shown], seen: InstanceSeen) -> list[str]:
    """Return the promised fields that are not shown, without those that cannot be read."""
    return sorted(field.value for field in must if field not in seen.shown and field.value not in seen.unread)


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
    ended: bool
    """Whether it may have terminated, by what is left."""
    devices: bool
    """Whether its block devices are promised, in the state that it shows."""

    @classmethod
    def of(cls, records: Records, faults: Iterable[Fault], checked: Iterable[str], *, devices: bool) -> "View":
        """Return what is left, and what that says."""
        ended = any(r.state is InstanceState.TERMINATED for r in records)
        return cls(records, tuple(faults), tuple(checked), ended, devices)


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the possible records of an instance say of a description that shows a state and a reason.

    A run sees the same again and again: it is worked out once.
    """

    state: InstanceState | None
    """The state shown; None where its code and its name disagree."""
    cause: Cause | None
    """The class of the reason shown; None where it cannot be read."""
    same: Records
    """Those that may be in the state for some cause."""
    causes: frozenset[Cause]
    zones: frozenset[Zone]
    roots: frozenset[str]
    """The root device types that its image gives it."""
    new: bool
    """Whether what is left of them was surely never started or stopped since its launch."""
    by_user: bool
    """Whether StateTransitionReason has to say that the user did it."""
    shapes: tuple[Shape, ...]
    must: frozenset[Shown]
    """The fields that some shape promises."""
    must_not: frozenset[Shown]
    """Those that one rules out."""
    devices: bool
    """Whether the block devices are promised in the state shown."""
    left: View | None
    """What is left where nothing else is wrong; None where the state or the reason already is."""
    checked: tuple[str, ...]

    @classmethod
    def of(
        cls, spec: Specification, records: Records, state: InstanceState | None, cause: Cause | None, *, high: bool
    ) -> "_Expected":
        """Look through the records that an instance may have; `high`: its code has bits in the high byte."""
        same = frozenset(r for r in records if r.state is state and not _only_by_failure(r, cause))
        fitting = frozenset(r for r in same if cause is None or _reason_fits(r.cause, cause))
        causes = frozenset(r.cause for r in same)
        by_user = cause in (Cause.USER_SHUTDOWN, Cause.USER_HIBERNATE) and state in _ENDING
        # EC2 gives every running instance the cause NONE: another one came to run by what EC2 would not do,
        # and nothing tells what it should still show of its past.
        strange = state is InstanceState.RUNNING and Cause.NONE not in causes
        shapes = spec.shapes[state] if state is not None and same and not strange else ()
        devices = bool(same) and state in spec.shows_volumes
        checked = ["STATE-1", "DESC-2"]
        if high:
            checked.append("STATE-2")
        if same:
            checked.extend(("RUN-2", "KIND-3"))
            [only, *others] = causes
            if cause is not None and not others and only in spec.reason_clause:
                checked.append(spec.reason_clause[only])
            if by_user:
                checked.append("SHAPE-4")
            checked.extend(shape.clause for shape in shapes)
        return cls(
            state,
            cause,
            same,
            causes,
            zones=frozenset(r.zone for r in same),
            roots=frozenset(r.root_device.value for r in same),
            new=all(r.cause is Cause.LAUNCH for r in fitting or same),
            by_user=by_user,
            shapes=shapes,
            must=frozenset[Shown]().union(*(shape.must for shape in shapes)),
            must_not=frozenset[Shown]().union(*(shape.must_not for shape in shapes)),
            devices=devices,
            left=View.of(fitting, (), checked, devices=devices) if fitting else None,
            checked=tuple(checked),
        )

    def fits(self, seen: InstanceSeen) -> bool:
        """Tell whether the rest of the description is as promised too."""
        return (
            self.fits_zone(seen)
            and self.fits_root(seen)
            and not self.lacks_user(seen)
            and not (self.new and seen.transition_reason)
            and (self.must <= seen.shown or not _lacking(self.must, seen))
            and self.must_not.isdisjoint(seen.shown)
        )

    def fits_zone(self, seen: InstanceSeen) -> bool:
        """Tell whether the zone is its own, where one can be read."""
        return seen.zone in self.zones or "Placement" in seen.unread

    def lacks_user(self, seen: InstanceSeen) -> bool:
        """Tell whether the StateTransitionReason does not say that the user did it, as it should."""
        return (
            self.by_user
            and _USER_INITIATED.fullmatch(seen.transition_reason) is None
            and Shown.TRANSITION_REASON.value not in seen.unread
        )

    def unchecked(self, seen: InstanceSeen) -> frozenset[str]:
        """Return the clauses about parts that cannot be read."""
        by_part = {key: clause for key, clause in _CLAUSES.items() if key in seen.unread}
        shapes = (
            shape for shape in self.shapes if any(one.value in seen.unread for one in shape.must | shape.must_not)
        )
        return frozenset((*by_part.values(), *(shape.clause for shape in shapes)))

    def fits_root(self, seen: InstanceSeen) -> bool:
        """Tell whether the root device type is that of the image, where one is shown."""
        return not seen.root_device or seen.root_device in self.roots


def judge_view(engine: Engine, operation: Operation, seen: InstanceSeen, records: Records) -> View:
    """Compare a description with every record that the instance may have."""
    state, high = state_of(seen.state), seen.state.code > 0xFF  # noqa: PLR2004
    cause = None if Shown.STATE_REASON.value in seen.unread else cause_seen(seen.reason)
    expected = engine.memory.of(
        ("expected", records, state, cause, high),  # few, whatever texts a target sends
        lambda: _Expected.of(engine.spec, records, state, cause, high=high),
    )
    if expected.left is not None and expected.fits(seen):  # as most are
        view = expected.left
    else:
        view = _wrong_view(engine.spec, operation, seen, records, expected)
    if not seen.unread:
        return view
    unchecked = expected.unchecked(seen)
    devices = view.devices and Shown.BLOCK_DEVICES.value not in seen.unread
    return replace(view, checked=tuple(c for c in view.checked if c not in unchecked), devices=devices)


def _wrong_view(
    spec: Specification, operation: Operation, seen: InstanceSeen, records: Records, expected: _Expected
) -> View:
    """Say what is wrong with a description."""
    name, state, cause, causes = seen.instance, expected.state, expected.cause, expected.causes
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
            opens=frozenset({name}),
        )
        shown = (STATES.get(seen.state.name), _BY_CODE.get(seen.state.code & 0xFF))
        either = records | shown_as(records, *(one for one in shown if one is not None))
        return View.of(either, (fault,), expected.checked, devices=False)
    if not expected.same:
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
            opens=frozenset({name}),
        )
        return View.of(or_shown_as(records, state), (fault,), expected.checked, devices=False)
    faults: list[Fault] = []
    if not expected.fits_zone(seen):
        faults.append(_zone_fault(operation, seen, expected.zones))
    if not expected.fits_root(seen):
        faults.append(_root_fault(operation, seen, expected.roots))
    if expected.left is None and cause is not None:
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
    if expected.lacks_user(seen):
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
    if expected.new and seen.transition_reason:
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
    faults.extend(fault for shape in expected.shapes for fault in _shape_faults(operation, seen, state, shape))
    left = expected.same if expected.left is None else expected.left.records
    if not expected.fits_zone(seen) and seen.zone:
        left = or_in_zone(left, Zone(seen.zone))
    if not expected.fits_root(seen):
        left = or_with_root(left, seen.root_device)
    return View.of(left, faults, expected.checked, devices=expected.devices)


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
        opens=frozenset({seen.instance} if seen.zone else ()),
    )


def _root_fault(operation: Operation, seen: InstanceSeen, roots: Iterable[str]) -> Fault:
    promised = sorted(roots)
    return Fault(
        "KIND-3",
        operation,
        seen.state.name,
        "|".join(f"root:{root}" for root in promised),
        f"root:{seen.root_device}",
        tuple(f"RootDeviceType {root!r}, as of the image" for root in promised),
        f"RootDeviceType {seen.root_device!r}",
        instance=seen.instance,
        opens=frozenset({seen.instance}),
    )


def _shape_faults(operation: Operation, seen: InstanceSeen, state: InstanceState, shape: Shape) -> Iterator[Fault]:
    lacking = _lacking(shape.must, seen)
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


class Devices(NamedTuple):
    """What is left of the possible records of volumes, and what was wrong with the devices shown."""

    volumes: Mapping[Volume, VolumeRecords]
    faults: Sequence[Fault]
    checked: Sequence[str]
    flagged: Sequence[Volume]
    """The volumes whose DeleteOnTermination was compared."""


def judge_devices(
    engine: Engine, operation: Operation, seen: InstanceSeen, volumes: Mapping[Volume, VolumeRecords]
) -> Devices:
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
                left[volume] = any_volume(possible, ())
                faults.append(_device_fault(operation, state, name, volume, "attached", "not attached"))
            continue
        if device.delete_on_termination is None:
            unsaid = _device_fault(operation, state, name, volume, "with DeleteOnTermination", "without it")
            faults.append(replace(unsaid, opens=frozenset()))
        held = engine.in_use_by(possible, name)
        if not held:
            left[volume] = any_volume(possible, (name,))
            faults.append(_device_fault(operation, state, name, volume, "not attached", "attached"))
            continue
        flag = device.delete_on_termination
        flagged = held if flag is None else engine.with_flag(held, delete_on_termination=flag)
        compared.append(volume)
        if flagged:
            left[volume] = flagged
        else:
            wanted = next(iter(held)).delete_on_termination
            left[volume] = possible | {replace(one, delete_on_termination=not wanted) for one in held}
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
                    opens=frozenset({volume}),
                )
            )
    return Devices(left, faults, checked, compared)


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
        opens=frozenset({volume}),
    )
