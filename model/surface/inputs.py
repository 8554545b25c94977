"""The parameters of every operation: which of them the specification holds, and what the others can affect."""

from collections.abc import Mapping
from typing import Final

from ..requests import Operation
from .parts import Effect, Entry, carried, free, modelled, outside

_REFUSALS: Final = (Effect.REFUSALS,)
_DRY_RUN: Final = (*modelled("A dry run checks the request and does nothing.", "DRY-1", "DryRun"),)
_FLAGS: Final = "How the guest is shut down. It overcomes no protection."
_PAGES: Final = "A part of the whole is asked for."
_MANAGED: Final = "A service that manages it decides what becomes of it (facts E-27, E-38)."

_RUN: Final = (
    *_DRY_RUN,
    *modelled("How many instances are launched.", "RUN-1 RUN-8", "MinCount MaxCount"),
    *modelled("The zone of the instances, by which a termination shields.", "RUN-2", "Placement.AvailabilityZone"),
    *modelled(
        "Protections and the shutdown behavior hold from the launch on.",
        "RUN-4 PROT-9",
        "DisableApiTermination DisableApiStop InstanceInitiatedShutdownBehavior",
    ),
    *modelled(
        "What becomes of a volume when its instance ends.",
        "VOL-3",
        "BlockDeviceMappings.DeviceName BlockDeviceMappings.Ebs.DeleteOnTermination",
    ),
    *carried("EC2 shows it again (fact L-06).", "RUN-6 KIND-3", "ImageId"),
    *carried("EC2 shows it again (fact L-06).", "RUN-6", "InstanceType KeyName"),
    *modelled(
        "A launch that is sent again with its token launches nothing.", "TOKEN-1 TOKEN-2 TOKEN-3 TOKEN-4", "ClientToken"
    ),
    *outside(
        "Scripts of the user may shut the instance down from inside.",
        (Effect.SHUTDOWN, Effect.REFUSALS),
        "UserData",
    ),
    *outside(
        "A template sets parameters that the request does not show.",
        (Effect.INSTANCES, Effect.REFUSALS),
        "LaunchTemplate.LaunchTemplateId LaunchTemplate.LaunchTemplateName LaunchTemplate.Version",
    ),
    *outside(
        "EC2 may stop or end a Spot Instance at any time (facts S-30, P-03).",
        (Effect.INSTANCES, Effect.REFUSALS),
        """
        InstanceMarketOptions.MarketType InstanceMarketOptions.SpotOptions.MaxPrice
        InstanceMarketOptions.SpotOptions.SpotInstanceType InstanceMarketOptions.SpotOptions.BlockDurationMinutes
        InstanceMarketOptions.SpotOptions.ValidUntil InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior
        """,
    ),
    *outside(_MANAGED, (Effect.INSTANCES, Effect.REFUSALS), "Operator.Principal"),
    *outside(
        "Networks are not modelled. An instance in an IPv6-only subnet has no private IPv4 address.",
        (Effect.ADDRESSES, Effect.REFUSALS),
        """
        Ipv6AddressCount Ipv6Addresses.Ipv6Address Ipv6Addresses.IsPrimaryIpv6 SubnetId EnablePrimaryIpv6
        SecondaryInterfaces.DeleteOnTermination SecondaryInterfaces.DeviceIndex
        SecondaryInterfaces.PrivateIpAddresses.PrivateIpAddress SecondaryInterfaces.PrivateIpAddressCount
        SecondaryInterfaces.SecondarySubnetId SecondaryInterfaces.InterfaceType SecondaryInterfaces.NetworkCardIndex
        NetworkInterfaces.AssociatePublicIpAddress NetworkInterfaces.DeleteOnTermination NetworkInterfaces.Description
        NetworkInterfaces.DeviceIndex NetworkInterfaces.Groups NetworkInterfaces.Ipv6AddressCount
        NetworkInterfaces.Ipv6Addresses.Ipv6Address NetworkInterfaces.Ipv6Addresses.IsPrimaryIpv6
        NetworkInterfaces.NetworkInterfaceId NetworkInterfaces.PrivateIpAddress
        NetworkInterfaces.PrivateIpAddresses.Primary NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress
        NetworkInterfaces.SecondaryPrivateIpAddressCount NetworkInterfaces.SubnetId
        NetworkInterfaces.AssociateCarrierIpAddress NetworkInterfaces.InterfaceType NetworkInterfaces.NetworkCardIndex
        NetworkInterfaces.Ipv4Prefixes.Ipv4Prefix NetworkInterfaces.Ipv4PrefixCount
        NetworkInterfaces.Ipv6Prefixes.Ipv6Prefix NetworkInterfaces.Ipv6PrefixCount NetworkInterfaces.PrimaryIpv6
        NetworkInterfaces.EnaSrdSpecification.EnaSrdEnabled
        NetworkInterfaces.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled
        NetworkInterfaces.ConnectionTrackingSpecification.TcpEstablishedTimeout
        NetworkInterfaces.ConnectionTrackingSpecification.UdpStreamTimeout
        NetworkInterfaces.ConnectionTrackingSpecification.UdpTimeout NetworkInterfaces.EnaQueueCount
        """,
    ),
    *outside(
        "Networks are not modelled.",
        _REFUSALS,
        """
        PrivateIpAddress SecurityGroupIds SecurityGroups PrivateDnsNameOptions.HostnameType
        PrivateDnsNameOptions.EnableResourceNameDnsARecord PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord
        """,
    ),
    *outside(
        "It decides where the instance runs, and EC2 may have no room there. The zone that the reply shows counts.",
        _REFUSALS,
        """
        Placement.AvailabilityZoneId Placement.Affinity Placement.GroupName Placement.PartitionNumber Placement.HostId
        Placement.Tenancy Placement.SpreadDomain Placement.HostResourceGroupArn Placement.GroupId
        CapacityReservationSpecification.CapacityReservationPreference
        CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId
        CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn
        """,
    ),
    *outside(
        "The kind of a volume is not modelled. A volume with a key or a snapshot may fail, and its launch with it.",
        _REFUSALS,
        """
        BlockDeviceMappings.Ebs.Iops BlockDeviceMappings.Ebs.SnapshotId BlockDeviceMappings.Ebs.VolumeSize
        BlockDeviceMappings.Ebs.VolumeType BlockDeviceMappings.Ebs.KmsKeyId BlockDeviceMappings.Ebs.Throughput
        BlockDeviceMappings.Ebs.OutpostArn BlockDeviceMappings.Ebs.AvailabilityZone BlockDeviceMappings.Ebs.Encrypted
        BlockDeviceMappings.Ebs.VolumeInitializationRate BlockDeviceMappings.Ebs.AvailabilityZoneId
        BlockDeviceMappings.Ebs.EbsCardIndex BlockDeviceMappings.NoDevice BlockDeviceMappings.VirtualName
        """,
    ),
    *modelled(
        "Whether a stop may hibernate the instance. EC2 may refuse the launch (fact L-05).",
        "STOP-13",
        "HibernationOptions.Configured",
    ),
    *outside(
        "It configures the instance, and says nothing of its lifecycle.",
        _REFUSALS,
        """
        KernelId RamdiskId Monitoring.MetricCategoryIds Monitoring.Enabled ElasticGpuSpecification.Type
        ElasticInferenceAccelerators.Type ElasticInferenceAccelerators.Count TagSpecifications.ResourceType
        TagSpecifications.Tags.Key TagSpecifications.Tags.Value CreditSpecification.CpuCredits CpuOptions.CoreCount
        CpuOptions.ThreadsPerCore CpuOptions.AmdSevSnp CpuOptions.NestedVirtualization
        LicenseSpecifications.LicenseConfigurationArn MetadataOptions.HttpTokens MetadataOptions.HttpPutResponseHopLimit
        MetadataOptions.HttpEndpoint MetadataOptions.HttpProtocolIpv6 MetadataOptions.InstanceMetadataTags
        EnclaveOptions.Enabled MaintenanceOptions.AutoRecovery NetworkPerformanceOptions.BandwidthWeighting
        AdditionalInfo IamInstanceProfile.Arn IamInstanceProfile.Name EbsOptimized
        """,
    ),
)
_MODIFY: Final = (
    *_DRY_RUN,
    *modelled("The instance.", "ERR-1 ERR-2", "InstanceId"),
    *modelled(
        "The new value of a protection, or of the shutdown behavior.",
        "PROT-4 PROT-8",
        "DisableApiTermination.Value DisableApiStop.Value InstanceInitiatedShutdownBehavior.Value",
    ),
    *modelled("The same, where the attribute is named.", "PROT-8", "Attribute Value"),
    *modelled(
        "What becomes of a volume when its instance ends.",
        "VOL-4",
        "BlockDeviceMappings.DeviceName BlockDeviceMappings.Ebs.DeleteOnTermination",
    ),
    *outside(
        "It asks for more than a DeleteOnTermination.",
        (Effect.VOLUMES, Effect.REFUSALS),
        "BlockDeviceMappings.Ebs.VolumeId BlockDeviceMappings.VirtualName BlockDeviceMappings.NoDevice",
    ),
    *outside(
        "A start with another type may fail (facts S-35, S-36).", (Effect.TYPE, Effect.REFUSALS), "InstanceType.Value"
    ),
    *outside(
        "Scripts of the user may shut the instance down from inside.",
        (Effect.SHUTDOWN, Effect.REFUSALS),
        "UserData.Value",
    ),
    *outside(
        "The attribute says nothing of the lifecycle.",
        _REFUSALS,
        """
        SourceDestCheck.Value EnclaveOptions.Enabled Kernel.Value Ramdisk.Value Groups EbsOptimized.Value
        SriovNetSupport.Value EnaSupport.Value
        """,
    ),
)
_CREATE_VOLUME: Final = (
    *_DRY_RUN,
    *modelled("The zone in which the volume can be attached.", "VOL-10 VOL-12", "AvailabilityZone"),
    *outside(
        "A request that is sent again with its token makes nothing new (fact K-06). No clause says so yet.",
        (Effect.REPEATED, Effect.REFUSALS),
        "ClientToken",
    ),
    *outside(
        "The names of zones are held, and not their ids.", (Effect.VOLUMES, Effect.REFUSALS), "AvailabilityZoneId"
    ),
    *outside("Several instances may hold the volume at once.", (Effect.VOLUMES, Effect.REFUSALS), "MultiAttachEnabled"),
    *outside(_MANAGED, (Effect.VOLUMES, Effect.REFUSALS), "Operator.Principal"),
    *outside(
        "The kind of a volume is not modelled.",
        _REFUSALS,
        """
        Encrypted Iops KmsKeyId OutpostArn Size SnapshotId VolumeType TagSpecifications.ResourceType
        TagSpecifications.Tags.Key TagSpecifications.Tags.Value Throughput VolumeInitializationRate
        """,
    ),
)
_LISTS: Final = (
    *outside(_PAGES, (Effect.LISTING, Effect.REFUSALS), "NextToken MaxResults"),
    *outside(
        "It adds what services manage.",
        (Effect.LISTING, Effect.REFUSALS),
        "IncludeManagedResources",
    ),
)

INPUTS: Final[Mapping[Operation, tuple[Entry, ...]]] = {
    Operation.RUN: _RUN,
    Operation.START: (
        *_DRY_RUN,
        *modelled("The instances.", "START-1", "InstanceIds"),
        *free("EC2 reserves it, and says nothing of what it does.", "AdditionalInfo"),
    ),
    Operation.STOP: (
        *_DRY_RUN,
        *modelled("The instances.", "STOP-1", "InstanceIds"),
        *modelled(_FLAGS, "STOP-1", "Force SkipOsShutdown"),
        *modelled("It needs a launch for hibernation, and StateReason shows it.", "STOP-13 SHAPE-3", "Hibernate"),
    ),
    Operation.REBOOT: (*_DRY_RUN, *modelled("The instances.", "REBOOT-1", "InstanceIds")),
    Operation.TERMINATE: (
        *_DRY_RUN,
        *modelled("The instances.", "TERM-1", "InstanceIds"),
        *modelled(_FLAGS, "PROT-1", "Force SkipOsShutdown"),
    ),
    Operation.MODIFY: _MODIFY,
    Operation.DESCRIBE_ATTRIBUTE: (
        *_DRY_RUN,
        *modelled("The instance.", "ERR-1 ERR-2", "InstanceId"),
        *modelled("Which attribute is shown. What EC2 says of others is not judged.", "PROT-7 PROT-10", "Attribute"),
    ),
    Operation.DESCRIBE: (
        *_DRY_RUN,
        *modelled("The instances; without any, all that the caller has.", "DESC-1 DESC-2 LIST-1", "InstanceIds"),
        *modelled(
            "Which instances are listed. Only filters by state and zone are judged for what they leave out.",
            "LIST-2",
            "Filters.Name Filters.Values",
        ),
        *_LISTS,
    ),
    Operation.CREATE_VOLUME: _CREATE_VOLUME,
    Operation.ATTACH: (
        *_DRY_RUN,
        *modelled("The volume and the instance.", "VOL-5 VOL-11", "VolumeId InstanceId"),
        *modelled("EC2 refuses a device that is in use, and may refuse an invalid name (VR-04).", "VOL-19", "Device"),
        *outside("The cards of an instance type are not modelled.", _REFUSALS, "EbsCardIndex"),
    ),
    Operation.DETACH: (
        *_DRY_RUN,
        *modelled("The volume.", "VOL-10 VOL-15 VOL-17", "VolumeId"),
        *modelled("The instance that must hold the volume.", "VOL-18", "InstanceId"),
        *outside("It may be another device than that of the volume.", _REFUSALS, "Device"),
        *outside("It detaches without the help of the guest.", _REFUSALS, "Force"),
    ),
    Operation.DELETE_VOLUME: (
        *_DRY_RUN,
        *modelled("The volume.", "VOL-7 VOL-20 VOL-21", "VolumeId"),
    ),
    Operation.DESCRIBE_VOLUMES: (
        *_DRY_RUN,
        *modelled("The volumes.", "VOL-7 VOL-10", "VolumeIds"),
        *outside(_PAGES, (Effect.LISTING, Effect.REFUSALS), "Filters.Name Filters.Values"),
        *_LISTS,
    ),
}
"""The parameters of each operation."""
