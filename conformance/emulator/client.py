"""The specification as a boto3-shaped EC2 client: one account in one region."""

from copy import copy
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final, Unpack

from ...model.background import StepName
from ...model.choices import REPEATS, Repeats
from ...model.requests import Caller, LaunchRequest, Operation, Request, VolumeRequest
from ...model.specification import EC2, Specification
from ...model.states import VolumeState
from ...model.world import Instance, Volume
from ..adapter.clock import Clock, VirtualClock
from . import filters, images, pagination, request_parsing
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

PUSHES: Final = {
    "shutdown-in-guest": StepName.GUEST_SHUTDOWN,
    "retire": StepName.RETIREMENT,
    "fail-launch": StepName.LAUNCH_FAILS,
}
"""The background steps on demand, by their names in scenarios."""
_DELETE_VOLUME: Final = "DeleteVolume"


class ModelClient:
    """A boto3-shaped client of a simulated EC2, which does everything that a specification permits, and nothing else.

    Its methods take boto3's keyword arguments, ignore those that `call_arguments` does not list,
    and raise `ClientError`.
    """

    def __init__(
        self,
        spec: Specification = EC2,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        beginning: datetime = BEGINNING,
        region: Region = DEFAULT_REGION,
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
        self._ids = behaviour.stream("ids" if region == DEFAULT_REGION else f"ids of {region.name}")
        self.launches: dict[str, tuple[str, tuple[Instance, ...]]] = {}
        """For each client token, a digest of its launch request and the instances launched."""
        self.creations: dict[str, Volume] = {}
        """The volume created with each client token."""
        self._images = {image.id: image for image in images.OFFERED}
        self._wordings = behaviour.stream("words") if behaviour.choice_policy is ChoicePolicy.RANDOM else None
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
        """Launch `MaxCount` instances."""
        token = sent.get("ClientToken")
        if token and token in self.launches and not sent.get("DryRun") and self.caller is Caller.OWNER:
            return self._repeat_launch(token, sent)
        image = self.image_of(sent.get("ImageId") or images.EBS.id)
        request = request_parsing.launch(self.caller, sent, image, self.region, self._new_instance, self._new_volume)
        if len(self.simulation.account.instances) + request.count > request_parsing.MAX_INSTANCES:
            message = f"You have requested more instances ({request.count}) than the model holds beside what there is."
            raise rejected(request.operation, message, "InstanceLimitExceeded")  # E-20
        self._perform(request)
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
        self._perform(request_parsing.modify_attribute(self.caller, sent, self._volume_at))
        return self.descriptions.reply()

    def describe_instance_attribute(self, **sent: Unpack[DescribeAttributeCall]) -> Fields:
        """Read one attribute of one instance."""
        request = request_parsing.describe_attribute(self.caller, sent)
        self._perform(request)
        return self.descriptions.attribute(request.instances[0], request.attribute)

    # Volumes.

    def create_volume(self, **sent: Unpack[CreateVolumeCall]) -> Fields:
        """Create a volume in a zone, once per client token."""
        token = sent.get("ClientToken")
        if token and token in self.creations and not sent.get("DryRun") and self.caller is Caller.OWNER:
            return self.descriptions.reply(**self.descriptions.volume(self.creations[token]))
        volume = self._new_volume()
        zone = request_parsing.zone(Operation.CREATE_VOLUME, sent, self.region)
        if not zone:
            raise rejected(Operation.CREATE_VOLUME, "The request must contain the parameter zone", "MissingParameter")
        self._perform(replace(self._volume_request(Operation.CREATE_VOLUME, sent, volume), zone=zone))
        tags = request_parsing.tags(sent.get("TagSpecifications"), "volume")
        self.descriptions.volume_extra_fields[volume] = VolumeExtraFields(
            self._clock.now(), sent.get("Size") or SIZE, sent.get("VolumeType") or KIND, tags=tags
        )
        if token:
            self.creations[token] = volume
        return self.descriptions.reply(**self.descriptions.volume(volume))

    def delete_volume(self, *, VolumeId: str) -> Fields:  # noqa: N803
        """Delete a detached volume; the specification does not cover DeleteVolume."""
        volume = Volume(VolumeId)
        self.simulation.advance()
        if not self.simulation.account.has_volume(volume):
            raise rejected(_DELETE_VOLUME, f"The volume '{volume}' does not exist.", "InvalidVolume.NotFound")
        record = self.simulation.account.volumes[volume]
        if record.state is not VolumeState.AVAILABLE:
            where = f" and attached to {record.holder}" if record.holder else ""
            raise rejected(_DELETE_VOLUME, f"Volume {volume} is {record.state.value}{where}", "VolumeInUse")
        self.simulation.delete(volume)
        return self.descriptions.reply()

    def attach_volume(self, **sent: Unpack[AttachCall]) -> Fields:
        """Attach a volume to an instance."""
        volume, i = Volume(sent["VolumeId"]), Instance(sent["InstanceId"])
        device = sent["Device"]
        self._perform(replace(self._volume_request(Operation.ATTACH, sent, volume), instances=(i,), device=device))
        extra = self.descriptions.volume_extra_fields[volume]
        self.descriptions.volume_extra_fields[volume] = replace(extra, device=device, attached=self._clock.now())
        return self.descriptions.reply(**self.descriptions.attachment(volume) | {"State": "attaching"})

    def detach_volume(self, **sent: Unpack[DetachCall]) -> Fields:
        """Detach a volume from wherever it is attached."""
        volume = Volume(sent["VolumeId"])
        record, named = self.simulation.account.volumes.get(volume), sent.get("InstanceId")
        if named and record is not None and record.holder not in {named, None} and self.caller is Caller.OWNER:
            message = f"The volume '{volume}' is not attached to instance '{named}'."
            raise rejected(Operation.DETACH, message, "InvalidAttachment.NotFound")
        self._perform(self._volume_request(Operation.DETACH, sent, volume))
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
                raise rejected(operation, f"Invalid availability zone: [{', '.join(sorted(absent))}]")
            zones = [zone for zone in zones if not named or zone[key] in named]
        return self.descriptions.reply(
            AvailabilityZones=filters.apply_filters(operation, sent.get("Filters"), zones, dict, filters.ZONE)
        )

    def describe_images(self, **sent: Unpack[ImagesCall]) -> Fields:
        """Describe the given images, launched ones included; without ids, the two offered images."""
        named, operation = sent.get("ImageIds") or (), "DescribeImages"
        for each in named:
            if each not in self._images:
                raise rejected(operation, f"The image id '[{each}]' does not exist", "InvalidAMIID.NotFound")
        shown = images.describe_images([self._images[each] for each in named] or images.OFFERED)
        return self.descriptions.reply(
            Images=filters.apply_filters(operation, sent.get("Filters"), shown, dict, filters.IMAGE)
        )

    # Helpers.

    def image_of(self, image_id: str) -> images.Image:
        """Return what the instances of an image boot from."""
        return images.image_of(image_id)

    def _perform(self, request: Request) -> Answer:
        answer = self.simulation.ask(request)
        if answer.refusal is not None:
            raise error_of(answer, answer.refusal, self._wordings, lavish=self._behaviour.lavish)
        return answer

    def _change_states(self, operation: Operation, key: str, sent: BatchCall) -> Fields:
        answer = self._perform(request_parsing.batch(operation, self.caller, sent))
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

    def _set_launch_time(self, answer: Answer) -> None:
        """Set the LaunchTime of started instances: it is the time of the last launch or start."""
        for i in answer.request.instances:
            if answer.before.state(i) is not answer.after.state(i):
                self.descriptions.extra_fields[i] = replace(
                    self.descriptions.extra_fields[i], launched=self._clock.now()
                )

    def _repeat_launch(self, token: str, sent: RunCall) -> Fields:
        """Return what the first launch with this token made; raises `ClientError` if its parameters differ."""
        first, instances = self.launches[token]
        if first != _digest(sent):
            message = f"The token {token} was used before, with other parameters"
            raise rejected(Operation.RUN, message, "IdempotentParameterMismatch")
        return self.descriptions.launched(instances)

    def _volume_request(self, operation: Operation, sent: Call, *volumes: Volume) -> VolumeRequest:
        return VolumeRequest(operation, self.caller, bool(sent.get("DryRun")), volumes=volumes)

    def _add_extra_fields(self, request: LaunchRequest, sent: RunCall, image: images.Image) -> None:
        now = self._clock.now()
        self._images.setdefault(image.id, image)
        tags = request_parsing.tags(sent.get("TagSpecifications"), "instance")
        asked: dict[str | None, Fields] = {
            each.get("DeviceName"): each.get("Ebs") or {} for each in sent.get("BlockDeviceMappings") or ()
        }
        volume_tags = request_parsing.tags(sent.get("TagSpecifications"), "volume")
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
                )

    def _volume_at(self, i: Instance, device: str) -> Volume:
        """Return the volume at a device of an instance, or an id that no volume has."""
        held = self.simulation.account.attached.get(i, ())
        return next((v for v in held if self.descriptions.volume_extra_fields[v].device == device), Volume(""))

    def _new_instance(self) -> Instance:
        while (i := Instance(f"i-{self._ids.getrandbits(68):017x}")) in self.simulation.account.instances:
            pass  # no id is issued twice, not even after a world was loaded
        return i

    def _new_volume(self) -> Volume:
        while (v := Volume(f"vol-{self._ids.getrandbits(68):017x}")) in self.simulation.account.volumes:
            pass
        return v


def _digest(sent: RunCall) -> str:
    """Return a digest that identifies the parameters of a launch."""
    return sha256(repr(sorted(sent.items())).encode()).hexdigest()
