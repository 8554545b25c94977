"""Asks the rules about one kind of request, whatever it names, and remembers the answers.

Rules see the named instances only through `any`, `all` and their own instance.
So a record can be judged in a small world of its own:
with one witness for each fact about the others that matters (a protected instance in this zone, or in another).
A test compares this with the exact set of worlds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from ...model.choices import Choices
from ...model.outcomes import Move, Rung
from ...model.requests import BatchRequest
from ...model.specification import Specification
from ...model.world import IdForm, Instance, InstanceRecord, World
from .belief import Records
from .explore import Picks, Setting, for_each_pick
from .memory import Memory
from .options import Fates, Option, Options, Rungs

ME: Final = Instance("me")
NEIGHBOUR: Final = Instance("neighbour")
STRANGER: Final = Instance("stranger")


@dataclass(frozen=True, slots=True)
class Place:
    """A rung of a ladder, and where it stands among the others: their numbers, by what they are to it."""

    rung: Rung
    mine: Rungs
    """Its own number."""
    earlier: Rungs
    later: Rungs
    kin: Rungs
    """Those of the same code, itself among them."""


@dataclass(slots=True)
class Asked:
    """A request without the ids that it names. `ladder` is that of its operation, `zonal` the rungs that go by zone."""

    spec: Specification
    request: BatchRequest
    ladder: tuple[Place, ...] = field(init=False)
    every: Rungs = field(init=False)
    zonal: Rungs = field(init=False)
    _of_me: BatchRequest = field(init=False)
    """The request, where it names one instance alone."""
    _memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        rungs = self.spec.operations[self.request.operation].ladder

        def those(fit: Callable[[Rung], bool]) -> Rungs:
            return frozenset(n for n, rung in enumerate(rungs) if fit(rung))

        places = tuple(
            Place(
                rung,
                mine=frozenset({n}),
                earlier=those(lambda other, rung=rung: other.refusal in rung.after),
                later=those(lambda other, rung=rung: rung.refusal in other.after),
                kin=those(lambda other, rung=rung: other.code is rung.code),
            )
            for n, rung in enumerate(rungs)
        )
        self.ladder = places
        self._of_me = replace(self.request, instances=(ME,))
        self.every = those(lambda _: True)
        self.zonal = those(lambda rung: rung.by_zone)

    def holding(self, setting: Setting, request: BatchRequest) -> Rungs:
        """Return the rungs whose condition on the request itself holds: of its ids it sees only how many there are."""
        return self._memory.under(
            setting, (request.count, request.distinct), lambda read: frozenset(self._holding(read, request))
        )

    def _holding(self, setting: Setting, request: BatchRequest) -> Iterator[int]:
        nothing = World()
        for n, place in enumerate(self.ladder):
            if place.rung.holds is not None:
                picks = for_each_pick(setting, partial(place.rung.holds, nothing, request))
                if any(holds for _, holds in picks):
                    yield n

    def options(self, setting: Setting, subjects: Records | IdForm) -> Options:
        """Return every way in which a named id of these records, or of this form, meets the refusal ladder."""
        return self._memory.under(setting, subjects, lambda read: Options(tuple(self._options(read, subjects))))

    def _options(self, setting: Setting, subjects: Records | IdForm) -> Iterator[Option]:
        # Sorted, so that whatever is named first is the same in every process.
        for subject in (subjects,) if isinstance(subjects, IdForm) else sorted(subjects, key=repr):
            yield from self._memory.under(
                setting, subject, lambda read, subject=subject: tuple(self._options_of(read, subject))
            )

    def _options_of(self, setting: Setting, subject: InstanceRecord | IdForm) -> Iterator[Option]:
        world = World(strangers={ME: subject}) if isinstance(subject, IdForm) else World({ME: subject})

        def trips(choices: Choices) -> Rungs:
            return frozenset(
                n
                for n, place in enumerate(self.ladder)
                if place.rung.trips is not None and place.rung.trips(world, self._of_me, choices, ME)
            )

        for picks, rungs in for_each_pick(setting, trips):
            yield Option(subject, picks, rungs)

    def fates(self, setting: Setting, options: Options, here: Option | None, elsewhere: Option | None) -> Fates:
        """Return what may become of one named instance; none where the id is none of an instance.

        `here` is a protected instance of its zone that the request names too, `elsewhere` one of another zone.
        """
        return self._memory.under(
            setting, (options, here, elsewhere), lambda read: Fates(self._fates(read, options, here, elsewhere))
        )

    def _fates(
        self, setting: Setting, options: Options, here: Option | None, elsewhere: Option | None
    ) -> Iterator[tuple[InstanceRecord, Move]]:
        for option in options.all:
            if isinstance(option.subject, InstanceRecord):
                moves = self._memory.under(
                    setting,
                    (option, here, elsewhere),
                    lambda read, option=option: tuple(self._moves(read, option, here, elsewhere)),
                )
                yield from ((option.subject, move) for move in moves)

    def _moves(self, setting: Setting, option: Option, here: Option | None, elsewhere: Option | None) -> Iterator[Move]:
        rule = self.spec.operations[self.request.operation].instance
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
        asked = replace(self.request, instances=tuple(records))

        def moved(choices: Choices) -> Move:
            # A choice is a fact of this one evaluation: the world keeps no answers of another.
            world.memo.clear()
            return rule(world, asked, choices, ME)

        for _, move in for_each_pick(setting, moved, given):
            yield move
