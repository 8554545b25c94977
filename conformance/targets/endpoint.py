"""The target `endpoint:URL`: whatever speaks EC2's protocol at a URL."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, cast
from urllib.parse import urlsplit

import boto3
from botocore import exceptions as wrong
from botocore.parsers import ResponseParserError

from ...reports.os_reasons import os_reason
from ..adapter.arguments import Image
from ..adapter.ec2_target import Client, Ec2Target
from ..adapter.error_codes import NO_CREDENTIALS
from ..adapter.failures import CLIENT_ERRORS, NO_CODE, SUCCESSES, code_and_status
from ..adapter.reply_parts import WrongPart, structure
from ..adapter.retries import RetryingClient
from ..adapter.sessions import TIMEOUT, ec2_client, is_aws, usual_session
from ..adapter.target import Broken, Capability, Patience, TargetError, UnknownTarget, Unreachable
from ..emulator.wire.http import is_local
from .discover import (
    IMAGES,
    TYPES,
    ZONES,
    ZONES_UNKNOWN,
    Notes,
    image_of,
    instance_type_of,
    reject_web_page,
    zones_in_words,
    zones_of,
)
from .launch_options import NO_LAUNCH_OPTIONS, LaunchOptions
from .placement import zones_and_subnets

_LONGER_LATER: Final = 4
"""So many times longer than the first contact a later call may take: a launch of a thousand instances takes long."""


def endpoint_target(  # noqa: PLR0913 - all by keyword, each with a default
    url: str,
    *,
    name: str = "",
    version: str = "",
    session: boto3.session.Session | None = None,
    timeout: float = TIMEOUT,
    patience: Patience | None = None,
    preferred_image: str = "",
    options: LaunchOptions = NO_LAUNCH_OPTIONS,
    on_close: Callable[[], object] | None = None,
) -> Ec2Target:
    """Return the EC2 at a URL as a target, after a first call.

    Raises `UnknownTarget` for an invalid URL or unknown zones, `Unreachable` if nothing answers,
    and `Broken` if the answer is not EC2's or the credentials are refused.
    """
    host = _host(url)
    local = is_local(host)
    try:
        session = session or usual_session(of_aws=is_aws(host))
        first = ec2_client(session, url, is_local=local, timeout=timeout)
        client = ec2_client(session, url, is_local=local, timeout=timeout * _LONGER_LATER)
    except wrong.NoRegionError:
        raise UnknownTarget(f"No AWS region is set for {url}; set AWS_DEFAULT_REGION or AWS_PROFILE.") from None
    except (wrong.BotoCoreError, ValueError) as error:
        raise UnknownTarget(f"No AWS client can be made for {url}: {error}") from None
    with ExitStack() as closing:
        closing.callback(client.close)
        closing.callback(first.close)
        retrying = RetryingClient(first)
        notes = Notes()
        listed = _first_contact(retrying, url, timeout, notes)
        unknown = [zone for zone in options.zones if zone not in listed and listed != ZONES_UNKNOWN]
        if unknown:
            raise UnknownTarget(f"{url} has no zone {unknown[0]}; its zones are {', '.join(listed)}.")
        zones, subnets = zones_and_subnets(retrying, options.zones or listed)
        image = _image(retrying, options, preferred_image, notes)
        if on_close is not None:
            closing.callback(on_close)
        return Ec2Target(
            client,
            name=name or f"endpoint:{url}",
            version=version,
            patience=patience,
            zones=zones,
            image=image,
            capabilities=frozenset({Capability.PARALLEL}),
            subnets=subnets,
            retries=True,
            notes=notes.sentences(
                {
                    ZONES: zones_in_words(zones),
                    IMAGES: f"the run launches {image.id}",
                    TYPES: f"the run launches {image.instance_type}",
                }
            ),
            on_close=closing.pop_all().close,
        )


def _image(client: Client, options: LaunchOptions, preferred: str, notes: Notes) -> Image:
    """Return the image to launch: the one of the user, or one that exists."""
    if options.image_id:
        known = image_of(client, preferred=options.image_id, notes=notes)
        image = known if known is not None and known.id == options.image_id else Image(options.image_id)
    else:
        image = image_of(client, preferred=preferred, notes=notes) or Image()
    return replace(image, instance_type=options.instance_type or instance_type_of(client, notes))


def _host(url: str) -> str:
    """Return the host of a URL; raises `UnknownTarget`."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a wrong port is found when it is asked for
    except ValueError:
        raise UnknownTarget(f'"{url}" is not a URL; write one like http://127.0.0.1:5000') from None
    if parts.scheme not in {"http", "https"} or not host or " " in url:
        raise UnknownTarget(f'"{url}" is not a URL; write one like http://127.0.0.1:5000 or https://ec2.example.com')
    return host


def _first_contact(client: Client, url: str, timeout: float, notes: Notes) -> tuple[str, ...]:
    """Return the zones, or `ZONES_UNKNOWN` if they cannot be read; notes why."""
    try:
        return zones_of(client, notes)
    except Exception as error:
        notes.failed(ZONES, error)
        problem = _problem(error, url, timeout)
        if _is_of_ec2(error):
            return ZONES_UNKNOWN
        if not isinstance(problem, Broken):
            raise problem from error  # nothing answers: the next call would only wait again
    try:
        return _probe_without_zones(client)
    except Exception as error:
        if _is_of_ec2(error):
            return ZONES_UNKNOWN
        raise problem from error


def _is_of_ec2(error: Exception) -> bool:
    """Tell whether an error is a refusal in EC2's form."""
    if not isinstance(error, wrong.ClientError):
        return False
    code, _, status = code_and_status(error)
    return code not in {"", NO_CODE, *NO_CREDENTIALS} and status in (*SUCCESSES, *CLIENT_ERRORS)


def _problem(error: Exception, url: str, timeout: float) -> TargetError:
    """Return the error for a failed first call, with a sentence for the user."""
    match error:
        case wrong.ClientError():
            code, message, status = code_and_status(error)
            if code in NO_CREDENTIALS:
                return Broken(f"{url} refuses the AWS credentials in use ({code}: {message}); set others.")
            return Broken(f"{url} answers with HTTP {status} and nothing that EC2 would say.")
        case wrong.NoCredentialsError() | wrong.PartialCredentialsError():
            return UnknownTarget(
                f"No AWS credentials are set for {url}; set AWS_PROFILE, "
                "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to anything that it accepts."
            )
        case wrong.ConnectTimeoutError() | wrong.ReadTimeoutError():
            return Unreachable(f"{url} has not answered within {timeout:g} seconds.")
        case wrong.SSLError():
            return Unreachable(
                f"{url} cannot be trusted ({_reason(error)}); set AWS_CA_BUNDLE to a file with its certificate."
            )
        case wrong.ConnectionError() | wrong.HTTPClientError():
            return Unreachable(f"Nobody answers at {url} ({_reason(error)}); start the emulator, or correct the URL.")
        case ResponseParserError() | WrongPart():
            return Broken(f"{url} answers, but not with EC2's XML; is it the right port and path?")
        case _:
            return Broken(f"{url} answers, but not as EC2 does ({type(error).__name__}: {error}).")


def _probe_without_zones(client: Client) -> tuple[str, ...]:
    """Make a call that every EC2 implements, and return `ZONES_UNKNOWN`."""
    reject_web_page(structure(client.describe_instances(MaxResults=5), "the reply"))
    return ZONES_UNKNOWN


def _reason(error: Exception) -> str:
    """Return why a connection failed, by the innermost error; the texts of all of them are those of libraries."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return "its certificate cannot be verified"
            case ssl.SSLError():
                return "it does not speak TLS as this machine does"
            case socket.gaierror():
                return "no such host is known"
            case OSError(errno=int()):
                return os_reason(cause)
            case ConnectionError():
                return "connection closed"
            case _:
                pass
    return type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what an error came of, wherever botocore and urllib3 keep it, the innermost first."""
    known: object = getattr(error, "kwargs", {})
    kept: list[object] = [error.__cause__, getattr(error, "reason", None), *error.args]
    if isinstance(known, dict):
        kept.append(cast("dict[str, object]", known).get("error"))
    for cause in kept:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)
    yield error
