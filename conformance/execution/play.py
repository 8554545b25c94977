"""Plays steps on a target, one after the other, and has every reply judged."""

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import uuid4

from ...model.requests import BatchRequest, LaunchRequest, Operation, Request, VolumeRequest
from ...model.states import InstanceState
from ...model.world import IdForm, Instance, Volume
from ...strategies.building.guide import PUSHES
from ...strategies.scenario.names import ids_used
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import (
    BatchStep,
    Gone,
    Malformed,
    Named,
    PushStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
    WaitStep,
)
from ...strategies.scenario.titles import title_of
from ...strategies.scenario.translate import Translator, form_of
from ..adapter.answer import Answer
from ..adapter.failures import is_unimplemented
from ..adapter.names import Names
from ..adapter.observation import Changes, Instances, NoAnswer, Observation, Refused, Volumes
from ..adapter.target import Broken, LimitReached, Target, Unsupported
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.excuses import AS_USUAL, Excused, Sent
from ..oracle.oracle import Oracle
from ..oracle.settings import Settings
from .beliefs import Note
from .listener import NO_LISTENER, PlayListener, SettleResult
from .settle_timeouts import SHORT_POLLS, UNSEEN
from .transitions import Transition, Transitions

FORGOTTEN_AFTER = 4000.0
"""Seconds after which EC2 has surely forgotten a terminated instance (about an hour: fact T-01)."""

INTERRUPTED: Final = "the run was ended before this was"
"""Why a scenario was not played to its end where the user asked for that of the run."""

_ROUNDING: Final = 0.001
"""Seconds that a clock may be too early in its own view."""

_MAKING: Final = (Operation.RUN, Operation.CREATE_VOLUME)
"""The operations without whose success there is nothing to go on with."""
GIVE_UP_AFTER: Final = 10
"""Replies in a row that say only that the target cannot answer now, after which a play ends without an answer."""

_TRANSITIONAL: Final = frozenset(
    state.value for state in (InstanceState.PENDING, InstanceState.STOPPING, InstanceState.SHUTTING_DOWN)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one scenario on one target."""

    scenario: Scenario
    calls: int
    divergences: tuple[Divergence, ...]
    checks: Counter[str]
    skipped: str | None = None
    """Why the target cannot play it, or not to its end."""
    broken: str | None = None
    """Why no reply came, where none did."""
    saw_transitional: bool = False
    """Whether a reply showed an instance on its way: pending, stopping or shutting down."""
    timed_out: frozenset[str] = frozenset()
    """What was waited for in vain, by kind."""
    limit_reached: bool = False
    """Whether the target may not be used any further; `skipped` says why."""
    cut_short: bool = False
    """Whether the user asked for the end while it was played; `skipped` says so too."""
    doubted: frozenset[str] = frozenset()
    """What nothing more can be said of: something about it diverged, from what is promised or only assumed."""
    notes: tuple[Note, ...] = ()
    """What the oracle believed after each step, and after the last look where there was one."""
    transitions: Counter[Transition] = field(default_factory=Counter[Transition])
    """How often the replies showed each change of state."""
    passed_over: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each refusal came that was not judged."""


@dataclass(slots=True)
class Play:
    """One scenario under way: its names, what the oracle believes, and how many calls were made."""

    target: Target
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    watch_volumes: bool = False
    volumes_per_request: int = 1
    """Volumes of which all is known that a settle describes in one request."""
    short_waits: Collection[str] = frozenset()
    """The kinds of things that are not waited for as long as the target's patience lasts."""
    calls: int = 0
    broken: str | None = None
    saw_transitional: bool = False
    timed_out: set[str] = field(default_factory=set[str])
    """What was waited for in vain, by kind."""
    listener: PlayListener = NO_LISTENER
    """Receives all that it takes to judge the play again."""
    on_reply: Callable[[Operation, Observation], None] | None = None
    """Receives every reply, if anyone wants to know."""
    interrupted: Callable[[], bool] = lambda: False
    """Tells whether the user asked for the end; the clock may then sleep less than it was told to."""
    cut_short: bool = False
    """Whether the play ended where it was because of that: nothing more is to be sent or judged."""
    oracle: Oracle = field(init=False)
    names: Names = field(init=False)
    transitions: Transitions = field(init=False)
    _translator: Translator = field(init=False)
    _answer: Observation | None = None
    """What came back last."""
    _gone: set[Volume] = field(default_factory=set[Volume])
    """Volumes that were seen to be gone: where volumes are described together, only `finish` looks at them again."""
    _forgotten: set[Instance] = field(default_factory=set[Instance])
    """Instances that have ended, and that EC2 may have forgotten: named in a description they would hide the others."""
    _step: int = 0
    _looked: bool = True
    _how: Sent = AS_USUAL
    """What the last request was sent with."""
    _passed_over: Excused | None = None
    """Why a reply of the last look at everything was not judged, where one was not."""
    _in_a_row: int = 0
    """So many replies, up to the last, said only that the target cannot answer now."""
    _late: bool = False
    """Whether a read of the last look at everything may have shown what was before."""

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.engine, self.settings)
        zones = {str(n): zone for n, zone in enumerate(self.target.zones, start=1)}
        self.names = Names(zones=zones, hear=self._hear)
        self.transitions = Transitions(self.engine.spec.transitions)
        self._translator = Translator(self._identity)

    def _hear(self, answer: Answer) -> None:
        self._how = Sent(answer.sent)
        self.listener.hear(answer)

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play one step; return what was wrong with the replies to it."""
        found: list[Divergence] = []
        self.listener.step(self._step, step)
        if isinstance(step, SettleStep):
            found.extend(self._settle())
        elif isinstance(step, WaitStep):
            self.target.clock.sleep(step.seconds)
        elif isinstance(step, PushStep):
            self._push(step)
        else:
            for ref in self._translator.one_by_one(ids_used(step)):
                if isinstance(ref, Named | Gone) and not self.names.knows(Instance(ref.name)):
                    raise Unsupported(f"{ref.name} was never launched, so nothing can be done with it")
            for name in (ref.name for ref in ids_used(step) if isinstance(ref, Gone)):
                found.extend(self._await_forgetting(Instance(name)))
            for request in self._translator.requests(step):
                found.extend(self._send(request))
            self._looked = isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE
        self._step += 1
        return tuple(found)

    def finish(self) -> tuple[Divergence, ...]:
        """Look once more at everything that the scenario made, so that no effect goes unseen."""
        self._gone.clear()
        return () if self._looked else tuple(self._settle())

    def is_cut_short(self) -> bool:
        """Look whether the user asked for the end; if so, the play is over."""
        self.cut_short = self.cut_short or self.interrupted()
        return self.cut_short

    def _send(self, request: Request) -> tuple[Divergence, ...]:
        clock = self.target.clock
        sent = clock.now()
        self._how = AS_USUAL
        observation = self.target.perform(request, self.names)
        answered = clock.now()
        self.listener.exchange(self._step, request, sent, answered, self._root_of(request))
        self._late = self._late or self.oracle.may_be_late(request, sent)
        self.calls += 1
        self._answer = observation
        self.transitions.take(observation)
        self.saw_transitional = self.saw_transitional or _shows_transitional(request, observation)
        if self.on_reply is not None:
            self.on_reply(request.operation, observation)
        unfit = reason_not_judged(request, observation)
        if unfit is not None:
            raise Unsupported(unfit)
        if isinstance(observation, NoAnswer):
            self.broken = self.broken or observation.problem
        found = self.oracle.judge(self._step, request, observation, sent, answered, self._how)
        excused = self.oracle.excused
        if excused is not None:
            self._take_excused(excused)
        else:
            self._in_a_row = 0
        return found

    def _take_excused(self, excused: Excused) -> None:
        """Note that a reply was not judged; raises `Unsupported` where nothing can be done without what it refused."""
        self._passed_over = excused
        self._in_a_row = self._in_a_row + 1 if excused.always else 0
        if excused.operation in _MAKING:
            raise Unsupported(passed_over_text(excused))
        if self._in_a_row >= GIVE_UP_AFTER:
            self.broken = self.broken or f"{passed_over_text(excused)}, the {GIVE_UP_AFTER}th such reply in a row"

    def _root_of(self, request: Request) -> str:
        """Return the root device that a launch asked for; empty where it is none, or asked for none."""
        if not isinstance(request, LaunchRequest):
            return ""
        roots = (launch.volume for group in request.volumes for launch in group if launch.root)
        return self.names.devices.get(next(roots, Volume("")), "")

    def _identity(self, ref: SingleId) -> Instance:
        """Return the identity that a scenario's id stands for, bound to a real one where it is made up."""
        if isinstance(ref, Unknown):
            kind = "unknown-short" if ref.short else "unknown"
            name = Instance(f"{kind}-{ref.number}")
            if not self.names.knows(name):
                self.names.bind(name, "i-" + uuid4().hex[: 8 if ref.short else 17])
                self.oracle.strangers[name] = stranger_form(ref)
                self.listener.made_up(name, ref, self.names.id_of(name))
            return name
        if isinstance(ref, Malformed):
            name = Instance(ref.text)
            if name not in self.oracle.strangers:
                self.oracle.strangers[name] = stranger_form(ref)
                self.listener.made_up(name, ref, name)
            return name
        return Instance(ref.name)

    # Steps without a request of their own.

    def _watched(self) -> tuple[Instance, ...]:
        left_out = self.oracle.doubted | self._forgotten
        return tuple(i for i in self.oracle.hypotheses[0].instances if self.names.knows(i) and i not in left_out)

    def _settle(self) -> Iterator[Divergence]:
        """Describe everything until it is at rest; what is not when patience ends is stuck."""
        unseen: frozenset[str] = frozenset()
        looks = 0
        for look, pause in enumerate(self.target.patience.pauses()):
            if look >= SHORT_POLLS and self.short_waits and self._waited_for(unseen).issubset(self.short_waits):
                break
            self.target.clock.sleep(pause)
            if self.is_cut_short():
                return
            looks += 1
            self._late = False
            self._passed_over = None
            watched, seen = yield from self._look_at_instances()
            if not self.oracle.restless():
                yield from self._look_at_volumes()
            if self._late and (seen or not watched) and self._rests():
                yield from self._look_again(watched)
                if self.cut_short:
                    return
            if self._passed_over is not None and self.broken is None:
                continue  # it did not see everything
            if self.broken is not None or ((seen or not watched) and self._rests()):
                self._looked = True
                rest = SettleResult.RESTED if self.broken is None else SettleResult.BROKEN
                self.listener.settled(self._step, rest, looks, self._watched_volumes())
                self.oracle.rested()
                return
            unseen = frozenset(() if seen or not watched else {UNSEEN})
        if self._passed_over is not None:  # nobody knows whether anything is stuck
            return
        if looks:
            self.timed_out |= self._waited_for(unseen)
        self._looked = True
        self.listener.settled(self._step, SettleResult.STUCK, looks, self._watched_volumes())
        yield from self.oracle.stuck(self._step, self._watched_volumes())

    def _look_at_instances(self) -> Generator[Divergence, None, tuple[tuple[Instance, ...], bool]]:
        """Describe every instance; return those that are watched, and whether descriptions know all of them."""
        watched = self._watched()
        if not watched:
            return watched, False
        yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        seen = self.oracle.history.known_to[Operation.DESCRIBE].issuperset(watched)
        refused = isinstance(self._answer, Refused) and self.oracle.excused is None
        if seen and refused and (over := {*filter(self.oracle.is_over, watched)}):
            self._forgotten |= over
            if watched := self._watched():
                yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        return watched, seen

    def _waited_for(self, unseen: frozenset[str]) -> frozenset[str]:
        """Return of what kinds the things are that are waited for, beside the kinds of what is unseen."""
        return self.oracle.waited_for(self._watched_volumes()) | unseen

    def _rests(self) -> bool:
        """Tell whether everything may be at rest by now, and the target answers."""
        return self.broken is None and not self.oracle.restless(self._watched_volumes())

    def _look_again(self, watched: tuple[Instance, ...]) -> Iterator[Divergence]:
        """Look at what is at rest once more when no read can be late any more: one of the last look may have been.

        Otherwise there is nothing to wait for: each thing was seen at rest since its last change,
        and what is at rest stays as it is until something is asked for. It may turn out not to be at rest yet.
        """
        until = self.oracle.late_until((*watched, *self._watched_volumes()))
        self.target.clock.sleep(max(0.0, until - self.target.clock.now()) + _ROUNDING)
        if self.is_cut_short():
            return
        if watched:
            yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        yield from self._look_at_volumes()

    def _watched_volumes(self) -> tuple[Volume, ...]:
        """Return the volumes to look at: those that some reply has shown, if the scenario speaks of volumes at all."""
        if not self.watch_volumes:
            return ()
        known = self.oracle.hypotheses[0].volumes
        return tuple(v for v in known if self.names.knows(v) and v not in self.oracle.doubted)

    def _look_at_volumes(self) -> Iterator[Divergence]:
        """Describe volumes together where all is known of them, and each other one by itself: it may be gone."""
        watched = tuple(v for v in self._watched_volumes() if v not in self._gone)
        plain = tuple(v for v in watched if self.oracle.is_plain(v))
        size = self.volumes_per_request
        chunks = (plain[n : n + size] for n in range(0, len(plain), size))
        for volumes in (*chunks, *((v,) for v in watched if v not in plain)):
            yield from self._send(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=volumes))
            if self.volumes_per_request > 1:
                self._gone.update(v for v in volumes if self.oracle.is_gone(v))
            if len(volumes) > 1 and not isinstance(self._answer, Volumes):  # it says little of each
                for volume in volumes:
                    yield from self._send(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(volume,)))

    def _push(self, step: PushStep) -> None:
        i = Instance(step.id)
        self.target.push(step.push.value, i, self.names)
        self.listener.pushed(self._step, i, step.push)
        self.oracle.push(self._step, i, PUSHES[step.push])
        self._looked = False

    def _await_forgetting(self, i: Instance) -> Iterator[Divergence]:
        self.target.clock.sleep(FORGOTTEN_AFTER)
        if self.is_cut_short():
            return
        yield from self._send(BatchRequest(Operation.DESCRIBE, instances=(i,)))


class Performer(Protocol):
    """What plays steps: a play, or one that takes notes of it."""

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play one step; return what was wrong with the replies to it."""
        ...

    def finish(self) -> tuple[Divergence, ...]:
        """Look once more at everything that was made; return what was wrong."""
        ...


def play_through(
    play: Play,
    steps: Iterable[Step],
    performer: Performer | None = None,
    enough: Callable[[tuple[Divergence, ...], int], bool] = lambda _found, _calls: False,
    stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Play steps to their end, or until the target gives no answer or the user asks for the end.

    Who `stopped` the steps wants no last look either.

    `enough` hears what each step showed and how many calls were made so far; it says whether that is enough.
    """
    performer = performer or play
    taken: list[Step] = []
    found: list[Divergence] = []
    notes: list[Note] = []
    unfinished: str | None = None
    limit_reached = False
    try:
        for step in steps:
            if play.is_cut_short():
                break
            taken.append(step)
            new = performer.perform(step)
            found.extend(new)
            notes.append(Note.of(play.oracle))
            if play.broken is not None or enough(new, play.calls):
                break
        else:
            calls = play.calls
            new = () if stopped() or play.is_cut_short() else performer.finish()
            found.extend(new)
            if play.calls > calls:
                notes.append(Note.of(play.oracle))
            enough(new, play.calls)
    except (Unsupported, LimitReached) as error:
        unfinished = str(error)
        limit_reached = isinstance(error, LimitReached)
    except Broken as error:
        play.broken = play.broken or str(error)
    if play.cut_short:
        unfinished = INTERRUPTED
    try:
        if play.calls:
            play.target.clear()
    except Broken as error:
        play.broken = play.broken or str(error)
    scenario = Scenario(title_of(taken), (), tuple(taken))
    play.listener.ended(scenario.title, found, unfinished, play.broken)
    return Outcome(
        scenario,
        play.calls,
        tuple(found),
        play.oracle.checks,
        unfinished,
        play.broken,
        play.saw_transitional,
        frozenset(play.timed_out),
        limit_reached,
        play.cut_short,
        frozenset(play.oracle.doubted),
        tuple(notes),
        play.transitions.seen,
        play.oracle.passed_over,
    )


def reason_not_judged(request: Request, observation: Observation) -> str | None:
    """Return why a scenario cannot go on after an answer that says only what the target cannot do; else None."""
    if isinstance(observation, NoAnswer) and is_unimplemented(observation):
        return f"needs {request.operation.value}, which the target does not implement"
    return None


def passed_over_text(excused: Excused) -> str:
    """Return what there is to say of a refusal that is not judged."""
    return f"{excused.operation.value} was answered with {excused.code}, which says nothing of the lifecycle"


def stranger_form(ref: Unknown | Malformed) -> IdForm:
    """Return what can be told of an id that was made up for a scenario."""
    if isinstance(ref, Malformed):
        return form_of(ref.text)
    return IdForm.UNKNOWN if ref.short else IdForm.UNCERTAIN


def _shows_transitional(request: Request, observation: Observation) -> bool:
    """Tell whether a reply shows that a request met an instance on its way; a new one always is."""
    if isinstance(observation, Changes):
        return any(item.previous.name in _TRANSITIONAL for item in observation.items)
    if isinstance(observation, Instances) and request.operation is Operation.DESCRIBE:
        return any(item.state.name in _TRANSITIONAL for item in observation.items)
    return False
