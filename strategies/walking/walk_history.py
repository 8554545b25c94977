"""A scenario under way: what the model expects of it, what each instance has been through, and what that covers."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias, TypeVar

from ...model.choices import Choice, Choices
from ...model.requests import Attribute, Operation
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ..building.guide import Guide
from ..scenario.names import ids_used, volumes_used
from ..scenario.steps import BatchStep, Gone, Malformed, Named, RequestStep, RunStep, Step, Unknown
from .batch_features import Oddity, batch_features, oddity
from .coverage import Coverage, Mark
from .expectations import Expectations, Role
from .snapshot import Remembered, Snapshot, Standing
from .step_features import Variant, variant, variant_of

ITSELF: Final = "itself"
"""The feature that every step of a kind has: by it coverage knows how often the kind was met at all."""

A = TypeVar("A", bound=Enum)
K = TypeVar("K", Instance, Volume)
R = TypeVar("R", InstanceRecord, VolumeRecord)

_Batch: TypeAlias = tuple[Variant, tuple[Standing, ...], tuple[Standing, ...], int, Oddity]
"""What the make-up of a batch is told by: its kind, who is named, first and last, how many ids, and what is odd."""

_RECALLED: Final = 1
"""So many of the last events of an instance are told apart by their order.

With more nearly every step is new, whatever else it meets, and what happened often is not sought any more.
"""
_OFTEN: Final = 4
"""So often has something happened when it happened many times."""
_WORN: Final = 3
"""So often may one thing be done to an instance or a volume; after that others are worth more."""


@dataclass(slots=True)
class Noted(Choices):
    """Every open point settled as preferred, and noted when it has a say."""

    met: set[str] = field(default_factory=set[str])

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the preferred alternative."""
        del instance
        self.met.add(choice.id)
        return choice.preferred


@dataclass(slots=True)
class Track:
    """What one instance or volume has been through; `keys` are the features by which coverage knows it."""

    events: tuple[int, ...] = ()
    tally: dict[int, int] = field(default_factory=dict[int, int])
    changed: int | None = None
    """The last step that named it and that may have changed it."""
    record: InstanceRecord | VolumeRecord | None = None
    keys: tuple[int, ...] = ()

    def happened(self, *events: int) -> None:
        """Note what happened in one step, the plainest first."""
        self.events = (*self.events, events[-1])[-_RECALLED:]
        for event in events:
            self.tally[event] = min(self.tally.get(event, 0) + 1, _OFTEN)
        self.record = None  # so that the keys are made again


@dataclass(slots=True)
class Chronicle:
    """One scenario, step by step. What diverged is `lost`: a walk does no more with it."""

    coverage: Coverage
    guide: Guide = field(default_factory=Guide)
    lost: set[str] = field(default_factory=set[str])
    tracks: dict[str, Track] = field(default_factory=dict[str, Track])
    expected: Expectations = field(init=False)
    refs: Remembered[str, Named] = field(default_factory=lambda: Remembered(Named))
    """How requests name what a launch made: thought of far more often than sent."""
    _noted: Noted = field(default_factory=Noted)
    _last: Operation | None = None
    _met: list[tuple[Variant, bool, dict[str, int]] | None] = field(
        default_factory=list["tuple[Variant, bool, dict[str, int]] | None"]
    )
    """For each step its kind, whether it was refused, and the looks of what it named."""
    _now: Snapshot = field(init=False)
    """What there is, until something is done or seen."""
    _made_up: Mapping[_Batch, tuple[int, ...]] = field(init=False)
    """The features of the make-ups that were thought of."""

    def __post_init__(self) -> None:
        self.guide.choices = self._noted
        self.expected = Expectations(self.guide)
        self._now = Snapshot(self.guide, self.lost, self._keys)
        self._made_up = Remembered(self._make_up_keys)

    # What there is to work with.

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances that EC2 still knows, but for the lost ones."""
        return self._now.instances

    @property
    def alive(self) -> tuple[Instance, ...]:
        """Those that have not ended."""
        return self._now.alive

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes whose ids some reply has shown, but for the lost ones."""
        return tuple(v for v in self.guide.shown if v in self.guide.world.volumes and v not in self.lost)

    def keys(self, name: Instance | Volume) -> tuple[int, ...]:
        """Return the features of an instance or a volume."""
        return self._now.keys[name]

    def _keys(self, name: str) -> tuple[int, ...]:
        track = self.tracks.get(name)
        if track is None:
            track = self.tracks[name] = Track()
        world = self.guide.world
        record = world.instances.get(Instance(name)) or world.volumes.get(Volume(name))
        if record is not None and track.record is not record:
            track.record = record
            track.keys = tuple(map(self.coverage.key, _features(record, track)))
        return track.keys

    def is_worn(self, kind: Variant, name: Instance | Volume) -> bool:
        """Tell whether this was done to an instance or a volume so often that once more hardly shows anything."""
        track = self.tracks.get(name)
        return track is not None and track.tally.get(self.coverage.key((kind.operation, kind.detail)), 0) >= _WORN

    @property
    def standings(self) -> Mapping[Instance, Standing]:
        """How each instance stands; many have the same standing."""
        return self._now.standings

    def role(self, kind: Variant, i: Instance) -> Role:
        """Return what a request of a kind would come to for an instance."""
        return self.expected.roles[kind][self._now.standings[i]]

    def batch_keys(
        self, kind: Variant, named: Sequence[Standing], alike: Collection[Standing], size: int, odd: Oddity
    ) -> tuple[set[int], tuple[int, ...]]:
        """Return the features of a batch of so many ids, and those of them that are of its make-up.

        It names these standings in turn, of which those are `alike` that differ, each once.
        """
        made_up = self._made_up[kind, (*alike,), (*named[:1], *named[-1:]), size, odd]
        return set(made_up).union(*[standing.named_keys for standing in alike]), made_up

    def _make_up_keys(self, batch: _Batch) -> tuple[int, ...]:
        kind, alike, ends, size, odd = batch
        return tuple(map(self.coverage.key, batch_features(self.expected.roles[kind], alike, ends, size, odd)))

    # What happens.

    def take(self, step: Step, replies: Sequence[str] | None = None) -> None:
        """Add a step, and count what it covers; `replies` has the codes of refusals, and "" for success.

        Where there are none (None), it goes as the model expects.
        """
        kind, world, shown = variant_of(step), self.guide.world, len(self.guide.shown)
        if kind is None:
            self._met.append(None)
            self.guide.take(step)
        else:
            self._meet(kind, step, replies)
        if self.guide.world is not world or len(self.guide.shown) > shown or not (kind is None or kind.reads):
            self._now.renew()

    def _meet(self, kind: Variant, step: Step, replies: Sequence[str] | None) -> None:
        names = self._named(step)
        looks = {name: self.keys(Instance(name))[0] for name in names if self._is_there(name)}
        keys = self._keys_of(kind, step, names) | {self.coverage.key(ITSELF)}
        before = {i: self.guide.world.instances.get(Instance(i)) for i in names}
        self.guide.take(step)
        expected = self.guide.refusal
        if replies is None:
            replies = ("" if expected is None else expected.code.value,) if isinstance(step, RequestStep) else ()
        refused = any(replies)
        self._met.append((kind, refused, looks))
        self.coverage.meet(kind, keys, refused=refused)
        if not kind.reads:
            for name in names:
                track = self.tracks.setdefault(name, Track())
                events = self._events(kind, name, before.get(name), refused=refused)
                track.happened(*map(self.coverage.key, events))
                track.changed = len(self._met) - 1
        self._mark(kind, replies, before)

    def _events(
        self, kind: Variant, name: str, before: InstanceRecord | None, *, refused: bool
    ) -> tuple[Hashable, ...]:
        """Return what has happened to an instance or a volume, the plainest first.

        Told apart is what was done, what changed nothing, what was refused in which state, and what was not meant.
        Kinds that have no effect count together: else they would be most of what is new.
        """
        if not kind.earnest:
            return (("idle", kind.dry_run, kind.caller),)
        if refused:
            return (kind.operation, "refused"), (kind.operation, "refused", before and before.state)
        if before is not None and self.guide.world.instances.get(Instance(name)) == before:
            return ((kind.operation, "unchanged"),)
        return (kind.operation, "done"), (kind.operation, kind.detail)

    def _mark(self, kind: Variant, replies: Sequence[str], before: Mapping[str, InstanceRecord | None]) -> None:
        coverage = self.coverage
        for choice in self._noted.met:
            coverage.mark(Mark.CHOICES, choice)
        self._noted.met.clear()
        if kind.operation is None:
            return
        if self._last is not None:
            coverage.mark(Mark.PAIRS, (self._last, kind.operation))
        self._last = kind.operation
        records = [record for record in before.values() if record is not None]
        cells = {(record.state, record.disable_api_termination, record.disable_api_stop) for record in records}
        for reply in dict.fromkeys(replies):
            coverage.mark(Mark.OUTCOMES, (kind.operation, reply))
            coverage.mark_all(Mark.CELLS, ((kind.operation, kind.earnest, *cell, bool(reply)) for cell in cells))

    def _named(self, step: Step) -> tuple[str, ...]:
        ids = tuple(ref.name for ref in ids_used(step) if isinstance(ref, Named | Gone))
        made = step.instance_names if isinstance(step, RunStep) else ()
        return tuple(dict.fromkeys((*ids, *volumes_used(step), *made)))

    def _keys_of(self, kind: Variant, step: Step, names: Iterable[str]) -> set[int]:
        if isinstance(step, BatchStep):
            standings, there = self.standings, self.guide.world.instances
            sent = [Instance(ref.name) for ref in step.ids if isinstance(ref, Named)]
            named = [standings[i] for i in sent if i in there]
            keys, _ = self.batch_keys(kind, named, dict.fromkeys(named), len(step.ids), oddity(step.ids))
            return keys
        if isinstance(step, RunStep):
            return set(map(self.coverage.key, launch_features(step)))
        odd = next((type(ref) for ref in ids_used(step) if isinstance(ref, Unknown | Malformed | Gone)), None)
        keys = {self.coverage.key(("odd", odd))}
        for name in names:
            keys.update(self.keys(Instance(name)))
        return keys

    # What was seen.

    def diverged(self, step: int, name: str | None) -> None:
        """Note that the reply to a step diverged, on account of an instance if any."""
        met = self._met[step] if step < len(self._met) else None
        if met is not None:
            kind, refused, looks = met
            late = step < len(self._met) - 1
            for key in looks.values() if name is None else (looks[name],) if name in looks else ():
                self.coverage.diverged(kind, key, refused=refused, late=late)

    def is_known_to_diverge(self, step: Step) -> bool:
        """Tell whether the reply to a step like this diverged before, for something that looked the same."""
        kind = variant_of(step)
        if kind is None or not isinstance(step, RequestStep) or not self.coverage.diverging:
            return False
        looks = [self.keys(Instance(name))[0] for name in self._named(step) if self._is_there(name)]
        return self.coverage.diverges(kind, looks, refused=self.guide.refuses(step))

    @property
    def is_suspect(self) -> bool:
        """Whether a step like the last, for what looked the same, did something before that its reply did not show."""
        last = self._met[-1] if self._met else None
        if last is None:
            return False
        kind, refused, looks = last
        return not kind.reads and self.coverage.deceives(kind, looks.values(), refused=refused)

    def forgot(self, attribute: Attribute) -> None:
        """Note that a launch was seen not to set a protection that it asked for."""
        self.coverage.diverged(variant(Operation.RUN), self.coverage.key(_forgotten(attribute)), refused=False)

    def kept(self, step: RunStep) -> RunStep:
        """Return a launch without the protections that the target was seen to forget."""
        if step.disable_api_termination and self._forgets(Attribute.DISABLE_API_TERMINATION):
            step = replace(step, disable_api_termination=None)
        if step.disable_api_stop and self._forgets(Attribute.DISABLE_API_STOP):
            step = replace(step, disable_api_stop=None)
        return step

    def _forgets(self, attribute: Attribute) -> bool:
        key = self.coverage.key(_forgotten(attribute))
        return self.coverage.diverges(variant(Operation.RUN), (key,), refused=False)

    def went_astray(self, name: str) -> None:
        """Note that something was not as expected, on account of the last step that may have changed it."""
        track = self.tracks.get(name)
        if track is not None and track.changed is not None:
            self.diverged(track.changed, name)

    def _is_there(self, name: str) -> bool:
        return name in self.guide.world.instances or name in self.guide.world.volumes

    def believe(
        self,
        instances: Mapping[Instance, Collection[InstanceRecord]],
        volumes: Mapping[Volume, Collection[VolumeRecord]],
        doubted: Iterable[str],
    ) -> None:
        """Take over what may be, where the target did otherwise than expected; give up what is in doubt."""
        world = self.guide.world
        lost = len(self.lost)
        self.lost.update(doubted)
        self.lost.update(i for i in world.instances if i not in instances)
        self.lost.update(v for v in world.volumes if v not in volumes)
        changed = self._otherwise(world.instances, instances)
        moved = self._otherwise(world.volumes, volumes)
        if changed or moved:
            self.guide.world = world.with_records(changed, moved)
        if changed or moved or len(self.lost) > lost:
            self._now.renew()

    def _otherwise(self, expected: Mapping[K, R], possible: Mapping[K, Collection[R]]) -> dict[K, R]:
        """Return a possible record for each thing that cannot be as expected."""
        return {
            name: min(records, key=repr)
            for name, records in possible.items()
            if name in expected and name not in self.lost and records and expected[name] not in records
        }


def _forgotten(attribute: Attribute) -> Hashable:
    """Return what stands for launches that do not set an attribute."""
    return "forgotten", attribute


def launch_features(step: RunStep) -> tuple[Hashable, ...]:
    """Return what coverage tells apart in launches."""
    return (
        ("launch", min(4, step.count), step.root),
        ("attributes", step.disable_api_termination, step.disable_api_stop, step.shutdown_behavior),
        ("data", tuple(volume.delete_on_termination for volume in step.volumes)),
    )


def _features(record: InstanceRecord | VolumeRecord, track: Track) -> list[Hashable]:
    if isinstance(record, InstanceRecord):
        looks: tuple[Hashable, ...] = (
            record.state,
            record.disable_api_termination,
            record.disable_api_stop,
            record.shutdown_behavior,
            record.root_device,
        )
        cell: Hashable = ("cell", record.state, record.disable_api_termination, record.disable_api_stop)
        state: Hashable = record.state
    else:
        looks = (record.state, record.delete_on_termination, record.root, record.holder is None)
        cell = ("cell", record.state)
        state = record.delete_on_termination
    return [
        looks,
        cell,
        *((state, track.events[-n:]) for n in range(1, len(track.events) + 1)),
        *track.tally.items(),
    ]
