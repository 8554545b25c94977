"""The specification as a boto3-shaped EC2 client: one account in one region."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Unpack

from ...model.background import StepName
from ...model.choices import REPEATS, Repeats
from ...model.requests import BatchRequest, Caller, LaunchRequest, Operation, Request, VolumeRequest
from ...model.specification import EC2, Specification
from ...model.states import InstanceState, ShutdownBehavior, Visibility, VolumeState
from ...model.world import Instance, Volume
from ..adapter.clock import Clock, VirtualClock
from . import devices, filters, images, launch_parameters, other_attributes, pagination, request_parsing
from .behaviour import Behaviour, ChoicePolicy
from .call_arguments import (
    AttachCall,
    BatchCall,
    Call,
    CreateVolumeCall,
    DescribeAttributeCall,
    DescribeCall,
    DescribeVolumesCall,
    DetachCall,
    ImagesCall,
    ModifyAttributeCall,
    RunCall,
    ZonesCall,
)
from .descriptions import BEGINNING, Descriptions
from .extra_fields import KIND, SIZE, ExtraFields, VolumeExtraFields
from .refusals import error_of, rejected
from .regions import DEFAULT_REGION, Region
from .simulation import Answer, Simulation
from .variation import Fields, Variation
from .wire.ec2_errors import Ec2Error

PUSHES: Final = {
    "shutdown-in-guest": StepName.GUEST_SHUTDOWN,
    "retire": StepName.RETIREMENT,
    "fail-launch": StepName.LAUNCH_FAILS,
}
"""The background steps on demand, by their names in scenarios."""
_DELETE_VOLUME: Final = "DeleteVolume"
_EVEN: Final = 0.5
_WITHOUT_CAPACITY: Final = 60.0
"""The seconds for which a launch that made fewer instances than it might leaves no capacity."""


class ModelClient:
    """A boto3-shaped client of a simulated EC2, which does everything that a specification permits, and nothing else.

    Its methods take boto3's keyword arguments, and raise `ClientError`. `call_arguments` lists those that they use.
    `launch_parameters` says which others a launch keeps. Unless the client is lenient, it refuses the rest of them.
    """

    def __init__(
        self,
        spec: Specification = EC2,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        beginning: datetime = BEGINNING,
        region: Region = DEFAULT_REGION,
        *,
        lenient: bool = True,
    ) -> None:
        behaviour = behaviour or Behaviour()
        self._behaviour = behaviour
        self._clock = clock or VirtualClock()
        self._spec = spec
        self.simulation = Simulation(spec, behaviour, self._clock)
        self.descriptions = Descriptions(
            self.simulation.account, Variation(behaviour, behaviour.stream("looks")), spec.shapes, beginning
        )
        self.region = region
        self.lenient = lenient
        """Whether the client accepts launch parameters that the model neither holds nor shows again."""
        self._ids = behaviour.stream("ids" if region == DEFAULT_REGION else f"ids of {region.name}")
        self.launches: dict[str, tuple[str, tuple[Instance, ...]]] = {}
        """For each client token, with the zone if a launch names one, a digest of the launch and its instances."""
        self.creations: dict[str, tuple[str, Volume]] = {}
        """For each client token, a digest of its request and the volume created."""
        self._images = {image.id: image for image in images.OFFERED}
        self._wordings = behaviour.stream("words") if behaviour.choice_policy is ChoicePolicy.RANDOM else None
        self._tokens = behaviour.stream("tokens") if behaviour.choice_policy is ChoicePolicy.RANDOM else None
        """Settles how the token of a terminated instance is answered, where both are to be shown."""
        self._capacity = behaviour.stream("capacity")
        self._no_capacity_until = 0.0
        self.caller = Caller.OWNER

    def for_nobody(self) -> "ModelClient":
        """Return a client of the same account whose caller has no permissions."""
        client = copy(self)
        client.caller = Caller.NOBODY
        return client

    def push(self, step: str, instance_id: str) -> None:
        """Trigger a background step, a key of `PUSHES`; raises ValueError with a sentence if it cannot happen."""
        if step not in PUSHES:
            raise ValueError(f'there is no background step "{step}"; write one of {", ".join(PUSHES)}')
        self.simulation.push(PUSHES[step], Instance(instance_id))

    # Instances.

    def run_instances(self, **sent: Unpack[RunCall]) -> Fields:
        """Launch `MaxCount` instances, or as many of them as there is capacity for."""
        placement = sent.get("Placement") or {}
        zone = placement.get("AvailabilityZone") or placement.get("AvailabilityZoneId")
        token = request_parsing.client_token(Operation.RUN, sent, zone)
        if token in self.launches and self._is_for_real(sent):
            return self._repeat_launch(token, sent)
        image = self.image_of(sent.get("ImageId") or images.EBS.id)
        if not self.lenient and self.caller is Caller.OWNER:
            launch_parameters.check(sent)
        request = request_parsing.launch(self.caller, sent, image, self.region, self._new_instance, self._new_volume)
        request = self._as_there_is_capacity(request, sent)
        if len(self.simulation.account.instances) + request.count > request_parsing.MAX_INSTANCES:
            raise rejected(request.operation, Ec2Error.TOO_MANY_IN_ALL, most=request_parsing.MAX_INSTANCES)
        self._perform(request, lambda: self._check_address(launch_parameters.private_address(sent)))
        self._add_extra_fields(request, sent, image)
        if token:
            self.launches[token] = (_digest(sent), request.instances)
        return self.descriptions.launched(request.instances)

    def start_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Start instances."""
        return self._change_states(Operation.START, "StartingInstances", sent)

    def stop_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Stop instances."""
        return self._change_states(Operation.STOP, "StoppingInstances", sent)

    def terminate_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Terminate instances."""
        return self._change_states(Operation.TERMINATE, "TerminatingInstances", sent)

    def reboot_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Reboot instances."""
        self._perform(request_parsing.batch(Operation.REBOOT, self.caller, sent))
        return self.descriptions.reply()

    def describe_instances(self, **sent: Unpack[DescribeCall]) -> Fields:
        """Describe the given instances, or all, paginated on request; `Filters` as in `filters.INSTANCE`."""
        request = request_parsing.batch(Operation.DESCRIBE, self.caller, sent)
        self._perform(request)
        operation, account = request.operation, self.simulation.account
        page, token = pagination.page_of(operation, request.instances, account.instances, sent)
        shown = request.instances or [i for i in page if account.is_visible(i)]
        fitting = filters.apply_filters(
            operation, sent.get("Filters"), shown, self.descriptions.with_reservation, filters.INSTANCE
        )
        return self.descriptions.described(fitting, token)

    def modify_instance_attribute(self, **sent: Unpack[ModifyAttributeCall]) -> Fields:
        """Write one attribute of one instance."""
        name = other_attributes.named_in(sent)
        if name is None:
            self._perform(request_parsing.modify_attribute(self.caller, sent, self._volume_at))
        else:
            self._change_other(name, sent)
        return self.descriptions.reply()

    def describe_instance_attribute(self, **sent: Unpack[DescribeAttributeCall]) -> Fields:
        """Read one attribute of one instance."""
        name = sent["Attribute"]
        request = request_parsing.describe_attribute(self.caller, sent, other_attributes.READABLE)
        self._perform(request)
        (i,) = request.instances
        if name in other_attributes.READABLE:
            fields = other_attributes.value_of(name, self.descriptions.extra_fields[i], self.descriptions.instance(i))
            return self.descriptions.reply(InstanceId=i, **fields)
        return self.descriptions.attribute(i, request.attribute)

    # Volumes.

    def create_volume(self, **sent: Unpack[CreateVolumeCall]) -> Fields:
        """Create a volume in a zone, once per client token."""
        operation = Operation.CREATE_VOLUME
        token = request_parsing.client_token(operation, sent)
        if token in self.creations and self._is_for_real(sent):
            return self._repeat_creation(token, sent)
        if not self.lenient and self.caller is Caller.OWNER:
            launch_parameters.check_volume(sent)
        volume, zone = self._new_volume(), request_parsing.new_volume(sent, self.region)
        tags = request_parsing.tags(operation, sent.get("TagSpecifications"), "volume")
        self._perform(replace(self._volume_request(operation, sent, volume), zone=zone))
        self.descriptions.volume_extra_fields[volume] = VolumeExtraFields(
            self._clock.now(),
            sent.get("Size") or SIZE,
            sent.get("VolumeType") or KIND,
            tags=tags,
            shown=launch_parameters.volume_shown(sent),
        )
        if token:
            self.creations[token] = (_digest(sent), volume)
        return self.descriptions.reply(**self.descriptions.volume(volume))

    def delete_volume(self, *, VolumeId: str) -> Fields:  # noqa: N803
        """Delete a detached volume; the specification does not cover DeleteVolume."""
        volume = Volume(VolumeId)
        self.simulation.advance()
        if not self.simulation.account.has_volume(volume):
            raise rejected(_DELETE_VOLUME, Ec2Error.NO_VOLUME, id=volume)
        record = self.simulation.account.volumes[volume]
        if record.holder is not None:
            raise rejected(_DELETE_VOLUME, Ec2Error.VOLUME_HELD, id=volume, holder=record.holder)
        if record.state is not VolumeState.AVAILABLE:
            raise rejected(_DELETE_VOLUME, Ec2Error.VOLUME_BUSY, id=volume, state=record.state.value)
        self.simulation.delete(volume)
        return self.descriptions.reply()

    def attach_volume(self, **sent: Unpack[AttachCall]) -> Fields:
        """Attach a volume to an instance."""
        volume, i = Volume(sent["VolumeId"]), Instance(sent["InstanceId"])
        device = sent["Device"]
        request = replace(self._volume_request(Operation.ATTACH, sent, volume), instances=(i,), device=device)
        account, descriptions = self.simulation.account, self.descriptions
        self._perform(request, lambda: devices.check_free(account, descriptions, i, device, volume))
        extra = self.descriptions.volume_extra_fields[volume]
        self.descriptions.volume_extra_fields[volume] = replace(extra, device=device, attached=self._clock.now())
        return self.descriptions.reply(**self.descriptions.attachment(volume) | {"State": "attaching"})

    def detach_volume(self, **sent: Unpack[DetachCall]) -> Fields:
        """Detach a volume from wherever it is attached."""
        volume = Volume(sent["VolumeId"])
        self._perform(
            self._volume_request(Operation.DETACH, sent, volume),
            lambda: devices.check_detachable(self.simulation.account, self.descriptions, volume, sent),
        )
        return self.descriptions.reply(**self.descriptions.attachment(volume))

    def describe_volumes(self, **sent: Unpack[DescribeVolumesCall]) -> Fields:
        """Describe the given volumes, or all; `Filters` as in `filters.VOLUME`."""
        named = tuple(Volume(v) for v in sent.get("VolumeIds") or ())
        request = self._volume_request(Operation.DESCRIBE_VOLUMES, sent, *named)
        self._perform(request)
        operation, account = request.operation, self.simulation.account
        page, token = pagination.page_of(operation, named, account.volumes, sent)
        shown = dict.fromkeys(named) or [v for v in page if account.has_volume(v)]
        fitting = filters.apply_filters(operation, sent.get("Filters"), shown, self.descriptions.volume, filters.VOLUME)
        volumes = self.descriptions.variation.shuffled([self.descriptions.volume(v) for v in fitting])
        return self.descriptions.page(token, Volumes=volumes)

    # Zones and images.

    def describe_availability_zones(self, **sent: Unpack[ZonesCall]) -> Fields:
        """Describe the given zones, or all."""
        zones, operation = self.region.describe_zones(), "DescribeAvailabilityZones"
        for named, key in ((sent.get("ZoneNames"), "ZoneName"), (sent.get("ZoneIds"), "ZoneId")):
            if absent := set(named or ()) - {zone[key] for zone in zones}:
                raise request_parsing.no_zone(operation, self.region, ", ".join(sorted(absent)))
            zones = [zone for zone in zones if not named or zone[key] in named]
        return self.descriptions.reply(
            AvailabilityZones=filters.apply_filters(operation, sent.get("Filters"), zones, dict, filters.ZONE)
        )

    def describe_images(self, **sent: Unpack[ImagesCall]) -> Fields:
        """Describe the given images, launched ones included; without ids, the two offered images."""
        named, operation = sent.get("ImageIds") or (), "DescribeImages"
        for each in named:
            if each not in self._images:
                raise rejected(operation, Ec2Error.NO_IMAGE, id=each)
        shown = images.describe_images([self._images[each] for each in named] or images.OFFERED)
        return self.descriptions.reply(
            Images=filters.apply_filters(operation, sent.get("Filters"), shown, dict, filters.IMAGE)
        )

    # Helpers.

    def image_of(self, image_id: str) -> images.Image:
        """Return what the instances of an image boot from."""
        return images.image_of(image_id)

    def _is_for_real(self, sent: Mapping[str, Any]) -> bool:
        """Tell whether a request is no dry run, and its caller has permission."""
        return not sent.get("DryRun") and self.caller is Caller.OWNER

    def _perform(self, request: Request, check: Callable[[], None] | None = None) -> Answer:
        """Carry out a request; `check` raises what EC2 refuses for reasons outside the specification."""
        answer = self.simulation.ask(request, check)
        if answer.refusal is not None:
            raise error_of(answer, answer.refusal, self._wordings, lavish=self._behaviour.lavish)
        return answer

    def _change_states(self, operation: Operation, key: str, sent: BatchCall) -> Fields:
        request = request_parsing.batch(operation, self.caller, sent)
        answer = self._perform(request, self._checks_of(request))
        if operation is Operation.START:
            self._set_launch_time(answer)
        state, (before, after) = self.descriptions.variation.state, (answer.before, answer.after)
        named = answer.request.instances
        if answer.choices.of(REPEATS) is Repeats.DISTINCT:
            named = tuple(dict.fromkeys(named))
        items = [
            self.descriptions.variation.with_unknown_fields(
                {
                    "InstanceId": i,
                    "CurrentState": state(self._spec.current_state(before, after, i)),
                    "PreviousState": state(self._spec.previous_state(before, after, i)),
                }
            )
            for i in named
        ]
        return self.descriptions.reply(**{key: self.descriptions.variation.shuffled(items)})

    def _checks_of(self, request: BatchRequest) -> Callable[[], None] | None:
        """Return what EC2 checks beyond the specification before it changes the states of instances, if anything."""
        if request.operation is not Operation.START:
            return None
        return lambda: devices.check_roots(self.simulation.account, self.descriptions, request.instances)

    def _set_launch_time(self, answer: Answer) -> None:
        """Set the LaunchTime of started instances: it is the time of the last launch or start."""
        for i in answer.request.instances:
            if answer.before.state(i) is not answer.after.state(i):
                self.descriptions.extra_fields[i] = replace(
                    self.descriptions.extra_fields[i],
                    launched=self._clock.now(),
                    starts=self.descriptions.extra_fields[i].starts + 1,
                )

    def _repeat_launch(self, token: str, sent: RunCall) -> Fields:
        """Return what the first launch with this token made; raises `ClientError` if its parameters differ."""
        first, instances = self.launches[token]
        if first != _digest(sent):
            raise rejected(Operation.RUN, Ec2Error.TOKEN_WITH_OTHERS)
        records = self.simulation.account.instances
        if any(records[i].state is InstanceState.SHUTTING_DOWN for i in instances):
            self.simulation.advance()  # a launch that a network delivers twice still shows what it made as pending
        terminated = any(records[i].state is InstanceState.TERMINATED for i in instances)
        forgotten = any(records[i].visibility is Visibility.FORGOTTEN for i in instances)
        if terminated and (forgotten or self._tokens is None or self._tokens.random() < _EVEN):  # K-01
            raise rejected(Operation.RUN, Ec2Error.TOKEN_OF_TERMINATED)
        return self.descriptions.launched(instances)

    def _as_there_is_capacity(self, request: LaunchRequest, sent: RunCall) -> LaunchRequest:
        """Return the part of a launch for which there is capacity: all of it, unless capacity is scarce.

        Raises `ClientError` while there is no capacity.
        """
        if not self._behaviour.scarce or request.dry_run or self.caller is not Caller.OWNER:
            return request
        if self._clock.now() < self._no_capacity_until:
            raise rejected(Operation.RUN, Ec2Error.NO_CAPACITY)
        made = self._capacity.randint(sent.get("MinCount", 1), request.count)
        if made < request.count:
            self._no_capacity_until = self._clock.now() + _WITHOUT_CAPACITY
        return replace(request, instances=request.instances[:made], volumes=request.volumes[:made])

    def _repeat_creation(self, token: str, sent: CreateVolumeCall) -> Fields:
        """Return the volume that was created with this token; raises `ClientError` if its parameters differ."""
        self.simulation.advance()
        first, volume = self.creations[token]
        if first != _digest(sent):
            raise rejected(Operation.CREATE_VOLUME, Ec2Error.TOKEN_WITH_OTHERS)
        return self.descriptions.reply(**self.descriptions.volume(volume))

    def _change_other(self, name: str, sent: ModifyAttributeCall) -> None:
        """Change an attribute that the specification does not hold, most of them only if the instance is stopped."""
        i, instances, extra = (
            Instance(sent["InstanceId"]),
            self.simulation.account.instances,
            self.descriptions.extra_fields,
        )
        request_parsing.check_single(sent)

        def check() -> None:
            fields = other_attributes.changed(name, sent, extra[i], lenient=self.lenient)
            if name in other_attributes.CHANGEABLE and instances[i].state is not InstanceState.STOPPED:
                raise rejected(Operation.MODIFY, Ec2Error.NOT_STOPPED, id=i)
            extra[i] = fields

        self.simulation.advance()
        same = instances[i].shutdown_behavior if i in instances else ShutdownBehavior.STOP
        # EC2 refuses this request as one that leaves an attribute of the specification as it is.
        self._perform(request_parsing.no_change(self.caller, sent, same), check)

    def _check_address(self, address: str) -> None:
        """Raise `ClientError` if an instance that has not terminated has the private address."""
        for i, record in self.simulation.account.instances.items() if address else ():
            if record.state is not InstanceState.TERMINATED and self.descriptions.extra_fields[i].address == address:
                raise rejected(Operation.RUN, Ec2Error.ADDRESS_IN_USE, address=address, instance=i)

    def _volume_request(self, operation: Operation, sent: Call, *volumes: Volume) -> VolumeRequest:
        return VolumeRequest(operation, self.caller, bool(sent.get("DryRun")), volumes=volumes)

    def _add_extra_fields(self, request: LaunchRequest, sent: RunCall, image: images.Image) -> None:
        now = self._clock.now()
        self._images.setdefault(image.id, image)
        shown = launch_parameters.shown(sent)
        tags = request_parsing.tags(Operation.RUN, sent.get("TagSpecifications"), "instance")
        asked: dict[str | None, Fields] = {
            each.get("DeviceName"): each.get("Ebs") or {} for each in sent.get("BlockDeviceMappings") or ()
        }
        volume_tags = request_parsing.tags(Operation.RUN, sent.get("TagSpecifications"), "volume")
        for index, (i, volumes) in enumerate(zip(request.instances, request.volumes, strict=True)):
            self.descriptions.extra_fields[i] = ExtraFields(
                number=len(self.descriptions.extra_fields) + 1,
                reservation=f"r-{request.instances[0][2:]}",
                index=index,
                image=image,
                instance_type=sent.get("InstanceType") or "t3.micro",
                launched=now,
                made=now,
                tags=tags,
                token=sent.get("ClientToken") or "",
                key_name=sent.get("KeyName") or "",
                shown=shown,
                user_data=sent.get("UserData") or "",
                cpu_credits=launch_parameters.credits_of(sent),
                private_address=launch_parameters.private_address(sent),
                is_public=launch_parameters.is_public(sent),
            )
            for volume in volumes:
                ebs = asked.get(volume.device, {})
                self.descriptions.volume_extra_fields[volume.volume] = VolumeExtraFields(
                    now,
                    ebs.get("VolumeSize") or SIZE,
                    ebs.get("VolumeType") or KIND,
                    device=volume.device,
                    attached=now,
                    tags=volume_tags,
                    shown=launch_parameters.volume_shown(ebs),
                )

    def _volume_at(self, i: Instance, device: str) -> Volume:
        """Return the volume at a device of an instance, or an id that no volume has."""
        return devices.volume_at(self.simulation.account, self.descriptions, i, device) or Volume("")

    def _new_instance(self) -> Instance:
        while (i := Instance(f"i-{self._ids.getrandbits(68):017x}")) in self.simulation.account.instances:
            pass  # no id is issued twice, not even after a world was loaded
        return i

    def _new_volume(self) -> Volume:
        while (v := Volume(f"vol-{self._ids.getrandbits(68):017x}")) in self.simulation.account.volumes:
            pass
        return v


def _digest(sent: Mapping[str, Any]) -> str:
    """Return a digest that identifies the parameters of a request."""
    return sha256(repr(sorted(sent.items())).encode()).hexdigest()
