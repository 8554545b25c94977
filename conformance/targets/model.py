"""The target `model`: the specification itself, played as an EC2 that one can call."""

from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Unpack

from ...model.background import StepName
from ...model.choices import REPEATS, Repeats
from ...model.requests import Caller, LaunchRequest, Operation, Request, VolumeRequest
from ...model.specification import EC2, Specification
from ...model.world import Instance, Volume
from ..played import filters, images, parameters
from ..played.behaviour import Behaviour, Manner
from ..played.descriptions import BEGINNING, Descriptions
from ..played.faces import Face, VolumeFace
from ..played.keywords import (
    AttachCall,
    BatchCall,
    Call,
    ChangeCall,
    CreateVolumeCall,
    DescribeVolumesCall,
    DetachCall,
    ImagesCall,
    QuestionCall,
    RunCall,
)
from ..played.looks import Fields, Looks
from ..played.play import Answer, Play
from ..played.refusals import error_of
from . import arguments
from .base import Capability, Clock, Patience, Target, Unsupported, VirtualClock
from .ec2 import Ec2Target

PUSHES: Final = {
    "shutdown-in-guest": StepName.GUEST_SHUTDOWN,
    "retire": StepName.RETIREMENT,
    "fail-launch": StepName.LAUNCH_FAILS,
}
"""The background steps on demand, by the names that scenarios have for them."""


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
    ) -> None:
        behaviour = behaviour or Behaviour()
        self._behaviour = behaviour
        self._clock = clock or VirtualClock()
        self._spec = spec
        self._play = Play(spec, behaviour, self._clock)
        self._show = Descriptions(
            self._play.account, Looks(behaviour, behaviour.stream("looks")), spec.shapes, beginning
        )
        self._ids = behaviour.stream("ids")
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
        self._play.push(PUSHES[step], Instance(instance_id))

    # Instances.

    def run_instances(self, **sent: Unpack[RunCall]) -> Fields:
        """Launch `MaxCount` instances."""
        image = images.image_of(sent.get("ImageId") or images.EBS.id)
        request = parameters.launch(self.caller, sent, image, self._new_instance, self._new_volume)
        self._ask(request)
        self._give_faces(request, sent, image)
        return self._show.launched(request.instances)

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
        return self._show.reply()

    def describe_instances(self, **sent: Unpack[BatchCall]) -> Fields:
        """Describe the instances named, or all; `Filters` as in `filters.INSTANCE`."""
        request = parameters.batch(Operation.DESCRIBE, self.caller, sent)
        self._ask(request)
        shown = request.instances or self._play.account.in_sight()
        return self._show.described(
            parameters.chosen(Operation.DESCRIBE, sent.get("Filters"), shown, self._show.instance, filters.INSTANCE)
        )

    def modify_instance_attribute(self, **sent: Unpack[ChangeCall]) -> Fields:
        """Write one attribute of one instance."""
        self._ask(parameters.change(self.caller, sent, self._volume_at))
        return self._show.reply()

    def describe_instance_attribute(self, **sent: Unpack[QuestionCall]) -> Fields:
        """Read one attribute of one instance."""
        request = parameters.question(self.caller, sent)
        self._ask(request)
        return self._show.attribute(request.instances[0], request.attribute)

    # Volumes.

    def create_volume(self, **sent: Unpack[CreateVolumeCall]) -> Fields:
        """Make a volume in a zone."""
        volume = self._new_volume()
        zone = parameters.zone(Operation.CREATE_VOLUME, sent["AvailabilityZone"])
        self._ask(replace(self._about_volumes(Operation.CREATE_VOLUME, sent, volume), zone=zone))
        tags = parameters.tags(sent.get("TagSpecifications"), "volume")
        self._show.volume_faces[volume] = VolumeFace(self._clock.now(), sent.get("Size") or 8, tags=tags)
        return self._show.reply(**self._show.volume(volume))

    def attach_volume(self, **sent: Unpack[AttachCall]) -> Fields:
        """Attach a volume to an instance."""
        volume, i = Volume(sent["VolumeId"]), Instance(sent["InstanceId"])
        device = sent["Device"]
        self._ask(replace(self._about_volumes(Operation.ATTACH, sent, volume), instances=(i,), device=device))
        face = self._show.volume_faces[volume]
        self._show.volume_faces[volume] = replace(face, device=device, attached=self._clock.now())
        return self._show.reply(**self._show.attachment(volume) | {"State": "attaching"})

    def detach_volume(self, **sent: Unpack[DetachCall]) -> Fields:
        """Detach a volume from wherever it is attached."""
        volume = Volume(sent["VolumeId"])
        self._ask(self._about_volumes(Operation.DETACH, sent, volume))
        return self._show.reply(**self._show.attachment(volume))

    def describe_volumes(self, **sent: Unpack[DescribeVolumesCall]) -> Fields:
        """Describe the volumes named, or all; `Filters` as in `filters.VOLUME`."""
        named = tuple(Volume(v) for v in sent.get("VolumeIds") or ())
        request = self._about_volumes(Operation.DESCRIBE_VOLUMES, sent, *named)
        self._ask(request)
        existing = dict.fromkeys(named) or self._play.account.existing_volumes()
        shown = parameters.chosen(
            Operation.DESCRIBE_VOLUMES, sent.get("Filters"), existing, self._show.volume, filters.VOLUME
        )
        return self._show.reply(Volumes=self._show.looks.order([self._show.volume(v) for v in shown]))

    # What there is besides.

    def describe_availability_zones(self, **_sent: Unpack[Call]) -> Fields:
        """Describe the zones."""
        return self._show.reply(AvailabilityZones=images.describe_zones())

    def describe_images(self, **sent: Unpack[ImagesCall]) -> Fields:
        """Describe the images named, or all."""
        return self._show.reply(Images=images.describe_images(sent.get("ImageIds") or ()))

    # How it is done.

    def _ask(self, request: Request) -> Answer:
        answer = self._play.ask(request)
        if answer.refusal is not None:
            raise error_of(answer, answer.refusal, self._words, lavish=self._behaviour.lavish)
        return answer

    def _change(self, operation: Operation, key: str, sent: BatchCall) -> Fields:
        answer = self._ask(parameters.batch(operation, self.caller, sent))
        state, (before, after) = self._show.looks.state, (answer.before, answer.after)
        named = answer.request.instances
        if answer.choices.of(REPEATS) is Repeats.DISTINCT:
            named = tuple(dict.fromkeys(named))
        items = [
            self._show.looks.more(
                {
                    "InstanceId": i,
                    "CurrentState": state(self._spec.current_state(before, after, i)),
                    "PreviousState": state(self._spec.previous_state(before, after, i)),
                }
            )
            for i in named
        ]
        return self._show.reply(**{key: self._show.looks.order(items)})

    def _about_volumes(self, operation: Operation, sent: Call, *volumes: Volume) -> VolumeRequest:
        return VolumeRequest(operation, self.caller, bool(sent.get("DryRun")), volumes=volumes)

    def _give_faces(self, request: LaunchRequest, sent: RunCall, image: images.Image) -> None:
        now = self._clock.now()
        tags = parameters.tags(sent.get("TagSpecifications"), "instance")
        volume_tags = parameters.tags(sent.get("TagSpecifications"), "volume")
        for index, (i, volumes) in enumerate(zip(request.instances, request.volumes, strict=True)):
            self._show.faces[i] = Face(
                number=len(self._show.faces) + 1,
                reservation=f"r-{request.instances[0][2:]}",
                index=index,
                image=image,
                instance_type=sent.get("InstanceType") or "t3.micro",
                launched=now,
                tags=tags,
            )
            for volume in volumes:
                self._show.volume_faces[volume.volume] = VolumeFace(
                    now, device=volume.device, attached=now, tags=volume_tags
                )

    def _volume_at(self, i: Instance, device: str) -> Volume:
        """Return the volume attached to an instance as a device; an id that no volume has where there is none."""
        held = self._play.account.held.get(i, ())
        return next((v for v in held if self._show.volume_faces[v].device == device), Volume(""))

    def _new_instance(self) -> Instance:
        return Instance(f"i-{self._ids.getrandbits(68):017x}")

    def _new_volume(self) -> Volume:
        return Volume(f"vol-{self._ids.getrandbits(68):017x}")


VARIED: Final = Behaviour(manner=Manner.RANDOM, permute=True)
"""Every alternative of every open point, all durations, any order: all that EC2 may do is done sometime."""

PATIENCE: Final = Patience(polls=60, first_pause=0.5, factor=1.5, longest_pause=30.0)
"""About half an hour, which costs nothing: no step takes longer than a minute."""


def model_target(
    spec: Specification = EC2, behaviour: Behaviour = VARIED, *, name: str = "model", seed: int | None = None
) -> Target:
    """Return the specification as a target; `seed` takes the place of the behaviour's own."""
    clock = VirtualClock()
    client = ModelClient(spec, behaviour if seed is None else replace(behaviour, seed=seed), clock)

    def push(step: str, instance_id: str) -> None:
        try:
            client.push(step, instance_id)
        except ValueError as error:
            raise Unsupported(f"The target {name} cannot do {step} now: {error}.") from None

    return Ec2Target(
        client,
        name=name,
        version=_version(),
        clock=clock,
        capabilities=frozenset(Capability) - {Capability.PARALLEL},  # it has one clock
        patience=PATIENCE,
        zones=images.ZONES,
        image=_offered(images.EBS),
        store_image=_offered(images.INSTANCE_STORE),
        nobody=client.for_nobody(),
        push=push,
    )


def _offered(image: images.Image) -> arguments.Image:
    return arguments.Image(image.id, image.root_device_name)


@cache
def _version() -> str:
    try:
        return version("ec2-lifecycle")
    except PackageNotFoundError:  # run from its source, not installed
        return ""
