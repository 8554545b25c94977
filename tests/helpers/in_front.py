"""The double in front of moto: clients, launches, and what an instance shows."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, TypeAlias

import boto3
import pytest
from botocore.exceptions import ClientError

Client: TypeAlias = Any
"""A boto3 client: its methods are made at run time."""
Fields: TypeAlias = dict[str, Any]

REGION: Final = "us-east-1"
IMAGE: Final = "ami-12c6146b"
"""An image that moto offers; its root device is /dev/sda1, with 15 GiB."""


def client(service: str = "ec2", region: str = REGION, **more: str) -> Client:
    """Return a client of boto3's default session, which is another one in each double."""
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    return _client_of(boto3.DEFAULT_SESSION, service, region, tuple(more.items()))


@lru_cache(maxsize=8)  # to make a client of EC2 takes as long as ten calls
def _client_of(session: Any, service: str, region: str, more: tuple[tuple[str, str], ...]) -> Client:  # noqa: ANN401
    return session.client(service, region_name=region, **dict(more))


def launched(count: int = 1, ec2: Client = None, **more: object) -> list[str]:
    """Launch instances, and return their ids."""
    wanted: Fields = {"ImageId": IMAGE, **more}
    if "LaunchTemplate" in more and "ImageId" not in more:
        del wanted["ImageId"]
    made = (ec2 or client()).run_instances(MinCount=count, MaxCount=count, **wanted)
    return [each["InstanceId"] for each in made["Instances"]]


def shown(instance: str) -> Fields:
    """Return the description of one instance."""
    [reservation] = client().describe_instances(InstanceIds=[instance])["Reservations"]
    [item] = reservation["Instances"]
    return item


def matching(**filters: str) -> list[str]:
    """Return the instances that match filters, written with `_` for `-` and `__` for `.`."""
    wanted = [{"Name": name.replace("__", ".").replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    pages = client().get_paginator("describe_instances").paginate(Filters=wanted)
    return [i["InstanceId"] for page in pages for each in page["Reservations"] for i in each["Instances"]]


def state(instance: str) -> str:
    """Return the name of the state of an instance."""
    return shown(instance)["State"]["Name"]


def network(block: str = "10.7.0.0/16", subnet: str = "10.7.1.0/24", zone: str = "us-east-1d") -> tuple[str, str]:
    """Create a VPC with a subnet in a zone, and return both ids."""
    ec2 = client()
    vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=subnet, AvailabilityZone=zone)
    return vpc, made["Subnet"]["SubnetId"]


def group(vpc: str, name: str = "web") -> str:
    """Create a security group, and return its id."""
    return client().create_security_group(GroupName=name, Description="a group", VpcId=vpc)["GroupId"]


def default_vpc() -> str:
    """Return the id of the default VPC."""
    [vpc] = client().describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    return vpc["VpcId"]


def interface_of(instance: str) -> Fields:
    """Return the one interface of an instance, as DescribeNetworkInterfaces shows it."""
    wanted = [{"Name": "attachment.instance-id", "Values": [instance]}]
    [face] = client().describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    return face


@contextmanager
def refused(code: str, *words: str) -> Generator[None]:
    """Expect an error with a code, and with words in its message."""
    with pytest.raises(ClientError) as failure:
        yield
    error: Fields = dict(failure.value.response["Error"])  # pyright: ignore[reportTypedDictNotRequiredAccess]
    assert error["Code"] == code
    for word in words:
        assert word in error["Message"]
