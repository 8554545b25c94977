"""Clients of the double, and short ways to launch and terminate with them."""

from typing import Any, TypeAlias

import boto3
from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.sessions import isolated_session

Client: TypeAlias = Any
"""A boto3 client: its methods are made at run time."""

REGION = "us-west-2"
EARLY: Client = isolated_session().client("ec2")  # pyright: ignore[reportUnknownMemberType]
"""A client that was made before everything else."""


def client(service: str = "ec2", **more: str) -> Client:
    make: Any = boto3.client
    return make(service, region_name=REGION, **more)


def launched(ec2: Client, **more: object) -> str:
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, **more)
    return made["Instances"][0]["InstanceId"]


def terminated(ec2: Client, *ids: str) -> str:
    """Return what a termination comes to: the state, or the code of the error."""
    try:
        return ec2.terminate_instances(InstanceIds=list(ids))["TerminatingInstances"][0]["CurrentState"]["Name"]
    except ClientError as error:
        return error.response["Error"]["Code"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
