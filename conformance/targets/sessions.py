"""boto3 sessions and clients for targets: none of the user's for what is ours, the usual ones for an endpoint."""

import os
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.session import Session as BotocoreSession

from .ec2 import Client

REGION: Final = "us-east-1"
TIMEOUT: Final = 10.0
"""How long a call may take, in seconds."""
_SERVER_ERROR: Final = 500


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the user's settings for AWS: moto makes sessions of its own when it starts."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")} | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def isolated_session(access_key: str = "ec2-lifecycle") -> boto3.session.Session:
    """Return a session that nothing of the user's environment or files reaches, with invented credentials."""
    core = BotocoreSession(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return _with_invented_credentials(core, REGION, access_key)


def usual_session(*, is_local: bool) -> boto3.session.Session:
    """Return a session with boto3's usual chain of credentials.

    For this machine, credentials and a region are invented where none are set,
    and nobody asks the metadata service of EC2 for some: without EC2 that takes seconds.
    """
    core = BotocoreSession()
    if not is_local:
        return boto3.session.Session(botocore_session=core)
    core.get_component("credential_provider").remove("iam-role")
    region: object = core.get_config_variable("region")
    region = region if isinstance(region, str) else REGION
    if core.get_credentials() is None:
        return _with_invented_credentials(core, region)
    return boto3.session.Session(botocore_session=core, region_name=region)


def ec2_client(
    session: boto3.session.Session, url: str | None = None, *, is_local: bool = True, timeout: float = TIMEOUT
) -> Client:
    """Return an EC2 client that asks once and waits `timeout` seconds; without a URL it ignores configured ones."""
    options: dict[str, Any] = {  # not all of them are known to botocore's stubs
        "retries": {"total_max_attempts": 1},
        "connect_timeout": timeout,
        "read_timeout": timeout,
        "ignore_configured_endpoint_urls": True,
        "proxies": {} if is_local else None,  # no proxy reaches this machine by the names it has for itself
        "user_agent_extra": "ec2-lifecycle",
    }
    session_of_boto3: Any = session  # its stubs have one overload for every service of AWS
    client = session_of_boto3.client("ec2", endpoint_url=url, config=Config(**options))
    client.meta.events.register("before-parse.ec2", _failed_server)
    return client


def _failed_server(response_dict: dict[str, Any], **_: object) -> None:
    """Let botocore read a server's internal error as one, with its status, whatever page comes with it.

    Of such pages it knows only some: those of Flask, for one, it takes for XML that does not parse.
    """
    if response_dict["status_code"] >= _SERVER_ERROR and b"<Error>" not in response_dict["body"]:
        response_dict["body"] = b""


def _with_invented_credentials(
    core: BotocoreSession, region: str, access_key: str = "ec2-lifecycle"
) -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=access_key,
        aws_secret_access_key="ec2-lifecycle",  # noqa: S106 - nobody's
        region_name=region,
        botocore_session=core,
    )
