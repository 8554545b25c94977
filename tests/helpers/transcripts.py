"""Tapes: short runs of the model, written down reply by reply, so that two judges can be told the very same."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Instances, NoAnswer, Observation, Refused, Volumes
from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.requests import BatchRequest, LaunchRequest, Operation, Request, VolumeRequest
from ec2_lifecycle.model.specification import EC2, Specification
from ec2_lifecycle.model.world import IdForm, Instance, Volume

UNKNOWN: Final = Instance("unknown-short-1")
UNCERTAIN: Final = Instance("unknown-1")
MALFORMED: Final = Instance("foo")
STRANGERS: Final = {UNKNOWN: IdForm.UNKNOWN, UNCERTAIN: IdForm.UNCERTAIN, MALFORMED: IdForm.MALFORMED}
"""The ids that were never given out, by their names on a tape."""

REST: Final = 150.0
"""Seconds after which nothing is on its way any more: no chain of steps of the model takes longer."""

# A tape.


@dataclass(frozen=True, slots=True)
class Reply:
    """A request and what came back, at some second of the target's clock."""

    request: Request
    observation: Observation
    at: float


@dataclass(frozen=True, slots=True)
class Rest:
    """A look at everything, after so long that all of it must be at rest."""

    looks: tuple[Reply, ...]
    at: float

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes that were looked at."""
        return tuple(v for look in self.looks for v in look.request.volume_ids)


Event = Reply | Rest
Tape = tuple[Event, ...]


def told(tape: Tape) -> str:
    """Return a tape as people read it: what a failing test shows."""
    lines: list[str] = []
    for event in tape:
        if isinstance(event, Rest):
            lines.append(f"{event.at:g} s: everything is at rest")
        lines += [
            f"{reply.at:g} s: {reply.request}\n    -> {reply.observation}"
            for reply in (event.looks if isinstance(event, Rest) else (event,))
        ]
    return "\n".join(lines)


# What is to be played.


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, after a wait; `lost`: its answer gets lost, or (`sent` False) the request itself."""

    request: Request
    wait: float = 0.0
    lost: bool = False
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until everything is at rest, and look at it."""


Script = tuple[Ask | Settle, ...]


def play(script: Script, behaviour: Behaviour, spec: Specification = EC2) -> Tape:
    """Play a script on the model, or on a wrong one, and write down what it answers."""
    return tuple(_Player(model_target(spec, behaviour)).played(script))


@dataclass(slots=True)
class _Player:
    target: Target
    names: Names = field(default_factory=Names)
    instances: list[Instance] = field(default_factory=list[Instance])
    volumes: list[Volume] = field(default_factory=list[Volume])

    def __post_init__(self) -> None:
        self.names.zones.update((str(n), zone) for n, zone in enumerate(self.target.zones, start=1))
        self.names.bind(UNKNOWN, "i-0badc0de")
        self.names.bind(UNCERTAIN, "i-00000000000badc0d")

    def played(self, script: Script) -> Iterator[Event]:
        for step in script:
            if isinstance(step, Settle):
                self.target.clock.sleep(REST)
                yield Rest(tuple(self._looks()), self.target.clock.now())
            elif self._can_ask(step.request):
                self.target.clock.sleep(step.wait)
                yield self._asked(step)

    def _can_ask(self, request: Request) -> bool:
        """Tell whether all volumes have names: those of an instance that failed to launch were never seen."""
        makes = request.operation in (Operation.RUN, Operation.CREATE_VOLUME)
        return makes or all(self.names.knows(v) for v in request.volume_ids)

    def _asked(self, step: Ask) -> Reply:
        request = step.request
        if not step.sent:
            return Reply(request, NoAnswer("the request was lost"), self.target.clock.now())
        reply = self._reply(request)
        if isinstance(request, LaunchRequest) and isinstance(reply.observation, Instances):
            self.instances += request.instances
            self.volumes += request.volume_ids
        elif request.operation is Operation.CREATE_VOLUME and isinstance(reply.observation, Volumes):
            self.volumes += request.volume_ids
        return replace(reply, observation=NoAnswer("the answer was lost")) if step.lost else reply

    def _looks(self) -> Iterator[Reply]:
        together = self._reply(BatchRequest(Operation.DESCRIBE, instances=tuple(self.instances)))
        yield together
        if isinstance(together.observation, Refused):  # one of them is forgotten
            yield from (self._reply(BatchRequest(Operation.DESCRIBE, instances=(i,))) for i in self.instances)
        for v in self.volumes:
            if self.names.knows(v):
                yield self._reply(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(v,)))

    def _reply(self, request: Request) -> Reply:
        return Reply(request, self.target.perform(request, self.names), self.target.clock.now())
