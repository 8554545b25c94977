"""Varies the fields of an instance that the specification leaves open: shows all of them, or none."""

from collections.abc import Mapping, Sequence
from typing import Final

from ...model.rules.describe import Shape, Shown
from ...model.states import Cause, InstanceState
from ...model.world import InstanceRecord
from .variation import Fields

Shapes = Mapping[InstanceState, Sequence[Shape]]

# No scenario sends these ids as malformed ones; otherwise a refusal would name a volume shown here.
_SOMETHING: Final[Mapping[Shown, object]] = {
    Shown.PRIVATE_IP: "10.0.255.254",
    Shown.PUBLIC_IP: "54.0.255.254",
    Shown.VPC: "vpc-0fedcba9876543210",
    Shown.SUBNET: "subnet-0fedcba9876543210",
    Shown.SOURCE_DEST_CHECK: True,
    Shown.PRIVATE_DNS: "ip-10-0-255-254.ec2.internal",
    Shown.PUBLIC_DNS: "ec2-54-0-255-254.compute-1.amazonaws.com",
    Shown.BLOCK_DEVICES: [
        {
            "DeviceName": "/dev/sdz",
            "Ebs": {"VolumeId": "vol-0fedcba9876543210", "Status": "attached", "DeleteOnTermination": True},
        }
    ],
    Shown.NETWORK_INTERFACES: [{"NetworkInterfaceId": "eni-0fedcba9876543210", "Status": "in-use"}],
    Shown.SECURITY_GROUPS: [{"GroupId": "sg-0fedcba9876543210", "GroupName": "default"}],
}
_REASONS: Final[Mapping[Shown, object]] = {
    Shown.TRANSITION_REASON: "Something happened",
    Shown.STATE_REASON: {"Code": "Server.SomethingHappened", "Message": "Server.SomethingHappened"},
}
"""The reason that an instance shows depends on its cause (SHAPE-3…), unless it has none."""
_LISTS_DEVICES: Final = (InstanceState.RUNNING, InstanceState.STOPPING)
"""VOL-9 promises block devices in these states, whatever the shape."""


def lavish(item: Fields, record: InstanceRecord, shapes: Shapes) -> Fields:
    """Return an instance with every field that no shape forbids."""
    forbidden = {field for shape in shapes.get(record.state, ()) for field in shape.must_not}
    possible = {**_SOMETHING, **(_REASONS if record.cause is Cause.NONE else {})}
    added = {f.value: value for f, value in possible.items() if f not in forbidden and not item.get(f.value)}
    if record.cause is Cause.OPEN:
        added[Shown.STATE_REASON.value] = _REASONS[Shown.STATE_REASON]
    return {**item, **added}


def sparse(item: Fields, record: InstanceRecord, shapes: Shapes) -> Fields:
    """Return an instance with only the fields that a shape promises."""
    promised = {field for shape in shapes.get(record.state, ()) for field in shape.must}
    if record.state in _LISTS_DEVICES:
        promised.add(Shown.BLOCK_DEVICES)
    left_out = {field.value for field in _SOMETHING if field not in promised}
    return {key: value for key, value in item.items() if key not in left_out}
