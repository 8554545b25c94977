"""The history of a walk: what the model expects, what happened to each instance, and which cells that covers."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias, TypeVar

from ...model.choices import Choice, Choices
from ...model.requests import Attribute, Operation, TokenError
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ..building.guide import Guide
from ..scenario.names import ids_used, volumes_used
from ..scenario.steps import BatchStep, Gone, Malformed, Named, RequestStep, RunAgainStep, RunStep, Step, Unknown
from .batch_features import Oddity, batch_features, oddity
from .coverage import Coverage, Mark
from .expectations import Expectations, Role
from .snapshot import InstanceProfile, Memo, Snapshot
from .step_features import Variant, variant, variant_of

ITSELF: Final = "itself"
"""A feature that every step of a kind has, so that coverage counts how often the kind was taken."""

A = TypeVar("A", bound=Enum)
K = TypeVar("K", Instance, Volume)
R = TypeVar("R", InstanceRecord, VolumeRecord)

_Batch: TypeAlias = tuple[Variant, tuple[InstanceProfile, ...], tuple[InstanceProfile, ...], int, Oddity]
"""What a batch's composition depends on: its kind, the named profiles, first and last, its size, and oddities."""

_ORDERED_EVENTS: Final = 1
"""How many of an instance's last events coverage distinguishes by their order.

With more, nearly every step is new, and walks no longer seek what happens often.
"""
_MAX_COUNT: Final = 4
"""The highest count of an event that coverage distinguishes."""
_MAX_REPEATS: Final = 3
"""How often a walk does the same thing to an instance or a volume."""


@dataclass(slots=True)
class RecordingChoices(Choices):
    """Settles every open point as preferred, and records which ones were decided."""

    met: set[str] = field(default_factory=set[str])

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the preferred alternative."""
        del instance
        self.met.add(choice.id)
        return choice.preferred


@dataclass(slots=True)
class Track:
    """What happened to one instance or volume; `keys` are its coverage features."""

    events: tuple[int, ...] = ()
    tally: dict[int, int] = field(default_factory=dict[int, int])
    changed: int | None = None
    """The last step that named it and that may have changed it."""
    record: InstanceRecord | VolumeRecord | None = None
    keys: tuple[int, ...] = ()

    def happened(self, *events: int) -> None:
        """Record the events of one step, the most general first."""
        self.events = (*self.events, events[-1])[-_ORDERED_EVENTS:]
        for event in events:
            self.tally[event] = min(self.tally.get(event, 0) + 1, _MAX_COUNT)
        self.record = None  # recompute the keys


@dataclass(slots=True)
class WalkHistory:
    """One scenario, step by step. An instance or volume that diverged is `abandoned`: the walk no longer uses it."""

    coverage: Coverage
    guide: Guide = field(default_factory=Guide)
    abandoned: set[str] = field(default_factory=set[str])
    tracks: dict[str, Track] = field(default_factory=dict[str, Track])
    expected: Expectations = field(init=False)
    refs: Memo[str, Named] = field(default_factory=lambda: Memo(Named))
    """The references to launched instances, cached because generated requests need them often."""
    _choices: RecordingChoices = field(default_factory=RecordingChoices)
    _last: Operation | None = None
    _met: list[tuple[Variant, bool, dict[str, int]] | None] = field(
        default_factory=list["tuple[Variant, bool, dict[str, int]] | None"]
    )
    """For each step: its kind, whether it was refused, and the request key of each name in it."""
    _snapshot: Snapshot = field(init=False)
    """The instances and volumes, valid until a step or a reply changes them."""
    _compositions: Mapping[_Batch, tuple[int, ...]] = field(init=False)
    """The features of each composition, cached."""

    def __post_init__(self) -> None:
        self.guide.choices = self._choices
        self.expected = Expectations(self.guide)
        self._snapshot = Snapshot(self.guide, self.abandoned, self._keys)
        self._compositions = Memo(self._composition_keys)

    # The current instances and volumes.

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances that EC2 still knows, without the abandoned ones."""
        return self._snapshot.instances

    @property
    def alive(self) -> tuple[Instance, ...]:
        """The instances that have not ended."""
        return self._snapshot.alive

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes whose ids some reply has shown, without the abandoned ones."""
        return tuple(v for v in self.guide.shown if v in self.guide.world.volumes and v not in self.abandoned)

    def keys(self, name: Instance | Volume) -> tuple[int, ...]:
        """Return the features of an instance or a volume."""
        return self._snapshot.keys[name]

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

    def is_repeated_enough(self, kind: Variant, name: Instance | Volume) -> bool:
        """Tell whether this was done to an instance or a volume often enough."""
        track = self.tracks.get(name)
        return (
            track is not None and track.tally.get(self.coverage.key((kind.operation, kind.detail)), 0) >= _MAX_REPEATS
        )

    @property
    def profiles(self) -> Mapping[Instance, InstanceProfile]:
        """The profile of each instance; many share one."""
        return self._snapshot.profiles

    def role(self, kind: Variant, i: Instance) -> Role:
        """Return the expected effect of a request of a kind on an instance."""
        return self.expected.roles[kind][self._snapshot.profiles[i]]

    def batch_keys(
        self,
        kind: Variant,
        named: Sequence[InstanceProfile],
        distinct: Collection[InstanceProfile],
        size: int,
        odd: Oddity,
    ) -> tuple[set[int], tuple[int, ...]]:
        """Return the features of a batch of `size` ids, and those features that describe its composition.

        `named` are the profiles in the order sent; `distinct` has each profile once.
        """
        composition = self._compositions[kind, (*distinct,), (*named[:1], *named[-1:]), size, odd]
        return set(composition).union(*[profile.named_keys for profile in distinct]), composition

    def _composition_keys(self, batch: _Batch) -> tuple[int, ...]:
        kind, distinct, ends, size, odd = batch
        return tuple(map(self.coverage.key, batch_features(self.expected.roles[kind], distinct, ends, size, odd)))

    # Steps.

    def take(self, step: Step, replies: Sequence[str] | None = None) -> None:
        """Add a step, and count what it covers.

        `replies` holds the codes of refusals, and "" for success; None means that everything went as expected.
        """
        kind, world, shown = variant_of(step), self.guide.world, len(self.guide.shown)
        if kind is None:
            self._met.append(None)
            self.guide.take(step)
        else:
            self._take_request(kind, step, replies)
        if self.guide.world is not world or len(self.guide.shown) > shown or not (kind is None or kind.reads):
            self._snapshot.renew()

    def _take_request(self, kind: Variant, step: Step, replies: Sequence[str] | None) -> None:
        names = self._named(step)
        request_keys = self._request_keys(step, names)
        keys = self._keys_of(kind, step, names) | {self.coverage.key(ITSELF)}
        before = {i: self.guide.world.instances.get(Instance(i)) for i in names}
        mismatch = isinstance(step, RunAgainStep) and self.guide.refuses(step)
        self.guide.take(step)
        if replies is None:
            replies = (self._expected_reply(mismatch=mismatch),) if isinstance(step, RequestStep) else ()
        refused = any(replies)
        self._met.append((kind, refused, request_keys))
        self.coverage.meet(kind, keys, refused=refused)
        if not kind.reads:
            for name in names:
                track = self.tracks.setdefault(name, Track())
                events = self._events(kind, name, before.get(name), refused=refused)
                track.happened(*map(self.coverage.key, events))
                track.changed = len(self._met) - 1
        self._mark(kind, replies, before)

    def _expected_reply(self, *, mismatch: bool) -> str:
        """Return the code of the expected refusal of the last step, "" for success; `mismatch`: its token was used."""
        if mismatch:
            return TokenError.IDEMPOTENT_MISMATCH.value
        return "" if self.guide.refusal is None else self.guide.refusal.code.value

    def _events(
        self, kind: Variant, name: str, before: InstanceRecord | None, *, refused: bool
    ) -> tuple[Hashable, ...]:
        """Return the events for an instance or a volume, the most general first.

        They distinguish what was done, what changed nothing, what was refused in which state, and what has no effect.
        Kinds without an effect count as one, because otherwise most new cells would be theirs.
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
        for choice in self._choices.met:
            coverage.mark(Mark.CHOICES, choice)
        self._choices.met.clear()
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
            profiles, there = self.profiles, self.guide.world.instances
            sent = [Instance(ref.name) for ref in step.ids if isinstance(ref, Named)]
            named = [profiles[i] for i in sent if i in there]
            keys, _ = self.batch_keys(kind, named, dict.fromkeys(named), len(step.ids), oddity(step.ids))
            return keys
        if isinstance(step, RunStep):
            return set(map(self.coverage.key, launch_features(step)))
        if isinstance(step, RunAgainStep):
            return {*self.keys_of_repeat(step)}
        odd = next((type(ref) for ref in ids_used(step) if isinstance(ref, Unknown | Malformed | Gone)), None)
        keys = {self.coverage.key(("odd", odd))}
        for name in names:
            keys.update(self.keys(Instance(name)))
        return keys

    def keys_of_repeat(self, step: RunAgainStep) -> tuple[int, ...]:
        """Return the features of a launch that is sent again: how, and what became of the instances that it made."""
        run, world = self.guide.launch_of(step), self.guide.world
        how = "elsewhere" if step.is_elsewhere(run) else "changed" if step.changes(run) else "the same"
        there = [Instance(name) for name in run.instance_names if Instance(name) in world.instances]
        states = tuple(sorted({world.state(i).value for i in there}))
        return tuple(map(self.coverage.key, (("again", how), ("again", how, states))))

    def _request_keys(self, step: Step, names: Iterable[str]) -> dict[str, int]:
        """Return what decides the answer for each name in a step, or for the launch that it sends again."""
        if isinstance(step, RunAgainStep):
            return {step.name: self.keys_of_repeat(step)[0]}
        return {name: self.keys(Instance(name))[0] for name in names if self._is_there(name)}

    # Replies.

    def diverged(self, step: int, name: str | None) -> None:
        """Record that the reply to a step diverged, and for which instance, if any."""
        met = self._met[step] if step < len(self._met) else None
        if met is not None:
            kind, refused, request_keys = met
            late = step < len(self._met) - 1
            for key in request_keys.values() if name is None else (request_keys[name],) if name in request_keys else ():
                self.coverage.diverged(kind, key, refused=refused, late=late)

    def is_known_to_diverge(self, step: Step) -> bool:
        """Tell whether the reply to such a step diverged before, for an instance with the same request key."""
        kind = variant_of(step)
        if kind is None or not isinstance(step, RequestStep) or not self.coverage.diverging:
            return False
        request_keys = self._request_keys(step, self._named(step)).values()
        return self.coverage.diverges(kind, request_keys, refused=self.guide.refuses(step))

    @property
    def may_hide_effect(self) -> bool:
        """Whether a step like the last one once had a wrong effect that its own reply did not show."""
        last = self._met[-1] if self._met else None
        if last is None:
            return False
        kind, refused, request_keys = last
        return not kind.reads and self.coverage.hides_effect(kind, request_keys.values(), refused=refused)

    def launch_forgot(self, attribute: Attribute) -> None:
        """Record that a launch did not set a protection that it asked for."""
        self.coverage.diverged(variant(Operation.RUN), self.coverage.key(_forgotten_feature(attribute)), refused=False)

    def without_forgotten_protections(self, step: RunStep) -> RunStep:
        """Return a launch without the protections that the target is known to forget."""
        if step.disable_api_termination and self._forgets(Attribute.DISABLE_API_TERMINATION):
            step = replace(step, disable_api_termination=None)
        if step.disable_api_stop and self._forgets(Attribute.DISABLE_API_STOP):
            step = replace(step, disable_api_stop=None)
        return step

    def _forgets(self, attribute: Attribute) -> bool:
        key = self.coverage.key(_forgotten_feature(attribute))
        return self.coverage.diverges(variant(Operation.RUN), (key,), refused=False)

    def blame_last_change(self, name: str) -> None:
        """Blame the last step that may have changed something that is not as expected."""
        track = self.tracks.get(name)
        if track is not None and track.changed is not None:
            self.diverged(track.changed, name)

    def _is_there(self, name: str) -> bool:
        return name in self.guide.world.instances or name in self.guide.world.volumes

    def adopt_beliefs(
        self,
        instances: Mapping[Instance, Collection[InstanceRecord]],
        volumes: Mapping[Volume, Collection[VolumeRecord]],
        doubted: Iterable[str],
    ) -> None:
        """Adopt the oracle's belief if the target did not act as expected; abandon instances and volumes in doubt."""
        world = self.guide.world
        abandoned = len(self.abandoned)
        self.abandoned.update(doubted)
        self.abandoned.update(i for i in world.instances if i not in instances)
        self.abandoned.update(v for v in world.volumes if v not in volumes)
        changed = self._replacements(world.instances, instances)
        moved = self._replacements(world.volumes, volumes)
        if changed or moved:
            self.guide.world = world.with_records(changed, moved)
        if changed or moved or len(self.abandoned) > abandoned:
            self._snapshot.renew()

    def _replacements(self, expected: Mapping[K, R], possible: Mapping[K, Collection[R]]) -> dict[K, R]:
        """Return a possible record for each instance or volume that cannot be as expected."""
        return {
            name: min(records, key=repr)
            for name, records in possible.items()
            if name in expected and name not in self.abandoned and records and expected[name] not in records
        }


def _forgotten_feature(attribute: Attribute) -> Hashable:
    """Return the feature of launches that do not set an attribute."""
    return "forgotten", attribute


def launch_features(step: RunStep) -> tuple[Hashable, ...]:
    """Return the features of a launch."""
    return (
        ("launch", min(4, step.count), step.root),
        ("attributes", step.disable_api_termination, step.disable_api_stop, step.shutdown_behavior),
        ("hibernation", step.hibernation),
        ("data", tuple(volume.delete_on_termination for volume in step.volumes)),
    )


def _features(record: InstanceRecord | VolumeRecord, track: Track) -> list[Hashable]:
    if isinstance(record, InstanceRecord):
        request_keys: tuple[Hashable, ...] = (
            record.state,
            record.disable_api_termination,
            record.disable_api_stop,
            record.shutdown_behavior,
            record.root_device,
            record.hibernation,
        )
        cell: Hashable = ("cell", record.state, record.disable_api_termination, record.disable_api_stop)
        state: Hashable = record.state
    else:
        request_keys = (record.state, record.delete_on_termination, record.root, record.holder is None)
        cell = ("cell", record.state)
        state = record.delete_on_termination
    return [
        request_keys,
        cell,
        *((state, track.events[-n:]) for n in range(1, len(track.events) + 1)),
        *track.tally.items(),
    ]
