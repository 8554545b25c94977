"""Every error that the emulator itself gives, each with the facts behind it; the rules of the model give the others.

A fact gives the code. If a fact gives the message too, `wording` names that fact.
All other messages are ours: they name ec2-lifecycle, so that nobody takes them for EC2's.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

_BAD_REQUEST: Final = 400


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an error: its code, its message with parts to fill in, and the facts for both."""

    code: str
    facts: tuple[str, ...]
    message: str
    wording: str | None = None
    status: int = _BAD_REQUEST


class Ec2Error(Enum):
    """The errors by what is wrong."""

    # Requests as such.
    NO_ACTION = Form("MissingAction", ("R-015",), "The request must contain the parameter Action", "E-08")
    UNKNOWN_ACTION = Form(
        "InvalidAction", ("R-014", "E-41"), "The action {name} is not valid for this web service.", "E-41"
    )
    ACTION_NOT_HELD = Form(
        "UnsupportedOperation",
        ("R-033",),
        "ec2-lifecycle does not answer {name}. It models instances and volumes; docs/serve.md lists its operations.",
    )
    UNKNOWN_VERSION = Form(
        "NoSuchVersion", ("R-016",), "ec2-lifecycle has no service of the version {version}; EC2's is {known}."
    )
    TOO_LARGE = Form(
        "MalformedQueryString", ("R-018",), "ec2-lifecycle reads at most {most} bytes of a request.", status=413
    )
    NO_FORM = Form("MalformedQueryString", ("R-018",), "ec2-lifecycle cannot read the request as a form: {why}.")
    INTERNAL = Form(
        "InternalError",
        ("R-038", "E-34"),
        "ec2-lifecycle failed to answer, which is a defect of it; its log has the reason.",
        status=500,
    )
    UNAUTHORIZED = Form(
        "UnauthorizedOperation",
        ("R-001", "E-22"),
        "You are not authorized to perform this operation.",
        "E-22",
        status=403,
    )
    DRY_RUN = Form(
        "DryRunOperation",
        ("R-002", "E-21"),
        "Request would have succeeded, but DryRun flag is set.",
        "E-21",
        status=412,
    )

    # Planned failures.
    THROTTLED = Form("RequestLimitExceeded", ("R-037", "E-23"), "Request limit exceeded.", "E-23", status=503)
    NO_CAPACITY = Form(
        "InsufficientInstanceCapacity",
        ("R-072", "E-20"),
        "ec2-lifecycle has no capacity for this request.",
        status=500,
    )
    SERVER_ERROR = Form(
        "InternalError", ("R-038", "E-34"), "ec2-lifecycle fails this request, as was planned.", status=500
    )

    # Parameters.
    MISSING = Form("MissingParameter", ("R-022", "E-08"), "The request must contain the parameter {name}", "E-08")
    UNKNOWN_PARAMETER = Form("UnknownParameter", ("R-020", "F-08"), "The parameter {name} is not recognized", "F-08")
    SENT_TWICE = Form(
        "InvalidParameterCombination", ("R-024",), "ec2-lifecycle reads each parameter once, and {name} was sent twice."
    )
    WRONG_TYPE = Form(
        "InvalidParameterValue",
        ("R-027",),
        "ec2-lifecycle: Value ({value}) for parameter {name} is invalid. Write {what}.",
    )
    PARAMETER_NOT_HELD = Form(
        "UnsupportedOperation",
        ("R-033",),
        "ec2-lifecycle does not model {name}. With the setting lenient it accepts the parameter.",
    )
    WRONG_COUNT = Form(
        "InvalidParameterValue", ("R-027",), "ec2-lifecycle cannot launch from {least} to {most} instances."
    )
    TOO_MANY_AT_ONCE = Form(
        "ResourceCountExceeded", ("R-070",), "ec2-lifecycle launches at most {most} instances in one request."
    )
    TOO_MANY_IN_ALL = Form(
        "InstanceLimitExceeded", ("R-068", "E-20"), "ec2-lifecycle holds at most {most} instances in a region."
    )
    WRONG_SHUTDOWN_BEHAVIOR = Form(
        "InvalidParameterValue", ("R-027",), "ec2-lifecycle has the shutdown behaviors stop and terminate, not {value}."
    )
    STOP_OF_INSTANCE_STORE = Form(
        "InvalidParameterCombination",
        ("R-059", "L-02"),
        "The attribute instanceInitiatedShutdownBehavior can only be used for EBS-backed images.",
        "L-02",
    )
    WRONG_FLAG = Form("InvalidParameterValue", ("R-027",), "ec2-lifecycle cannot read {value}. Write true or false.")

    # Client tokens.
    TOKEN_WITH_OTHERS = Form(
        "IdempotentParameterMismatch",
        ("R-045", "K-02"),
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "K-02",
    )
    TOKEN_OF_TERMINATED = Form(
        "IdempotentInstanceTerminated",
        ("R-047", "K-01"),
        "The client token you have provided is associated with a terminated instance. "
        "Please use a different client token.",
        "K-01",
    )
    WRONG_TOKEN = Form(
        "InvalidClientToken", ("R-046", "K-04"), "ec2-lifecycle accepts client tokens of at most 64 ASCII characters."
    )

    # What surrounds an instance.
    NO_ZONE = Form("InvalidAvailabilityZone", ("R-126",), "ec2-lifecycle has no zone {name}; it has {known}.")
    ZONE_AND_ID = Form(
        "InvalidParameterCombination",
        ("R-145",),
        "ec2-lifecycle needs a zone by its name or by its id, and exactly one of the two.",
    )
    WRONG_IMAGE_ID = Form("InvalidAMIID.Malformed", ("R-052", "L-04"), "ec2-lifecycle: {id} is not the id of an image.")
    NO_IMAGE = Form(
        "InvalidAMIID.NotFound", ("R-053", "L-04"), "ec2-lifecycle has no image {id}, and nobody launched it."
    )
    IMAGE_NOT_DECLARED = Form(
        "InvalidAMIID.NotFound", ("R-053", "L-04"), "ec2-lifecycle has no image {id}, because nobody declared it."
    )
    KEY_PAIR_NOT_DECLARED = Form(
        "InvalidKeyPair.NotFound", ("R-088",), "ec2-lifecycle has no key pair {id}, because nobody declared it."
    )
    PROFILE_NOT_DECLARED = Form(
        "InvalidParameterValue",
        ("E-39",),
        "ec2-lifecycle has no instance profile {id}, because nobody declared it.",
    )
    ZONE_WITHOUT_SUBNET = Form(
        "InvalidInput",
        ("R-029",),
        "ec2-lifecycle has no default subnet in the zone {zone}; name one of its subnets: {known}.",
    )
    NO_TYPE = Form("InvalidInstanceType", ("R-063",), "ec2-lifecycle does not know the instance types {names}.")
    NO_SUBNET = Form("InvalidSubnetID.NotFound", ("R-077",), "ec2-lifecycle has no subnet {id}; it has {known}.")
    SUBNET_ELSEWHERE = Form(
        "InvalidParameterValue", ("R-027",), "ec2-lifecycle has the subnet {id} in the zone {zone}, not in {named}."
    )
    NO_GROUP = Form("InvalidGroup.NotFound", ("R-081",), "ec2-lifecycle has no security group {id}; it has {known}.")
    NO_VPC = Form("InvalidVpcID.NotFound", ("E-42",), "ec2-lifecycle has no VPC {id}; it has {known}.")
    NO_KEY_PAIR = Form(
        "InvalidKeyPair.NotFound", ("R-088",), "ec2-lifecycle has no key pair {id}, and nobody launched with it."
    )
    NO_INTERFACE = Form(
        "InvalidNetworkInterfaceID.NotFound", ("R-093",), "ec2-lifecycle has no network interface {id}."
    )
    NO_TEMPLATE = Form("InvalidLaunchTemplateId.NotFound", ("R-123",), "ec2-lifecycle has no launch templates.")
    NO_TEMPLATE_NAME = Form(
        "InvalidLaunchTemplateName.NotFoundException", ("R-125",), "ec2-lifecycle has no launch templates."
    )
    NO_ADDRESS = Form(
        "InvalidAddress.NotFound", ("E-42",), "ec2-lifecycle has no elastic addresses, so {id} is unknown."
    )
    NO_ALLOCATION = Form(
        "InvalidAllocationID.NotFound", ("E-42",), "ec2-lifecycle has no elastic addresses, so {id} is unknown."
    )
    NO_CREDITS = Form(
        "InstanceCreditSpecification.NotSupported",
        ("R-066",),
        "ec2-lifecycle: {id} has the type {type}, which earns no CPU credits.",
    )
    NO_LOCATION_TYPE = Form(
        "InvalidParameterValue", ("R-027",), "ec2-lifecycle has no location type {name}; it has {known}."
    )
    NO_REGION = Form("InvalidParameterValue", ("R-027",), "ec2-lifecycle knows no regions {names}.")
    ADDRESS_IN_USE = Form("InvalidIPAddress.InUse", ("R-099",), "ec2-lifecycle: {address} belongs to {instance}.")
    ADDRESS_OF_SEVERAL = Form(
        "InvalidParameterCombination", ("R-024",), "ec2-lifecycle gives a private address to one instance, not several."
    )
    WRONG_ADDRESS = Form("InvalidParameterValue", ("R-027",), "ec2-lifecycle: {address} is not an IPv4 address.")

    # In front of another EC2: what a launch names there.
    PARAMETER_IN_FRONT = Form(
        "Unsupported", ("R-034",), "ec2-lifecycle cannot launch with {what} in front of another EC2; leave {name} out."
    )
    IMAGE_IN_FRONT = Form(
        "Unsupported", ("R-034",), "ec2-lifecycle cannot launch {id} in front of another EC2, because it is {what}."
    )
    NO_IMAGE_BEHIND = Form("InvalidAMIID.NotFound", ("N-05", "R-053"), "The image id '[{id}]' does not exist", "N-05")
    NO_KEY_PAIR_BEHIND = Form(
        "InvalidKeyPair.NotFound", ("N-06", "R-088"), "The key pair '{id}' does not exist", "N-06"
    )
    NO_PROFILE_BEHIND = Form(
        "InvalidParameterValue",
        ("N-08",),
        "Value ({id}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        "N-08",
    )
    NO_TEMPLATE_VERSION = Form(
        "InvalidLaunchTemplateId.VersionNotFound",
        ("R-124",),
        "ec2-lifecycle finds no version {version} of the launch template in the EC2 behind it.",
    )
    NO_PLACEMENT_GROUP = Form(
        "InvalidPlacementGroup.Unknown",
        ("R-101",),
        "ec2-lifecycle finds no placement group {id} in the EC2 behind it.",
    )
    NO_HOST = Form("InvalidHostID.NotFound", ("R-108",), "ec2-lifecycle finds no host {id} in the EC2 behind it.")
    NO_EBS = Form("MissingParameter", ("N-10", "R-022"), "The request must contain the parameter ebs", "N-10")
    NO_SIZE_OF_DEVICE = Form(
        "MissingParameter", ("N-10", "R-022"), "The request must contain the parameter size or snapshotId", "N-10"
    )
    NO_SNAPSHOT_BEHIND = Form(
        "InvalidSnapshot.NotFound", ("R-057",), "ec2-lifecycle finds no snapshot {id} in the EC2 behind it."
    )

    # In front of another EC2: networks.
    BESIDE_INTERFACES = Form(
        "InvalidParameterCombination",
        ("N-01", "R-024"),
        "Network interfaces and an instance-level {what} may not be specified on the same request",
        "N-01",
    )
    WRONG_INDEXES = Form(
        "InvalidParameterValue",
        ("R-027",),
        "ec2-lifecycle takes each of the device indexes 0, 1 … once, and the request has {indexes}.",
    )
    INTERFACE_OF_SEVERAL = Form(
        "InvalidParameterCombination",
        ("R-024",),
        "ec2-lifecycle gives a network interface or a private address to one instance, not several.",
    )
    INTERFACE_IN_USE = Form(
        "InvalidNetworkInterface.InUse",
        ("N-16", "R-095"),
        "ec2-lifecycle: the network interface {id} is in use.",
    )
    INDEX_IN_USE = Form(
        "InvalidParameterValue",
        ("N-12",),
        "Instance '{id}' already has an interface attached at device index '{index}'.",
        "N-12",
    )
    INTERFACE_ELSEWHERE = Form(
        "InvalidParameterCombination",
        ("R-024",),
        "ec2-lifecycle cannot attach {id}, because it is in the zone {zone} and its instance is in {named}.",
    )
    NO_INTERFACE_ATTACHMENT = Form(
        "InvalidAttachmentID.NotFound", ("N-14",), "ec2-lifecycle has no attachment {id} of a network interface."
    )
    PRIMARY_INTERFACE = Form(
        "OperationNotPermitted",
        ("N-11", "R-035"),
        "The network interface at device index 0 and networkCard index 0 cannot be detached.",
        "N-11",
    )
    NETWORK_STATE = Form(
        "IncorrectInstanceState",
        ("N-15",),
        "ec2-lifecycle changes the network of running and stopped instances, and {id} is {state}.",
    )
    ADDRESS_BEHIND_IN_USE = Form("InvalidIPAddress.InUse", ("N-07", "R-099"), "Address {address} is in use.", "N-07")
    SUBNET_FULL = Form(
        "InsufficientFreeAddressesInSubnet",
        ("N-09", "R-073"),
        "There are not enough free addresses in subnet '{id}' to satisfy the requested number of instances.",
        "N-09",
    )
    NO_SUBNET_BEHIND = Form(
        "InvalidSubnetID.NotFound", ("R-077",), "ec2-lifecycle finds no subnet {id} in the EC2 behind it."
    )
    NO_ZONE_BEHIND = Form(
        "InvalidZone.NotFound", ("R-127",), "ec2-lifecycle finds no zone {name} in the EC2 behind it."
    )
    NO_DEFAULT_VPC = Form(
        "VPCIdNotSpecified",
        ("N-03", "R-078"),
        "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        "N-03",
    )
    NO_DEFAULT_SUBNET_IN_ZONE = Form(
        "InvalidInput", ("N-17", "R-029"), "No default subnet for availability zone: '{zone}'.", "N-17"
    )
    NO_DEFAULT_SUBNET = Form(
        "MissingInput",
        ("N-04", "R-032"),
        "No subnets found for the default VPC '{vpc}'. Please specify a subnet.",
        "N-04",
    )
    NO_GROUP_BEHIND = Form(
        "InvalidGroup.NotFound", ("N-02", "R-081"), "The security group '{id}' does not exist", "N-02"
    )
    NO_GROUP_IN_VPC = Form(
        "InvalidGroup.NotFound", ("N-02", "R-081"), "The security group '{id}' does not exist in VPC '{vpc}'", "N-02"
    )
    USED_BY_INSTANCE = Form(
        "DependencyViolation", ("N-13",), "The {what} '{id}' has dependencies and cannot be deleted.", "N-13"
    )
    GROUP_OF_INSTANCE = Form("DependencyViolation", ("N-13",), "resource {id} has a dependent object", "N-13")

    # In front of another EC2: operations.
    MAKES_INSTANCES = Form(
        "UnsupportedOperation",
        ("R-033",),
        "ec2-lifecycle owns instances and volumes; {name} would make some in {behind}.",
    )
    ABOUT_INSTANCES = Form(
        "UnsupportedOperation",
        ("R-033",),
        "ec2-lifecycle owns instances and volumes, and {behind} knows none of them; it has no {name}{about}.",
    )
    NOT_IMPLEMENTED_BEHIND = Form(
        "InvalidAction", ("R-014",), "{behind}, behind ec2-lifecycle, has not implemented it: {why}"
    )
    NO_REPLY_BEHIND = Form(
        "Unavailable",
        ("R-042",),
        "ec2-lifecycle got no reply from the EC2 behind it, at {url}; start it, or correct the URL.",
        status=503,
    )

    # Instances.
    NOT_FOUND = Form("InvalidInstanceID.NotFound", ("R-044", "E-01"), "The instance ID '{id}' does not exist", "E-01")
    NONE_FOUND = Form("InvalidInstanceID.NotFound", ("R-044", "E-02"), "The instance IDs '{ids}' do not exist", "E-02")
    SEVERAL_ATTRIBUTES = Form(
        "InvalidParameterCombination",
        ("R-172", "B-12"),
        "ec2-lifecycle changes exactly one attribute in a request, as EC2 does, and this one has {count}.",
    )
    SEVERAL_DEVICES = Form(
        "UnsupportedOperation", ("R-033",), "ec2-lifecycle changes one device in a request, and this one names {count}."
    )
    ATTRIBUTE_NOT_HELD = Form(
        "UnsupportedOperation", ("R-033",), "ec2-lifecycle has no attribute {name} of an instance; it has {known}."
    )
    ATTRIBUTE_STAYS = Form(
        "UnsupportedOperation", ("R-033",), "ec2-lifecycle shows the attribute {name}, and does not change it."
    )
    UNKNOWN_ATTRIBUTE = Form(
        "InvalidParameterValue",
        ("R-171", "E-28"),
        "Value ({name}) for parameter attribute is invalid. Unknown attribute.",
        "E-28",
    )
    NOT_STOPPED = Form(
        "IncorrectInstanceState",
        ("R-164", "E-14"),
        "The instance '{id}' is not in the 'stopped' state.",
        "E-14",
    )
    UNKNOWN_TYPE = Form(
        "InvalidParameterValue",
        ("E-36",),
        "The following supplied instance types do not exist: [{name}]",
        "E-36",
    )
    NO_ROOT = Form(
        "InvalidParameterValue",
        ("R-148", "E-19"),
        "Invalid value '{id}' for instanceId. Instance does not have a volume attached at root ({device})",
        "E-19",
    )

    # Volumes.
    NO_VOLUME = Form("InvalidVolume.NotFound", ("R-183", "V-08"), "The volume '{id}' does not exist.", "V-08")
    HELD_BY_ANOTHER = Form(
        "InvalidAttachment.NotFound",
        ("R-199", "VR-06"),
        "ec2-lifecycle has the volume {volume} attached to {holder}, and not to {id}.",
    )
    OTHER_DEVICE = Form(
        "InvalidAttachment.NotFound",
        ("R-199",),
        "ec2-lifecycle has the volume {id} at the device {device}, and not at {named}.",
    )
    NO_SIZE = Form("MissingParameter", ("R-144",), "The request must contain the parameter Size", "E-08")
    NO_SNAPSHOT = Form("InvalidSnapshot.NotFound", ("R-057",), "ec2-lifecycle has no snapshots, so {id} is unknown.")
    DEVICE_IN_USE = Form(
        "InvalidParameterValue",
        ("R-190", "VR-03"),
        "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        "VR-03",
    )
    WRONG_DEVICE = Form(
        "InvalidParameterValue",
        ("R-191", "VR-04"),
        "Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name.",
        "VR-04",
    )
    WRONG_MAPPING = Form("InvalidBlockDeviceMapping", ("R-056", "L-03"), "Invalid device name {device}", "L-03")
    MAPPED_TWICE = Form(
        "InvalidBlockDeviceMapping", ("R-056",), "ec2-lifecycle maps each device once, and {device} is mapped twice."
    )
    ROOT_IN_USE = Form(
        "IncorrectState",
        ("R-198", "VR-07"),
        "Unable to detach root volume '{volume}' from instance '{holder}'",
        "VR-07",
    )

    # Descriptions.
    UNKNOWN_FILTER = Form("InvalidParameterValue", ("R-175", "F-05"), "The filter '{name}' is invalid", "F-05")
    FILTER_NOT_HELD = Form(
        "UnsupportedOperation",
        ("R-033",),
        "ec2-lifecycle does not hold what the filter {name} of {request} compares; it answers {count} others of EC2's.",
    )
    TOO_MANY_VALUES = Form(
        "FilterLimitExceeded",
        ("R-176", "F-03"),
        "The maximum number of filter values specified on a single call is 200",
        "F-03",
    )
    PAGE_OF_IDS = Form(
        "InvalidParameterCombination",
        ("R-180", "E-29"),
        "The parameter instancesSet cannot be used with the parameter maxResults",
        "E-29",
    )
    PAGE_OF_OTHERS = Form(
        "InvalidParameterCombination", ("R-180",), "ec2-lifecycle divides no list of ids into pages: omit MaxResults."
    )
    PAGE_TOO_SMALL = Form(
        "InvalidParameterValue",
        ("R-177", "F-04"),
        "Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than {least}.",
        "F-04",
    )
    PAGE_TOO_LARGE = Form(
        "InvalidParameterValue", ("R-177", "F-04"), "ec2-lifecycle puts at most {most} results on a page, not {size}."
    )
    WRONG_PAGE_TOKEN = Form("InvalidNextToken", ("R-178",), "ec2-lifecycle did not give the NextToken {token}.")
    TOO_MANY_STATUSES = Form(
        "InvalidRequest",
        ("R-182", "F-02"),
        "{count} exceeds the maximum number of instance IDs that can be specificied (100). "
        "Please specify fewer than 100 instance IDs.",
        "F-02",
    )

    # Tags.
    WRONG_TAG_KEY = Form(
        "InvalidTagKey.Malformed",
        ("R-048",),
        "ec2-lifecycle: the tag key '{key}' is empty, or begins with aws:, which AWS reserves.",
    )
    TOO_MANY_TAGS = Form("TagLimitExceeded", ("R-049",), "ec2-lifecycle: {id} cannot have more than {most} tags.")
    WRONG_TAGGED_ID = Form("InvalidID", ("E-07",), "The ID '{id}' is not valid", "E-07")

    # Refusals of the rules for which no fact gives a code, or no fact gives a message.
    TOO_MANY_IDS = Form(
        "InvalidParameterValue", ("R-162", "E-09"), "ec2-lifecycle terminates at most 1000 instances in a request."
    )
    NO_IDS = Form("MissingParameter", ("R-023", "E-08"), "The request must contain the parameter InstanceId", "E-08")
    ATTACH_STATE = Form("IncorrectState", ("R-189", "E-15"), "Instance '{id}' is not 'running'.", "E-15")
    ATTACHED_STILL = Form("VolumeInUse", ("R-185", "VR-02"), "{volume} is already attached to an instance", "VR-02")
    BEING_DELETED = Form(
        "IncorrectState", ("R-189",), "ec2-lifecycle: the volume {volume} is being deleted, and not available."
    )
    BEING_CREATED = Form(
        "IncorrectState", ("R-189", "VR-14"), "ec2-lifecycle: the volume {volume} is still being created."
    )
    NOT_DELETABLE = Form(
        "IncorrectState", ("R-205",), "ec2-lifecycle: the volume {volume} is {volume_state}, and not available."
    )
    ZONES_DIFFER = Form(
        "InvalidVolumeID.ZoneMismatch",
        ("R-188", "VR-01"),
        "The volume '{volume}' is not in the same availability zone as instance '{id}'",
        "VR-01",
    )
    NO_ATTACHMENT = Form(
        "InvalidAttachment.NotFound", ("R-199", "VR-06"), "ec2-lifecycle has the volume {volume} attached to nothing."
    )
    BEING_DETACHED = Form(
        "IncorrectState", ("R-197", "VR-05"), "ec2-lifecycle: the volume {volume} is being detached already."
    )
    START_STATE = Form(
        "IncorrectInstanceState",
        ("R-146", "S-20"),
        "The instance '{id}' is not in a state from which it can be started.",
        "S-20",
    )
    START_OF_INSTANCE_STORE = Form(
        "UnsupportedOperation",
        ("R-147", "S-29"),
        "ec2-lifecycle: {id} has an instance store root, which cannot be started.",
    )
    STOP_PROTECTION_AT_LAUNCH = Form(
        "UnsupportedOperation",
        ("R-060", "P-02"),
        "ec2-lifecycle: an instance with an instance store root cannot have stop protection.",
    )
    STOP_PROTECTION = Form(
        "UnsupportedOperation",
        ("R-170", "P-02"),
        "ec2-lifecycle: {id} has an instance store root, so it cannot have stop protection.",
    )
    DEAD_ATTRIBUTE = Form(
        "IncorrectInstanceState",
        ("E-14",),
        "ec2-lifecycle: {id} is shutting down or terminated, so this attribute stays as it is.",
    )
    NO_DEVICE = Form("InvalidParameterValue", ("R-173",), "ec2-lifecycle has no volume at this device of {id}.")
    DEAD_READ = Form(
        "InvalidInstanceID",
        ("E-16",),
        "The {state} instance '{id}' is not in a valid state for this operation.",
        "E-16",
    )
    REBOOT_STATE = Form("IncorrectState", ("R-158",), "ec2-lifecycle: {id} is not running, so it cannot be rebooted.")
    REBOOT_INSTANCE_STATE = Form(
        "IncorrectInstanceState", ("R-157",), "ec2-lifecycle: {id} is not running, so it cannot be rebooted."
    )
    OTHER = Form("InvalidParameterValue", ("R-027",), "ec2-lifecycle refuses the request: {why}.")
    """For a rule that only another revision of the specification has."""

    def text(self, **parts: object) -> str:
        """Return the message with its parts."""
        return self.value.message.format(**parts)
