"""One AWS account: a model per requested region, all with the same behaviour and one clock."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

from ....model.requests import Caller, Operation
from ....model.specification import EC2, Specification
from ..behaviour import Behaviour
from ..client import ModelClient
from ..declared import NOTHING, Declared
from ..descriptions import BEGINNING
from ..images import ACCOUNT_ID
from ..refusals import rejected
from ..regions import DEFAULT_REGION, Region
from ..variation import Fields
from ..wire import services
from ..wire.ec2_errors import Ec2Error
from ..wire.http import HttpReply, HttpRequest, Signer
from .clock import MovableClock
from .instance_status import Statuses
from .neighbours import Neighbours
from .static_resources import Surroundings
from .tags import Tagging

_NAME: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
MOST_REGIONS: Final = 64
SPECIFIED: Final = frozenset(operation.value for operation in Operation)
_WHO: Final = "GetCallerIdentity"


@dataclass(slots=True)
class Cloud:
    """An account. A region is created by its first request.

    `beginning` is the date when the clock shows 0; None until somebody asks, for the date when the clock begins.
    """

    behaviour: Behaviour
    clock: MovableClock
    beginning: datetime | None = BEGINNING
    spec: Specification = EC2
    lenient: bool = False
    """Whether it accepts parameters that the model neither holds nor shows again."""
    declared: Declared = NOTHING
    """What exists beside instances and volumes, in every region."""
    regions: dict[str, ModelClient] = field(default_factory=dict[str, ModelClient])

    @property
    def since(self) -> datetime:
        """The date when the clock shows 0."""
        if self.beginning is None:
            self.beginning = self.clock.today
        return self.beginning

    def region(self, name: str) -> ModelClient:
        """Return the model of a region; of the default region if the name is invalid or there are too many regions."""
        if name not in self.regions:
            if not is_region(name) or len(self.regions) >= MOST_REGIONS:
                name = DEFAULT_REGION.name
            if name not in self.regions:
                region = Region(name, declared=self.declared)
                self.regions[name] = ModelClient(
                    self.spec, self.behaviour, self.clock, self.since, region, lenient=self.lenient
                )
        return self.regions[name]

    def holding(self, subject: str) -> ModelClient:
        """Return the model of the region that has an instance or a volume; of the default region if none has."""
        for client in self.regions.values():
            if subject in client.simulation.account.instances or subject in client.simulation.account.volumes:
                return client
        return self.region(DEFAULT_REGION.name)

    def advance(self, seconds: float) -> None:
        """Advance the clock, and run the due background steps; raises ValueError for a negative or invalid time."""
        self.clock.advance(seconds)
        for client in self.regions.values():
            client.simulation.advance()

    def knows(self, service: str, operation: str) -> bool:
        """Tell whether the account supports an operation."""
        return is_known(service, operation)

    def pass_on(
        self, request: HttpRequest, service: str, fields: list[tuple[str, str]], signer: Signer, caller: Caller
    ) -> HttpReply | None:
        """Return the reply of another EC2 to a request that is not the model's; None, because there is no other."""
        del request, service, fields, signer, caller
        return None

    def leave(self) -> None:
        """Give up what the account has in another EC2: nothing, because there is no other."""

    def call(self, service: str, operation: str, region: str, caller: Caller, arguments: dict[str, Any]) -> Fields:
        """Return the reply to a known call, as boto3 returns it; raises `ClientError` for a refusal."""
        if service == services.STS:
            return _identity(caller)
        part, method = _part_of(operation)
        client = self.region(region)
        if operation in SPECIFIED:
            return getattr(client if caller is Caller.OWNER else client.for_nobody(), method)(**arguments)
        if caller is Caller.NOBODY:
            raise rejected(operation, Ec2Error.UNAUTHORIZED)
        if arguments.pop("DryRun", False):
            raise rejected(operation, Ec2Error.DRY_RUN)
        answering: Any = client if part is ModelClient else cast("Any", part)(client)
        return getattr(answering, method)(**arguments)


def is_known(service: str, operation: str) -> bool:
    """Tell whether an account supports an operation."""
    return operation == _WHO if service == services.STS else _part_of(operation)[0] is not None


@cache
def _part_of(operation: str) -> tuple[type[object] | None, str]:
    """Return the class and method that answer an EC2 operation, or None and the method."""
    method = services.methods_of(services.EC2).get(operation, "")
    parts = (ModelClient, Tagging, Statuses, Surroundings, Neighbours)
    return next((part for part in parts if method and hasattr(part, method)), None), method


def is_region(name: str) -> bool:
    """Tell whether a text has the form of a region's name."""
    return _NAME.fullmatch(name) is not None


def _identity(caller: Caller) -> Fields:
    """Return the identity of the caller; every caller may ask for it."""
    name = caller.value
    return {
        "UserId": f"AIDAEC2LIFECYCLE{name.upper()}",
        "Account": ACCOUNT_ID,
        "Arn": f"arn:aws:iam::{ACCOUNT_ID}:user/{name}",
    }
