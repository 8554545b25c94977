"""Judges the calls of one account and region."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from ....model.background import StepName
from ....model.requests import Attribute, BatchRequest, ErrorCode, Operation, Request, VolumeRequest
from ....model.states import Cause, InstanceState, VolumeState
from ....model.surface import Effect
from ....model.world import Instance, Volume, Zone
from ....strategies.scenario.steps import READS
from ....strategies.scenario.translate import form_of
from ...adapter.carried_fields import values_sent
from ...adapter.devices import Devices
from ...adapter.failures import failed, is_unimplemented
from ...adapter.names import Names
from ...adapter.observation import NoAnswer, Observation, Refused, Unreadable, Volumes
from ...adapter.reply_parts import Reply, WrongPart, items, part, required_items, structure, structure_or_nothing, text
from ...adapter.reply_reader import (
    described_in,
    instance_id_of,
    launched_in,
    read_reply,
    state_of,
    unreadable,
    volume_id_of,
)
from ...adapter.sent import paths_of
from ...oracle.divergence import Divergence
from ...oracle.engine import Engine
from ...oracle.excuses import Sent
from ...oracle.oracle import Oracle
from ...oracle.past import UNKNOWN_VOLUME, under
from ...oracle.settings import Settings
from ...oracle.views import cause_seen
from . import requests
from .calls import Call, Fields
from .requests import OutsideSpecification
from .tokens import ClientTokens, looks_old
from .volumes import Adoption

_BAD_ID: Final = frozenset({ErrorCode.NOT_FOUND.value, ErrorCode.MALFORMED.value})
_LATER: Final = frozenset(state.value for state in InstanceState) - {InstanceState.PENDING.value}
_LATER_OF_VOLUMES: Final = frozenset(state.value for state in VolumeState) - {VolumeState.CREATING.value}
"""The states that nothing new has: the reply shows what was made before."""
_HAS_USER_DATA: Final = under(("RunInstances:UserData", "ModifyInstanceAttribute:UserData"))
_BACKGROUND_STEPS: Final = {
    Cause.GUEST_SHUTDOWN: (StepName.GUEST_SHUTDOWN,),
    Cause.SERVICE: (StepName.RETIREMENT, StepName.GUEST_SHUTDOWN),
}
"""The background steps outside the API, by the reason that a description gives."""


@dataclass(slots=True)
class AccountJudge:
    """The oracle's belief about instances and volumes whose creation was observed, by their real ids.

    Everything else is not judged. `calls` are all calls so far; the index of a call is its step.
    """

    engine: Engine
    settings: Settings
    calls: list[Call] = field(default_factory=list[Call])
    oracle: Oracle = field(init=False)
    _names: Names = field(default_factory=Names)
    _devices: Devices = field(default_factory=Devices)
    _adoption: Adoption = field(init=False)
    _tokens: ClientTokens = field(default_factory=ClientTokens)
    _sent: float = 0.0
    _received: float = 0.0

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.engine, self.settings)
        self._adoption = Adoption(self.oracle, self._devices)

    def take(self, call: Call, sent: float, received: float, uncertain_ids: frozenset[str]) -> tuple[Divergence, ...]:
        """Judge a call; return its divergences.

        `sent` and `received` are clock times in seconds. The reply proves nothing about the `uncertain_ids`.
        """
        self.calls.append(call)
        self._sent, self._received = sent, received
        if uncertain_ids and not call.reads:
            self.oracle.leave_unjudged(uncertain_ids)
        if call.operation is not None and requests.has_unknown_parameter(call.operation, call.sent):
            if not call.reads and not call.changed_nothing:
                self.oracle.leave_unjudged(i for i in call.ids if self._knows(i))
            return ()
        try:
            return self._judged(call, uncertain_ids)
        except OutsideSpecification:
            return ()
        except WrongPart as wrong:
            if call.operation is None:
                return ()
            return self._judge_reply(call, self._request_for_ids(call), unreadable(call.operation, wrong, self._names))

    @property
    def _step(self) -> int:
        return len(self.calls) - 1

    def _knows(self, name: str) -> bool:
        """Tell whether the creation of something was observed."""
        first = self.oracle.hypotheses[0]
        return name in first.instances or name in first.volumes

    def _judged(self, call: Call, uncertain_ids: frozenset[str]) -> tuple[Divergence, ...]:
        match call.operation:
            case None:
                if not call.reads:
                    self.oracle.leave_unjudged(i for i in call.ids if self._knows(i))
                return ()
            case Operation.RUN:
                return self._launch(call)
            case Operation.DESCRIBE:
                return self._describe(call, uncertain_ids)
            case Operation.DESCRIBE_VOLUMES:
                return self._describe_volumes(call, uncertain_ids)
            case Operation.MODIFY:
                return self._modify(call)
            case Operation.DESCRIBE_ATTRIBUTE:
                request: Request = requests.attribute_query(call.sent)
                return () if uncertain_ids else self._judge_instance_request(call, request)
            case Operation.CREATE_VOLUME:
                return self._create_volume(call)
            case Operation.ATTACH | Operation.DETACH | Operation.DELETE_VOLUME:
                return self._change_volume(call, call.operation)
            case operation:
                return self._judge_instance_request(call, requests.batch(operation, call.sent))

    # Requests about instances.

    def _judge_instance_request(self, call: Call, request: Request) -> tuple[Divergence, ...]:
        """Judge a request that names instances, some of which may be unknown."""
        observation = self._observation(call, request)
        if isinstance(observation, NoAnswer) and is_unimplemented(observation):
            return ()
        unseen = {i for i in request.instances if not self._knows(i) and requests.is_unseen(i)}
        strangers = {i: form_of(i) for i in request.instances if not self._knows(i)}
        if isinstance(observation, Refused) and observation.code in _BAD_ID:
            self.oracle.unjudged -= unseen
            self.oracle.strangers.update(strangers)
        elif unseen and request.dry_run:
            return ()
        else:
            self.oracle.strangers.update((i, form) for i, form in strangers.items() if i not in unseen)
            self.oracle.unjudged |= unseen
        return self._judge_reply(call, request, observation)

    def _modify(self, call: Call) -> tuple[Divergence, ...]:
        i = Instance(str(call.sent.get("InstanceId", "")))
        device = ""

        def volume_at(instance: Instance, name: str) -> Volume:
            nonlocal device
            device = name
            return self._devices.at(instance, name) or Volume("")

        try:
            request = requests.attribute_change(call.sent, volume_at)
        except OutsideSpecification:
            if not call.changed_nothing:
                self._doubt_changes(i, call.sent)
                self.oracle.past.mark((i,), Operation.MODIFY, {*paths_of(call.sent), *_attribute_named(call.sent)})
            raise
        if request.attribute is not Attribute.BLOCK_DEVICE_MAPPINGS or (request.volume and call.error is None):
            return self._judge_instance_request(call, request)
        if call.changed_nothing:
            return ()  # possibly because of the device
        if request.volume:
            self._may_have_happened(call, request)
        elif call.error is None:
            self._adoption.wanted[i, device] = (request.value, self._step)
        else:
            self._adoption.forget(i, device)
        return ()

    def _doubt_changes(self, i: Instance, sent: Fields) -> None:
        """Stop judging what a ModifyInstanceAttribute that the specification does not cover may have changed."""
        devices = requests.changed_devices(sent)
        for device in devices:
            volume = self._devices.at(i, device)
            self.oracle.leave_unjudged(() if volume is None else (volume,))
            self._adoption.forget(i, device)
        if requests.changes_lifecycle(sent) and not devices:
            self.oracle.leave_unjudged((i,))

    def _launch(self, call: Call) -> tuple[Divergence, ...]:
        used_before = self._tokens.take(call)
        if call.error is not None:
            request = requests.refused_launch(call.sent)
            return self._judge_reply(call, request, self._observation(call, request))
        request = requests.launch(call.sent, call.reply)
        if any(self._knows(i) for i in request.instances):
            return ()  # sent again with the same ClientToken
        launched = launched_in(call.reply)
        later = any(state_of(item).name in _LATER for item in launched)
        if used_before or looks_old(call, launched, "LaunchTime", self._sent, later=later):
            return ()  # whoever used the token first may have done anything with these since
        found = self._judge_reply(call, request, self._observation(call, request))
        self._adoption.launched(self._step, request, call.sent)
        return found

    # Descriptions.

    def _describe(self, call: Call, uncertain_ids: frozenset[str]) -> tuple[Divergence, ...]:
        request = requests.batch(Operation.DESCRIBE, call.sent)
        by_name = requests.lists_ids(call.sent, "InstanceIds") and not uncertain_ids
        if call.error is not None:
            if by_name:
                return self._judge_instance_request(call, request)
            return self._judge_unreadable(call, request)
        reply = structure(call.reply, "the reply")
        shown = [item for item in described_in(reply) if self._is_judged(instance_id_of(item), uncertain_ids)]
        for item in shown:
            with suppress(WrongPart):  # reported once the whole reply is read
                self._admit_background_steps(item)
            with suppress(WrongPart):
                self._adoption.described(item)
        if by_name and not reply.get("NextToken"):
            return self._judge_instance_request(call, request)
        listed = tuple(dict.fromkeys(Instance(item["InstanceId"]) for item in shown))
        listing = None if uncertain_ids or reply.get("NextToken") else requests.listing(call.sent)
        if request.dry_run or not (listed if listing is None else self.oracle.hypotheses[0].instances):
            return ()
        # Other filters and pages omit unknown instances; those that they show must match a description by id.
        request = listing or BatchRequest(Operation.DESCRIBE, instances=listed)
        part_of_it = {"Reservations": [*_with_only(reply, set(listed))]}
        return self._judge_reply(call, request, read_reply(request, part_of_it, self._names, self._devices))

    def _is_judged(self, name: str, uncertain_ids: frozenset[str]) -> bool:
        return self._knows(name) and name not in uncertain_ids and name not in self.oracle.unjudged

    def _admit_background_steps(self, item: Reply) -> None:
        """Admit background steps outside the API if a description gives them as the reason."""
        i = Instance(text(item, "InstanceId", "an instance"))
        code = text(part(item, "StateReason", "an instance"), "Code", "a StateReason")
        self._admit(i, _BACKGROUND_STEPS.get(cause_seen(code), ()))

    def _admit(self, i: Instance, steps: tuple[StepName, ...]) -> None:
        """Admit that background steps may have happened to an instance."""
        for step in steps:
            self.oracle.hypotheses = tuple(
                h.having({i: before | self.engine.stepped(self.engine.settled(before), step)})
                for h in self.oracle.hypotheses
                for before in (h.instances[i],)
            )

    def _describe_volumes(self, call: Call, uncertain_ids: frozenset[str]) -> tuple[Divergence, ...]:
        named = tuple(Volume(str(v)) for v in call.sent.get("VolumeIds") or ())
        dry = bool(call.sent.get("DryRun"))
        request = VolumeRequest(Operation.DESCRIBE_VOLUMES, dry_run=dry, volumes=named)
        if call.error is not None or dry:
            by_name = requests.lists_ids(call.sent, "VolumeIds")
            if not by_name or not all(self._is_judged(v, uncertain_ids) for v in named):
                return self._judge_unreadable(call, replace(request, volumes=()))
            return self._judge_reply(call, request, self._observation(call, request))
        found: list[Divergence] = []
        reply = structure(call.reply, "the reply")
        listed = [(Volume(volume_id_of(item)), item) for item in required_items(reply, "Volumes", "the reply")]
        shown = {v for v, _ in listed}
        if requests.lists_ids(call.sent, "VolumeIds") and not reply.get("NextToken"):
            for v in named:
                if v not in shown and self._is_judged(v, uncertain_ids):
                    found.extend(self._judge_reply(call, replace(request, volumes=(v,)), Volumes(())))
        for v, item in listed:
            if self._is_judged(v, uncertain_ids):
                asked = replace(request, volumes=(v,))
                seen = read_reply(asked, {"Volumes": [item]}, self._names, self._devices)
                if isinstance(seen, Volumes) and any(one.holder and not self._knows(one.holder) for one in seen.items):
                    self.oracle.leave_unjudged((v,))
                found.extend(self._judge_reply(call, asked, seen))
        return tuple(found)

    # Requests about volumes.

    def _create_volume(self, call: Call) -> tuple[Divergence, ...]:
        used_before = self._tokens.take(call)
        zone = call.sent.get("AvailabilityZone")
        if not zone or requests.can_affect(Operation.CREATE_VOLUME, call.sent, Effect.VOLUMES):
            return ()
        dry = bool(call.sent.get("DryRun"))
        request = VolumeRequest(Operation.CREATE_VOLUME, dry_run=dry, zone=Zone(str(zone)))
        if call.error is not None:
            return self._judge_reply(call, request, self._observation(call, request))
        made = structure(call.reply, "the reply")
        v = Volume(volume_id_of(made))
        if self._knows(v):
            return ()
        later = text(made, "State", "the volume") in _LATER_OF_VOLUMES
        if used_before or looks_old(call, [made], "CreateTime", self._sent, later=later):
            return ()
        request = replace(request, volumes=(v,))
        return self._judge_reply(call, request, self._observation(call, request))

    def _change_volume(self, call: Call, operation: Operation) -> tuple[Divergence, ...]:
        v = Volume(str(call.sent.get("VolumeId", "")))
        i = Instance(str(call.sent.get("InstanceId", "")))
        if not self._knows(v):
            self._strange_volume(call, operation, i)
            return ()
        dry = bool(call.sent.get("DryRun"))
        request = VolumeRequest(operation, dry_run=dry, volumes=(v,), device=str(call.sent.get("Device", "")))
        if operation is Operation.ATTACH and not call.changed_nothing:
            self._adoption.forget(i, request.device)
        if i and not self._knows(i):
            if not call.changed_nothing:
                self.oracle.leave_unjudged((v,))
            return ()
        if i:
            request = replace(request, instances=(i,))
        return self._judge_reply(call, request, self._observation(call, request))

    def _strange_volume(self, call: Call, operation: Operation, i: Instance) -> None:
        """Note what may have been done to a watched instance with a volume whose creation was not seen."""
        if call.changed_nothing or operation is Operation.DELETE_VOLUME:
            return
        device = str(call.sent.get("Device") or "")
        if operation is Operation.ATTACH:
            self.oracle.past.takes_device(i, device, self._received)
            self.oracle.past.mark((i,), Operation.ATTACH, {"VolumeId", UNKNOWN_VOLUME})
            self._adoption.forget(i, device)
            return
        told = structure_or_nothing(call.reply).get("InstanceId")
        named = i or Instance(str(told or ""))
        # It may be the root of the instance, which then cannot start (fact E-19).
        those = (named,) if named else tuple(self.oracle.hypotheses[0].instances)
        self.oracle.past.mark(those, Operation.DETACH, {"VolumeId"})
        for each in those:
            self._adoption.forget(each, device)

    # Judging.

    def _judge_reply(self, call: Call, request: Request, observation: Observation) -> tuple[Divergence, ...]:
        """Let the oracle judge a reply; earlier attempts without a reply may have been carried out or not."""
        names = (*request.instances, *request.volume_ids)
        if isinstance(observation, Unreadable) and not self._concerns(request.operation, names):
            return ()
        holders = (r.holder for h in self.oracle.hypotheses for v in request.volume_ids for r in h.volumes.get(v, ()))
        for i in {*request.instances, *(holder for holder in holders if holder is not None)}:
            if self._knows(i) and any(map(_HAS_USER_DATA, self.oracle.past.of((i,)))):
                self._admit(i, (StepName.GUEST_SHUTDOWN,))  # it may do anything from inside
        if call.retries and request.operation not in READS:
            self._may_have_happened(call, request)
        return self.oracle.judge(self._step, request, observation, self._sent, self._received, _how(call))

    def _may_have_happened(self, call: Call, request: Request) -> None:
        """Take in that a request was carried out or was not, as nobody knows."""
        self.oracle.judge(self._step, request, NoAnswer("no reply"), self._sent, self._sent, _how(call))

    def _judge_unreadable(self, call: Call, request: Request) -> tuple[Divergence, ...]:
        """Judge a description of whatever there is that failed: only that its body cannot be read."""
        observation = self._observation(call, request)
        return self._judge_reply(call, request, observation) if isinstance(observation, Unreadable) else ()

    def _concerns(self, operation: Operation, names: Collection[str]) -> bool:
        """Tell whether a reply that cannot be read is about something whose creation was observed, or a creation."""
        if operation in (Operation.RUN, Operation.CREATE_VOLUME) or any(map(self._knows, names)):
            return True
        first = self.oracle.hypotheses[0]
        lists_all = operation in (Operation.DESCRIBE, Operation.DESCRIBE_VOLUMES) and not names
        return lists_all and bool(first.instances or first.volumes)

    def _observation(self, call: Call, request: Request) -> Observation:
        if call.error is not None:
            return failed(request.operation, call.error, self._names)
        return read_reply(request, call.reply, self._names, self._devices)

    def _request_for_ids(self, call: Call) -> Request:
        """Return a request with the ids of a call whose reply cannot be read."""
        operation, ids = call.operation or Operation.DESCRIBE, sorted(call.ids)
        instances = tuple(Instance(i) for i in ids if i.startswith("i-"))
        if operation in (Operation.CREATE_VOLUME, Operation.DESCRIBE_VOLUMES):
            return VolumeRequest(operation, volumes=tuple(Volume(v) for v in ids if v.startswith("vol-")))
        return Request(operation, instances=instances)


def _with_only(reply: Reply, listed: Collection[str]) -> Iterator[Reply]:
    """Yield the reservations of a description with only these instances."""
    for reservation in required_items(reply, "Reservations", "the reply"):
        own = [item for item in items(reservation, "Instances", "a reservation") if item.get("InstanceId") in listed]
        if own:
            yield {**reservation, "Instances": own}


def _attribute_named(sent: Fields) -> tuple[str, ...]:
    """Return the name of the attribute in the parameter `Attribute`, spelled like the parameter for that attribute."""
    name = sent.get("Attribute")
    return (f"{name[:1].upper()}{name[1:]}",) if isinstance(name, str) and name else ()


def _how(call: Call) -> Sent:
    """Return how a call was sent; `holder` is the instance from which a DetachVolume is to detach its volume."""
    named = call.sent.get("InstanceId") if call.operation is Operation.DETACH else None
    return Sent(
        paths_of(call.sent),
        may_lack_permission=True,
        holder=Instance(str(named)) if named else None,
        values=values_sent(call.sent) if call.operation is Operation.RUN else {},
    )
