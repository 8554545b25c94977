"""The fields of every reply: which of them clauses judge, which are kept, and where EC2 may answer anything."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..requests import Operation
from .parts import Effect, Entry, carried, free, judged, modelled, outside

_OTHER_DETAILS: Final = "No clause speaks of it."
_PAGES: Final = (*modelled("The next page is read too.", "DESC-2", "NextToken"),)


def _within(place: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries whose paths lie under another one."""
    return (replace(entry, path=f"{place}.{entry.path}") for entry in entries)


_INSTANCE: Final = (
    *judged("It is one of those that the request names or makes.", "RUN-1 DESC-2", "InstanceId"),
    *judged("The state, and the code that belongs to it.", "STATE-1 STATE-2 STATE-3 DESC-2", "State.Code State.Name"),
    *judged(
        "Why it is in its state.",
        "RUN-3 RUN-5 SHAPE-3 SHAPE-6 SHUT-3",
        "StateReason.Code StateReason.Message",
    ),
    *judged("Who changed its state last, and when.", "RUN-5 SHAPE-4 SHAPE-6", "StateTransitionReason"),
    *judged("It never changes.", "RUN-2", "Placement.AvailabilityZone"),
    *judged("It is that of the image.", "KIND-3", "RootDeviceType"),
    *modelled("It tells which volume is the root.", "VOL-1", "RootDeviceName"),
    *modelled("It orders the instances of a launch.", "RUN-1", "AmiLaunchIndex"),
    *judged("Its volumes.", "VOL-9 VOL-4 SHAPE-2 SHAPE-7", "BlockDeviceMappings.Ebs.VolumeId"),
    *judged("What becomes of a volume.", "VOL-1 VOL-3 VOL-4", "BlockDeviceMappings.Ebs.DeleteOnTermination"),
    *modelled("It tells which volume a launch or an attachment put there.", "VOL-9", "BlockDeviceMappings.DeviceName"),
    *judged("It is one of EC2's words. Which of them is open.", "DESC-2", "BlockDeviceMappings.Ebs.Status"),
    *judged("It is gone at the end, and stays at a stop.", "SHAPE-1 SHAPE-5 SHAPE-7", "PrivateIpAddress"),
    *judged("A terminated instance has none.", "SHAPE-1", "PublicIpAddress SourceDestCheck"),
    *judged("An instance that ends has none.", "SHAPE-1 SHAPE-5", "VpcId SubnetId PrivateDnsName PublicDnsName"),
    *judged("An instance that ends has none. Others are free.", "SHAPE-2 SHAPE-5", "SecurityGroups.GroupId"),
    *judged("A terminated instance has none.", "SHAPE-2", "NetworkInterfaces.NetworkInterfaceId"),
    *carried("As it was sent, or as it was before.", "RUN-6", "ImageId InstanceType KeyName"),
    *carried("It stays from one start to the next.", "DESC-4 START-11", "LaunchTime"),
    *outside("A Spot Instance is not judged.", (Effect.INSTANCES,), "InstanceLifecycle"),
    *outside("An instance that a service manages is not judged.", (Effect.INSTANCES,), "Operator.Managed"),
    *free("Whoever manages an instance.", "Operator.Principal Operator.HiddenByDefault SpotInstanceRequestId"),
    *free(
        "Networks are not modelled: no fact says more of an interface than whether it is listed.",
        """
        NetworkInterfaces.Association.CarrierIp NetworkInterfaces.Association.CustomerOwnedIp
        NetworkInterfaces.Association.IpOwnerId NetworkInterfaces.Association.PublicDnsName
        NetworkInterfaces.Association.PublicIp NetworkInterfaces.Attachment.AttachTime
        NetworkInterfaces.Attachment.AttachmentId NetworkInterfaces.Attachment.DeleteOnTermination
        NetworkInterfaces.Attachment.DeviceIndex NetworkInterfaces.Attachment.Status
        NetworkInterfaces.Attachment.NetworkCardIndex NetworkInterfaces.Attachment.EnaSrdSpecification.EnaSrdEnabled
        NetworkInterfaces.Attachment.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled
        NetworkInterfaces.Attachment.EnaQueueCount NetworkInterfaces.Description NetworkInterfaces.Groups.GroupId
        NetworkInterfaces.Groups.GroupName NetworkInterfaces.Ipv6Addresses.Ipv6Address
        NetworkInterfaces.Ipv6Addresses.IsPrimaryIpv6 NetworkInterfaces.MacAddress NetworkInterfaces.OwnerId
        NetworkInterfaces.PrivateDnsName NetworkInterfaces.PrivateIpAddress
        NetworkInterfaces.PrivateIpAddresses.Association.CarrierIp
        NetworkInterfaces.PrivateIpAddresses.Association.CustomerOwnedIp
        NetworkInterfaces.PrivateIpAddresses.Association.IpOwnerId
        NetworkInterfaces.PrivateIpAddresses.Association.PublicDnsName
        NetworkInterfaces.PrivateIpAddresses.Association.PublicIp NetworkInterfaces.PrivateIpAddresses.Primary
        NetworkInterfaces.PrivateIpAddresses.PrivateDnsName NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress
        NetworkInterfaces.SourceDestCheck NetworkInterfaces.Status NetworkInterfaces.SubnetId NetworkInterfaces.VpcId
        NetworkInterfaces.InterfaceType NetworkInterfaces.Ipv4Prefixes.Ipv4Prefix
        NetworkInterfaces.Ipv6Prefixes.Ipv6Prefix
        NetworkInterfaces.ConnectionTrackingConfiguration.TcpEstablishedTimeout
        NetworkInterfaces.ConnectionTrackingConfiguration.UdpStreamTimeout
        NetworkInterfaces.ConnectionTrackingConfiguration.UdpTimeout NetworkInterfaces.Operator.Managed
        NetworkInterfaces.Operator.Principal NetworkInterfaces.Operator.HiddenByDefault SecurityGroups.GroupName
        SecondaryInterfaces.Attachment.AttachTime SecondaryInterfaces.Attachment.AttachmentId
        SecondaryInterfaces.Attachment.DeleteOnTermination SecondaryInterfaces.Attachment.DeviceIndex
        SecondaryInterfaces.Attachment.Status SecondaryInterfaces.Attachment.NetworkCardIndex
        SecondaryInterfaces.MacAddress SecondaryInterfaces.SecondaryInterfaceId SecondaryInterfaces.OwnerId
        SecondaryInterfaces.PrivateIpAddresses.PrivateIpAddress SecondaryInterfaces.SourceDestCheck
        SecondaryInterfaces.Status SecondaryInterfaces.SecondarySubnetId SecondaryInterfaces.SecondaryNetworkId
        SecondaryInterfaces.InterfaceType Ipv6Address PrivateDnsNameOptions.HostnameType
        PrivateDnsNameOptions.EnableResourceNameDnsARecord PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord
        """,
    ),
    *free("Tags may be added and removed by operations outside the specification.", "Tags.Key Tags.Value"),
    *free(
        "A client library may make a token by itself, so that what was sent is not known.",
        "ClientToken",
    ),
    *free(
        "It follows from the image, the type and the account.",
        """
        Architecture EnaSupport Hypervisor SriovNetSupport VirtualizationType BootMode CurrentInstanceBootMode
        PlatformDetails UsageOperation UsageOperationUpdateTime TpmSupport ProductCodes.ProductCodeId
        ProductCodes.ProductCodeType KernelId RamdiskId Platform OutpostArn Licenses.LicenseConfigurationArn
        """,
    ),
    *free(
        "It follows from parameters outside the specification.",
        """
        EbsOptimized IamInstanceProfile.Arn IamInstanceProfile.Id ElasticGpuAssociations.ElasticGpuId
        ElasticGpuAssociations.ElasticGpuAssociationId ElasticGpuAssociations.ElasticGpuAssociationState
        ElasticGpuAssociations.ElasticGpuAssociationTime
        ElasticInferenceAcceleratorAssociations.ElasticInferenceAcceleratorArn
        ElasticInferenceAcceleratorAssociations.ElasticInferenceAcceleratorAssociationId
        ElasticInferenceAcceleratorAssociations.ElasticInferenceAcceleratorAssociationState
        ElasticInferenceAcceleratorAssociations.ElasticInferenceAcceleratorAssociationTime
        CpuOptions.CoreCount CpuOptions.ThreadsPerCore CpuOptions.AmdSevSnp CpuOptions.NestedVirtualization
        CapacityBlockId CapacityReservationId CapacityReservationSpecification.CapacityReservationPreference
        CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId
        CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn
        HibernationOptions.Configured MetadataOptions.State MetadataOptions.HttpTokens
        MetadataOptions.HttpPutResponseHopLimit MetadataOptions.HttpEndpoint MetadataOptions.HttpProtocolIpv6
        MetadataOptions.InstanceMetadataTags EnclaveOptions.Enabled MaintenanceOptions.AutoRecovery
        MaintenanceOptions.RebootMigration NetworkPerformanceOptions.BandwidthWeighting Placement.AvailabilityZoneId
        Placement.Affinity Placement.GroupName Placement.PartitionNumber Placement.HostId Placement.Tenancy
        Placement.SpreadDomain Placement.HostResourceGroupArn Placement.GroupId Monitoring.MetricCategoryIds
        Monitoring.State
        """,
    ),
    *free(
        _OTHER_DETAILS,
        """
        BlockDeviceMappings.Ebs.AttachTime BlockDeviceMappings.Ebs.AssociatedResource
        BlockDeviceMappings.Ebs.VolumeOwnerId BlockDeviceMappings.Ebs.Operator.Managed
        BlockDeviceMappings.Ebs.Operator.Principal BlockDeviceMappings.Ebs.Operator.HiddenByDefault
        BlockDeviceMappings.Ebs.EbsCardIndex
        """,
    ),
)
_RESERVATION: Final = (
    *carried("The instances of a launch share it, and it never changes.", "RUN-7", "ReservationId"),
    *free("It names the account.", "OwnerId RequesterId"),
    *free("EC2-Classic is gone.", "Groups.GroupId Groups.GroupName"),
    *_within("Instances", _INSTANCE),
)
_VOLUME: Final = (
    *judged("It is one of those that the request names or makes.", "VOL-10", "VolumeId"),
    *judged("The state.", "VOL-4 VOL-5 VOL-6 VOL-10", "State"),
    *judged("It is the zone that was asked for.", "VOL-10", "AvailabilityZone"),
    *judged("The instance that holds it.", "VOL-5 VOL-9", "Attachments.InstanceId"),
    *judged("What becomes of it.", "VOL-1 VOL-2 VOL-3", "Attachments.DeleteOnTermination"),
    *free(
        "It says what kind of volume it is, where it came from, and whose it is.",
        """
        AvailabilityZoneId OutpostArn SourceVolumeId Iops Tags.Key Tags.Value VolumeType FastRestored MultiAttachEnabled
        Throughput SseType Operator.Managed Operator.Principal Operator.HiddenByDefault VolumeInitializationRate
        VolumeArn OwnerId Size SnapshotId CreateTime Encrypted KmsKeyId
        """,
    ),
    *free(
        _OTHER_DETAILS,
        """
        Attachments.AssociatedResource Attachments.InstanceOwningService Attachments.EbsCardIndex Attachments.VolumeId
        Attachments.Device Attachments.State Attachments.AttachTime
        """,
    ),
)
_ATTACHMENT: Final = (
    *judged("It is one of EC2's words. Which of them is open.", "VOL-5 VOL-10", "State"),
    *free(
        "It repeats the request. What came of it is judged in descriptions.",
        """
        DeleteOnTermination AssociatedResource InstanceOwningService EbsCardIndex VolumeId InstanceId Device AttachTime
        """,
    ),
)
_ATTRIBUTES: Final = (
    *judged("The value that was last set.", "PROT-7", "DisableApiTermination.Value DisableApiStop.Value"),
    *judged("The value that was last set.", "PROT-10", "InstanceInitiatedShutdownBehavior.Value"),
    *judged(
        "What becomes of a volume.",
        "PROT-7 VOL-4",
        "BlockDeviceMappings.Ebs.VolumeId BlockDeviceMappings.Ebs.DeleteOnTermination",
    ),
    *free("It repeats the request.", "InstanceId"),
    *free(
        "The specification asks for no such attribute.",
        """
        EnaSupport.Value EnclaveOptions.Enabled EbsOptimized.Value InstanceType.Value KernelId.Value
        ProductCodes.ProductCodeId ProductCodes.ProductCodeType RamdiskId.Value RootDeviceName.Value
        SourceDestCheck.Value SriovNetSupport.Value UserData.Value Groups.GroupId Groups.GroupName
        """,
    ),
    *free(
        _OTHER_DETAILS,
        """
        BlockDeviceMappings.DeviceName BlockDeviceMappings.Ebs.AttachTime BlockDeviceMappings.Ebs.Status
        BlockDeviceMappings.Ebs.AssociatedResource BlockDeviceMappings.Ebs.VolumeOwnerId
        BlockDeviceMappings.Ebs.Operator.Managed BlockDeviceMappings.Ebs.Operator.Principal
        BlockDeviceMappings.Ebs.Operator.HiddenByDefault BlockDeviceMappings.Ebs.EbsCardIndex
        """,
    ),
)


def _changes(place: str, listed: str, states: str) -> tuple[Entry, ...]:
    """Return the fields of a reply that lists changes of state, with the clauses that judge them."""
    items = (
        *judged("The reply lists what the request names.", listed, "InstanceId"),
        *judged(
            "The states before and after.",
            states,
            "CurrentState.Code CurrentState.Name PreviousState.Code PreviousState.Name",
        ),
    )
    return (*_within(place, items),)


OUTPUTS: Final[Mapping[Operation, tuple[Entry, ...]]] = {
    Operation.RUN: _RESERVATION,
    Operation.START: _changes("StartingInstances", "START-9", "START-1 START-9 STATE-1"),
    Operation.STOP: _changes("StoppingInstances", "STOP-10", "STOP-1 STOP-10 STATE-1"),
    Operation.REBOOT: (),
    Operation.TERMINATE: _changes(
        "TerminatingInstances", "TERM-10", "TERM-10 TERM-12 TERM-13 TERM-14 TERM-15 TERM-16 STATE-1"
    ),
    Operation.MODIFY: (),
    Operation.DESCRIBE_ATTRIBUTE: _ATTRIBUTES,
    Operation.DESCRIBE: (*_PAGES, *_within("Reservations", _RESERVATION)),
    Operation.CREATE_VOLUME: _VOLUME,
    Operation.ATTACH: _ATTACHMENT,
    Operation.DETACH: _ATTACHMENT,
    Operation.DELETE_VOLUME: (),
    Operation.DESCRIBE_VOLUMES: (*_PAGES, *_within("Volumes", _VOLUME)),
}
"""The fields of each operation's reply."""
