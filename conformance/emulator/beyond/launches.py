"""What a launch names, looked up in the EC2 behind: its template, image, key pair, profile, placement and snapshots."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ...adapter.failures import code_and_status
from ..refusals import rejected
from ..variation import Fields
from ..wire.ec2_errors import Ec2Error
from .asking import IAM, Asking
from .networks import NETWORK, RUN, Interface, Networks

_LOOKED_UP: Final = NETWORK | {"IamInstanceProfile", "KeyName", "LaunchTemplate"}
_USUAL_ROOT: Final = "/dev/sda1"
"""The root device of an image that the EC2 behind does not know."""
_OF_A_VOLUME: Final = ("Encrypted", "Iops", "KmsKeyId", "SnapshotId", "Throughput")
_OF_THE_MODEL: Final = ("DeleteOnTermination", "VolumeSize", "VolumeType")
"""What the model itself keeps of a block device; the volume shows the rest beside it."""
_REFUSED: Final[Mapping[str, str]] = {
    "InstanceMarketOptions": "Spot instances",
    "InstanceRequirements": "launches that choose their instance type by requirements",
}
"""Parameters with which the model cannot launch, and what it lacks."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that is looked up.

    `sent` goes to the model. `shown` is what the instances show beyond it, `devices` what their volumes show.
    `tags` are those that EC2 itself adds.
    """

    sent: Fields
    shown: Fields
    devices: Mapping[str, Fields]
    interfaces: tuple[Interface, ...]
    tags: tuple[Fields, ...]


@dataclass(frozen=True, slots=True)
class Launches:
    """Looks launches up; raises `ClientError` with the error of the EC2 behind, or with EC2's own."""

    ask: Asking
    networks: Networks
    lenient: bool = False
    """Whether images, key pairs and hosts that the EC2 behind does not know are accepted, unless it checks them."""

    def launch(self, asked: Mapping[str, Any]) -> Launch:
        """Return a launch by the parameters of RunInstances."""
        template = self._template(asked.get("LaunchTemplate") or {})
        sent = _over(template.get("LaunchTemplateData") or {}, asked)
        for name, what in _REFUSED.items():
            if sent.get(name) and not self.lenient:
                raise rejected(RUN, Ec2Error.PARAMETER_IN_FRONT, what=what, name=name)
        image = self._image(sent)
        if key := sent.get("KeyName"):
            self._key_pair(key)
        interfaces = tuple(self.networks.interfaces_of(sent, int(sent.get("MaxCount", 1))))
        mappings, devices = self._mappings(sent, image)
        named: Fields = sent.get("Placement") or {}
        placement: Fields = {key: value for key, value in named.items() if value}
        self._placed(placement)
        zone = interfaces[0].subnet["AvailabilityZone"]
        shown: Fields = {
            "Placement": {**placement, "AvailabilityZone": zone},
            "RootDeviceName": image.get("RootDeviceName"),
            "Architecture": image.get("Architecture"),
            "Platform": image.get("Platform"),
            "KeyName": sent.get("KeyName"),
            "IamInstanceProfile": self._profile(sent.get("IamInstanceProfile") or {}),
        }
        own: Fields = {name: value for name, value in sent.items() if name not in _LOOKED_UP}
        own |= {"Placement": {"AvailabilityZone": zone}, "BlockDeviceMappings": mappings}
        kept = {name: value for name, value in shown.items() if value is not None}
        return Launch(own, kept, devices, interfaces, tuple(_template_tags(template)))

    # Each thing that a launch names.

    def _template(self, named: Mapping[str, Any]) -> Fields:
        """Return the version of the launch template that a launch names, or nothing."""
        if not named:
            return {}
        which = {key: named[key] for key in ("LaunchTemplateId", "LaunchTemplateName") if named.get(key)}
        version = str(named.get("Version") or "$Default")
        reply = self.ask("DescribeLaunchTemplateVersions", Versions=[version], **which)
        found: Sequence[Fields] = reply.get("LaunchTemplateVersions") or ()
        if not found:
            raise rejected(RUN, Ec2Error.NO_TEMPLATE_VERSION, version=version)
        return found[0]

    def _image(self, sent: Mapping[str, Any]) -> Fields:
        image = sent.get("ImageId")
        if not image:
            raise rejected(RUN, Ec2Error.MISSING, name="ImageId")
        if ":" in image:
            raise rejected(RUN, Ec2Error.IMAGE_IN_FRONT, id=image, what="a name in Parameter Store")
        found = self._looked_up("InvalidAMIID.NotFound", "DescribeImages", "Images", ImageIds=[image])
        if not found and self._accepts("ImageId"):
            return {"ImageId": image, "RootDeviceName": _USUAL_ROOT}
        if not found:
            raise rejected(RUN, Ec2Error.NO_IMAGE_BEHIND, id=image)
        if found[0].get("RootDeviceType") == "instance-store":
            raise rejected(RUN, Ec2Error.IMAGE_IN_FRONT, id=image, what="an instance-store image")
        return found[0]

    def _key_pair(self, name: str) -> None:
        if not self._looked_up(
            "InvalidKeyPair.NotFound", "DescribeKeyPairs", "KeyPairs", KeyNames=[name]
        ) and not self._accepts("KeyName"):
            raise rejected(RUN, Ec2Error.NO_KEY_PAIR_BEHIND, id=name)

    def _accepts(self, parameter: str) -> bool:
        """Tell whether a launch may name what the EC2 behind does not know."""
        return self.lenient and not self.ask.behind.checks(parameter)

    def _looked_up(self, absent: str, operation: str, key: str, **named: Any) -> Sequence[Fields]:  # noqa: ANN401 - boto3's
        """Return what the EC2 behind describes; nothing if it is absent there, and that is no error here."""
        try:
            return self.ask(operation, **named).get(key) or ()
        except ClientError as error:
            if self.lenient and code_and_status(error)[0] == absent:
                return ()
            raise

    def _profile(self, named: Mapping[str, Any]) -> Fields | None:
        name: str = named.get("Name") or str(named.get("Arn") or "").rpartition("/")[2]
        if not name:
            return None
        try:
            found = self.ask("GetInstanceProfile", IAM, InstanceProfileName=name)["InstanceProfile"]
        except ClientError as error:
            if code_and_status(error)[0] != "NoSuchEntity":
                raise
            raise rejected(RUN, Ec2Error.NO_PROFILE_BEHIND, id=name) from None
        return {"Arn": found["Arn"], "Id": found["InstanceProfileId"]}

    def _placed(self, placement: Mapping[str, Any]) -> None:
        """Look up the placement group and the host."""
        if self.lenient:
            return
        group, host = placement.get("GroupName"), placement.get("HostId")
        if group and not self.ask("DescribePlacementGroups", GroupNames=[group]).get("PlacementGroups"):
            raise rejected(RUN, Ec2Error.NO_PLACEMENT_GROUP, id=group)
        if host and not self.ask("DescribeHosts", HostIds=[host]).get("Hosts"):
            raise rejected(RUN, Ec2Error.NO_HOST, id=host)

    def _mappings(self, sent: Mapping[str, Any], image: Fields) -> tuple[list[Fields], dict[str, Fields]]:
        """Return the block devices of image and launch, and what their volumes show."""
        root = image.get("RootDeviceName")
        merged: dict[str, Fields] = {}
        for each in image.get("BlockDeviceMappings") or ():
            if "Ebs" in each:
                ebs = {**each["Ebs"]}
                if each["DeviceName"] == root:
                    ebs.pop("DeleteOnTermination", None)  # EC2's default for a root device holds
                merged[each["DeviceName"]] = {"DeviceName": each["DeviceName"], "Ebs": ebs}
        for each in sent.get("BlockDeviceMappings") or ():
            name: str = each.get("DeviceName") or ""
            if "NoDevice" in each:
                merged.pop(name, None)
            elif "Ebs" in each:
                ebs = {**merged.get(name, {}).get("Ebs", {}), **each["Ebs"]}
                if name not in {*merged, root} and not each["Ebs"].keys() & {"SnapshotId", "VolumeSize"}:
                    raise rejected(RUN, Ec2Error.NO_SIZE_OF_DEVICE)
                snapshot = each["Ebs"].get("SnapshotId")
                if snapshot and "VolumeSize" not in each["Ebs"]:
                    ebs["VolumeSize"] = self.snapshot_size(RUN, snapshot)
                merged[name] = {**each, "Ebs": ebs}
            elif not each.get("VirtualName"):
                raise rejected(RUN, Ec2Error.NO_EBS)
        devices = {name: _part(each["Ebs"], _OF_A_VOLUME) for name, each in merged.items()}
        return [{**each, "Ebs": _part(each["Ebs"], _OF_THE_MODEL)} for each in merged.values()], devices

    def snapshot_size(self, operation: str, snapshot: str) -> int:
        """Return the size of a snapshot of the EC2 behind, in GiB."""
        found = self.ask("DescribeSnapshots", SnapshotIds=[snapshot]).get("Snapshots")
        if not found:
            raise rejected(operation, Ec2Error.NO_SNAPSHOT_BEHIND, id=snapshot)
        return found[0]["VolumeSize"]


def _over(template: Mapping[str, Any], asked: Mapping[str, Any]) -> Fields:
    """Return the parameters of a launch over those of its template; the tags of both hold."""
    tags = [*(template.get("TagSpecifications") or ()), *(asked.get("TagSpecifications") or ())]
    merged: Fields = {**template, **asked}
    if "NetworkInterfaces" in template and "NetworkInterfaces" not in asked and NETWORK & asked.keys():
        del merged["NetworkInterfaces"]
    return {**merged, "TagSpecifications": tags} if tags else merged


def _template_tags(template: Mapping[str, Any]) -> Iterator[Fields]:
    """Yield the tags with which EC2 marks an instance that a template launched."""
    if template:
        yield {"Key": "aws:ec2launchtemplate:id", "Value": template["LaunchTemplateId"]}
        yield {"Key": "aws:ec2launchtemplate:version", "Value": str(template["VersionNumber"])}


def _part(fields: Mapping[str, Any], names: Sequence[str]) -> Fields:
    return {name: fields[name] for name in names if name in fields}
