"""Takes away what a run made: clears protection, terminates instances, deletes volumes. Twice is as good as once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ..adapter.failures import code_and_status
from ..adapter.reply_parts import NOTHING, Reply, WrongPart, items, required, structure, text
from ..adapter.target import Broken, Unsupported
from .gate import Gate
from .journal import Ended, Gone, Intent
from .ownership import RUN, Arguments, holders_of, instances_in, own_token, shows_nothing, state_of, tagged_with

BUDGET: Final = 600.0
"""Seconds that a whole sweep may take."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0
_FACTOR: Final = 1.6
_YOUNG: Final = timedelta(seconds=60)
"""So long something new may not be shown yet (twice what fact E-25's `launch_visibility` grants)."""
_UNSEEN: Final = "unseen"
"""What stands for the state of an instance that no description shows, and that may be there."""
_PROTECTIONS: Final = ("DisableApiTermination", "DisableApiStop")
_FAILED: Final = (BotoCoreError, ClientError, ResponseParserError, WrongPart, OSError, Unsupported)


@dataclass(frozen=True, slots=True)
class Left:
    """What of a run is still there; `foreign` carries its tag and was not made by it."""

    instances: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    unknown: int = 0
    """Requests to make something of which it cannot be told yet what they made."""

    def __bool__(self) -> bool:
        return bool(self.instances or self.volumes or self.unknown)


@dataclass(slots=True)
class Sweep:
    """The sweep of one run; what was taken away is counted."""

    gate: Gate
    terminated: set[str] = field(default_factory=set[str])
    """The instances that were found alive and asked to terminate."""
    unprotected: set[str] = field(default_factory=set[str])
    deleted: set[str] = field(default_factory=set[str])
    """The volumes that were found and asked to be deleted."""
    problem: str | None = None
    """What went wrong last."""
    _seen: dict[str, float] = field(default_factory=dict[str, float])
    """When a description has last shown each resource: if none shows it for a while, it is gone."""

    def to_the_end(self, budget: float = BUDGET, enough: Callable[[], bool] = lambda: False) -> Left:
        """Sweep until nothing is left, and note that in the journal; return what is left when the budget is spent.

        Raises `Broken` where the account refuses the caller. Nothing more is done when someone says `enough`.
        """
        clock = self.gate.clock
        end, pause = clock.now() + budget, _FIRST_PAUSE
        while left := self.tried():
            if clock.now() + pause > end or enough():
                return left
            clock.sleep(pause)
            pause = min(pause * _FACTOR, _LONGEST_PAUSE)
        if not self.gate.journal.record.ended:
            self.gate.journal.write(Ended())
        return left

    def once(self) -> Left:
        """Ask once for the end of everything; raises `Broken`, and what a client raises where it cannot even look."""
        self.problem = None
        alive, left = self._look_at_instances()
        self._terminate(alive)
        volumes = self._look_at_volumes()
        return Left(left.instances, volumes.instances, left.foreign + volumes.foreign, len(self._unanswered()))

    def look(self) -> Left:
        """Tell what there is and do nothing; raises `Broken`."""
        try:
            return self._look()
        except _FAILED as error:
            raise Broken(f"What there is could not be found out ({error}).") from error

    def _look(self) -> Left:
        _, left = self._look_at_instances()
        volumes = self._look_at_volumes(delete=False)
        return Left(left.instances, volumes.instances, left.foreign + volumes.foreign, len(self._unanswered()))

    def tried(self) -> Left:
        """Ask once for the end of everything; what goes wrong is for the next time. Raises `Broken`."""
        try:
            return self.once()
        except _FAILED as error:
            self.problem = str(error)
            return Left(unknown=1)

    # Instances.

    def _look_at_instances(self) -> tuple[list[str], Left]:
        """Return what to terminate, and all that is not terminated yet."""
        record = self.gate.journal.record
        alive: list[str] = []
        left: list[str] = []
        foreign: list[str] = []
        over: list[str] = []
        shown: set[str] = set()
        for instance in self._tagged("describe_instances", instances_in):
            i = required(instance, "InstanceId", "an instance")
            if not self._adopt(instance, i):
                foreign.append(i)
                continue
            shown.add(i)
            self._sort(i, state_of(instance), alive, left, over)
        for i in record.left("i-"):
            if i not in shown:
                self._sort(i, self._state(i), alive, left, over)
        if over:
            self.gate.meter.ended(over)
            self.gate.journal.write(Gone(tuple(over)))
        return alive, Left(tuple(left), foreign=tuple(foreign))

    def _sort(self, i: str, state: str, alive: list[str], left: list[str], over: list[str]) -> None:
        if state == "terminated":
            if i not in self.gate.journal.record.gone:
                over.append(i)
            return
        left.append(i)
        # What cannot be seen has no tags yet either, and a policy that goes by tags refuses to terminate it.
        if state not in {"shutting-down", _UNSEEN}:
            alive.append(i)

    def _state(self, i: str) -> str:
        """Return the state of an instance that the description of all does not show: it is too new, or forgotten."""
        try:
            reply = structure(self.gate.describe_instances(InstanceIds=[i]), "the reply")
        except ClientError as error:
            if not shows_nothing(code_and_status(error)[0]):
                raise
            reply = NOTHING
        states = [state_of(instance) for instance in instances_in(reply) if instance.get("InstanceId") == i]
        return states[0] if states else _UNSEEN if self._may_be_there(i) else "terminated"

    def _terminate(self, alive: list[str]) -> None:
        if not alive:
            return
        self.terminated.update(alive)
        try:
            self.gate.terminate_instances(InstanceIds=alive)
        except _FAILED:
            for i in alive:  # each by itself: one that is protected shields others
                self._terminate_alone(i)

    def _terminate_alone(self, i: str) -> None:
        """Terminate an instance, protected or not; what fails now is tried again in the next pass."""
        try:
            self.gate.terminate_instances(InstanceIds=[i])
        except _FAILED:
            self.unprotected.add(i)
            for protection in _PROTECTIONS:
                self._try("modify_instance_attribute", {"InstanceId": i, protection: {"Value": False}})
            self._try("terminate_instances", {"InstanceIds": [i]})

    # Volumes.

    def _look_at_volumes(self, *, delete: bool = True) -> Left:
        """Delete what is free, and return what is still there."""
        record = self.gate.journal.record
        left: list[str] = []
        foreign: list[str] = []
        shown: set[str] = set()
        for volume in self._tagged("describe_volumes", lambda reply: items(reply, "Volumes", "the reply")):
            v = required(volume, "VolumeId", "a volume")
            if not self._adopt(volume, v):
                foreign.append(v)
                continue
            shown.add(v)
            left.append(v)
            if delete and text(volume, "State", "a volume") in {"available", "error"}:
                self.deleted.add(v)
                self._try("delete_volume", {"VolumeId": v})
            holders = list(holders_of(volume))
            if delete and holders and record.gone.issuperset(holders):  # EC2 lets go by itself, not every emulator
                self._try("detach_volume", {"VolumeId": v})
            for holder in holders:
                if holder not in record.made:
                    self.problem = f"{v} is attached to {holder}, which is not the run's"
        gone: list[str] = []
        for v in record.left("vol-"):
            if v not in shown:
                (left if self._has_volume(v) else gone).append(v)
        if gone:
            self.gate.journal.write(Gone(tuple(gone)))
        return Left(tuple(left), foreign=tuple(foreign))

    def _has_volume(self, v: str) -> bool:
        """Tell whether a volume that the description of all does not show is there, or may be."""
        try:
            reply = structure(self.gate.describe_volumes(VolumeIds=[v]), "the reply")
        except ClientError as error:
            if not shows_nothing(code_and_status(error)[0]):
                raise
            return self._may_be_there(v)
        return bool(items(reply, "Volumes", "the reply")) or self._may_be_there(v)

    # What both have.

    def _tagged(self, method: str, read: Callable[[Reply], Iterable[Reply]]) -> Iterator[Reply]:
        """Yield all that carries the tag of the run, page by page."""
        arguments: Arguments = tagged_with(self.gate.journal.record)
        tokens: set[str] = set()
        while True:
            reply = structure(getattr(self.gate, method)(**arguments), "the reply")
            yield from (each for each in read(reply) if self._is_tagged(each))
            token = text(reply, "NextToken", "the reply")
            if not token or token in tokens:
                return
            tokens.add(token)
            arguments["NextToken"] = token

    def _is_tagged(self, resource: Reply) -> bool:
        """Tell whether something carries the tag of the run: not every emulator knows the filter."""
        run = self.gate.journal.record.began.run
        return any(tag.get("Key") == RUN and tag.get("Value") == run for tag in items(resource, "Tags", "a resource"))

    def _adopt(self, resource: Reply, real_id: str) -> bool:
        """Tell whether something is the run's own, and note it where its reply was lost."""
        record = self.gate.journal.record
        token = own_token(record, resource, real_id)
        self._seen[real_id] = self.gate.clock.now()
        if token is not None and real_id not in record.made:
            self.gate.adopt(token, (real_id,))
        return token is not None

    def _may_be_there(self, real_id: str) -> bool:
        """Tell whether something of the run's own may be there that a description has just not shown."""
        record, now = self.gate.journal.record, self.gate.clock.now()
        if record.comes_with_instance(real_id):
            self._seen.setdefault(real_id, now)  # by an earlier process, if not by this one
        if real_id in self._seen:
            return now - self._seen[real_id] < self.gate.limits.settings.read_lag
        return record.is_young(record.made[real_id], _YOUNG)

    def _unanswered(self) -> list[Intent]:
        """Return the requests whose effect may not be shown yet; the others are given up."""
        record = self.gate.journal.record
        unanswered = record.unanswered()
        for each in unanswered:
            if not record.is_young(each.token, _YOUNG):
                self.gate.meter.given_up(each.token)
        return [each for each in unanswered if record.is_young(each.token, _YOUNG)]

    def _try(self, method: str, arguments: Arguments) -> None:
        try:
            getattr(self.gate, method)(**arguments)
        except _FAILED as error:
            self.problem = str(error)
