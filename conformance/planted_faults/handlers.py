"""Faults in handling: one kind of request is answered by a function in place of the rules.

A handler remembers nothing itself: what has happened to an instance or a volume is in `Past`.
What it does, it does to the model's records, so that all later replies show it too.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ...model.choices import PREFERRED
from ...model.outcomes import Refusal, Rung
from ...model.requests import Attribute, AttributeRequest, BatchRequest, Caller, Operation, Request
from ...model.specification import Specification
from ...model.states import Visibility
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord, World
from ..adapter.clock import VirtualClock
from ..emulator.account import Account
from ..emulator.behaviour import Behaviour
from ..emulator.simulation import Answer, Simulation


@dataclass(frozen=True, slots=True)
class Deed:
    """A request that was made, what it came to, and the world around it before and after; numbered as they came."""

    number: int
    request: Request
    refusal: Refusal | None
    before: World
    after: World

    @property
    def in_earnest(self) -> bool:
        """Whether it was no dry run, and came from a caller with permission."""
        return in_earnest(self.request)

    def changed(self, i: Instance) -> bool:
        """Tell whether it changed anything about an instance."""
        return self.before.instances.get(i) != self.after.instances.get(i)


class Past:
    """Every request so far, by the instances and volumes that it named."""

    def __init__(self) -> None:
        self._deeds: defaultdict[Instance | Volume, list[Deed]] = defaultdict(list)

    def note(self, deed: Deed) -> None:
        """Remember one more request."""
        named: tuple[Instance | Volume, ...] = (*deed.request.instances, *deed.request.volume_ids)
        for each in dict.fromkeys(named):
            self._deeds[each].append(deed)

    def of(self, subject: Instance | Volume, operation: Operation) -> list[Deed]:
        """Return the requests of one kind that named an instance or a volume, in order."""
        return [deed for deed in self._deeds[subject] if deed.request.operation is operation]

    def done(self, subject: Instance | Volume, operation: Operation) -> int:
        """Count those that succeeded."""
        return sum(deed.refusal is None for deed in self.of(subject, operation))

    def effective(self, i: Instance, operation: Operation) -> int:
        """Count those that changed an instance: the starts that found it stopped, for example."""
        return sum(deed.changed(i) for deed in self.of(i, operation))

    def refused(self, i: Instance, operation: Operation) -> int:
        """Count those that were refused although the caller meant them and had permission."""
        return sum(deed.refusal is not None and deed.in_earnest for deed in self.of(i, operation))

    def dry(self, i: Instance) -> int:
        """Count the dry runs of any kind."""
        return sum(deed.request.dry_run for deed in self._deeds[i])

    def written(self, i: Instance, attribute: Attribute) -> list[bool]:
        """Return the values to which an attribute was changed, one after the other."""
        return [
            request.value
            for deed in self.of(i, Operation.MODIFY)
            if deed.refusal is None and deed.changed(i)
            if isinstance(request := deed.request, AttributeRequest) and request.attribute is attribute
        ]


class FaultySimulation(Simulation):
    """One account of an EC2 whose handling of some requests is replaced; handlers ask it and change it."""

    def __init__(
        self, spec: Specification, behaviour: Behaviour, clock: VirtualClock, account: Account, handler: "Handler"
    ) -> None:
        super().__init__(spec, behaviour, clock)
        self.account = account
        self.past = Past()
        self._time = clock
        self._handler = handler
        self._asked = 0

    def ask(self, request: Request, check: Callable[[], None] | None = None) -> Answer:
        """Answer a request, by the handler where it is for such requests."""
        wrongly = request.operation in self._handler.on and (self._handler.dry_too or in_earnest(request))
        if wrongly:
            self.advance()
        answer = self._handler.handle(self, request) if wrongly else self.really(request, check)
        self._asked += 1
        self.past.note(
            Deed(self._asked, request, answer.refusal and answer.refusal.refusal, answer.before, answer.after)
        )
        return answer

    def really(self, request: Request, check: Callable[[], None] | None = None) -> Answer:
        """Do what EC2 does with a request."""
        return super().ask(request, check)

    def knows(self, i: Instance) -> bool:
        """Tell whether an id is one that describes an instance."""
        return i in self.account.instances and self.record(i).visibility is not Visibility.FORGOTTEN

    def record(self, i: Instance) -> InstanceRecord:
        """Return what an instance is now."""
        return self.account.instances[i]

    def protected(self, i: Instance) -> bool:
        """Tell whether an id is that of an instance with either protection."""
        return self.knows(i) and (self.record(i).disable_api_termination or self.record(i).disable_api_stop)

    def volumes_of(self, i: Instance) -> tuple[Volume, ...]:
        """Return the volumes that an instance holds, in the order in which they were attached."""
        return tuple(self.account.attached.get(i, ()))

    def volume(self, v: Volume) -> VolumeRecord:
        """Return what a volume is now."""
        return self.account.volumes[v]

    def change(self, i: Instance, **fields: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Let an instance have other attributes."""
        self._store({i: replace(self.record(i), **fields)}, {}, self._time.now())

    def change_volume(self, v: Volume, **fields: Any) -> None:  # noqa: ANN401 - the fields of a record
        """Let a volume have other attributes."""
        self._store({}, {v: replace(self.volume(v), **fields)}, self._time.now())

    def restore(self, answer: Answer, *instances: Instance) -> None:
        """Let instances be as they were before a request, whatever its reply says."""
        self._store({i: answer.before.record(i) for i in instances}, {}, self._time.now())

    @contextmanager
    def unprotected(self, instances: Iterable[Instance]) -> Generator[None, None, None]:
        """Overlook for a moment that instances are protected."""
        overlooked = {i: self.record(i) for i in instances if self.protected(i)}
        for i in overlooked:
            self.change(i, disable_api_termination=False, disable_api_stop=False)
        yield
        for i, was in overlooked.items():
            self.change(i, disable_api_termination=was.disable_api_termination, disable_api_stop=was.disable_api_stop)

    def refuse(self, request: Request, refusal: Refusal, about: Instance) -> Answer:
        """Refuse a request, on account of one id, and do nothing."""
        rung = next(rung for rung in self._spec.operations[request.operation].ladder if rung.refusal is refusal)
        world = self.account.world_of(request.instances, request.volume_ids)
        return Answer(request, PREFERRED, about_another(rung, about), world, world)


Handle: TypeAlias = Callable[[FaultySimulation, Request], Answer]
"""Answers a request in the place of EC2."""


@dataclass(frozen=True, slots=True)
class Handler:
    """The kinds of requests that are answered wrongly, and how.

    Dry runs and callers without permission are answered rightly, except by a handler that is `dry_too`.
    """

    handle: Handle
    on: frozenset[Operation]
    dry_too: bool = False


# What handlers have in common.


def in_earnest(request: Request) -> bool:
    """Tell whether a request is no dry run, and comes from a caller with permission."""
    return request.caller is Caller.OWNER and not request.dry_run


def about_another(rung: Rung, i: Instance) -> Rung:
    """Return a refusal that is about one id, whichever it holds for."""
    wordings = tuple(wording.replace("{id}", i) for wording in rung.wordings if "{id}" in wording)
    return replace(rung, wordings=wordings[:1])


def named(request: Request) -> tuple[Instance, ...]:
    """Return the ids that a request names, each once, in the order sent."""
    return tuple(dict.fromkeys(request.instances))


def only(request: Request, instances: Iterable[Instance]) -> Request:
    """Return a request for these ids only."""
    return replace(request, instances=tuple(instances))


def changed(answer: Answer) -> list[Instance]:
    """Return the named instances that a request changed."""
    return [i for i in named(answer.request) if answer.before.instances.get(i) != answer.after.instances.get(i)]


def showing_before(answer: Answer, i: Instance, **fields: Any) -> Answer:  # noqa: ANN401 - the fields of a record
    """Return an answer that says that an instance had other attributes before."""
    return replace(answer, before=answer.before.with_records({i: replace(answer.before.record(i), **fields)}))


def showing_after(answer: Answer, i: Instance, **fields: Any) -> Answer:  # noqa: ANN401 - the fields of a record
    """Return an answer that says that an instance has other attributes now."""
    return replace(answer, after=answer.after.with_records({i: replace(answer.after.record(i), **fields)}))


def zones_named(ec2: FaultySimulation, request: Request) -> Mapping[str, list[Instance]]:
    """Return the known ids of a request by zone, in the order in which the request comes to the zones."""
    zones: dict[str, list[Instance]] = {}
    for i in filter(ec2.knows, named(request)):
        zones.setdefault(ec2.record(i).zone, []).append(i)
    return zones


def forced(request: Request) -> bool:
    """Tell whether a request has Force."""
    return isinstance(request, BatchRequest) and request.force
