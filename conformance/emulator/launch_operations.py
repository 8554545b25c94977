"""RunInstances of the model client: new instances, repeated launches, and scarce capacity."""

from dataclasses import replace
from typing import Final, Unpack

from ...model.requests import Caller, LaunchRequest, Operation
from ...model.states import InstanceState, Visibility
from . import images, launch_parameters, request_parsing
from .call_arguments import RunCall
from .client_base import ClientBase, digest
from .extra_fields import KIND, SIZE, ExtraFields, VolumeExtraFields
from .refusals import rejected
from .variation import Fields
from .wire.ec2_errors import Ec2Error

_EVEN: Final = 0.5
_WITHOUT_CAPACITY: Final = 60.0
"""The seconds for which a launch that made fewer instances than it might leaves no capacity."""


class LaunchOperations(ClientBase):
    """RunInstances, as a boto3 method."""

    def run_instances(self, **sent: Unpack[RunCall]) -> Fields:
        """Launch `MaxCount` instances, or as many of them as there is capacity for."""
        placement = sent.get("Placement") or {}
        zone = placement.get("AvailabilityZone") or placement.get("AvailabilityZoneId")
        token = request_parsing.client_token(Operation.RUN, sent, zone)
        if token in self.launches and self._is_for_real(sent):
            return self._repeat_launch(token, sent)
        image = self.image_of(sent.get("ImageId") or next(iter(self._images), images.EBS.id))
        if not self.lenient and self.caller is Caller.OWNER:
            launch_parameters.check(sent, self.region)
        request = request_parsing.launch(self.caller, sent, image, self.region, self._new_instance, self._new_volume)
        request = self._as_there_is_capacity(request, sent)
        if len(self.simulation.account.instances) + request.count > request_parsing.MAX_INSTANCES:
            raise rejected(request.operation, Ec2Error.TOO_MANY_IN_ALL, most=request_parsing.MAX_INSTANCES)
        self._perform(request, lambda: self._check_address(launch_parameters.private_address(sent)))
        self._add_extra_fields(request, sent, image)
        if token:
            self.launches[token] = (digest(sent), request.instances)
        return self.descriptions.launched(request.instances)

    def _repeat_launch(self, token: str, sent: RunCall) -> Fields:
        """Return what the first launch with this token made; raises `ClientError` if its parameters differ."""
        first, instances = self.launches[token]
        if first != digest(sent):
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

    def _check_address(self, address: str) -> None:
        """Raise `ClientError` if an instance that has not terminated has the private address."""
        for i, record in self.simulation.account.instances.items() if address else ():
            if record.state is not InstanceState.TERMINATED and self.descriptions.extra_fields[i].address == address:
                raise rejected(Operation.RUN, Ec2Error.ADDRESS_IN_USE, address=address, instance=i)

    def _add_extra_fields(self, request: LaunchRequest, sent: RunCall, image: images.Image) -> None:
        now = self._clock.now()
        self._images.setdefault(image.id, image)
        shown = launch_parameters.shown(sent, self.region)
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
                instance_type=sent.get("InstanceType") or launch_parameters.default_type(self.region),
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
                subnet=request_parsing.subnet_of(sent) or self.region.default_subnet(request.zone) or "",
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
