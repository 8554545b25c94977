"""Who answers a request: the model, the EC2 behind it, or both; and what is refused because it concerns both."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ....model.requests import Caller, Operation
from ..client import ModelClient
from ..refusals import rejected
from ..regions import DEFAULT_REGION, Region
from ..server.cloud import MOST_REGIONS, Cloud, is_region
from ..variation import Fields
from ..wire import services
from ..wire.decode import arguments_of
from ..wire.ec2_errors import Ec2Error
from ..wire.http import HttpReply, HttpRequest, Signer
from .asking import Asking
from .behind import Behind
from .client import ClientInFront
from .described import RegionBehind
from .refusals import absent, dry_run, unauthorized
from .shared import Shared

THE_MODELS: Final = frozenset({*(operation.value for operation in Operation), "DescribeInstanceStatus"})
"""The operations that the model answers, whatever they name."""
BOTH: Final = frozenset(
    {
        *("AssociateAddress", "AttachNetworkInterface", "CreateTags", "DeleteTags", "DescribeAddresses"),
        *("DescribeNetworkInterfaces", "DescribeTags", "DetachNetworkInterface", "ModifyNetworkInterfaceAttribute"),
    }
)
"""The operations that the model answers with the help of the EC2 behind."""
GUARDED: Final = frozenset({"DeleteNetworkInterface", "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc"})
"""The operations of the EC2 behind that EC2 refuses while an instance needs what they delete."""
LAUNCHING: Final = frozenset(
    {
        *("CreateFleet", "ImportInstance", "ImportVolume", "ModifyFleet", "ModifySpotFleetRequest"),
        *("RequestSpotFleet", "RequestSpotInstances", "RunScheduledInstances"),
    }
)
"""The operations that would make instances or volumes in the EC2 behind."""
ABOUT_INSTANCES: Final = frozenset(
    {
        *("DescribeIamInstanceProfileAssociations", "DescribeInstanceCreditSpecifications", "DescribeVolumeStatus"),
        *("DescribeVolumesModifications", "DescribeInstanceTopology", "DescribeInstanceEventWindows"),
    }
)
"""The operations about instances or volumes that need to name none."""
_ID: Final = re.compile(r"(i|vol)-[0-9a-f]+")
_NO_SUBJECT: Final = re.compile(r"(^|\.)(Description|Filter|Tag|TagSpecification)(\.|$)")
"""The parameters that hold any text."""


@dataclass(slots=True)
class CloudInFront(Cloud):
    """An account whose instances and volumes are the model's, and whose other resources are those of the EC2 behind."""

    behind: Behind = field(kw_only=True)
    _key: str = ""

    def region(self, name: str) -> ModelClient:
        """Return the model of a region, with the zones of the EC2 behind."""
        return self._in_front(name)

    def knows(self, service: str, operation: str) -> bool:
        """Tell whether the model answers an operation, alone or with the EC2 behind."""
        return (service == services.EC2 and operation in BOTH) or Cloud.knows(self, service, operation)

    def pass_on(
        self, request: HttpRequest, service: str, fields: list[tuple[str, str]], signer: Signer, caller: Caller
    ) -> HttpReply | None:
        """Return the reply of the EC2 behind, as it is, or None where the model answers; raises a refusal."""
        operation = dict(fields).get("Action", "")
        self._key = signer.access_key
        if service == services.STS:
            return (
                None if Cloud.knows(self, service, operation) else self.behind.answer(request, service, _region(signer))
            )
        if not operation or operation in THE_MODELS | BOTH:
            return None
        if caller is Caller.NOBODY:
            raise unauthorized(operation)
        client = self._in_front(signer.region)
        client.begin(self._key)
        if operation in LAUNCHING:
            raise rejected(operation, Ec2Error.MAKES_INSTANCES, name=operation, behind=self.behind.name)
        subjects = [value for path, value in fields if _ID.fullmatch(value) and not _NO_SUBJECT.search(path)]
        if subjects or operation in ABOUT_INSTANCES:
            if Cloud.knows(self, service, operation):
                return None
            self._refuse(client, operation, subjects)
        if operation in GUARDED:
            Shared(client).check_unused(operation, arguments_of(services.operation_of(service, operation), fields))
        return self.behind.answer(request, service, _region(signer))

    def call(self, service: str, operation: str, region: str, caller: Caller, arguments: dict[str, Any]) -> Fields:
        """Return the reply to a call that the model answers; raises `ClientError` for a refusal."""
        if service == services.EC2:
            client = self._in_front(region)
            client.begin(self._key)
            if operation in BOTH:
                if caller is Caller.NOBODY:
                    raise unauthorized(operation)
                if arguments.pop("DryRun", False):
                    raise dry_run(operation)
                return getattr(Shared(client), services.methods_of(service)[operation])(**arguments)
        return Cloud.call(self, service, operation, region, caller, arguments)

    def leave(self) -> None:
        """Delete what the instances have in the EC2 behind."""
        for client in self.regions.values():
            if isinstance(client, ClientInFront):
                client.leave()

    def _refuse(self, client: ClientInFront, operation: str, subjects: list[str]) -> None:
        """Raise the refusal of an operation about instances or volumes that the model does not have."""
        for one in subjects:
            if not client.owns(one):
                raise absent(operation, one)
        about = f" of {subjects[0]}" if subjects else ""
        behind = self.behind.name
        raise rejected(operation, Ec2Error.ABOUT_INSTANCES, name=operation, about=about, behind=behind)

    def _in_front(self, name: str) -> ClientInFront:
        if name not in self.regions:
            if not is_region(name) or len(self.regions) >= MOST_REGIONS:
                name = DEFAULT_REGION.name
            if name not in self.regions:
                ask = Asking(self.behind, name)
                self.regions[name] = ClientInFront(
                    ask,
                    lenient=self.lenient,
                    spec=self.spec,
                    behaviour=self.behaviour,
                    clock=self.clock,
                    beginning=self.since,
                    region=_zones_behind(ask, name),
                )
        client = self.regions[name]
        if not isinstance(client, ClientInFront):
            raise TypeError(f"The region {name} has a model without the EC2 behind it.")
        return client


def _region(signer: Signer) -> str:
    return signer.region or DEFAULT_REGION.name


def _zones_behind(ask: Asking, name: str) -> Region:
    zones = ask("DescribeAvailabilityZones").get("AvailabilityZones") or ()
    return RegionBehind(name, tuple((each["ZoneName"], each.get("ZoneId") or "") for each in zones))
