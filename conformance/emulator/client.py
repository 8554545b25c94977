"""The specification as a boto3-shaped client of EC2: one account in one region."""

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
from . import filters, images, pages, parameters
from .behaviour import Behaviour, Manner
from .descriptions import BEGINNING, Descriptions
from .extra_fields import KIND, SIZE, ExtraFields, VolumeExtraFields
from .keywords import (
    AttachCall,
    BatchCall,
    Call,
    ChangeCall,
    CreateVolumeCall,
    DescribeCall,
    DescribeVolumesCall,
    DetachCall,
    ImagesCall,
    QuestionCall,
    RunCall,
    ZonesCall,
)
from .refusals import error_of, rejected
from .regions import HOME, Region
from .simulation import Answer, Simulation
from .variation import Fields, Variation

PUSHES: Final = {
    "shutdown-in-guest": StepName.GUEST_SHUTDOWN,
    "retire": StepName.RETIREMENT,
    "fail-launch": StepName.LAUNCH_FAILS,
}
"""The background steps on demand, by the names that scenarios have for them."""
_DELETE_VOLUME: Final = "DeleteVolume"


class ModelClient:
    """A boto3-shaped client of an EC2 that does what a specification permits, and all of it.

    Its methods take boto3's keyword arguments, disregard those that `keywords` leaves out, and raise `ClientError`.
    """

    def __init__(
        self,
        spec: Specification = EC2,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        beginning: datetime = BEGINNING,
        region: Region = HOME,
    ) -> None:
        behaviour = behaviour or Behaviour()
        self._behaviour = behaviour
        self._clock = clock or VirtualClock()
        self._spec = spec
        self.play = Simulation(spec, behaviour, self._clock)
        self.show = Descriptions(
            self.play.account, Variation(behaviour, behaviour.stream("looks")), spec.shapes, beginning
        )
        self.region = region
        self._ids = behaviour.stream("ids" if region == HOME else f"ids of {region.name}")
        self.launches: dict[str, tuple[str, tuple[Instance, ...]]] = {}
        """What was asked for with each client token, in short, and what it made."""
        self.creations: dict[str, Volume] = {}
        """The volume that was made with each client token."""
        self._images = {image.id: image for image in images.OFFERED}
        self._words = behaviour.stream("words") if behaviour.manner is Manner.RANDOM else None
        self.caller = Caller.OWNER

    def for_nobody(self) -> "ModelClient":
        """Return a client of the same account whose caller has no permission."""
        client = copy(self)
        client.caller = Caller.NOBODY
        return client

    def push(self, step: str, instance_id: str) -> None:
        """Make a background step happen: a key of `PUSHES`; ValueError, with a sentence, where it cannot."""
        if step not in PUSHES:
            raise ValueError(f'there is no background step "{step}"; write one of {", ".join(PUSHES)}')
        self.play.push(PUSHES[step], Instance(instance_id))

    # Instances.

    def run_instances(self, **sent: Unpack[RunCall]) -> Fields:
        """Launch `MaxCount` instances."""
        token = sent.get("ClientToken")
        if token and token in self.launches and not sent.get("DryRun") and self.caller is Caller.OWNER:
            return self._launched_before(token, sent)
        image = images.image_of(sent.get("ImageId") or images.EBS.id)
        request = parameters.launch(self.caller, sent, image, self.region, self._new_instance, self._new_volume)
        if len(self.play.account.instances) + request.count > parameters.MOST:
            message = f"You have requested more instances ({request.count}) than the model holds beside what there is."
            raise rejected(request.operation, message, "InstanceLimitExceeded")  # E-20
        self._ask(request)
        self._give_faces(request, sent, image)
        if token:
            self.launches[token] = (_in_short(sent), request.instances)
        return self.show.launched(request.instances)

    def start_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Start instances."""
        return self._change(Operation.START, "StartingInstances", sent)

    def stop_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Stop instances."""
        return self._change(Operation.STOP, "StoppingInstances", sent)

    def terminate_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Terminate instances."""
        return self._change(Operation.TERMINATE, "TerminatingInstances", sent)

    def reboot_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Reboot instances."""
        self._ask(parameters.batch(Operation.REBOOT, self.caller, sent))
        return self.show.reply()

    def describe_instances(self, **sent: Unpack[DescribeCall]) -> Fields:
        """Describe the instances named, or all, by pages where asked to; `Filters` as in `filters.INSTANCE`."""
        request = parameters.batch(Operation.DESCRIBE, self.caller, sent)
        self._ask(request)
        operation, account = request.operation, self.play.account
        page, token = pages.page(operation, request.instances, account.instances, sent)
        shown = request.instances or [i for i in page if account.sees(i)]
        fitting = filters.chosen(operation, sent.get("Filters"), shown, self.show.with_reservation, filters.INSTANCE)
        return self.show.described(fitting, token)

    def modify_instance_attribute(self, **sent: Unpack[ChangeCall]) -> Fields:
        """Write one attribute of one instance."""
        self._ask(parameters.change(self.caller, sent, self._volume_at))
        return self.show.reply()

    def describe_instance_attribute(self, **sent: Unpack[QuestionCall]) -> Fields:
        """Read one attribute of one instance."""
        request = parameters.question(self.caller, sent)
        self._ask(request)
        return self.show.attribute(request.instances[0], request.attribute)

    # Volumes.

    def create_volume(self, **sent: Unpack[CreateVolumeCall]) -> Fields:
        """Make a volume in a zone, once for each client token."""
        token = sent.get("ClientToken")
        if token and token in self.creations and not sent.get("DryRun") and self.caller is Caller.OWNER:
            return self.show.reply(**self.show.volume(self.creations[token]))
        volume = self._new_volume()
        zone = parameters.zone(Operation.CREATE_VOLUME, sent, self.region)
        if not zone:
            raise rejected(Operation.CREATE_VOLUME, "The request must contain the parameter zone", "MissingParameter")
        self._ask(replace(self._about_volumes(Operation.CREATE_VOLUME, sent, volume), zone=zone))
        tags = parameters.tags(sent.get("TagSpecifications"), "volume")
        self.show.volume_faces[volume] = VolumeExtraFields(
            self._clock.now(), sent.get("Size") or SIZE, sent.get("VolumeType") or KIND, tags=tags
        )
        if token:
            self.creations[token] = volume
        return self.show.reply(**self.show.volume(volume))

    def delete_volume(self, *, VolumeId: str) -> Fields:  # noqa: N803
        """Delete a volume that nothing has attached, of which the specification does not speak."""
        volume = Volume(VolumeId)
        self.play.advance()
        if not self.play.account.has(volume):
            raise rejected(_DELETE_VOLUME, f"The volume '{volume}' does not exist.", "InvalidVolume.NotFound")
        record = self.play.account.volumes[volume]
        if record.state is not VolumeState.AVAILABLE:
            where = f" and attached to {record.holder}" if record.holder else ""
            raise rejected(_DELETE_VOLUME, f"Volume {volume} is {record.state.value}{where}", "VolumeInUse")
        self.play.delete(volume)
        return self.show.reply()

    def attach_volume(self, **sent: Unpack[AttachCall]) -> Fields:
        """Attach a volume to an instance."""
        volume, i = Volume(sent["VolumeId"]), Instance(sent["InstanceId"])
        device = sent["Device"]
        self._ask(replace(self._about_volumes(Operation.ATTACH, sent, volume), instances=(i,), device=device))
        face = self.show.volume_faces[volume]
        self.show.volume_faces[volume] = replace(face, device=device, attached=self._clock.now())
        return self.show.reply(**self.show.attachment(volume) | {"State": "attaching"})

    def detach_volume(self, **sent: Unpack[DetachCall]) -> Fields:
        """Detach a volume from wherever it is attached."""
        volume = Volume(sent["VolumeId"])
        record, named = self.play.account.volumes.get(volume), sent.get("InstanceId")
        if named and record is not None and record.holder not in {named, None} and self.caller is Caller.OWNER:
            message = f"The volume '{volume}' is not attached to instance '{named}'."
            raise rejected(Operation.DETACH, message, "InvalidAttachment.NotFound")
        self._ask(self._about_volumes(Operation.DETACH, sent, volume))
        return self.show.reply(**self.show.attachment(volume))

    def describe_volumes(self, **sent: Unpack[DescribeVolumesCall]) -> Fields:
        """Describe the volumes named, or all; `Filters` as in `filters.VOLUME`."""
        named = tuple(Volume(v) for v in sent.get("VolumeIds") or ())
        request = self._about_volumes(Operation.DESCRIBE_VOLUMES, sent, *named)
        self._ask(request)
        operation, account = request.operation, self.play.account
        page, token = pages.page(operation, named, account.volumes, sent)
        shown = dict.fromkeys(named) or [v for v in page if account.has(v)]
        fitting = filters.chosen(operation, sent.get("Filters"), shown, self.show.volume, filters.VOLUME)
        volumes = self.show.looks.order([self.show.volume(v) for v in fitting])
        return self.show.page(token, Volumes=volumes)

    # What there is besides.

    def describe_availability_zones(self, **sent: Unpack[ZonesCall]) -> Fields:
        """Describe the zones named, or all."""
        zones, operation = self.region.describe_zones(), "DescribeAvailabilityZones"
        for named, key in ((sent.get("ZoneNames"), "ZoneName"), (sent.get("ZoneIds"), "ZoneId")):
            if absent := set(named or ()) - {zone[key] for zone in zones}:
                raise rejected(operation, f"Invalid availability zone: [{', '.join(sorted(absent))}]")
            zones = [zone for zone in zones if not named or zone[key] in named]
        return self.show.reply(
            AvailabilityZones=filters.chosen(operation, sent.get("Filters"), zones, dict, filters.ZONE)
        )

    def describe_images(self, **sent: Unpack[ImagesCall]) -> Fields:
        """Describe the images named, of those that there are or that were launched; or the two that there are."""
        named, operation = sent.get("ImageIds") or (), "DescribeImages"
        for each in named:
            if each not in self._images:
                raise rejected(operation, f"The image id '[{each}]' does not exist", "InvalidAMIID.NotFound")
        shown = images.describe_images([self._images[each] for each in named] or images.OFFERED)
        return self.show.reply(Images=filters.chosen(operation, sent.get("Filters"), shown, dict, filters.IMAGE))

    # How it is done.

    def _ask(self, request: Request) -> Answer:
        answer = self.play.ask(request)
        if answer.refusal is not None:
            raise error_of(answer, answer.refusal, self._words, lavish=self._behaviour.lavish)
        return answer

    def _change(self, operation: Operation, key: str, sent: BatchCall) -> Fields:
        answer = self._ask(parameters.batch(operation, self.caller, sent))
        if operation is Operation.START:
            self._show_start(answer)
        state, (before, after) = self.show.looks.state, (answer.before, answer.after)
        named = answer.request.instances
        if answer.choices.of(REPEATS) is Repeats.DISTINCT:
            named = tuple(dict.fromkeys(named))
        items = [
            self.show.looks.more(
                {
                    "InstanceId": i,
                    "CurrentState": state(self._spec.current_state(before, after, i)),
                    "PreviousState": state(self._spec.previous_state(before, after, i)),
                }
            )
            for i in named
        ]
        return self.show.reply(**{key: self.show.looks.order(items)})

    def _show_start(self, answer: Answer) -> None:
        """Let what starts again show this as its launch: LaunchTime is when it was last launched."""
        for i in answer.request.instances:
            if answer.before.state(i) is not answer.after.state(i):
                self.show.faces[i] = replace(self.show.faces[i], launched=self._clock.now())

    def _launched_before(self, token: str, sent: RunCall) -> Fields:
        """Return what a launch with this client token made; raises `ClientError` where it asked for something else."""
        first, instances = self.launches[token]
        if first != _in_short(sent):
            message = f"The token {token} was used before, with other parameters"
            raise rejected(Operation.RUN, message, "IdempotentParameterMismatch")
        return self.show.launched(instances)

    def _about_volumes(self, operation: Operation, sent: Call, *volumes: Volume) -> VolumeRequest:
        return VolumeRequest(operation, self.caller, bool(sent.get("DryRun")), volumes=volumes)

    def _give_faces(self, request: LaunchRequest, sent: RunCall, image: images.Image) -> None:
        now = self._clock.now()
        self._images.setdefault(image.id, image)
        tags = parameters.tags(sent.get("TagSpecifications"), "instance")
        asked: dict[str | None, Fields] = {
            each.get("DeviceName"): each.get("Ebs") or {} for each in sent.get("BlockDeviceMappings") or ()
        }
        volume_tags = parameters.tags(sent.get("TagSpecifications"), "volume")
        for index, (i, volumes) in enumerate(zip(request.instances, request.volumes, strict=True)):
            self.show.faces[i] = ExtraFields(
                number=len(self.show.faces) + 1,
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
                self.show.volume_faces[volume.volume] = VolumeExtraFields(
                    now,
                    ebs.get("VolumeSize") or SIZE,
                    ebs.get("VolumeType") or KIND,
                    device=volume.device,
                    attached=now,
                    tags=volume_tags,
                )

    def _volume_at(self, i: Instance, device: str) -> Volume:
        """Return the volume attached to an instance as a device; an id that no volume has where there is none."""
        held = self.play.account.held.get(i, ())
        return next((v for v in held if self.show.volume_faces[v].device == device), Volume(""))

    def _new_instance(self) -> Instance:
        while (i := Instance(f"i-{self._ids.getrandbits(68):017x}")) in self.play.account.instances:
            pass  # of a world that was loaded; no id is given out twice
        return i

    def _new_volume(self) -> Volume:
        while (v := Volume(f"vol-{self._ids.getrandbits(68):017x}")) in self.play.account.volumes:
            pass
        return v


def _in_short(sent: RunCall) -> str:
    """Return something that tells one request from another."""
    return sha256(repr(sorted(sent.items())).encode()).hexdigest()
