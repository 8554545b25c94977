"""The images of the model: two that it offers, and any other id that is launched."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ...model.states import RootDevice
from .declared import Declared
from .variation import Fields

ACCOUNT_ID: Final = "123456789012"


@dataclass(frozen=True, slots=True)
class Image:
    """An image: what its instances boot from."""

    id: str
    root_device: RootDevice
    root_device_name: str
    name: str = ""


EBS: Final = Image("ami-0eb50000000000001", RootDevice.EBS, "/dev/xvda")
INSTANCE_STORE: Final = Image("ami-0e5704e0000000001", RootDevice.INSTANCE_STORE, "/dev/sda1")
OFFERED: Final = (EBS, INSTANCE_STORE)
"""The images that DescribeImages lists without ids."""


def offered(declared: Declared) -> tuple[Image, ...]:
    """Return the images that DescribeImages lists without ids: the declared ones, or the model's own."""
    if declared.images is None:
        return OFFERED
    return tuple(Image(each.id, each.kind, each.root_device_name, each.name) for each in declared.images)


def image_of(image_id: str) -> Image:
    """Return an image; every id except the instance-store one stands for an EBS image."""
    return INSTANCE_STORE if image_id == INSTANCE_STORE.id else Image(image_id, EBS.root_device, EBS.root_device_name)


def describe_images(described: Iterable[Image]) -> list[Fields]:
    """Return the description of images."""
    return [
        {
            "ImageId": image.id,
            "Name": image.name or f"model-{image.root_device.value}-{image.id}",
            "State": "available",
            "OwnerId": ACCOUNT_ID,
            "Architecture": "x86_64",
            "ImageType": "machine",
            "Hypervisor": "xen",
            "Public": True,
            "VirtualizationType": "hvm",
            "CreationDate": "2026-01-01T00:00:00.000Z",
            "RootDeviceType": image.root_device.value,
            "RootDeviceName": image.root_device_name,
            "BlockDeviceMappings": [
                {"DeviceName": image.root_device_name, "Ebs": {"DeleteOnTermination": True, "VolumeSize": 8}}
            ]
            if image.root_device is RootDevice.EBS
            else [],
        }
        for image in described
    ]
