"""What the model client says of its zones and images."""

from typing import Unpack

from . import filters, images, request_parsing
from .call_arguments import ImagesCall, ZonesCall
from .client_base import ClientBase
from .refusals import rejected
from .variation import Fields
from .wire.ec2_errors import Ec2Error


class PlaceOperations(ClientBase):
    """Zones and images, as boto3 methods."""

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
        shown = images.describe_images([self._images[each] for each in named] or images.offered(self.region.declared))
        return self.descriptions.reply(
            Images=filters.apply_filters(operation, sent.get("Filters"), shown, dict, filters.IMAGE)
        )
