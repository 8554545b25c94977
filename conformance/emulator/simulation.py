"""Simulates one EC2 region from a specification: answers requests, and runs the background steps between them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ...model.background import StepName, VolumeStepName
from ...model.choices import NEW_ID, Choices, NewId
from ...model.outcomes import Rung
from ...model.requests import Request
from ...model.specification import Specification
from ...model.states import Visibility
from ...model.step import execute, permitted_refusals
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord, World
from ..adapter.clock import Clock
from .behaviour import Behaviour, ChoicePolicy, DrawnChoices, StepKind
from .late_reads import LateReads
from .schedule import Schedule

_FAILURES: Final = (StepName.LAUNCH_FAILS, StepName.START_FAILS)
TIME_BASED: Final = (
    StepName.BECOMES_VISIBLE,
    StepName.TERMINATION_CLEARS,
    StepName.STOP_CLEARS,
    StepName.FORGOTTEN,
)
"""The background steps that also happen to instances and volumes at rest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a request: its refusal (None if it succeeded), and the choices behind it.

    The worlds hold only the part that concerns the request.
    """

    request: Request
    choices: Choices
    refusal: Rung | None
    before: World
    after: World

    def settled(self) -> dict[tuple[str, Instance | None], Enum]:
        """Return the open points that the rules met, each with the alternative that was chosen."""
        return dict(self.choices.settled) if isinstance(self.choices, DrawnChoices) else {}


class CannotHappen(ValueError):
    """A background step cannot happen now; `why` is the reason."""

    def __init__(self, step: StepKind, subject: Instance | Volume, why: str) -> None:
        super().__init__(f'"{step.value}" cannot happen to {subject} now: {why}')
        self.why = why


@dataclass(frozen=True, slots=True)
class RestoredInstance:
    """An instance loaded from a world file; without `due` its background steps are scheduled anew."""

    record: InstanceRecord
    since: float
    volumes: tuple[Volume, ...]
    due: Mapping[StepKind, float | None] | None
    known_by: tuple[str, ...]
    ending: Mapping[str, str]


class Simulation:
    """A running account in one region: every request and every background step goes through it."""

    def __init__(self, spec: Specification, behaviour: Behaviour, clock: Clock) -> None:
        self.late_reads = LateReads.of(behaviour, clock.now)
        self.account = self.late_reads.account()
        self.last: Answer | None = None
        """The answer to the last request since `begin`."""
        self._spec = spec
        self._behaviour = behaviour
        self._clock = clock
        self._choice_random = behaviour.stream("choices")
        self._delay_random = behaviour.stream("delays")
        self._known: defaultdict[str, set[Instance]] = defaultdict(set)
        self._deletion_choices: dict[Instance, DrawnChoices] = {}
        self._steps = {step.name: step for step in spec.steps}
        self._volume_steps = {step.name: step for step in spec.volume_steps}
        self._schedule: Schedule[Instance | Volume, StepName | VolumeStepName] = Schedule()

    def begin(self) -> None:
        """Forget how the last request was answered."""
        self.last, self.late_reads.age = None, 0.0

    def ask(self, request: Request, check: Callable[[], None] | None = None) -> Answer:
        """Answer a request and carry it out; `check` may raise if the specification does not refuse the request."""
        self.advance()
        before = self.account.world_of(request.instances, request.volume_ids)
        choices = DrawnChoices(self._behaviour, self._choice_random, self._known[request.operation.value])
        refusals = permitted_refusals(self._spec, before, request, choices)
        refusal = self._choose_refusal(refusals) if refusals else None
        step = execute(self._spec, before, request, choices, refusal)
        self.last = Answer(request, choices, refusal, before, step.world)
        if refusal is None and check is not None:
            check()
        self._store(step.instances, step.volumes, self._clock.now())
        return self.last

    def advance(self) -> None:
        """Run every background step that is due."""
        now = self._clock.now()
        self._run_due(lambda deadline: deadline <= now)

    def push(self, name: StepName, i: Instance) -> None:
        """Run a background step of an instance now; raises `CannotHappen`.

        It runs before the steps that are due at this moment, and after a step that it depends on:
        a guest has to start before it can shut down.
        """
        now = self._clock.now()
        self._run_due(lambda deadline: deadline < now)
        if i in self.account.instances and not self._is_possible(name, self.account.world_of((i,)), i):
            self._complete_prerequisite(name, i, now)
        world = self.account.world_of((i,))
        if not self._is_possible(name, world, i):
            state = f"it is {world.state(i).value}" if i in world.instances else "there is no such instance"
            raise CannotHappen(name, i, state)
        self._run_step(name, i, now)

    def knows_id(self, operation: str, i: Instance) -> bool:
        """Tell whether an operation outside the specification knows an instance yet (E-25, T-01)."""
        self.advance()
        record = self.account.instances.get(i)
        if record is None or record.visibility is Visibility.FORGOTTEN:
            return False
        if record.visibility is Visibility.VISIBLE:
            return True
        return DrawnChoices(self._behaviour, self._choice_random, self._known[operation]).at(NEW_ID, i) is NewId.KNOWN

    def pending_steps(self) -> dict[Instance | Volume, dict[StepKind, float | None]]:
        """Return the possible background steps of every subject, with their deadlines; None means only on demand."""
        return self._schedule.pending()

    def operations_aware_of(self, i: Instance) -> tuple[str, ...]:
        """Return the operations that know a new instance id, as long as not all do."""
        settling = self.account.instances[i].visibility is Visibility.SETTLING
        return tuple(name for name, known in self._known.items() if i in known) if settling else ()

    def deletion_choices(self, i: Instance) -> dict[str, str]:
        """Return the choices settled by the termination of an instance, with the names of the alternatives."""
        settled = self._deletion_choices[i].settled if i in self._deletion_choices else {}
        return {choice: alternative.name for (choice, _), alternative in settled.items()}

    def restore_state(
        self,
        instances: Mapping[Instance, RestoredInstance],
        volumes: Mapping[Volume, tuple[VolumeRecord, Mapping[StepKind, float | None] | None]],
    ) -> None:
        """Restore a saved state; possible background steps are still to come."""
        by_id = {choice.id: choice for choice in self._spec.choices}
        for i, held in instances.items():
            drawn = DrawnChoices(self._behaviour, self._choice_random)
            for choice, name in held.ending.items():
                if choice in by_id and name in type(by_id[choice].preferred).__members__:
                    drawn.settled[choice, None] = type(by_id[choice].preferred)[name]
            if held.ending:
                self._deletion_choices[i] = drawn
            for operation in held.known_by:
                self._known[operation].add(i)
            self._schedule.restore(i, held.due)
            self.account.attached[i] = dict.fromkeys(held.volumes)
        for v, (_, due) in volumes.items():
            self._schedule.restore(v, due)
        records = {i: held.record for i, held in instances.items()}
        self._store(records, {v: record for v, (record, _) in volumes.items()}, self._clock.now())
        self.account.since.update({i: held.since for i, held in instances.items()})

    def push_volume(self, name: VolumeStepName, v: Volume) -> None:
        """Run a background step of a volume now; raises `CannotHappen`."""
        self.advance()
        if v not in self.account.volumes:
            raise CannotHappen(name, v, "there is no such volume")
        step, world = self._volume_steps[name], self.account.world_of((), (v,))
        if not step.enabled(world, self._choices_of_holder(self.account.volumes[v].holder), v):
            raise CannotHappen(name, v, f"it is {world.volume_state(v).value}")
        self._store({}, {v: step.after(world, v)}, self._clock.now())

    def _choose_refusal(self, refusals: tuple[Rung, ...]) -> Rung:
        for rung in refusals:
            if rung.refusal is self._behaviour.refusal:
                return rung
        return (
            self._choice_random.choice(refusals)
            if self._behaviour.choice_policy is ChoicePolicy.RANDOM
            else refusals[0]
        )

    def _is_possible(self, name: StepName, world: World, i: Instance) -> bool:
        return i in world.instances and name in self._steps and self._steps[name].enabled(world, i)

    def _complete_prerequisite(self, name: StepName, i: Instance, at: float) -> None:
        """Run the spontaneous step, if there is one, that makes step `name` possible."""
        world = self.account.world_of((i,))
        for step in self._spec.steps:
            if step.spontaneous and step.name not in _FAILURES and step.enabled(world, i):
                after = world.with_records({i: step.after(world, i)})
                if self._is_possible(name, after, i):
                    self._run_step(step.name, i, at)
                    return

    def _run_due(self, due: Callable[[float], bool]) -> None:
        while (entry := self._schedule.pop(due)) is not None:
            deadline, subject, name = entry
            if isinstance(name, StepName):
                self._run_step(name, Instance(subject), deadline)
            else:
                volume = Volume(subject)
                after = self._volume_steps[name].after(self.account.world_of((), (volume,)), volume)
                self._store({}, {volume: after}, deadline)

    def _run_step(self, name: StepName, i: Instance, at: float) -> None:
        self._store({i: self._steps[name].after(self.account.world_of((i,)), i)}, {}, at)

    def _store(
        self, instances: Mapping[Instance, InstanceRecord], volumes: Mapping[Volume, VolumeRecord], at: float
    ) -> None:
        self.late_reads.happens = at
        changed, touched = self.account.store(instances, volumes, at)
        self.late_reads.happens = None
        for i in changed:
            world = self.account.world_of((i,))
            idle = self._behaviour.idle and self._spec.at_rest(world, i)
            can_come = [
                s.name
                for s in self._spec.steps
                if s.spontaneous and s.enabled(world, i) and not (idle and s.name not in TIME_BASED)
            ]
            self._schedule.update(i, can_come, lambda fresh: self._deadlines(fresh, at))
        for v in touched:
            world = self.account.world_of((), (v,))
            choices = self._choices_of_holder(self.account.volumes[v].holder)
            idle = self._behaviour.idle and self._spec.volume_at_rest(world, v)
            can_follow = [s.name for s in self._spec.volume_steps if s.enabled(world, choices, v) and not idle]
            self._schedule.update(v, can_follow, lambda fresh: self._deadlines(fresh, at))

    def _choices_of_holder(self, holder: Instance | None) -> Choices:
        """Return the choices about the volumes of a terminating instance: the same for all of them."""
        if holder is None:
            return DrawnChoices(self._behaviour, self._choice_random)
        if holder not in self._deletion_choices:
            self._deletion_choices[holder] = DrawnChoices(self._behaviour, self._choice_random)
        return self._deletion_choices[holder]

    def _deadlines(
        self, fresh: list[StepName | VolumeStepName], at: float
    ) -> Iterator[tuple[float, StepName | VolumeStepName]]:
        """Yield deadlines for newly possible steps; this also decides whether a launch or start fails."""
        fails = any(name in _FAILURES for name in fresh) and self._delay_random.random() < self._behaviour.failures
        for name in fresh:
            if (name in _FAILURES) if not fails else (name is StepName.LAUNCH_COMPLETES):
                continue
            bounds = self._behaviour.delays.get(name, (0, 0))
            if bounds is None:
                continue
            least, most = bounds
            yield at + (self._delay_random.uniform(least, most) if most > least else least), name
