"""Plays steps on a target, one after the other, and has every reply judged."""

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import uuid4

from ...model.requests import Attribute, BatchRequest, LaunchRequest, Operation, Request, VolumeRequest
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
from ..adapter.target import Broken, Cleared, LimitReached, Target, Unsupported
from ..oracle.certain import is_gone, is_plain
from ..oracle.divergence import Divergence
from ..oracle.engine import Engine
from ..oracle.excuses import AS_USUAL, Excused, Sent
from ..oracle.items import DEAD
from ..oracle.oracle import Oracle
from ..oracle.settings import Settings
from .beliefs import Note
from .listener import NO_LISTENER, PlayListener, SettleResult
from .settle_timeouts import SHORT_POLLS, UNSEEN
from .transitions import Transition, Transitions

FORGOTTEN_AFTER = 4000.0
"""Seconds after which EC2 has certainly forgotten a terminated instance (about an hour: fact T-01)."""

INTERRUPTED: Final = "the run was ended before this was"
"""Why a scenario was not played to its end when the user interrupted the run, or its calls were used up."""

_ROUNDING: Final = 0.001
"""Seconds by which a clock may be early because of rounding."""

_MAKING: Final = (Operation.RUN, Operation.CREATE_VOLUME)
"""The operations without whose success there is nothing to go on with."""
GIVE_UP_AFTER: Final = 10
"""Replies in a row that say only that the target cannot answer now, after which a play ends without an answer."""

_DEAD: Final = frozenset(state.value for state in DEAD)
_TRANSITIONAL: Final = frozenset(
    state.value for state in (InstanceState.PENDING, InstanceState.STOPPING, InstanceState.SHUTTING_DOWN)
)


class CallsSpent(Exception):
    """A play has made all the calls that it may make."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of playing one scenario on one target."""

    scenario: Scenario
    calls: int
    divergences: tuple[Divergence, ...]
    checks: Counter[str]
    skipped: str | None = None
    """Why the target cannot play the scenario, or cannot play it to its end."""
    broken: str | None = None
    """Why a request got no reply, if one did not."""
    saw_transitional: bool = False
    """Whether a reply showed an instance in a transitional state: pending, stopping or shutting-down."""
    timed_out: frozenset[str] = frozenset()
    """The kinds of things that a settle waited for until it timed out."""
    limit_reached: bool = False
    """Whether a limit of the user forbids further use of the target; `skipped` says which."""
    cut_short: bool = False
    """Whether the user interrupted the play, or its calls were used up; `skipped` says so too."""
    opened: frozenset[str] = frozenset()
    """The instances and volumes about which a reply differed from what EC2 says."""
    withheld: Counter[str] = field(default_factory=Counter[str])
    """The judgements that count for no clause, since an earlier reply had left open what a breach would show."""
    notes: tuple[Note, ...] = ()
    """What the oracle believed after each step, and after the final description if there was one."""
    transitions: Counter[Transition] = field(default_factory=Counter[Transition])
    """How often the replies showed each state transition."""
    excusals: Counter[Excused] = field(default_factory=Counter[Excused])
    """How often each excused refusal came."""
    cleared: Cleared = field(default_factory=Cleared)
    """What it took to remove what the scenario made; `calls` does not count it."""
    seen_at: tuple[int, ...] = ()
    """For each divergence, the step after which it was seen: the step that it blames, or a later one."""


@dataclass(slots=True)
class Play:
    """One scenario in progress: its names, the oracle's belief, and the number of calls so far."""

    target: Target
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    watch_volumes: bool = False
    volumes_per_request: int = 1
    """How many fully known volumes a settle describes in one request."""
    short_waits: Collection[str] = frozenset()
    """The kinds of things that a settle waits for only briefly, because they timed out before."""
    call_limit: int | None = None
    """The play ends when it has made so many calls, wherever it is; None means any number."""
    calls: int = 0
    broken: str | None = None
    saw_transitional: bool = False
    timed_out: set[str] = field(default_factory=set[str])
    """The kinds of things that a settle waited for until it timed out."""
    listener: PlayListener = NO_LISTENER
    """Receives everything that is needed to judge the play again later."""
    on_reply: Callable[[Operation, Observation], None] | None = None
    """Called with every reply."""
    interrupted: Callable[[], bool] = lambda: False
    """Whether the user asked to stop; the clock may then sleep for less than it was asked to."""
    cut_short: bool = False
    """Whether the play stopped early for that reason: nothing more is sent or judged."""
    oracle: Oracle = field(init=False)
    names: Names = field(init=False)
    transitions: Transitions = field(init=False)
    _translator: Translator = field(init=False)
    _last_reply: Observation | None = None
    """The most recent reply."""
    _alive: dict[Instance, None] = field(default_factory=dict[Instance, None])
    """The instances that were launched, and that no reply has shown terminated since."""
    _gone: set[Volume] = field(default_factory=set[Volume])
    """Deleted volumes. Where volumes are described together, only `finish` describes these again."""
    _forgotten: set[Instance] = field(default_factory=set[Instance])
    """Terminated instances that EC2 may have forgotten. A description that names one shows none of the others."""
    _step_number: int = 0
    _all_described: bool = True
    _sent_with: Sent = AS_USUAL
    """The parameters of the last request."""
    _last_excused: Excused | None = None
    """The last excused refusal of the current poll, if any."""
    _unavailable_in_a_row: int = 0
    """How many of the last replies in a row said that the target cannot answer now."""
    _may_be_stale: bool = False
    """Whether a read since the last poll may have shown an earlier state."""

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.engine, self.settings)
        zones = {str(n): zone for n, zone in enumerate(self.target.zones, start=1)}
        self.names = Names(zones=zones, on_answer=self._received)
        self.transitions = Transitions(self.engine.spec.transitions)
        self._translator = Translator(self._identity)

    def _received(self, answer: Answer) -> None:
        self._sent_with = Sent(answer.sent, values=answer.values)
        self.listener.received(answer)

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play one step; return the divergences in the replies to it."""
        found: list[Divergence] = []
        self.listener.step(self._step_number, step)
        try:
            self._perform(step, found)
        except CallsSpent:
            self.cut_short = True  # what was found is not lost
        self._step_number += 1
        return tuple(found)

    def _perform(self, step: Step, found: list[Divergence]) -> None:
        if isinstance(step, SettleStep):
            found.extend(self._settle())
        elif isinstance(step, WaitStep):
            self.target.clock.sleep(step.seconds)
        elif isinstance(step, PushStep):
            self._push(step)
        else:
            for ref in self._translator.expand_ids(ids_used(step)):
                if isinstance(ref, Named | Gone) and not self.names.knows(Instance(ref.name)):
                    raise Unsupported(f"{ref.name} was never launched, so nothing can be done with it")
            for name in (ref.name for ref in ids_used(step) if isinstance(ref, Gone)):
                found.extend(self._await_forgetting(Instance(name)))
            for request in self._translator.requests(step):
                found.extend(self._send(request))
            named = step.ids if isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE else ()
            self._all_described = bool(named)  # without ids, it may show other things

    def finish(self) -> tuple[Divergence, ...]:
        """Describe everything that the scenario made once more, so that every effect is judged."""
        self._gone.clear()
        found: list[Divergence] = []
        try:
            found.extend(() if self._all_described else self._settle())
        except CallsSpent:
            self.cut_short = True
        return tuple(found)

    def is_cut_short(self) -> bool:
        """Check whether the user asked to stop; if so, the play is over."""
        self.cut_short = self.cut_short or self.interrupted()
        return self.cut_short

    def _send(self, request: Request) -> tuple[Divergence, ...]:
        if self.call_limit is not None and self.calls >= self.call_limit:
            raise CallsSpent
        clock = self.target.clock
        sent = clock.now()
        self._sent_with = AS_USUAL
        observation = self.target.perform(request, self.names)
        answered = clock.now()
        self.listener.exchange(self._step_number, request, sent, answered, self._root_device_of(request))
        self._may_be_stale = self._may_be_stale or self.oracle.may_be_late(request, sent)
        self.calls += 1
        self._last_reply = observation
        self.transitions.record(observation)
        self._note_alive(observation)
        if isinstance(request, LaunchRequest) and request.min_count is not None and isinstance(observation, Instances):
            self._translator.without(i for i in request.instances if not self.names.knows(i))
        self.saw_transitional = self.saw_transitional or _shows_transitional(request, observation)
        if self.on_reply is not None:
            self.on_reply(request.operation, observation)
        unfit = reason_not_judged(request, observation)
        if unfit is not None:
            raise Unsupported(unfit)
        if isinstance(observation, NoAnswer):
            self.broken = self.broken or observation.problem
        found = self.oracle.judge(self._step_number, request, observation, sent, answered, self._sent_with)
        excused = self.oracle.excused
        if excused is not None:
            self._note_excused(excused)
        else:
            self._unavailable_in_a_row = 0
        return found

    def clear(self) -> Cleared:
        """Remove what the scenario made, as far as the target can; raises `Broken`."""
        if self.calls == 0:
            return Cleared()
        # Who does not answer is not asked for more.
        alive = {self.names.id_of(i): self._protections(i) for i in self._alive} if self.broken is None else {}
        cleared = self.target.clear(alive)
        return Cleared(cleared.calls, len(self._alive) if self.broken is not None else cleared.left)

    def _protections(self, i: Instance) -> tuple[str, ...]:
        """Return the protections that an instance may have, by EC2's names."""
        records = [record for h in self.oracle.hypotheses for record in h.instances.get(i, ())]
        has = {
            Attribute.DISABLE_API_TERMINATION: any(record.disable_api_termination for record in records),
            Attribute.DISABLE_API_STOP: any(record.disable_api_stop for record in records),
        }
        return tuple(name.value for name, held in has.items() if held)

    def _note_alive(self, observation: Observation) -> None:
        """Note which instances of the scenario a reply shows alive, and which dead."""
        seen: Iterable[tuple[Instance, str]] = ()
        if isinstance(observation, Instances):
            seen = ((item.instance, item.state.name) for item in observation.items)
        elif isinstance(observation, Changes):
            seen = ((item.instance, item.current.name) for item in observation.items)
        for i, state in seen:
            if state in _DEAD:
                self._alive.pop(i, None)
            elif self.names.knows(i):
                self._alive[i] = None

    def _note_excused(self, excused: Excused) -> None:
        """Note a reply that was not judged. Raises `Unsupported` if the play cannot go on without what it refused."""
        self._last_excused = excused
        self._unavailable_in_a_row = self._unavailable_in_a_row + 1 if excused.always else 0
        if excused.operation in _MAKING:
            raise Unsupported(excused_text(excused))
        if self._unavailable_in_a_row >= GIVE_UP_AFTER:
            self.broken = self.broken or f"{excused_text(excused)}, the {GIVE_UP_AFTER}th such reply in a row"

    def _root_device_of(self, request: Request) -> str:
        """Return the root device that a launch asked for; empty for other requests, and where it asked for none."""
        if not isinstance(request, LaunchRequest):
            return ""
        roots = (launch.volume for group in request.volumes for launch in group if launch.root)
        return self.names.devices.get(next(roots, Volume("")), "")

    def _identity(self, ref: SingleId) -> Instance:
        """Return the identity of an id in a scenario; a made-up id is bound to a real one."""
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

    # Steps that send no request of their own.

    def _watched(self) -> tuple[Instance, ...]:
        skipped = self.oracle.unjudged | self._forgotten
        return tuple(i for i in self.oracle.hypotheses[0].instances if self.names.knows(i) and i not in skipped)

    def _settle(self) -> Iterator[Divergence]:
        """Describe everything until it is at rest; whatever is not when the patience runs out is stuck."""
        unseen: frozenset[str] = frozenset()
        polls = 0
        for poll, pause in enumerate(self.target.patience.pauses()):
            if poll >= SHORT_POLLS and self.short_waits and self._waited_for(unseen).issubset(self.short_waits):
                break
            self.target.clock.sleep(pause)
            if self.is_cut_short():
                return
            polls += 1
            self._may_be_stale = False
            self._last_excused = None
            watched, seen = yield from self._describe_instances()
            if not self.oracle.restless():
                yield from self._describe_volumes()
            if self._may_be_stale and (seen or not watched) and self._is_at_rest():
                yield from self._describe_again(watched)
                if self.cut_short:
                    return
            if self._last_excused is not None and self.broken is None:
                continue  # it did not see everything
            if self.broken is not None or ((seen or not watched) and self._is_at_rest()):
                self._all_described = True
                rest = SettleResult.RESTED if self.broken is None else SettleResult.BROKEN
                self.listener.settled(self._step_number, rest, polls, self._watched_volumes())
                self.oracle.rested()
                return
            unseen = frozenset(() if seen or not watched else {UNSEEN})
        if self._last_excused is not None:  # nobody knows whether anything is stuck
            return
        if polls:
            self.timed_out |= self._waited_for(unseen)
        self._all_described = True
        self.listener.settled(self._step_number, SettleResult.STUCK, polls, self._watched_volumes())
        yield from self.oracle.stuck(self._step_number, self._watched_volumes())

    def _describe_instances(self) -> Generator[Divergence, None, tuple[tuple[Instance, ...], bool]]:
        """Describe every instance; return the watched ones, and whether a description must know all of them."""
        watched = self._watched()
        if not watched:
            return watched, False
        yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        seen = self.oracle.history.known_to[Operation.DESCRIBE].issuperset(watched)
        refused = isinstance(self._last_reply, Refused) and self.oracle.excused is None
        if seen and refused and (unknown := {*filter(self.oracle.may_be_unknown, watched)}):
            self._forgotten |= unknown
            if watched := self._watched():
                yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        return watched, seen

    def _waited_for(self, unseen: frozenset[str]) -> frozenset[str]:
        """Return the kinds of things that the settle still waits for, `unseen` among them."""
        return self.oracle.waited_for(self._watched_volumes()) | unseen

    def _is_at_rest(self) -> bool:
        """Tell whether the target answers and everything may be at rest."""
        return self.broken is None and not self.oracle.restless(self._watched_volumes())

    def _describe_again(self, watched: tuple[Instance, ...]) -> Iterator[Divergence]:
        """Describe everything again once no read can be stale, because a read of the last poll may have been.

        Without a stale read there is nothing to wait for: each thing was seen at rest after its last change,
        and it stays so until the next request. This description may show that something is not at rest yet.
        """
        until = self.oracle.late_until((*watched, *self._watched_volumes()))
        self.target.clock.sleep(max(0.0, until - self.target.clock.now()) + _ROUNDING)
        if self.is_cut_short():
            return
        if watched:
            yield from self._send(BatchRequest(Operation.DESCRIBE, instances=watched))
        yield from self._describe_volumes()

    def _watched_volumes(self) -> tuple[Volume, ...]:
        """Return the volumes to describe: those that a reply has shown, if the scenario mentions volumes at all."""
        if not self.watch_volumes:
            return ()
        known = self.oracle.hypotheses[0].volumes
        return tuple(v for v in known if self.names.knows(v) and v not in self.oracle.unjudged)

    def _describe_volumes(self) -> Iterator[Divergence]:
        """Describe fully known volumes together, and every other volume by itself, because it may be deleted."""
        watched = tuple(v for v in self._watched_volumes() if v not in self._gone)
        plain = tuple(v for v in watched if is_plain(self.oracle.hypotheses, v))
        size = self.volumes_per_request
        chunks = (plain[n : n + size] for n in range(0, len(plain), size))
        for volumes in (*chunks, *((v,) for v in watched if v not in plain)):
            yield from self._send(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=volumes))
            if self.volumes_per_request > 1:
                self._gone.update(v for v in volumes if is_gone(self.oracle.hypotheses, v))
            if len(volumes) > 1 and not isinstance(self._last_reply, Volumes):  # a refusal names only some of them
                for volume in volumes:
                    yield from self._send(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(volume,)))

    def _push(self, step: PushStep) -> None:
        i = Instance(step.id)
        self.target.push(step.push.value, i, self.names)
        self.listener.pushed(self._step_number, i, step.push)
        self.oracle.push(self._step_number, i, PUSHES[step.push])
        self._all_described = False

    def _await_forgetting(self, i: Instance) -> Iterator[Divergence]:
        self.target.clock.sleep(FORGOTTEN_AFTER)
        if self.is_cut_short():
            return
        yield from self._send(BatchRequest(Operation.DESCRIBE, instances=(i,)))


class Performer(Protocol):
    """Plays steps: a `Play`, or a wrapper that records coverage."""

    def perform(self, step: Step) -> tuple[Divergence, ...]:
        """Play one step; return the divergences in the replies to it."""
        ...

    def finish(self) -> tuple[Divergence, ...]:
        """Describe everything once more; return the divergences."""
        ...


def play_through(
    play: Play,
    steps: Iterable[Step],
    performer: Performer | None = None,
    enough: Callable[[tuple[Divergence, ...], int], bool] = lambda _found, _calls: False,
    stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Play steps to their end, or until the target gives no answer or the user interrupts.

    If `stopped` says that the steps ended early, there is no final description.
    `enough` is called after each step with its divergences and the calls so far; it returns whether to stop.
    """
    performer = performer or play
    taken: list[Step] = []
    found: list[Divergence] = []
    notes: list[Note] = []
    seen_at: list[int] = []
    unfinished: str | None = None
    limit_reached = False
    try:
        for step in steps:
            if play.is_cut_short():
                break
            taken.append(step)
            new = performer.perform(step)
            found.extend(new)
            seen_at.extend(len(taken) - 1 for _ in new)
            notes.append(Note.of(play.oracle))
            if play.broken is not None or enough(new, play.calls):
                break
        else:
            calls = play.calls
            new = () if stopped() or play.is_cut_short() else performer.finish()
            found.extend(new)
            seen_at.extend(len(taken) for _ in new)
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
    cleared = Cleared()
    try:
        cleared = play.clear()
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
        frozenset(play.oracle.ever_opened),
        play.oracle.withheld,
        tuple(notes),
        play.transitions.seen,
        play.oracle.excusals,
        cleared,
        tuple(seen_at),
    )


def reason_not_judged(request: Request, observation: Observation) -> str | None:
    """Return why a scenario cannot continue after an answer that shows nothing about the lifecycle; None if it can."""
    if isinstance(observation, NoAnswer) and is_unimplemented(observation):
        return f"needs {request.operation.value}, which the target does not implement"
    return None


def excused_text(excused: Excused) -> str:
    """Return one clause for a user that says which refusal was not judged, and why."""
    return f"{excused.operation.value} was answered with {excused.code}, which says nothing of the lifecycle"


def stranger_form(ref: Unknown | Malformed) -> IdForm:
    """Return the form of an id that was made up for a scenario."""
    if isinstance(ref, Malformed):
        return form_of(ref.text)
    return IdForm.UNKNOWN if ref.short else IdForm.UNCERTAIN


def _shows_transitional(request: Request, observation: Observation) -> bool:
    """Return whether a reply shows a transitional state; a new instance always does, and does not count."""
    if isinstance(observation, Changes):
        return any(item.previous.name in _TRANSITIONAL for item in observation.items)
    if isinstance(observation, Instances) and request.operation is Operation.DESCRIBE:
        return any(item.state.name in _TRANSITIONAL for item in observation.items)
    return False
