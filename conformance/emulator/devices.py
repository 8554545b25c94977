"""Devices: which names EC2 takes, which volume is at a device, and what EC2 refuses because of one.

The specification does not hold devices, so these refusals are outside it (docs/evidence.md, section 16).
"""

import re
from collections.abc import Iterable
from typing import Final

from ...model.requests import Operation
from ...model.states import InstanceState, RootDevice
from ...model.world import Instance, Volume
from .account import Account
from .call_arguments import DetachCall
from .descriptions import Descriptions
from .refusals import rejected
from .wire.ec2_errors import Ec2Error

_DEVICE: Final = re.compile(r"(?:/dev/)?(?:(?:sd|hd|xvd)[a-z]|xvd[a-z]{2}|(?:sda|xvda|hda)1)")
"""The names that EC2 takes: none but that of a root ends in a digit (L-03, VR-04)."""
_IN_OPERATION: Final = (InstanceState.PENDING, InstanceState.RUNNING, InstanceState.STOPPING)
"""The states in which a root volume cannot be detached; VR-07 shows it for running instances."""


def is_device(name: str) -> bool:
    """Tell whether EC2 takes a name for the device of a volume."""
    return _DEVICE.fullmatch(name) is not None


def volume_at(account: Account, descriptions: Descriptions, i: Instance, device: str) -> Volume | None:
    """Return the volume at a device of an instance, if there is one."""
    held = account.attached.get(i, ())
    return next((v for v in held if descriptions.volume_extra_fields[v].device == device), None)


def check_free(account: Account, descriptions: Descriptions, i: Instance, device: str, v: Volume) -> None:
    """Raise `ClientError` unless a device is valid, and no other volume than this one is there on an instance."""
    if not is_device(device):
        raise rejected(Operation.ATTACH, Ec2Error.WRONG_DEVICE, device=device)
    if volume_at(account, descriptions, i, device) not in (None, v):
        raise rejected(Operation.ATTACH, Ec2Error.DEVICE_IN_USE, device=device)


def check_detachable(account: Account, descriptions: Descriptions, v: Volume, sent: DetachCall) -> None:
    """Raise `ClientError` if a volume is at another device, or became the root of an instance that is not stopped."""
    holder = account.volumes[v].holder
    if holder is None:
        return
    device, named_device = descriptions.volume_extra_fields[v].device, sent.get("Device")
    if named_device not in {None, device}:
        raise rejected(Operation.DETACH, Ec2Error.OTHER_DEVICE, id=v, device=device, named=named_device)
    root = descriptions.extra_fields[holder].image.root_device_name
    if device == root and not account.volumes[v].root and account.instances[holder].state in _IN_OPERATION:
        raise rejected(Operation.DETACH, Ec2Error.ROOT_IN_USE, volume=v, holder=holder)


def check_roots(account: Account, descriptions: Descriptions, instances: Iterable[Instance]) -> None:
    """Raise `ClientError` if a stopped instance that is to start has no root volume."""
    for i in instances:
        image = descriptions.extra_fields[i].image
        if (
            account.instances[i].state is InstanceState.STOPPED
            and image.root_device is RootDevice.EBS
            and volume_at(account, descriptions, i, image.root_device_name) is None
        ):
            raise rejected(Operation.START, Ec2Error.NO_ROOT, id=i, device=image.root_device_name)
