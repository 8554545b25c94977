"""Types for the keyword arguments of the client's methods: those that the model reads."""

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict


class Call(TypedDict, total=False):
    """The argument of every call."""

    DryRun: bool


class RunCall(Call, total=False):
    """RunInstances; `launch_parameters.py` has what becomes of its other parameters."""

    ImageId: str
    MinCount: int
    MaxCount: int
    InstanceType: str
    Placement: Mapping[str, Any]
    DisableApiTermination: bool
    DisableApiStop: bool
    InstanceInitiatedShutdownBehavior: str
    HibernationOptions: Mapping[str, Any]
    BlockDeviceMappings: Sequence[Mapping[str, Any]]
    TagSpecifications: Sequence[Mapping[str, Any]]
    SubnetId: str
    NetworkInterfaces: Sequence[Mapping[str, Any]]
    PrivateIpAddress: str
    SecurityGroupIds: Sequence[str]
    SecurityGroups: Sequence[str]
    KeyName: str
    UserData: str
    ClientToken: str


class BatchCall(Call, total=False):
    """Start-, Stop-, Reboot- and TerminateInstances."""

    InstanceIds: Sequence[str]
    Force: bool
    SkipOsShutdown: bool
    Hibernate: bool


class DescribeCall(BatchCall, total=False):
    """DescribeInstances."""

    Filters: Sequence[Mapping[str, Any]]
    MaxResults: int
    NextToken: str


class ModifyAttributeCall(Call, total=False):
    """ModifyInstanceAttribute: one of the attributes under its own name, or `Attribute` and `Value`."""

    InstanceId: Required[str]
    Attribute: str
    Value: str
    DisableApiTermination: Mapping[str, bool]
    DisableApiStop: Mapping[str, bool]
    InstanceInitiatedShutdownBehavior: Mapping[str, str]
    BlockDeviceMappings: Sequence[Mapping[str, Any]]


class DescribeAttributeCall(Call, total=False):
    """DescribeInstanceAttribute."""

    InstanceId: Required[str]
    Attribute: Required[str]


class CreateVolumeCall(Call, total=False):
    """CreateVolume; the zone by name or by id."""

    AvailabilityZone: str
    AvailabilityZoneId: str
    Size: int
    SnapshotId: str
    VolumeType: str
    TagSpecifications: Sequence[Mapping[str, Any]]
    ClientToken: str


class AttachCall(Call, total=False):
    """AttachVolume."""

    VolumeId: Required[str]
    InstanceId: Required[str]
    Device: Required[str]


class DetachCall(Call, total=False):
    """DetachVolume; if an instance or a device is named, only from that one."""

    VolumeId: Required[str]
    InstanceId: str
    Device: str


class DeleteVolumeCall(Call, total=False):
    """DeleteVolume."""

    VolumeId: Required[str]


class DescribeVolumesCall(Call, total=False):
    """DescribeVolumes."""

    VolumeIds: Sequence[str]
    Filters: Sequence[Mapping[str, Any]]
    MaxResults: int
    NextToken: str


class ZonesCall(Call, total=False):
    """DescribeAvailabilityZones."""

    ZoneNames: Sequence[str]
    ZoneIds: Sequence[str]
    Filters: Sequence[Mapping[str, Any]]


class ImagesCall(Call, total=False):
    """DescribeImages."""

    ImageIds: Sequence[str]
    Filters: Sequence[Mapping[str, Any]]
