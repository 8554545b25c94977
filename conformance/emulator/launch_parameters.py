"""The parameters of a launch that the specification does not hold: kept and shown again, or refused.

A lenient model refuses none of them. It keeps what a description of an instance can show, and ignores the rest.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final, cast

from ...model.requests import Operation
from .call_arguments import CreateVolumeCall, RunCall
from .declared import Declared
from .images import ACCOUNT_ID
from .refusals import rejected
from .regions import SECURITY_GROUP, Region
from .variation import Fields
from .wire.ec2_errors import Ec2Error
from .wire.services import EC2, operation_of, service

_USED: Final = frozenset(RunCall.__annotations__)
"""The parameters that the model uses."""
_COPIED: Final = frozenset(
    {
        "CpuOptions",
        "EbsOptimized",
        "EnclaveOptions",
        "HibernationOptions",
        "MaintenanceOptions",
        "NetworkPerformanceOptions",
        "PrivateDnsNameOptions",
    }
)
"""The parameters that descriptions show as they were sent."""
_OTHERS: Final = frozenset({"CreditSpecification", "MetadataOptions", "Monitoring", "IamInstanceProfile"})
"""The parameters that descriptions show in another form."""
_NEVER_TRUE: Final = (("EnclaveOptions", "Enabled"),)
_VOLUME_SHOWN: Final = frozenset({"Encrypted", "Iops", "KmsKeyId", "Throughput"})
_VOLUME: Final = _VOLUME_SHOWN | {"DeleteOnTermination", "SnapshotId", "VolumeSize", "VolumeType"}
"""The parameters of a launched volume that the model holds or refuses by another error."""
_TYPE: Final = "t3.micro"
_WHERE: Final = frozenset({"AvailabilityZone", "AvailabilityZoneId"})
_INTERFACE: Final = frozenset(
    {
        "AssociatePublicIpAddress",
        "DeleteOnTermination",
        "Description",
        "Groups",
        "PrivateIpAddress",
        "SubnetId",
    }
)
"""The parameters of the one network interface that an instance may be launched with; it has the index 0."""


def check(sent: Mapping[str, Any], region: Region) -> None:
    """Raise `ClientError` for what the model neither holds nor shows again, and for what there is not."""
    operation = Operation.RUN
    if not sent.get("ImageId"):
        raise rejected(operation, Ec2Error.MISSING, name="ImageId")
    if not str(sent["ImageId"]).startswith("ami-"):
        raise rejected(operation, Ec2Error.WRONG_IMAGE_ID, id=sent["ImageId"])
    if template := sent.get("LaunchTemplate"):
        by_id = "LaunchTemplateId" in template
        raise rejected(operation, Ec2Error.NO_TEMPLATE if by_id else Ec2Error.NO_TEMPLATE_NAME)
    if (instance_type := sent.get("InstanceType")) and instance_type not in types_of(region):
        raise rejected(operation, Ec2Error.NO_TYPE, names=instance_type)
    _check_declared(sent, region.declared)
    for name in _not_held(sent):
        raise rejected(operation, Ec2Error.PARAMETER_NOT_HELD, name=name)
    for group in groups(sent):
        if group not in _ids_of_groups(region):
            known = ", ".join(f"{one} ({name})" for one, name in region.groups.items())
            raise rejected(operation, Ec2Error.NO_GROUP, id=group, known=known)
    for mapping in sent.get("BlockDeviceMappings") or ():
        if snapshot := _structure(mapping, "Ebs").get("SnapshotId"):
            raise rejected(operation, Ec2Error.NO_SNAPSHOT, id=snapshot)
    address = private_address(sent)
    if address and not _is_address(address):
        raise rejected(operation, Ec2Error.WRONG_ADDRESS, address=address)
    if address and sent.get("MaxCount", 1) > 1:
        raise rejected(operation, Ec2Error.ADDRESS_OF_SEVERAL)


def _check_declared(sent: Mapping[str, Any], declared: Declared) -> None:
    """Raise `ClientError` for an image, a key pair or a profile that is not among the declared ones."""
    images, keys, profiles = declared.images, declared.key_pairs, declared.instance_profiles
    if images is not None and sent["ImageId"] not in {image.id for image in images}:
        raise rejected(Operation.RUN, Ec2Error.IMAGE_NOT_DECLARED, id=sent["ImageId"])
    if keys is not None and sent.get("KeyName") and sent["KeyName"] not in keys:
        raise rejected(Operation.RUN, Ec2Error.KEY_PAIR_NOT_DECLARED, id=sent["KeyName"])
    profile = _structure(sent, "IamInstanceProfile")
    name = str(profile.get("Name") or profile.get("Arn") or "")
    if profiles is not None and name and name.rpartition("/")[2] not in profiles:
        raise rejected(Operation.RUN, Ec2Error.PROFILE_NOT_DECLARED, id=name)


def _ids_of_groups(region: Region) -> dict[str, str]:
    """Return the id of each security group, by its id and by its name."""
    return {**{name: one for one, name in region.groups.items()}, **{one: one for one in region.groups}}


def types_of(region: Region) -> Collection[str]:
    """Return the instance types that can be launched: the declared ones, or those that botocore knows."""
    declared = region.declared.instance_types
    return instance_types() if declared is None else declared


def default_type(region: Region) -> str:
    """Return the instance type of a launch that names none."""
    declared = region.declared.instance_types
    return _TYPE if not declared or _TYPE in declared else declared[0]


def _not_held(sent: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters that the model neither holds nor shows again, by their paths."""
    for name, value in sent.items():
        if name not in _USED | _COPIED | _OTHERS | {"DryRun"} and value:
            yield name
    for name, value in _structure(sent, "Placement").items():
        if name not in _WHERE and value and (name, value) != ("Tenancy", "default"):
            yield f"Placement.{name}"
    for parent, name in _NEVER_TRUE:
        if _structure(sent, parent).get(name):
            yield f"{parent}.{name}"
    yield from _not_held_of_interfaces(sent.get("NetworkInterfaces") or ())
    for mapping in sent.get("BlockDeviceMappings") or ():
        for name, value in _structure(mapping, "Ebs").items():
            if name not in _VOLUME and value:
                yield f"BlockDeviceMappings.Ebs.{name}"


def _not_held_of_interfaces(interfaces: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(interfaces) > 1:
        yield "NetworkInterfaces with more than one interface"
    for interface in interfaces:
        for name, value in interface.items():
            if value and name not in _INTERFACE:
                yield f"NetworkInterfaces.{name}"


def check_volume(sent: Mapping[str, Any]) -> None:
    """Raise `ClientError` for parameters of a new volume that the model neither holds nor shows again."""
    if snapshot := sent.get("SnapshotId"):
        raise rejected(Operation.CREATE_VOLUME, Ec2Error.NO_SNAPSHOT, id=snapshot)
    for name, value in sent.items():
        if value and name not in CreateVolumeCall.__annotations__ and name not in _VOLUME | {"DryRun"}:
            raise rejected(Operation.CREATE_VOLUME, Ec2Error.PARAMETER_NOT_HELD, name=name)


def volume_shown(sent: Mapping[str, Any]) -> Fields:
    """Return the fields of a volume's description that its creation sets, beyond its size and type."""
    return {name: sent[name] for name in sorted(_VOLUME_SHOWN) if sent.get(name) is not None}


def shown(sent: Mapping[str, Any], region: Region) -> Fields:
    """Return the fields of an instance's description that a launch sets."""
    fields: Fields = {name: sent[name] for name in sorted(_shown_as_sent() & sent.keys()) if sent[name] is not None}
    if options := _structure(sent, "MetadataOptions"):
        fields["MetadataOptions"] = {"State": "applied", **options}
    if profile := _structure(sent, "IamInstanceProfile"):
        fields["IamInstanceProfile"] = _profile(profile)
    if _structure(sent, "Monitoring").get("Enabled"):
        fields["Monitoring"] = {"State": "enabled"}
    if placement := {name: value for name, value in _structure(sent, "Placement").items() if name not in _WHERE}:
        fields["Placement"] = placement
    known = _ids_of_groups(region)
    named = dict.fromkeys(known.get(group, group) for group in groups(sent)) or {region.default_group: None}
    if [*named] != [SECURITY_GROUP]:
        fields["SecurityGroups"] = [{"GroupId": one, "GroupName": region.groups.get(one, one)} for one in named]
    if _structure(sent, "InstanceMarketOptions").get("MarketType") == "spot":
        fields["InstanceLifecycle"] = "spot"
    return fields


@cache
def _shown_as_sent() -> frozenset[str]:
    """Return the parameters that a description shows as they were sent, if they are not refused."""
    # botocore-stubs says less of shapes than there is.
    launch: Any = operation_of(EC2, Operation.RUN.value)
    instance: Any = service(EC2).shape_for("Instance")
    sent, described = launch.input_shape.members, instance.members
    same = {name for name in sent.keys() & described.keys() if sent[name].type_name == described[name].type_name}
    return frozenset(same) - _USED - _OTHERS


def _profile(sent: Mapping[str, str]) -> Fields:
    arn = sent.get("Arn") or f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/{sent.get('Name', '')}"
    return {"Arn": arn, "Id": f"AIPA{sha256(arn.encode()).hexdigest()[:17].upper()}"}


def groups(sent: Mapping[str, Any]) -> list[str]:
    """Return the security groups of a launch, by their ids or names."""
    named = [*(sent.get("SecurityGroupIds") or ()), *(sent.get("SecurityGroups") or ())]
    return [*named, *(_interface(sent).get("Groups") or ())]


def private_address(sent: Mapping[str, Any]) -> str:
    """Return the private address that a launch asks for; empty if it asks for none."""
    return sent.get("PrivateIpAddress") or _interface(sent).get("PrivateIpAddress") or ""


def is_public(sent: Mapping[str, Any]) -> bool:
    """Tell whether a launch wants public addresses: they are the default in the model's subnets."""
    return _interface(sent).get("AssociatePublicIpAddress") is not False


def credits_of(sent: Mapping[str, Any]) -> str:
    """Return the credit option that a launch asks for; empty if it asks for none."""
    return _structure(sent, "CreditSpecification").get("CpuCredits") or ""


def _structure(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a structure among the parameters; empty if there is none, or something else in its place."""
    value = sent.get(name)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _interface(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first network interface of a launch; empty if it names none."""
    interfaces: Sequence[Mapping[str, Any]] = sent.get("NetworkInterfaces") or ()
    return interfaces[0] if interfaces else {}


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


@cache
def instance_types() -> frozenset[str]:
    """Return the instance types that botocore knows."""
    shape: Any = service(EC2).shape_for("InstanceType")
    return frozenset(shape.enum)
