"""Asks the rules about single records, and remembers the answers.

Rules see the named instances only through `any`, `all` and their own instance.
So a record can be judged in a small world of its own:
with one witness for each fact about the others that matters (a protected instance in this zone, or in another).
A test compares this with the exact set of worlds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from ...model.background import StepName
from ...model.choices import Choices
from ...model.outcomes import Move, Rung
from ...model.requests import BatchRequest, Request
from ...model.specification import Specification
from ...model.states import InstanceState, Visibility
from ...model.world import IdForm, Instance, InstanceRecord, Volume, World
from .belief import Hypothesis, Records, VolumeRecords
from .explore import NeedsChoice, Picks, Setting, for_each_pick

T = TypeVar("T")

ME = Instance("me")
NEIGHBOUR = Instance("neighbour")
STRANGER = Instance("stranger")
IT = Volume("it")

_UNTIMED = frozenset({StepName.BECOMES_VISIBLE, StepName.TERMINATION_CLEARS, StepName.STOP_CLEARS, StepName.FORGOTTEN})
"""Steps that the oracle takes by the clock, not whenever they are enabled."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way a named id may be: its record (or form), the choices settled on the way, and the rungs that it trips."""

    subject: InstanceRecord | IdForm
    picks: Picks
    trips: frozenset[int]


class Engine:
    """The rules of one specification, asked about records and remembered; shared by all oracles of a run."""

    def __init__(self, spec: Specification) -> None:
        self.spec = spec
        self._memo: dict[object, object] = {}

    def _remembered(self, key: object, compute: Callable[[], T]) -> T:
        """Return the answer to a question, asked once; a question that needs a choice first says so each time."""
        found = self._memo.get(key)
        if found is None:
            try:
                found = compute()
            except NeedsChoice as need:
                found = need
            self._memo[key] = found
        if isinstance(found, NeedsChoice):
            raise NeedsChoice(found.choice)
        return cast("T", found)

    # The passage of time.

    def settled(self, records: Records) -> Records:
        """Return all that records may have become by spontaneous steps, themselves included."""
        return self._remembered(("settled", records), lambda: self._settle(records))

    def _settle(self, records: Records) -> Records:
        reached = set(records)
        todo = list(records)
        while todo:
            record = todo.pop()
            world = World({ME: record})
            for step in self.spec.steps:
                if step.spontaneous and step.name not in _UNTIMED and step.enabled(world, ME):
                    after = step.after(world, ME)
                    if after not in reached:
                        reached.add(after)
                        todo.append(after)
        return frozenset(reached)

    def stepped(self, records: Records, name: StepName) -> Records:
        """Return what one background step makes of those records in which it is enabled."""
        return self._remembered(("stepped", records, name), lambda: frozenset(self._step(records, name)))

    def _step(self, records: Records, name: StepName) -> Iterator[InstanceRecord]:
        step = next(step for step in self.spec.steps if step.name is name)
        for record in records:
            world = World({ME: record})
            if step.enabled(world, ME):
                yield step.after(world, ME)

    def holders(self, hypothesis: Hypothesis, volumes: VolumeRecords) -> Records:
        """Return all that the instances may have become that volumes of these records may be attached to."""
        return frozenset(
            possible
            for volume in volumes
            if volume.holder is not None and volume.holder in hypothesis.instances
            for possible in self.settled(hypothesis.instances[volume.holder])
        )

    def settled_volumes(self, volumes: VolumeRecords, holders: Records) -> VolumeRecords:
        """Return all that volume records may have become, while their holder may have any of its records."""
        return self._remembered(("volumes", volumes, holders), lambda: self._settle_volumes(volumes, holders))

    def _settle_volumes(self, volumes: VolumeRecords, holders: Records) -> VolumeRecords:
        reached = set(volumes)
        todo = list(volumes)
        while todo:
            volume = todo.pop()
            worlds = (
                [World(volumes={IT: volume})]
                if volume.holder is None
                else [World({volume.holder: holder}, {IT: volume}) for holder in holders]
            )
            for world in worlds:
                for step in self.spec.volume_steps:
                    if self._may(step.enabled, world) and (after := step.after(world, IT)) not in reached:
                        reached.add(after)
                        todo.append(after)
        return frozenset(reached)

    def _may(self, enabled: Callable[[World, Choices, Volume], bool], world: World) -> bool:
        settings: list[Setting] = [()]
        while settings:
            setting = settings.pop()
            try:
                if any(result for _, result in for_each_pick(setting, lambda c: enabled(world, c, IT))):
                    return True
            except NeedsChoice as need:
                settings.extend((*setting, (need.choice.id, a)) for a in need.choice.alternatives)
        return False

    def passed(self, records: Records, state: InstanceState | None) -> Records:
        """Return what records may be where a reply shows a state that they pass into by themselves, too early.

        They may have passed into it, or only the reply says so.
        """
        return records if state is None else records | self.in_state(self.settled(records), state.value)

    def at_rest(self, record: InstanceRecord) -> bool:
        """Tell whether nothing is on its way with an instance of this record."""
        return self._remembered(("rest", record), lambda: (self.spec.at_rest(World({ME: record}), ME),))[0]

    def in_state(self, records: Records, name: str) -> Records:
        """Return the records whose state has this name."""
        return self._remembered(
            ("state", records, name), lambda: frozenset(r for r in records if r.state.value == name)
        )

    # One request.

    def ladder(self, request: Request) -> tuple[Rung, ...]:
        """Return the refusal ladder of a request's operation."""
        return self.spec.operations[request.operation].ladder

    def options(self, request: BatchRequest, setting: Setting, subjects: Records | IdForm) -> tuple[Option, ...]:
        """Return every way in which a named id of these records, or of this form, meets the refusal ladder."""
        key = ("options", request, setting, subjects)
        return self._remembered(key, lambda: tuple(self._options(request, setting, subjects)))

    def _options(self, request: BatchRequest, setting: Setting, subjects: Records | IdForm) -> Iterator[Option]:
        ladder = self.ladder(request)
        mine = replace(request, instances=(ME,))
        for subject in (subjects,) if isinstance(subjects, IdForm) else sorted(subjects, key=repr):
            world = World(strangers={ME: subject}) if isinstance(subject, IdForm) else World({ME: subject})

            def trips(choices: Choices, world: World = world) -> frozenset[int]:
                return frozenset(
                    n
                    for n, rung in enumerate(ladder)
                    if rung.trips is not None and rung.trips(world, mine, choices, ME)
                )

            for picks, rungs in for_each_pick(setting, trips):
                yield Option(subject, picks, rungs)

    def holding(self, request: Request, setting: Setting) -> frozenset[int]:
        """Return the rungs whose condition on the request itself holds."""
        return frozenset(
            n
            for n, rung in enumerate(self.ladder(request))
            if rung.holds is not None
            for _, holds in for_each_pick(setting, lambda c, rung=rung: rung.holds(World(), request, c))  # type: ignore[misc]
            if holds
        )

    def moves(
        self,
        request: BatchRequest,
        setting: Setting,
        option: Option,
        here: Option | None,
        elsewhere: Option | None,
    ) -> tuple[Move, ...]:
        """Return what may become of one named instance.

        `here` is a protected instance of its zone that the request names too, `elsewhere` one of another zone.
        """
        key = ("moves", request, setting, option, here, elsewhere)
        return self._remembered(key, lambda: tuple(self._moves(request, setting, option, here, elsewhere)))

    def _moves(
        self,
        request: BatchRequest,
        setting: Setting,
        option: Option,
        here: Option | None,
        elsewhere: Option | None,
    ) -> Iterator[Move]:
        rule = self.spec.operations[request.operation].instance
        records = {
            name: one.subject
            for name, one in ((ME, option), (NEIGHBOUR, here), (STRANGER, elsewhere))
            if one is not None and isinstance(one.subject, InstanceRecord)
        }
        given: Picks = option.picks + tuple(
            ((choice, name), alternative)
            for name, one in ((NEIGHBOUR, here), (STRANGER, elsewhere))
            if one is not None
            for (choice, _), alternative in one.picks
        )
        if rule is None:
            yield Move(records[ME], row="FRAME-2", because="FRAME-2")
            return
        world = World(records)
        asked = replace(request, instances=tuple(records))

        def moved(choices: Choices) -> Move:
            # A choice is a fact of this one evaluation: the world keeps no answers of another.
            world.memo.clear()
            return rule(world, asked, choices, ME)

        for _, move in for_each_pick(setting, moved, given):
            yield move


def seen_by_new(records: Records) -> Records:
    """Return records as an operation sees them that may not have heard of their ids yet."""
    return frozenset(replace(r, visibility=Visibility.SETTLING) for r in records)


def in_full_view(records: Records) -> Records:
    """Return records as every operation sees them once their ids are known everywhere."""
    return frozenset(
        r if r.visibility is Visibility.FORGOTTEN else replace(r, visibility=Visibility.VISIBLE) for r in records
    )


def with_forgotten(records: Records) -> Records:
    """Return records with those added that a terminated instance has once EC2 forgets it."""
    return records | {
        replace(r, visibility=Visibility.FORGOTTEN) for r in records if r.state is InstanceState.TERMINATED
    }


def lag_over(records: Records) -> Records:
    """Return records in which every cleared protection is no longer enforced."""
    return frozenset(replace(r, termination_settling=False, stop_settling=False) for r in records)
