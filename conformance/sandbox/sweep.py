"""Removes what a run made: clears protection, terminates instances, deletes volumes. It can be repeated safely."""

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
"""Time limit of a whole sweep, in seconds."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0
_FACTOR: Final = 1.6
_YOUNG: Final = timedelta(seconds=60)
"""How long a new resource may be invisible (twice `launch_visibility`, fact E-25)."""
_UNSEEN: Final = "unseen"
"""The state of an instance that no description shows but that may exist."""
_PROTECTIONS: Final = ("DisableApiTermination", "DisableApiStop")
_FAILED: Final = (BotoCoreError, ClientError, ResponseParserError, WrongPart, OSError, Unsupported)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is left of a run; `foreign` resources carry its tag but were not made by it."""

    instances: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    unknown: int = 0
    """Requests to create something whose results are not known yet."""

    def __bool__(self) -> bool:
        return bool(self.instances or self.volumes or self.unknown)


@dataclass(slots=True)
class Sweep:
    """The sweep of one run, with counts of what it removed."""

    gate: Gate
    terminated: set[str] = field(default_factory=set[str])
    """The instances that were found alive and asked to terminate."""
    unprotected: set[str] = field(default_factory=set[str])
    deleted: set[str] = field(default_factory=set[str])
    """The volumes that were found and asked to be deleted."""
    problem: str | None = None
    """The most recent problem."""
    _seen: dict[str, float] = field(default_factory=dict[str, float])
    """When a description last showed each resource; one that is not shown for a while is gone."""

    def until_clean(self, budget: float = BUDGET, enough: Callable[[], bool] = lambda: False) -> Leftovers:
        """Sweep until nothing is left, and record that in the journal; return what is left when the time is up.

        Raises `Broken` if the account refuses the caller. Stops early when `enough` returns true.
        """
        clock = self.gate.clock
        end, pause = clock.now() + budget, _FIRST_PAUSE
        while left := self.try_once():
            if clock.now() + pause > end or enough():
                return left
            clock.sleep(pause)
            pause = min(pause * _FACTOR, _LONGEST_PAUSE)
        if not self.gate.journal.record.ended:
            self.gate.journal.write(Ended())
        return left

    def once(self) -> Leftovers:
        """Make one pass; raises `Broken`, and the client's error if a description fails."""
        self.problem = None
        alive, left = self._look_at_instances()
        self._terminate(alive)
        volumes = self._look_at_volumes()
        return Leftovers(left.instances, volumes.instances, left.foreign + volumes.foreign, len(self._unanswered()))

    def look(self) -> Leftovers:
        """Return what exists, without changing anything; raises `Broken`."""
        try:
            return self._look()
        except _FAILED as error:
            raise Broken(f"The resources of the account could not be listed ({error}).") from error

    def _look(self) -> Leftovers:
        _, left = self._look_at_instances()
        volumes = self._look_at_volumes(delete=False)
        return Leftovers(left.instances, volumes.instances, left.foreign + volumes.foreign, len(self._unanswered()))

    def try_once(self) -> Leftovers:
        """Make one pass, and leave failures to the next pass; raises `Broken`."""
        try:
            return self.once()
        except _FAILED as error:
            self.problem = str(error)
            return Leftovers(unknown=1)

    # Instances.

    def _look_at_instances(self) -> tuple[list[str], Leftovers]:
        """Return the instances to terminate, and all that are not terminated yet."""
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
        return alive, Leftovers(tuple(left), foreign=tuple(foreign))

    def _sort(self, i: str, state: str, alive: list[str], left: list[str], over: list[str]) -> None:
        if state == "terminated":
            if i not in self.gate.journal.record.gone:
                over.append(i)
            return
        left.append(i)
        # An invisible instance has no tags yet either, so a tag-based policy refuses to terminate it.
        if state not in {"shutting-down", _UNSEEN}:
            alive.append(i)

    def _state(self, i: str) -> str:
        """Return the state of an instance that the full description does not show: it is too new, or forgotten."""
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
            for i in alive:  # one by one, because a protected instance shields others
                self._terminate_alone(i)

    def _terminate_alone(self, i: str) -> None:
        """Terminate an instance, protected or not; the next pass repeats what fails."""
        try:
            self.gate.terminate_instances(InstanceIds=[i])
        except _FAILED:
            self.unprotected.add(i)
            for protection in _PROTECTIONS:
                self._try("modify_instance_attribute", {"InstanceId": i, protection: {"Value": False}})
            self._try("terminate_instances", {"InstanceIds": [i]})

    # Volumes.

    def _look_at_volumes(self, *, delete: bool = True) -> Leftovers:
        """Delete detached volumes, and return those that still exist."""
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
            if delete and holders and record.gone.issuperset(holders):  # not every emulator detaches by itself
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
        return Leftovers(tuple(left), foreign=tuple(foreign))

    def _has_volume(self, v: str) -> bool:
        """Tell whether a volume that the full description does not show exists, or may exist."""
        try:
            reply = structure(self.gate.describe_volumes(VolumeIds=[v]), "the reply")
        except ClientError as error:
            if not shows_nothing(code_and_status(error)[0]):
                raise
            return self._may_be_there(v)
        return bool(items(reply, "Volumes", "the reply")) or self._may_be_there(v)

    # Instances and volumes.

    def _tagged(self, method: str, read: Callable[[Reply], Iterable[Reply]]) -> Iterator[Reply]:
        """Yield all resources with the tag of the run, page by page."""
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
        """Tell whether a resource carries the tag of the run, because not every emulator implements the filter."""
        run = self.gate.journal.record.began.run
        return any(tag.get("Key") == RUN and tag.get("Value") == run for tag in items(resource, "Tags", "a resource"))

    def _adopt(self, resource: Reply, real_id: str) -> bool:
        """Tell whether a resource belongs to the run, and record it if its reply was lost."""
        record = self.gate.journal.record
        token = own_token(record, resource, real_id)
        self._seen[real_id] = self.gate.clock.now()
        if token is not None and real_id not in record.made:
            self.gate.adopt(token, (real_id,))
        return token is not None

    def _may_be_there(self, real_id: str) -> bool:
        """Tell whether a resource of the run may exist although a description did not show it."""
        record, now = self.gate.journal.record, self.gate.clock.now()
        if record.comes_with_instance(real_id):
            self._seen.setdefault(real_id, now)  # an earlier process has seen it
        if real_id in self._seen:
            return now - self._seen[real_id] < self.gate.limits.settings.read_lag
        return record.is_young(record.made[real_id], _YOUNG)

    def _unanswered(self) -> list[Intent]:
        """Return the requests whose effects may still be invisible; older ones are given up."""
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
