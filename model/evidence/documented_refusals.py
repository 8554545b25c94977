"""The refusals that AWS documents for these operations, and when each of them may answer a request.

AWS documents more refusals than the specification has rules for: they depend on credentials, capacity, images, devices
and other things that it does not hold. So each row says under which circumstances the refusal may be EC2's.
A refusal is excused only by something in the request, or in the history of what it names, that is not held.
A start does again what a launch does: a refusal of a launch may answer a start too, where the history of the instance
has what the row needs (facts S-35, S-36).

`Row.holds` says whether the specification holds what decides the condition. A row that is held and has a rung in the
ladder of its operation is never an excuse. One that is held without a rung names its circumstances like the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias


class Holds(Enum):
    """Whether the specification holds what decides a condition."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """In some of the cases: the code is general."""


class Excuse(Enum):
    """When a refusal may be EC2's, where this does not depend on the request."""

    ALWAYS = "always"
    """It speaks of credentials, the account, capacity or throttling. Nothing was done."""
    SERVER_FAULT = "server fault"
    """It may answer any request, which may have taken effect (fact E-34)."""
    NEVER = "never"
    """The specification can tell."""


class Circumstance(Enum):
    """Something about a request, or about what it names, that one parameter alone does not tell."""

    ANY_PARAMETER = "the request has a parameter that the specification does not hold"
    UNUSUAL_PARAMETER = "the request has an unusual parameter that the specification does not hold"
    """Unusual: other than those that launches and new volumes nearly always have."""
    ANY_HISTORY = "what the request names was made or changed with a parameter that the specification does not hold"
    NO_PERMISSION = "the caller may lack permission"
    NO_SUBNET = "neither a subnet nor a network interface is named"
    NO_SIZE = "neither a size nor a snapshot is named"
    NO_ZONE = "no Availability Zone is named"
    DEVICE_IN_USE = "the device may be in use"
    DEVICE_NAME = "the device may be one that EC2 does not take"
    MANY_VOLUMES = "the instance may hold as many volumes as its type takes"
    INSTANCE_STORE = "the instance may have an instance-store root"
    IS_ROOT = "the volume may have been attached as a root volume"
    FROM_AN_IMAGE = "the volume may come from an image"
    OTHER_HOLDER = "the volume may not be attached to the instance that the request names"
    OTHER_DEVICE = "the volume may not be at the device that the request names"
    MAY_HAVE_FAILED = "the volume has a key or comes from a snapshot, which EC2 checks only after it has answered"
    NEW_VOLUME = "the volume may be so new that its id has not spread through EC2 yet (only with `read_lag`)"
    HOLDER_ENDING = "the instance that holds the volume may be shutting down or terminated"
    MANAGED = "an AWS service may manage the instance or the volume"


Needs: TypeAlias = Excuse | tuple[Circumstance | str, ...]
"""What a refusal needs, one of these: a circumstance, a parameter of the request by its path (`Placement.Tenancy`),
or one by which a thing that it names was made or changed (`ModifyInstanceAttribute:InstanceType`)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One documented refusal: the operations that it may answer, by EC2's names, and on which condition."""

    id: str
    operations: tuple[str, ...]
    code: str
    condition: str
    holds: Holds
    needs: Needs
    sources: tuple[str, ...]

    @property
    def excused(self) -> str:
        """When the oracle excuses it, in words."""
        match self.needs:
            case Excuse.ALWAYS:
                return "always"
            case Excuse.SERVER_FAULT:
                return "always; the request may have been carried out"
            case Excuse.NEVER if self.holds is Holds.YES:
                return "never: the specification says itself when it is right"
            case Excuse.NEVER:
                return "never"
            case needs:
                told = (need.value if isinstance(need, Circumstance) else _sent(need) for need in needs)
                return f"if {', or '.join(told)}"


def _sent(need: str) -> str:
    """Say in words which parameter was sent, and with which request."""
    operation, _, path = need.rpartition(":")
    match operation:
        case "":
            return f"{path} was sent"
        case "RunInstances":
            return f"the instance was launched with {path}"
        case "CreateVolume":
            return f"the volume was created with {path}"
        case "ModifyInstanceAttribute":
            return f"{path} was modified before"
        case "DetachVolume":
            return "a volume may have been detached from the instance before"
        case _:
            return f"{operation} was called before with {path}"


RUN: Final = "RunInstances"
START: Final = "StartInstances"
STOP: Final = "StopInstances"
REBOOT: Final = "RebootInstances"
TERMINATE: Final = "TerminateInstances"
MODIFY: Final = "ModifyInstanceAttribute"
DESCRIBE_ATTRIBUTE: Final = "DescribeInstanceAttribute"
DESCRIBE: Final = "DescribeInstances"
CREATE_VOLUME: Final = "CreateVolume"
ATTACH: Final = "AttachVolume"
DETACH: Final = "DetachVolume"
DESCRIBE_VOLUMES: Final = "DescribeVolumes"
STATUS: Final = "DescribeInstanceStatus"
DELETE_VOLUME: Final = "DeleteVolume"

ALL: Final = (
    RUN,
    START,
    STOP,
    REBOOT,
    TERMINATE,
    MODIFY,
    DESCRIBE_ATTRIBUTE,
    DESCRIBE,
    CREATE_VOLUME,
    ATTACH,
    DETACH,
    DESCRIBE_VOLUMES,
    STATUS,
    DELETE_VOLUME,
)
BY_INSTANCE: Final = (
    START,
    STOP,
    REBOOT,
    TERMINATE,
    MODIFY,
    DESCRIBE_ATTRIBUTE,
    DESCRIBE,
    ATTACH,
    DETACH,
    STATUS,
)
"""The operations that name instances by their ids."""

PAGE: Final = ("aws:errors-overview",)
ALWAYS: Final = Excuse.ALWAYS
SERVER_FAULT: Final = Excuse.SERVER_FAULT
NEVER: Final = Excuse.NEVER
SPOT: Final = ("RunInstances:InstanceMarketOptions", "RunInstances:LaunchTemplate")
HOSTS: Final = (
    "Placement.Tenancy",
    "Placement.Affinity",
    "Placement.HostId",
    "Placement.HostResourceGroupArn",
    "RunInstances:Placement.Tenancy",
    "RunInstances:Placement.Affinity",
    "RunInstances:Placement.HostId",
    "RunInstances:Placement.HostResourceGroupArn",
)
RESERVATION: Final = ("CapacityReservationSpecification", "RunInstances:CapacityReservationSpecification")


def _rows(
    first: int,
    operations: tuple[str, ...],
    codes: tuple[str, ...],
    condition: str,
    needs: Needs,
    holds: Holds = Holds.NO,
    sources: tuple[str, ...] = PAGE,
) -> Iterator[Row]:
    """Yield the rows, numbered on, of several codes with one condition."""
    for number, code in enumerate(codes, start=first):
        yield Row(f"R-{number:03}", operations, code, condition, holds, needs, sources)


ROWS: Final[tuple[Row, ...]] = (
    *_rows(
        1,
        ALL,
        ("UnauthorizedOperation",),
        "the caller lacks permission (IAM policy)",
        (Circumstance.NO_PERMISSION,),
        holds=Holds.YES,
    ),
    *_rows(2, ALL, ("DryRunOperation",), "DryRun was sent and the caller has permission", NEVER, holds=Holds.YES),
    *_rows(
        3,
        ALL,
        ("AuthFailure",),
        "the credentials are not accepted, or may not use what is named (an image, an address)",
        ALWAYS,
    ),
    *_rows(
        4,
        ALL,
        ("InvalidClientTokenId", "MissingAuthenticationToken", "IncompleteSignature", "SignatureDoesNotMatch"),
        "credentials or signature missing, unknown or not matching",
        ALWAYS,
    ),
    *_rows(
        8,
        ALL,
        ("RequestExpired", "InvalidSecurity.RequestHasExpired"),
        "the request's time stamp is too far from the server's clock, or temporary credentials have expired",
        ALWAYS,
    ),
    *_rows(
        10,
        ALL,
        ("Blocked", "AccountDisabled", "OptInRequired", "PendingVerification"),
        "the account is blocked, disabled for this, not subscribed to the service or product, or still being verified",
        ALWAYS,
    ),
    *_rows(
        14,
        ALL,
        (
            "InvalidAction",
            "MissingAction",
            "NoSuchVersion",
            "InvalidQueryParameter",
            "MalformedQueryString",
            "InvalidCharacter",
            "UnknownParameter",
            "UnsupportedProtocol",
        ),
        "the request is not well formed: action, version, parameter name or encoding",
        (Circumstance.ANY_PARAMETER,),
    ),
    *_rows(
        22,
        ALL,
        ("MissingParameter",),
        "a required parameter is missing (an id, a size)",
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        23,
        (START, STOP, REBOOT),
        ("MissingParameter",),
        "no instance id was given (code not seen for these, E-08)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        24,
        ALL,
        ("InvalidParameterCombination", "InvalidParameterDependency"),
        "parameters that exclude or need each other; the page's own example is a terminate without an id",
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        26,
        ALL,
        (
            "InvalidParameter",
            "InvalidParameterValue",
            "ClientInvalidParameterValue",
            "InvalidInput",
            "ValidationError",
            "InvalidRequest",
        ),
        "a value is not valid, not supported, or cannot be used; the message tells which",
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        32,
        ALL,
        ("MissingInput",),
        "an input parameter is missing",
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        33,
        ALL,
        ("UnsupportedOperation",),
        (
            "the request includes an operation that is not supported for what it names; examples: stopping an "
            "instance-store instance, a type the image does not support"
        ),
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        34,
        ALL,
        ("Unsupported",),
        "the request is not supported as it stands; example: the type is constrained in the zone",
        (Circumstance.ANY_PARAMETER, Circumstance.ANY_HISTORY),
    ),
    *_rows(
        35,
        ALL,
        ("OperationNotPermitted",),
        (
            "not allowed for one of several reasons; examples: termination protection, detaching the primary "
            "network interface"
        ),
        (Circumstance.UNUSUAL_PARAMETER, Circumstance.ANY_HISTORY),
        holds=Holds.UNKNOWN,
    ),
    *_rows(
        36,
        ALL,
        ("RetryableError",),
        "a request that an AWS service sent on the caller's behalf could not be completed",
        ALWAYS,
    ),
    *_rows(
        37,
        ALL,
        ("RequestLimitExceeded",),
        "the request rate of the account is exceeded (the page lists it as server and as client error)",
        ALWAYS,
    ),
    *_rows(
        38,
        ALL,
        ("InternalError", "InternalFailure", "ServerInternal", "ServiceUnavailable", "Unavailable"),
        "server error: something failed or is overloaded inside EC2; may have taken effect (E-34)",
        SERVER_FAULT,
        sources=("aws:errors-overview", "gh:aws/aws-sdk-java#1623"),
    ),
    *_rows(
        43,
        BY_INSTANCE,
        ("InvalidInstanceID.Malformed",),
        "the instance id has not the form i- and 8 or 17 hexadecimal digits",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        44,
        BY_INSTANCE,
        ("InvalidInstanceID.NotFound",),
        "no such instance in the Region, or its id has not spread through the system yet",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        45,
        (RUN, CREATE_VOLUME),
        ("IdempotentParameterMismatch",),
        "the client token was used before with other parameters",
        ("ClientToken",),
        sources=("aws:errors-overview", "aws:ec2-api-idempotency"),
    ),
    *_rows(
        46,
        (RUN, CREATE_VOLUME),
        ("InvalidClientToken",),
        "the client token is not valid (longer than 64 characters, not ASCII)",
        ("ClientToken",),
        sources=("aws:errors-overview", "aws:ec2-api-idempotency"),
    ),
    *_rows(
        47,
        (RUN,),
        ("IdempotentInstanceTerminated",),
        "the client token was used before, and that instance is terminated",
        ("ClientToken",),
    ),
    *_rows(
        48,
        (RUN, CREATE_VOLUME),
        ("InvalidTagKey.Malformed", "TagLimitExceeded", "TagPolicyViolation", "ConcurrentTagAccess"),
        (
            "a tag in the request is malformed, one too many, against the account's tag policy, or being changed "
            "at the same time"
        ),
        ("TagSpecifications",),
    ),
    *_rows(
        52,
        (RUN,),
        ("InvalidAMIID.Malformed", "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidManifest"),
        (
            "the image id is malformed, unknown (also: outside the Allowed AMIs, or a wrong kernel id), "
            "deregistered or not ready, or its manifest cannot be read"
        ),
        ("ImageId", "KernelId"),
    ),
    *_rows(
        56,
        (RUN,),
        ("InvalidBlockDeviceMapping",),
        "an entry of the block device mapping is not valid; the message tells which",
        ("BlockDeviceMappings", "ImageId"),
    ),
    *_rows(
        57,
        (RUN, CREATE_VOLUME),
        ("InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed"),
        "the snapshot a volume is made from is unknown or malformed",
        ("SnapshotId", "BlockDeviceMappings.Ebs.SnapshotId", "ImageId"),
    ),
    *_rows(
        59,
        (RUN,),
        ("InvalidParameterCombination",),
        "shutdown behaviour stop with an instance-store image (L-02)",
        ("ImageId",),
        holds=Holds.YES,
        sources=("gh:mitchellh/vagrant-aws#131",),
    ),
    *_rows(
        60,
        (RUN,),
        ("UnsupportedOperation",),
        "stop protection for an instance that cannot be stopped: instance-store root",
        NEVER,
        holds=Holds.YES,
        sources=("aws:UG/ec2-stop-protection",),
    ),
    *_rows(
        61,
        (RUN,),
        ("UnsupportedOperation",),
        "protection for a Spot Instance; a type that the image does not support",
        ("InstanceMarketOptions", "InstanceType", "ImageId"),
        sources=("aws:errors-overview", "aws:API_RunInstances"),
    ),
    *_rows(
        62,
        (RUN,),
        ("UnsupportedHibernationConfiguration",),
        "hibernation is asked for and its prerequisites are not met",
        ("HibernationOptions",),
    ),
    *_rows(
        63,
        (RUN,),
        ("InvalidInstanceType",),
        "the instance type is not supported for this request",
        ("InstanceType", "ImageId"),
    ),
    *_rows(
        64,
        (RUN,),
        (
            "InvalidCpuCredits",
            "InvalidCpuCredits.Malformed",
            "InstanceCreditSpecification.NotSupported",
            "CreditSpecificationUpdateInProgress",
        ),
        "the credit option is not valid, not for this type, or its default is being changed",
        ("CreditSpecification", "InstanceType"),
    ),
    *_rows(
        68,
        (RUN, START),
        ("InstanceLimitExceeded", "VcpuLimitExceeded"),
        "the account's limit of running instances or vCPUs is reached",
        ALWAYS,
    ),
    *_rows(
        70,
        (RUN,),
        ("ResourceCountExceeded", "ResourceLimitExceeded"),
        "more is asked for in one request, or held by the account, than EC2 allows",
        ALWAYS,
    ),
    *_rows(
        72,
        (RUN, START),
        ("InsufficientInstanceCapacity",),
        "server error: EC2 has no capacity for the type in the zone just now",
        SERVER_FAULT,
    ),
    *_rows(
        73,
        (RUN,),
        ("InsufficientFreeAddressesInSubnet", "InsufficientAddressCapacity"),
        "the subnet or EC2 has no free address (the second is a server error)",
        ALWAYS,
    ),
    *_rows(
        75,
        (RUN,),
        ("InvalidSubnet", "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound"),
        "the subnet is malformed or unknown",
        ("SubnetId", "NetworkInterfaces"),
    ),
    *_rows(
        78,
        (RUN,),
        ("VPCIdNotSpecified", "VPCResourceNotSpecified", "DefaultVpcDoesNotExist"),
        "there is no default VPC, and no subnet or network interface was named",
        (Circumstance.NO_SUBNET,),
    ),
    *_rows(
        81,
        (RUN, MODIFY),
        (
            "InvalidGroup.NotFound",
            "InvalidGroupId.Malformed",
            "InvalidSecurityGroupID.NotFound",
            "InvalidSecurityGroupId.Malformed",
        ),
        "a security group is malformed, unknown, new, or of another VPC",
        ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces", "Groups"),
    ),
    *_rows(
        85,
        (RUN, MODIFY),
        (
            "SecurityGroupLimitExceeded",
            "SecurityGroupsPerInstanceLimitExceeded",
            "SecurityGroupsPerInterfaceLimitExceeded",
        ),
        "too many security groups",
        ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces", "Groups"),
    ),
    *_rows(88, (RUN,), ("InvalidKeyPair.NotFound",), "the key pair does not exist in the Region", ("KeyName",)),
    *_rows(
        89,
        (RUN, MODIFY),
        ("InvalidKernelId.Malformed", "InvalidRamDiskId.Malformed"),
        "the kernel or RAM disk id is malformed",
        ("KernelId", "RamdiskId", "Kernel", "Ramdisk"),
    ),
    *_rows(
        91,
        (RUN,),
        ("InvalidIamInstanceProfileArn.Malformed",),
        "the ARN of the instance profile is malformed",
        ("IamInstanceProfile",),
    ),
    *_rows(
        92,
        (RUN,),
        (
            "InvalidNetworkInterfaceId.Malformed",
            "InvalidNetworkInterfaceID.NotFound",
            "InvalidNetworkInterface.NotFound",
            "InvalidNetworkInterface.InUse",
        ),
        "a network interface is malformed, unknown or in use",
        ("NetworkInterfaces",),
    ),
    *_rows(
        96,
        (RUN,),
        ("NetworkInterfaceLimitExceeded",),
        "too many network interfaces, or too many addresses on one",
        ALWAYS,
    ),
    *_rows(
        97,
        (RUN,),
        ("InvalidInterface.IpAddressLimitExceeded", "PrivateIpAddressLimitExceeded"),
        "too many network interfaces, or too many addresses on one",
        ("NetworkInterfaces", "Ipv6AddressCount", "Ipv6Addresses", "PrivateIpAddress"),
    ),
    *_rows(
        99,
        (RUN,),
        ("InvalidIPAddress.InUse", "Resource.AlreadyAssigned"),
        "the private address is in use",
        ("PrivateIpAddress", "NetworkInterfaces", "Ipv6Addresses"),
    ),
    *_rows(
        101,
        (RUN,),
        ("InvalidPlacementGroup.Unknown", "InvalidPlacementGroupId.Malformed"),
        "the placement group is unknown or malformed",
        ("Placement.GroupName", "Placement.GroupId"),
    ),
    *_rows(103, (RUN,), ("InvalidTenancy",), "tenancy or placement on hosts is not valid", HOSTS),
    *_rows(
        104,
        (RUN,),
        ("UnsupportedTenancy",),
        "tenancy or placement on hosts is not valid (the VPC may set the tenancy)",
        (*HOSTS, "InstanceType"),
    ),
    *_rows(
        105,
        (RUN,),
        ("InvalidAffinity", "InvalidAutoPlacement"),
        "tenancy or placement on hosts is not valid",
        HOSTS,
    ),
    *_rows(
        107,
        (RUN,),
        (
            "InvalidHostID.Malformed",
            "InvalidHostID.NotFound",
            "InvalidHostState",
            "UnsupportedInstanceTypeOnHost",
            "UnsupportedHostConfiguration",
            "UnavailableHostRequirements",
            "ZonesMismatched",
        ),
        "the Dedicated Host is malformed, unknown, not available, of another zone, or does not take the type",
        HOSTS,
    ),
    *_rows(
        114,
        (RUN, START),
        ("IncompatibleHostRequirements",),
        "no Dedicated Host fits, or it is full (the last is a server error)",
        HOSTS,
    ),
    *_rows(
        115,
        (RUN, START),
        ("InsufficientCapacityOnHost", "InsufficientHostCapacity"),
        "no Dedicated Host fits, or it is full (the last is a server error)",
        SERVER_FAULT,
    ),
    *_rows(
        117,
        (RUN, START),
        (
            "InvalidCapacityReservationId.Malformed",
            "InvalidCapacityReservationId.NotFound",
            "InvalidCapacityReservationState.PendingActivation",
        ),
        "the targeted Capacity Reservation is malformed, unknown, not active yet, or full",
        RESERVATION,
    ),
    *_rows(
        120,
        (RUN, START),
        ("ReservationCapacityExceeded",),
        "the targeted Capacity Reservation is malformed, unknown, not active yet, or full",
        ALWAYS,
    ),
    *_rows(
        121,
        (RUN, START),
        ("InvalidLaunchTargets",),
        "the targeted Capacity Reservation is malformed, unknown, not active yet, or full",
        RESERVATION,
    ),
    *_rows(
        122,
        (RUN,),
        (
            "InvalidLaunchTemplateId.Malformed",
            "InvalidLaunchTemplateId.NotFound",
            "InvalidLaunchTemplateId.VersionNotFound",
            "InvalidLaunchTemplateName.NotFoundException",
        ),
        "the launch template or its version is malformed or unknown",
        ("LaunchTemplate",),
    ),
    *_rows(
        126,
        (RUN, CREATE_VOLUME),
        ("InvalidAvailabilityZone", "InvalidZone.NotFound"),
        "the Availability Zone does not exist or is not open to the caller",
        (
            "Placement.AvailabilityZone",
            "Placement.AvailabilityZoneId",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "SubnetId",
        ),
    ),
    *_rows(128, (RUN,), ("MaxSpotInstanceCountExceeded",), "a Spot launch: limit, price or spare capacity", ALWAYS),
    *_rows(
        129,
        (RUN,),
        ("SpotMaxPriceTooLow",),
        "a Spot launch: limit, price or spare capacity",
        ("InstanceMarketOptions",),
    ),
    *_rows(
        130,
        (RUN,),
        ("UnfulfillableCapacity", "RequestResourceCountExceeded"),
        "a Spot launch: limit, price or spare capacity",
        ALWAYS,
    ),
    *_rows(
        132,
        (RUN,),
        ("OptInRequired",),
        (
            "the image has a product code to which the caller is not subscribed (the page of RunInstances says "
            "that the request fails, without a code)"
        ),
        ALWAYS,
        sources=("aws:API_RunInstances", "aws:errors-overview"),
    ),
    *_rows(
        133,
        (START,),
        ("UnsupportedOperation",),
        (
            "T3 with host tenancy and unlimited credits (the page of StartInstances says that the request fails, "
            "without a code)"
        ),
        ("RunInstances:Placement.Tenancy", "RunInstances:CreditSpecification", "ModifyInstanceAttribute:InstanceType"),
        sources=("aws:API_StartInstances",),
    ),
    *_rows(
        134,
        (RUN, CREATE_VOLUME),
        ("VolumeLimitExceeded", "MaxIOPSLimitExceeded", "VolumeIOPSLimit"),
        "the account's limit of EBS storage or IOPS, or the volume's IOPS limit, is reached",
        ALWAYS,
    ),
    *_rows(
        137,
        (RUN, CREATE_VOLUME),
        ("UnknownVolumeType",),
        "the volume type is unknown, or the zone does not have it",
        ("VolumeType", "BlockDeviceMappings.Ebs.VolumeType", "ImageId"),
    ),
    *_rows(
        138,
        (RUN, CREATE_VOLUME),
        ("VolumeTypeNotAvailableInZone",),
        "the volume type is unknown, or the zone does not have it",
        ("VolumeType", "BlockDeviceMappings", "ImageId", "AvailabilityZone", "AvailabilityZoneId"),
    ),
    *_rows(
        139,
        (RUN,),
        ("BootForVolumeTypeUnsupported",),
        "the volume type cannot be a boot volume",
        ("BlockDeviceMappings", "ImageId"),
    ),
    *_rows(
        140,
        (RUN, START, CREATE_VOLUME, ATTACH),
        ("CustomerKeyHasBeenRevoked",),
        "the KMS key of an encrypted volume cannot be reached",
        ALWAYS,
    ),
    *_rows(
        141,
        (RUN, CREATE_VOLUME),
        ("InsufficientVolumeCapacity",),
        "server error: no capacity for the volume in the zone",
        SERVER_FAULT,
    ),
    *_rows(142, (CREATE_VOLUME,), ("IncorrectState",), "the snapshot is still being made", ("SnapshotId",)),
    *_rows(143, (CREATE_VOLUME,), ("InvalidVolumeID.Duplicate",), "the volume exists already", ("ClientToken",)),
    *_rows(
        144,
        (CREATE_VOLUME,),
        ("MissingParameter",),
        "neither a size nor a snapshot was given",
        (Circumstance.NO_SIZE,),
        sources=("aws:API_CreateVolume",),
    ),
    *_rows(
        145,
        (CREATE_VOLUME,),
        ("InvalidParameterCombination",),
        "both zone name and zone id, neither of them, or a KMS key without encryption",
        (Circumstance.NO_ZONE, "AvailabilityZoneId", "KmsKeyId"),
        sources=("aws:API_CreateVolume",),
    ),
    *_rows(
        146,
        (START,),
        ("IncorrectInstanceState",),
        "the instance is not in a state from which it can be started (S-20)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        147,
        (START,),
        ("UnsupportedOperation",),
        'the instance has an instance-store root (the page of StartInstances: "returns an error")',
        NEVER,
        holds=Holds.YES,
        sources=("aws:API_StartInstances", "aws:errors-overview"),
    ),
    *_rows(
        148,
        (START,),
        ("InvalidParameterValue",),
        "no volume is attached at the root device (E-19)",
        ("DetachVolume:VolumeId",),
        holds=Holds.YES,
        sources=("gh:aws-solutions/instance-scheduler-on-aws#266",),
    ),
    *_rows(
        149,
        (START,),
        ("InvalidParameterValue",),
        "the instance type was changed a moment ago (S-35)",
        ("ModifyInstanceAttribute:InstanceType",),
        sources=("gh:boto/boto3#2190",),
    ),
    *_rows(
        150,
        (START,),
        ("Unsupported",),
        "the type does not fit the other attributes, or the zone (S-36)",
        (Circumstance.ANY_HISTORY,),
        sources=("aws:errors-overview", "gh:seek-oss/aec#228"),
    ),
    *_rows(
        151,
        (START, STOP),
        ("IncorrectSpotRequestState",),
        "the Spot request of the instance is not in the right state (S-37)",
        SPOT,
        sources=("aws:errors-overview", "gh:hashicorp/terraform-provider-aws#33399"),
    ),
    *_rows(
        152,
        (STOP,),
        ("IncorrectInstanceState",),
        "the instance has never run, or is shutting down or terminated (S-15, S-16)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        153,
        (STOP,),
        ("UnsupportedOperation",),
        "the instance has an instance-store root (the page's own example)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        154,
        (STOP,),
        ("UnsupportedOperation",),
        "the instance is a one-time Spot Instance (E-18)",
        SPOT,
        sources=("gh:cloud-custodian/cloud-custodian#8003",),
    ),
    *_rows(
        155,
        (STOP,),
        ("UnsupportedHibernationConfiguration",),
        "Hibernate was sent and the instance was not launched for hibernation (S-33)",
        ("Hibernate",),
    ),
    *_rows(
        156,
        (STOP,),
        ("OperationNotPermitted",),
        "stop protection is on (E-12)",
        NEVER,
        holds=Holds.YES,
        sources=("aws:UG/ec2-stop-protection",),
    ),
    *_rows(
        157,
        (REBOOT,),
        ("IncorrectInstanceState", "IncorrectState", "InvalidState"),
        "the instance is not in a state for it (whether EC2 says so is open, S-23; the state stays, S-39)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        160,
        (TERMINATE,),
        ("OperationNotPermitted",),
        "termination protection is on (the page's own example), or stop protection (E-11)",
        NEVER,
        holds=Holds.YES,
        sources=("aws:errors-overview", "aws:UG/ec2-stop-protection"),
    ),
    *_rows(
        161,
        (TERMINATE,),
        ("InvalidParameterCombination",),
        "no instance id was given (the page's own example, E-08)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        162,
        (TERMINATE,),
        ("InvalidParameterValue",),
        "more than 1000 ids (limit documented, code not told, E-09)",
        NEVER,
        holds=Holds.YES,
        sources=("aws:API_TerminateInstances",),
    ),
    *_rows(
        163,
        (TERMINATE, STOP, START, MODIFY, ATTACH, DETACH),
        ("UnsupportedOperation",),
        "a service manages the instance or the volume (E-27, E-38)",
        (Circumstance.MANAGED,),
        sources=("aws:API_DetachVolume",),
    ),
    *_rows(
        164,
        (MODIFY,),
        ("IncorrectInstanceState",),
        "the attribute (type, user data, kernel, RAM disk …) can be changed only while stopped",
        ("InstanceType", "UserData", "Kernel", "Ramdisk", "EbsOptimized", "EnaSupport", "SriovNetSupport"),
    ),
    *_rows(
        165,
        (MODIFY,),
        ("IncorrectInstanceState",),
        "a protection is to change and the instance is shutting down or terminated (P-05)",
        NEVER,
        holds=Holds.YES,
        sources=("gh:giantswarm/aws-operator#1521",),
    ),
    *_rows(
        166,
        (MODIFY,),
        ("UnsupportedInstanceAttribute",),
        "the attribute cannot be modified",
        (Circumstance.ANY_PARAMETER,),
    ),
    *_rows(
        167,
        (MODIFY,),
        ("InvalidInstanceAttributeValue",),
        "the value is not valid, above all an unknown instance type, or a change of type that is not allowed (E-36)",
        (Circumstance.ANY_PARAMETER,),
    ),
    *_rows(
        168,
        (MODIFY,),
        ("InvalidInstanceID",),
        "the instance has several network interfaces, and the attribute belongs to one of them",
        ("SourceDestCheck", "Groups"),
    ),
    *_rows(
        169,
        (MODIFY,),
        ("UnsupportedOperation",),
        "protection of a Spot Instance (P-03)",
        SPOT,
        sources=("gh:cloud-custodian/cloud-custodian#2083",),
    ),
    *_rows(
        170,
        (MODIFY,),
        ("UnsupportedOperation",),
        "stop protection of an instance with instance-store root (P-02)",
        NEVER,
        holds=Holds.YES,
        sources=("aws:UG/ec2-stop-protection",),
    ),
    *_rows(
        171,
        (MODIFY, DESCRIBE_ATTRIBUTE),
        ("InvalidParameterValue",),
        "the attribute name is unknown (E-28)",
        (Circumstance.ANY_PARAMETER,),
    ),
    *_rows(
        172,
        (MODIFY,),
        ("InvalidParameterCombination",),
        "more than one attribute in one call",
        (Circumstance.ANY_PARAMETER,),
        sources=("aws:API_ModifyInstanceAttribute",),
    ),
    *_rows(
        173,
        (MODIFY,),
        ("InvalidParameterValue",),
        "the device of a block device mapping is not attached to the instance",
        NEVER,
        holds=Holds.YES,
        sources=("aws:API_ModifyInstanceAttribute",),
    ),
    *_rows(
        174,
        (DESCRIBE_ATTRIBUTE,),
        ("UnsupportedOperation",),
        "attribute enaSupport, which the page says is not supported",
        (Circumstance.ANY_PARAMETER,),
        sources=("aws:API_DescribeInstanceAttribute",),
    ),
    *_rows(
        175,
        (DESCRIBE, DESCRIBE_VOLUMES, STATUS),
        ("InvalidFilter",),
        "a filter is not valid (in practice InvalidParameterValue, F-05)",
        ("Filters",),
    ),
    *_rows(
        176,
        (DESCRIBE, DESCRIBE_VOLUMES, STATUS),
        ("FilterLimitExceeded",),
        "too many filters or filter values (F-03)",
        ("Filters",),
    ),
    *_rows(
        177,
        (DESCRIBE, DESCRIBE_VOLUMES, STATUS),
        ("InvalidMaxResults",),
        "the value of MaxResults is not valid (in practice InvalidParameterValue, F-04)",
        ("MaxResults",),
    ),
    *_rows(
        178,
        (DESCRIBE, DESCRIBE_VOLUMES, STATUS),
        ("InvalidNextToken", "InvalidPaginationToken"),
        "the pagination token is not valid or has expired",
        ("NextToken",),
    ),
    *_rows(
        180,
        (DESCRIBE, DESCRIBE_VOLUMES, STATUS),
        ("InvalidParameterCombination",),
        "ids and MaxResults in one call (E-29)",
        ("MaxResults",),
        sources=("aws:API_DescribeInstances",),
    ),
    *_rows(
        181,
        (DESCRIBE,),
        ("Unavailable",),
        "a zone is disrupted, and the call names its instances or none (code not told, F-09)",
        SERVER_FAULT,
        sources=("aws:API_DescribeInstances",),
    ),
    *_rows(
        182,
        (STATUS,),
        ("InvalidRequest",),
        "more than 100 ids (F-02)",
        NEVER,
        sources=("aws:API_DescribeInstanceStatus", "gh:bastillion-io/Bastillion-EC2#8"),
    ),
    *_rows(
        183,
        (ATTACH, DETACH, DESCRIBE_VOLUMES, DELETE_VOLUME),
        ("InvalidVolume.NotFound",),
        "no such volume (deleted, never there, or EC2 failed to create it after it had answered)",
        (Circumstance.NEW_VOLUME, Circumstance.MAY_HAVE_FAILED),
        holds=Holds.UNKNOWN,
        sources=("aws:errors-overview", "aws:API_CreateVolume"),
    ),
    *_rows(
        184,
        (ATTACH, DETACH, DESCRIBE_VOLUMES, DELETE_VOLUME),
        ("InvalidVolumeID.Malformed",),
        "the volume id is malformed",
        NEVER,
    ),
    *_rows(185, (ATTACH,), ("VolumeInUse",), "the volume is attached to an instance", NEVER, holds=Holds.YES),
    *_rows(186, (DELETE_VOLUME,), ("VolumeInUse",), "the volume is attached to an instance", NEVER, holds=Holds.YES),
    *_rows(
        187,
        (ATTACH,),
        ("InvalidVolume.ZoneMismatch", "InvalidVolumeID.ZoneMismatch"),
        "volume and instance are in different zones",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        189,
        (ATTACH,),
        ("IncorrectState",),
        "the volume is still being created, or the instance is neither running nor stopped (E-15)",
        NEVER,
        holds=Holds.YES,
    ),
    *_rows(
        190,
        (ATTACH,),
        ("InvalidParameterValue",),
        "the device name is already in use on the instance (VR-03; before, another code was given)",
        (Circumstance.DEVICE_IN_USE,),
    ),
    *_rows(
        191,
        (ATTACH,),
        ("InvalidParameterValue",),
        "the device name is not one EC2 takes (VR-04)",
        (Circumstance.DEVICE_NAME,),
        sources=("gh:sous-chefs/aws#134",),
    ),
    *_rows(
        192,
        (ATTACH, RUN),
        ("AttachmentLimitExceeded",),
        "more volumes or network interfaces than the instance type takes",
        (Circumstance.MANY_VOLUMES, "BlockDeviceMappings", "NetworkInterfaces", "ImageId"),
    ),
    *_rows(
        193,
        (ATTACH, RUN),
        ("EncryptedVolumesNotSupported",),
        "the instance does not support encrypted volumes",
        (
            "CreateVolume:Encrypted",
            "CreateVolume:KmsKeyId",
            "CreateVolume:SnapshotId",
            Circumstance.FROM_AN_IMAGE,
            "BlockDeviceMappings.Ebs",
            "ImageId",
        ),
    ),
    *_rows(194, (ATTACH,), ("NonEBSInstance",), "the instance does not support EBS", (Circumstance.INSTANCE_STORE,)),
    *_rows(
        195,
        (ATTACH,),
        ("IncorrectInstanceState",),
        "the volume has a Marketplace product code and the instance is not stopped",
        (Circumstance.FROM_AN_IMAGE, "CreateVolume:SnapshotId"),
        sources=("aws:API_AttachVolume",),
    ),
    *_rows(
        196,
        (ATTACH,),
        ("OptInRequired",),
        "the volume has a Marketplace product code to which the caller is not subscribed",
        ALWAYS,
        sources=("aws:API_AttachVolume", "aws:errors-overview"),
    ),
    *_rows(
        197,
        (DETACH,),
        ("IncorrectState",),
        "the volume is attached to nothing (VR-05)",
        NEVER,
        holds=Holds.YES,
        sources=("aws:errors-overview", "gh:hashicorp/terraform#9023"),
    ),
    *_rows(
        198,
        (DETACH,),
        ("IncorrectState",),
        "the volume is the root of a running instance (refusal documented, code not told, VR-07)",
        (Circumstance.IS_ROOT,),
        holds=Holds.YES,
        sources=("aws:API_DetachVolume",),
    ),
    *_rows(
        199,
        (DETACH,),
        ("InvalidAttachment.NotFound",),
        "the volume is not attached to the instance named, or not at the device named",
        (Circumstance.OTHER_HOLDER, Circumstance.OTHER_DEVICE),
        holds=Holds.YES,
    ),
    *_rows(
        200,
        (DETACH,),
        ("IncorrectInstanceState",),
        "the instance is not in a state in which volumes can be detached (VR-08)",
        (Circumstance.HOLDER_ENDING,),
        holds=Holds.YES,
        sources=("gh:hashicorp/terraform#18965",),
    ),
    *_rows(
        201,
        (DETACH,),
        ("IncorrectInstanceState",),
        "the volume has Marketplace product codes and the instance is not stopped (VR-09)",
        (Circumstance.FROM_AN_IMAGE, "CreateVolume:SnapshotId"),
        sources=("gh:jtriley/StarCluster#238",),
    ),
    *_rows(
        202,
        (DETACH,),
        ("UnsupportedOperationException",),
        "the volume is attached to a resource that AWS manages",
        (Circumstance.MANAGED,),
        sources=("aws:API_DetachVolume",),
    ),
    *_rows(
        203,
        (DETACH,),
        ("MissingParameter", "InvalidParameterCombination"),
        "a Multi-Attach volume is to be detached and no instance is named",
        ("CreateVolume:MultiAttachEnabled",),
        sources=("aws:API_DetachVolume",),
    ),
    *_rows(
        205,
        (DELETE_VOLUME,),
        ("IncorrectState",),
        "the volume is not in state available",
        NEVER,
        holds=Holds.YES,
        sources=("aws:API_DeleteVolume", "aws:errors-overview"),
    ),
    *_rows(206, (DELETE_VOLUME,), ("DependencyViolation",), "something else depends on the volume", NEVER),
)
"""Every row, in the order of their ids."""

BY_ID: Final[Mapping[str, Row]] = {row.id: row for row in ROWS}

_BY_CALL: Final[Mapping[tuple[str, str], tuple[Row, ...]]] = {
    key: tuple(row for row in ROWS if key[0] in row.operations and row.code == key[1])
    for key in dict.fromkeys((operation, row.code) for row in ROWS for operation in row.operations)
}
CODES: Final = frozenset(row.code for row in ROWS)
"""Every code that is documented for some operation."""


def rows_of(operation: str, code: str) -> tuple[Row, ...]:
    """Return the rows by which a code may answer an operation."""
    return _BY_CALL.get((operation, code), ())
