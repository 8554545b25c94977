"""Checks that the sandbox file allows the account and region that a profile leads to."""

import time
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore import exceptions as wrong
from botocore.config import Config
from botocore.parsers import ResponseParserError

from ..adapter.ec2_target import Client
from ..adapter.error_codes import NO_CREDENTIALS, NO_PERMISSION
from ..adapter.failures import code_and_status
from ..adapter.reply_parts import structure
from ..adapter.retries import with_retries
from ..adapter.sessions import TIMEOUT, ec2_client
from ..adapter.target import Broken, TargetError, UnknownTarget, Unreachable
from .limits import Limits

_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Account:
    """An account that the sandbox file allows, and a session in it."""

    id: str
    region: str
    session: boto3.session.Session

    def client(self) -> Client:
        """Return an EC2 client without retries; it honours the endpoints in the profile."""
        return ec2_client(self.session, is_local=False, ignore_configured_endpoints=False)


def allowed_account(profile: str, limits: Limits, region: str | None = None) -> Account:
    """Return the account of a boto3 profile; without a name, that of the usual credential chain.

    The default region is that of the profile.

    Raises `UnknownTarget` if the profile, its credentials or its region are unusable or not allowed,
    `Unreachable` if nothing answers, `Broken` if AWS refuses the credentials.
    """
    called = f"the profile {profile}" if profile else "the usual chain of credentials"
    try:
        session = boto3.session.Session(profile_name=profile or None, region_name=region)
        region = session.region_name
    except wrong.ProfileNotFound:
        known = ", ".join(boto3.session.Session().available_profiles) or "none"
        raise UnknownTarget(f"There is no AWS profile {profile}; there are: {known}.") from None
    except wrong.BotoCoreError as error:
        raise UnknownTarget(f"The AWS settings of {called} cannot be used: {error}") from None
    if not region:
        raise UnknownTarget(f"No region is set for {called}; set AWS_DEFAULT_REGION, or region in the profile.")
    if region not in limits.regions:
        raise UnknownTarget(f"The region {region} is not in the sandbox file, which has {', '.join(limits.regions)}.")
    account = _account_id(session, called)
    if account not in limits.accounts:
        raise UnknownTarget(f"The account {account} of {called} is not in the sandbox file; nothing was done in it.")
    return Account(account, region, session)


def _account_id(session: boto3.session.Session, called: str) -> str:
    """Ask STS whose credentials these are."""
    options: dict[str, Any] = {
        "retries": {"total_max_attempts": _TRIES, "mode": "standard"},
        "connect_timeout": TIMEOUT,
        "read_timeout": TIMEOUT,
    }
    session_of_boto3: Any = session  # its stubs have one overload for every service of AWS
    try:
        ask = session_of_boto3.client("sts", config=Config(**options)).get_caller_identity
        # botocore retries most failures, but not a truncated reply.
        whole = with_retries(
            ask, time.sleep, changes_nothing=True, also=lambda error: isinstance(error, ResponseParserError)
        )
        return str(structure(whole(), "the reply")["Account"])
    except Exception as error:
        raise _problem(error, called) from error


def _problem(error: Exception, called: str) -> TargetError:
    match error:
        case wrong.ClientError():
            code, message, status = code_and_status(error)
            if code in NO_PERMISSION:
                return Broken(f"AWS does not allow {called} to call sts:GetCallerIdentity ({code}).")
            if code in NO_CREDENTIALS:
                return Broken(f"AWS refuses the credentials of {called} ({code}: {message}); renew them.")
            return Broken(f"AWS does not say whose credentials {called} has ({code or f'HTTP {status}'}: {message}).")
        case wrong.ConnectionError() | wrong.HTTPClientError():
            return Unreachable(f"STS does not answer for {called} ({error}).")
        case wrong.BotoCoreError():
            return UnknownTarget(f"There are no usable credentials for {called}: {error}")
        case _:
            return Broken(f"AWS does not say whose credentials {called} has ({type(error).__name__}: {error}).")
