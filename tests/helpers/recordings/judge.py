"""Judges recordings as a target's replies are judged, by an oracle that knows nothing of what was before them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from itertools import product
from math import inf
from typing import Any, Final

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.devices import Devices
from ec2_lifecycle.conformance.adapter.failures import failed
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Instances, Observation, Refused, Volumes
from ec2_lifecycle.conformance.adapter.reply_reader import read_reply
from ec2_lifecycle.conformance.adapter.sent import usual_paths
from ec2_lifecycle.conformance.oracle.belief import Hypothesis, Records, VolumeRecords
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.excuses import Sent
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.model.choices import HARDEST, PREFERRED
from ec2_lifecycle.model.requests import Attribute, AttributeRequest, BatchRequest, ErrorCode, LaunchRequest, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior, VolumeState
from ec2_lifecycle.model.step import execute, permitted_refusals
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World, Zone
from ec2_lifecycle.strategies.scenario.translate import form_of

from .events import Call, Event
from .exchanges import ANYWHERE, EVERY_MARK, Asked, Exchange, InstanceClaim, Unjudged, VolumeClaim, asked_by

ENGINE: Final = Engine(EC2)
Broken = tuple[str, str]
"""What nothing permits: the instance (`-` for none) and the clause that is broken."""
MayBe = Callable[[InstanceRecord], bool]
"""What is known of the instances in a recording before it begins."""
ANOTHER: Final = Instance("(another instance)")


_TIMED: Final = Settings(read_lag=10.0)
"""The delays of AWS (fact D-03)."""
_UNTIMED: Final = Settings(forget_after=0.0, launch_visibility=inf, protection_lag=inf)
"""Any time may have passed between two calls of which the recording does not say when they were."""


def anything(_: InstanceRecord) -> bool:
    """Know nothing of an instance."""
    return True


class Outcome(Enum):
    """What the oracle says of an event."""

    PERMITTED = "permitted"
    EXCUSED = "excused by what the specification does not hold"
    DIVERGES = "diverges"
    UNJUDGED = "proves nothing"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is judged of an event; the observation is that of an exchange, as a target's adapter shows it."""

    event: Event
    asked: Asked
    observation: Observation | None = None


def seen_in(events: Iterable[Event]) -> list[Seen]:
    """Return what is to be judged of events that came one after the other."""
    names, devices = Names(zones={ANYWHERE: ""}), Devices()
    shown: dict[tuple[Instance, str], Volume] = {}
    found: list[Seen] = []
    for event in events:
        for asked in asked_by(event, lambda i, device: shown.get((i, device))):
            observation = _observation(asked, names, devices) if isinstance(asked, Exchange) else None
            found.append(Seen(event, asked, observation))
            for item in observation.items if isinstance(observation, Instances) else ():
                shown.update(((item.instance, one.device), one.volume) for one in item.devices)
    return found


def _observation(exchange: Exchange, names: Names, devices: Devices) -> Observation:
    request, reply = exchange.request, exchange.reply
    if "Error" in reply:
        error: Any = reply
        return failed(request.operation, ClientError(error, request.operation.value), names)
    return read_reply(request, reply, names, devices)


@cache
def reachable() -> Records:
    """Return every record that the specification lets an instance have."""
    i = Instance("i")
    requests = [
        BatchRequest(Operation.START, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,)),
        BatchRequest(Operation.STOP, instances=(i,), hibernate=True),
        BatchRequest(Operation.TERMINATE, instances=(i,)),
    ]
    todo = [
        InstanceRecord(
            ANYWHERE, root_device=root, disable_api_termination=kept, disable_api_stop=on, shutdown_behavior=then
        )
        for root in RootDevice
        for kept in (False, True)
        for on in (False, root is RootDevice.EBS)
        for then in ShutdownBehavior
    ]
    found = set(todo)
    while todo:
        world = World({i: todo.pop()})
        later = [step.after(world, i) for step in EC2.steps if step.enabled(world, i)]
        for request in requests:
            for choices in (PREFERRED, HARDEST):
                if not permitted_refusals(EC2, world, request, choices):
                    later += execute(EC2, world, request, choices, None).instances.values()
        todo += {record for record in later if record not in found}
        found.update(later)
    return frozenset(found)


@dataclass(slots=True)
class Judge:
    """An oracle that knows nothing of the instances in some recordings but what `may_be` says.

    `plain`: nothing beyond the specification was done before, nor sent where the parameters were not recorded.
    """

    seen: list[Seen]
    may_be: MayBe = anything
    plain: bool = False
    oracle: Oracle = field(init=False)
    outcomes: list[Outcome] = field(default_factory=list[Outcome])

    def __post_init__(self) -> None:
        cast = _Cast()
        for each in self.seen:
            cast.take_in(each)
        records = frozenset(filter(self.may_be, reachable()))
        if not any(map(_is_about_shutdown, self.seen)):  # then nothing depends on it
            records = frozenset(replace(record, shutdown_behavior=ShutdownBehavior.STOP) for record in records)
        times = [each.event.at for each in self.seen if each.event.at is not None]
        self.oracle = Oracle(
            ENGINE,
            _TIMED if len(times) == len(self.seen) else _UNTIMED,
            hypotheses=(Hypothesis(cast.belief(records), cast.belief_of_volumes()),),
            strangers={i: form_of(i) for i in cast.strangers},
        )
        start = next(iter(times), 0.0)
        self.oracle.history.launched.update(dict.fromkeys(cast.instances, float("-inf")))
        self.oracle.history.confirmed.update(dict.fromkeys(cast.instances, start))
        if not self.plain:
            self.oracle.past.marks.update((name, set(EVERY_MARK)) for name in (*cast.instances, *cast.volumes))

    def broken(self) -> frozenset[Broken]:
        """Return what nothing permits of all that was seen, and note the outcome of each event."""
        found: set[Broken] = set()
        now = 0.0
        for step, each in enumerate(self.seen):
            now = now if each.event.at is None else each.event.at
            broken = set(self._broken(step, each, now))
            found |= broken
            self.outcomes.append(self._outcome(each, broken))
        return frozenset(found)

    def _outcome(self, each: Seen, broken: set[Broken]) -> Outcome:
        if broken:
            return Outcome.DIVERGES
        if isinstance(each.asked, Unjudged):
            return Outcome.UNJUDGED
        excused = isinstance(each.asked, Exchange) and self.oracle.excused is not None
        return Outcome.EXCUSED if excused else Outcome.PERMITTED

    def _broken(self, step: int, each: Seen, now: float) -> Iterator[Broken]:
        match each.asked:
            case Exchange() as exchange if each.observation is not None:
                if isinstance(exchange.request, LaunchRequest):
                    yield from ((i, "RUN-1") for i in exchange.request.instances if self._knows(i))
                how = exchange.how
                if self.plain and isinstance(each.event, Call) and each.event.sent is None:
                    how = replace(how, paths=usual_paths(exchange.request))
                for divergence in self.oracle.judge(step, exchange.request, each.observation, now, now, how):
                    yield divergence.instance or "-", divergence.clause
                self._loosen(exchange)
            case InstanceClaim() as claim:
                if not self._keep_instance(claim):
                    yield claim.instance, claim.clause
            case VolumeClaim() as claim:
                if not self._keep_volume(claim):
                    yield claim.volume, claim.clause
            case Unjudged(names):
                self.oracle.doubt(names)
            case _:
                raise AssertionError(each)

    def _knows(self, i: Instance) -> bool:
        return any(i in hypothesis.instances for hypothesis in self.oracle.hypotheses)

    def _keep_instance(self, claim: InstanceClaim) -> bool:
        """Tell whether a claim can be true; if so nothing else is believed any more."""
        i = claim.instance
        left = [
            hypothesis.having({i: records})
            for hypothesis in self.oracle.hypotheses
            if (records := frozenset(filter(claim.holds, ENGINE.settled(hypothesis.instances.get(i, frozenset())))))
        ]
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left) or i in self.oracle.doubted

    def _keep_volume(self, claim: VolumeClaim) -> bool:
        v = claim.volume
        left: list[Hypothesis] = []
        for hypothesis in self.oracle.hypotheses:
            volumes = hypothesis.volumes[v]
            records = frozenset(
                filter(claim.holds, ENGINE.settled_volumes(volumes, ENGINE.holders(hypothesis, volumes)))
            )
            if records:
                after = frozenset(replace(r, state=state) for r in records for state in claim.after) or records
                left.append(hypothesis.having(volumes={v: after}))
        self.oracle.hypotheses = tuple(left) or self.oracle.hypotheses
        return bool(left) or v in self.oracle.doubted

    def _loosen(self, exchange: Exchange) -> None:
        """Forget the settings that an exchange gave to instances without anybody knowing them."""
        if exchange.past_unknown and not self.plain:
            self.oracle.past.marks.update((i, set(EVERY_MARK)) for i in exchange.request.instances)
        if exchange.loosened:
            self.oracle.hypotheses = tuple(
                hypothesis.having(
                    {
                        i: frozenset(r for one in hypothesis.instances[i] for r in _loosened(one, exchange.loosened))
                        for i in exchange.request.instances
                        if i in hypothesis.instances
                    }
                )
                for hypothesis in self.oracle.hypotheses
            )


def _is_about_shutdown(seen: Seen) -> bool:
    request = seen.asked.request if isinstance(seen.asked, Exchange) else None
    return isinstance(request, AttributeRequest) and request.attribute is Attribute.SHUTDOWN_BEHAVIOR


_FLAGS: Final = ((True, False), (False, True), (False, False))
"""A protection: whether it is on, and whether it was cleared a moment ago."""


def _loosened(record: InstanceRecord, attributes: frozenset[Attribute]) -> Iterator[InstanceRecord]:
    """Yield a record with every value that these attributes may have."""
    kept = ((record.disable_api_termination, record.termination_settling),)
    stop_kept = ((record.disable_api_stop, record.stop_settling),)
    stoppable = record.root_device is RootDevice.EBS
    for (on, settling), (stop_on, stop_settling), behavior in product(
        _FLAGS if Attribute.DISABLE_API_TERMINATION in attributes else kept,
        _FLAGS if Attribute.DISABLE_API_STOP in attributes and stoppable else stop_kept,
        ShutdownBehavior if Attribute.SHUTDOWN_BEHAVIOR in attributes else (record.shutdown_behavior,),
    ):
        yield replace(
            record,
            disable_api_termination=on,
            termination_settling=settling,
            disable_api_stop=stop_on,
            stop_settling=stop_settling,
            shutdown_behavior=behavior,
        )


@dataclass(slots=True)
class _Cast:
    """Who takes part: instances with their zones, volumes with their holders, and ids that were never given out."""

    instances: dict[Instance, Zone] = field(default_factory=dict[Instance, Zone])
    volumes: dict[Volume, set[Instance]] = field(default_factory=dict[Volume, "set[Instance]"])
    shown: dict[Volume, tuple[Instance, Zone]] = field(default_factory=dict[Volume, tuple[Instance, Zone]])
    """The volumes that a description of their instance shows before anything else names them."""
    zones: set[Zone] = field(default_factory=lambda: {ANYWHERE})
    strangers: set[Instance] = field(default_factory=set[Instance])
    made: set[str] = field(default_factory=set[str])

    def take_in(self, each: Seen) -> None:
        """Note whom something is about; a launch makes its instances itself, and CreateVolume its volume."""
        match each.asked:
            case InstanceClaim(instance):
                self._add((instance,), ())
            case VolumeClaim(volume):
                self._add((), (volume,))
            case Exchange(request=request, how=how):
                if isinstance(each.observation, Refused) and each.observation.code == ErrorCode.MALFORMED.value:
                    self.strangers.update(request.instances)
                elif isinstance(request, LaunchRequest) or request.operation is Operation.CREATE_VOLUME:
                    self.made.update((*request.instances, *request.volume_ids))
                else:
                    self._add((*request.instances, *_named(how)), request.volume_ids)
                for item in each.observation.items if isinstance(each.observation, Instances) else ():
                    self._place(item.instance, Zone(item.zone))
                    for device in item.devices:
                        if device.volume not in self.volumes and item.instance in self.instances:
                            self.shown[device.volume] = item.instance, Zone(item.zone)
                        self._add((item.instance,), (device.volume,))
                for item in each.observation.items if isinstance(each.observation, Volumes) else ():
                    self.zones.add(Zone(item.zone))
                    self._add(() if item.holder is None else (item.holder,), (item.volume,))
            case Unjudged(names):
                self._add(
                    [Instance(name) for name in names if name.startswith("i-")],
                    [Volume(name) for name in names if name.startswith("vol-")],
                )

    def _add(self, instances: Iterable[Instance], volumes: Iterable[Volume]) -> None:
        new = [i for i in instances if i not in self.strangers]
        for i in new:
            if i not in self.made:
                self.instances.setdefault(i, ANYWHERE)
        for v in volumes:
            if v not in self.made:
                self.volumes.setdefault(v, set()).update(new)

    def _place(self, i: Instance, zone: Zone) -> None:
        self.zones.add(zone)
        if i in self.instances:
            self.instances[i] = zone

    def belief(self, records: Records) -> dict[Instance, Records]:
        """Return what the instances may be, by what any of them may be: in any zone, where none is shown."""
        if self.volumes.keys() - self.shown:
            self.instances.setdefault(ANOTHER, ANYWHERE)
        anywhere = frozenset(replace(r, zone=zone) for r in records for zone in sorted(self.zones))
        return {
            i: frozenset(replace(r, zone=zone) for r in records) if zone else anywhere
            for i, zone in self.instances.items()
        }

    def belief_of_volumes(self) -> dict[Volume, VolumeRecords]:
        """Return what the volumes may be: attached to what is named with them, to another instance, or to nothing."""
        free = frozenset(
            VolumeRecord(zone, state) for zone in self.zones for state in VolumeState if state is not VolumeState.IN_USE
        )
        belief = {v: free | _in_use(self.zones, {*holders, ANOTHER}) for v, holders in self.volumes.items()}
        return {**belief, **{v: _in_use((zone,), (holder,)) for v, (holder, zone) in self.shown.items()}}


def _named(how: Sent) -> tuple[Instance, ...]:
    return () if how.holder is None else (how.holder,)


def _in_use(zones: Iterable[Zone], holders: Iterable[Instance]) -> VolumeRecords:
    flags = product((False, True), repeat=3)
    return frozenset(
        VolumeRecord(zone, VolumeState.IN_USE, holder, *three) for zone, holder, three in product(zones, holders, flags)
    )
