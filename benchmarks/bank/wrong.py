"""An EC2 with a bug: the model, in which one kind of request is answered by a function of one's own.

A bug remembers nothing itself: what has happened to an instance or a volume is in `Past`.
What it does, it does to the model's records, so that all that comes later shows it too.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, Unpack

from ec2_lifecycle.conformance.adapter.arguments import Image
from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.target import Capability, Patience, Target, Unsupported
from ec2_lifecycle.conformance.emulator import images
from ec2_lifecycle.conformance.emulator.account import Account
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, Behaviour
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.keywords import DescribeCall
from ec2_lifecycle.conformance.emulator.regions import HOME
from ec2_lifecycle.conformance.emulator.simulation import Answer, Simulation
from ec2_lifecycle.conformance.emulator.variation import Fields
from ec2_lifecycle.model.choices import PREFERRED
from ec2_lifecycle.model.outcomes import Refusal, Rung
from ec2_lifecycle.model.requests import Attribute, AttributeRequest, BatchRequest, Caller, Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import Visibility
from ec2_lifecycle.model.world import Instance, InstanceRecord, Volume, VolumeRecord, World

BASE: Final = Behaviour(delays=AT_ONCE)
"""What every wrong target is but for its bug: each open point as preferred, and all at once, as in most emulators."""


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


class WrongEc2(Simulation):
    """One account of an EC2 with a bug: what bugs are made of."""

    def __init__(self, account: Account, clock: VirtualClock, bug: "Bug") -> None:
        super().__init__(EC2, BASE, clock)
        self.account = account
        self.past = Past()
        self._time = clock
        self._bug = bug
        self._asked = 0

    def ask(self, request: Request) -> Answer:
        """Answer a request, wrongly where the bug is."""
        wrongly = request.operation in self._bug.on and (self._bug.dry_too or in_earnest(request))
        if wrongly:
            self.advance()
        answer = self._bug.answer(self, request) if wrongly else self.really(request)
        self._asked += 1
        self.past.note(
            Deed(self._asked, request, answer.refusal and answer.refusal.refusal, answer.before, answer.after)
        )
        return answer

    def really(self, request: Request) -> Answer:
        """Do what EC2 does with a request."""
        return super().ask(request)

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
        return tuple(self.account.held.get(i, ()))

    def volume(self, v: Volume) -> VolumeRecord:
        """Return what a volume is now."""
        return self.account.volumes[v]

    def change(self, i: Instance, **fields: Any) -> None:
        """Let an instance have other attributes."""
        self._put({i: replace(self.record(i), **fields)}, {}, self._time.now())

    def change_volume(self, v: Volume, **fields: Any) -> None:
        """Let a volume have other attributes."""
        self._put({}, {v: replace(self.volume(v), **fields)}, self._time.now())

    def restore(self, answer: Answer, *instances: Instance) -> None:
        """Let instances be as they were before a request, whatever its reply says."""
        self._put({i: answer.before.record(i) for i in instances}, {}, self._time.now())

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
        rung = next(rung for rung in EC2.operations[request.operation].ladder if rung.refusal is refusal)
        world = self.account.part(request.instances, request.volume_ids)
        return Answer(request, PREFERRED, about_another(rung, about), world, world)


Around: TypeAlias = Callable[[WrongEc2, Request], Answer]
"""Answers a request in the place of EC2."""


@dataclass(frozen=True, slots=True)
class Bug:
    """What is wrong: the kinds of requests that are answered wrongly, and how.

    Dry runs and callers without permission are answered rightly, but for a bug that is `dry_too`.
    DescribeInstances shows no more than `page` instances.
    """

    answer: Around
    on: frozenset[Operation]
    dry_too: bool = False
    page: int | None = None


NO_BUG: Final = Bug(WrongEc2.really, frozenset())
"""The base itself, which conforms."""


class WrongClient(ModelClient):
    """A boto3-shaped client of an EC2 with a bug."""

    def __init__(self, bug: Bug, clock: VirtualClock) -> None:
        super().__init__(EC2, BASE, clock)
        self.play = WrongEc2(self.play.account, clock, bug)
        self._page = bug.page

    def describe_instances(self, **sent: Unpack[DescribeCall]) -> Fields:
        """Describe the instances named, or as many as one page shows."""
        reply = super().describe_instances(**sent)
        if self._page is None:
            return reply
        shown: list[Fields] = []
        left = self._page
        for reservation in reply["Reservations"]:
            shown.append({**reservation, "Instances": reservation["Instances"][:left]})
            left -= len(shown[-1]["Instances"])
        return {**reply, "Reservations": shown}


def wrong_target(bug: Bug) -> Target:
    """Return a fresh account of an EC2 with a bug as a target that can do everything."""
    clock = VirtualClock()
    client = WrongClient(bug, clock)

    def push(step: str, instance_id: str) -> None:
        try:
            client.push(step, instance_id)
        except ValueError as error:
            raise Unsupported(f"The target cannot do {step} now: {error}.") from None

    return Ec2Target(
        client,
        name="wrong",
        clock=clock,
        capabilities=frozenset(Capability),
        patience=Patience(),
        zones=HOME.zones,
        image=Image(images.EBS.id, images.EBS.root_device_name),
        store_image=Image(images.INSTANCE_STORE.id, images.INSTANCE_STORE.root_device_name),
        nobody=client.for_nobody(),
        push=push,
    )


# What bugs have in common.


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


def showing_before(answer: Answer, i: Instance, **fields: Any) -> Answer:
    """Return an answer that says that an instance had other attributes before."""
    return replace(answer, before=answer.before.with_records({i: replace(answer.before.record(i), **fields)}))


def showing_after(answer: Answer, i: Instance, **fields: Any) -> Answer:
    """Return an answer that says that an instance has other attributes now."""
    return replace(answer, after=answer.after.with_records({i: replace(answer.after.record(i), **fields)}))


def zones_named(ec2: WrongEc2, request: Request) -> Mapping[str, list[Instance]]:
    """Return the known ids of a request by zone, in the order in which the request comes to the zones."""
    zones: dict[str, list[Instance]] = {}
    for i in filter(ec2.knows, named(request)):
        zones.setdefault(ec2.record(i).zone, []).append(i)
    return zones


def forced(request: Request) -> bool:
    """Tell whether a request has Force."""
    return isinstance(request, BatchRequest) and request.force
