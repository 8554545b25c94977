"""The operations of the model client on volumes."""

from dataclasses import replace
from typing import Unpack

from ...model.requests import Caller, Operation, VolumeRequest
from ...model.world import Instance, Volume
from . import devices, filters, launch_parameters, pagination, request_parsing
from .call_arguments import AttachCall, Call, CreateVolumeCall, DeleteVolumeCall, DescribeVolumesCall, DetachCall
from .client_base import ClientBase, digest
from .extra_fields import KIND, SIZE, VolumeExtraFields
from .refusals import rejected
from .variation import Fields
from .wire.ec2_errors import Ec2Error


class VolumeOperations(ClientBase):
    """Volumes, as boto3 methods."""

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
            self.creations[token] = (digest(sent), volume)
        return self.descriptions.reply(**self.descriptions.volume(volume))

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
        """Detach a volume from an instance, or from wherever it is attached."""
        volume = Volume(sent["VolumeId"])
        request = self._volume_request(Operation.DETACH, sent, volume)
        if "InstanceId" in sent:
            request = replace(request, instances=(Instance(sent["InstanceId"]),))
        self._perform(
            request,
            lambda: devices.check_detachable(self.simulation.account, self.descriptions, volume, sent),
        )
        return self.descriptions.reply(**self.descriptions.attachment(volume))

    def delete_volume(self, **sent: Unpack[DeleteVolumeCall]) -> Fields:
        """Delete a volume that is attached to no instance."""
        self._perform(self._volume_request(Operation.DELETE_VOLUME, sent, Volume(sent["VolumeId"])))
        return self.descriptions.reply()

    def describe_volumes(self, **sent: Unpack[DescribeVolumesCall]) -> Fields:
        """Describe the given volumes, or all; `Filters` as in `filters.VOLUME`."""
        named = tuple(Volume(v) for v in sent.get("VolumeIds") or ())
        request = self._volume_request(Operation.DESCRIBE_VOLUMES, sent, *named)
        if self.caller is Caller.OWNER:
            pagination.check_no_size(request.operation, named, sent)
        self._perform(request)
        operation, account = request.operation, self.simulation.account
        page, token = pagination.page_of(operation, named, account.volumes, sent)
        seen = self.seen_by(operation.value)
        late = seen.descriptions
        shown = dict.fromkeys(named) or [v for v in page if late.account.has_volume(v) and v not in seen.unknown]
        fitting = filters.apply_filters(operation, sent.get("Filters"), shown, late.volume, filters.VOLUME)
        volumes = self.descriptions.variation.shuffled([late.volume(v) for v in fitting])
        return self.descriptions.page(token, Volumes=volumes)

    def _repeat_creation(self, token: str, sent: CreateVolumeCall) -> Fields:
        """Return the volume that was created with this token; raises `ClientError` if its parameters differ."""
        self.simulation.advance()
        first, volume = self.creations[token]
        if first != digest(sent):
            raise rejected(Operation.CREATE_VOLUME, Ec2Error.TOKEN_WITH_OTHERS)
        return self.descriptions.reply(**self.descriptions.volume(volume))

    def _volume_request(self, operation: Operation, sent: Call, *volumes: Volume) -> VolumeRequest:
        return VolumeRequest(operation, self.caller, bool(sent.get("DryRun")), volumes=volumes)
