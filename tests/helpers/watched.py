"""The model under watch: a client whose calls are judged, and whose replies a test can change or refuse."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from excusable import Fields, refusal

from ec2_lifecycle.conformance.adapter.arguments import Image
from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.target import Capability
from ec2_lifecycle.conformance.emulator import images
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.pytest.judging import Judge, Judging
from ec2_lifecycle.conformance.pytest.judging.calls import Call
from ec2_lifecycle.conformance.targets.model import PATIENCE

ZONE = "us-east-1a"


def unchanged(method: str, reply: Fields) -> None:
    """Leave a reply as it is."""


class Watched:
    """The model under watch; `refuse` is what the next call of a method raises, and whether it is carried out first."""

    def __init__(self, read_lag: float = 0.0) -> None:
        self.clock = VirtualClock()
        self.model: Any = ModelClient(clock=self.clock)
        self.judge = Judge(Judging(clock=self.clock, settings=Settings(read_lag=read_lag)))
        self.refuse: tuple[str, Exception, bool] | None = None
        self.change: Callable[[str, Fields], object] = unchanged
        self.ec2: Any = self.judge(self)

    def __getattr__(self, name: str) -> Callable[..., Fields]:
        method = getattr(self.model, name)

        def called(**sent: object) -> Fields:
            if self.refuse is not None and self.refuse[0] == name:
                _, error, carried_out = self.refuse
                self.refuse = None
                if carried_out:
                    method(**sent)
                raise error
            reply: Fields = method(**sent)
            self.change(name, reply)
            return reply

        return called

    @property
    def found(self) -> set[str]:
        """The clauses that were broken so far."""
        return {finding.clause for finding in self.judge.findings}

    def launch(self, **more: object) -> str:
        """Launch an instance and wait for it."""
        launched = {"ImageId": images.EBS.id, "MinCount": 1, "MaxCount": 1, "Placement": {"AvailabilityZone": ZONE}}
        [item] = self.ec2.run_instances(**{**launched, **more})["Instances"]
        self.look(item["InstanceId"])
        return item["InstanceId"]

    def look(self, *instances: str) -> list[str]:
        """Return the states of instances once they are at rest."""
        self.clock.sleep(120)
        reply = self.ec2.describe_instances(InstanceIds=list(instances))
        return [item["State"]["Name"] for group in reply["Reservations"] for item in group["Instances"]]

    def volume(self) -> str:
        """Create a volume and wait for it."""
        v: str = self.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
        self.clock.sleep(120)
        self.ec2.describe_volumes(VolumeIds=[v])
        return v

    def refused(self, method: str, code: str, status: int = 400, *, carried_out: bool = False, **sent: object) -> None:
        """Make a call that is refused, though it may be carried out."""
        self.refuse = (method, refusal(code, status), carried_out)
        with pytest.raises(ClientError):
            getattr(self.ec2, method)(**sent)

    def happened(self, name: str, reply: Fields, **sent: object) -> None:
        """Let the judge see a call, and its success, of which the model knows nothing."""
        ticket = self.judge.sent(None, name, sent)
        assert ticket is not None
        self.judge.returned(ticket, Call(name, sent, reply))

    def attempt(self, method: str, **sent: object) -> None:
        """Make a call, whatever comes of it."""
        with suppress(ClientError):
            getattr(self.ec2, method)(**sent)

    def devices(self, i: str) -> dict[str, str]:
        """Return the volume at each device of an instance, without a call that is judged."""
        [reservation] = self.model.describe_instances(InstanceIds=[i])["Reservations"]
        return {one["DeviceName"]: one["Ebs"]["VolumeId"] for one in reservation["Instances"][0]["BlockDeviceMappings"]}


def watched_target(client: Any, judge: Judge, clock: VirtualClock) -> Ec2Target:  # noqa: ANN401 - a client of EC2
    """Return a target whose calls a judge sees, on a client of the model; its background steps cannot be triggered."""
    return Ec2Target(
        judge(client),
        name="watched",
        clock=clock,
        capabilities=frozenset(Capability) - {Capability.BACKGROUND},
        patience=PATIENCE,
        zones=DEFAULT_REGION.zones,
        image=Image(images.EBS.id, images.EBS.root_device_name),
        store_image=Image(images.INSTANCE_STORE.id, images.INSTANCE_STORE.root_device_name),
        nobody=judge(client.for_nobody()),
    )
