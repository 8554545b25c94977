"""An endpoint that offers nothing but EC2's calls: one zone, one caller, no control of time, nothing takes time."""

from model_clients import client_of

from ec2_lifecycle.conformance.adapter import arguments
from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.emulator.images import EBS
from ec2_lifecycle.conformance.emulator.regions import DEFAULT_REGION


def plain_endpoint() -> Ec2Target:
    """Return the model as the plainest target that a run can meet; only waits between polls take virtual time."""
    client, clock = client_of()
    image = arguments.Image(EBS.id, EBS.root_device_name)
    return Ec2Target(client, name="plain", clock=clock, zones=DEFAULT_REGION.zones[:1], image=image)
