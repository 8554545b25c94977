"""boto3 sessions and clients for targets: isolated ones for in-process targets, the user's own for endpoints."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Final, cast
from unittest.mock import patch
from xml.sax.saxutils import escape

import boto3
from botocore import exceptions as wrong
from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.model import OperationModel
from botocore.session import Session as BotocoreSession

from .ec2_target import Client
from .failures import NO_CODE
from .reply_parts import structure_or_nothing
from .strict_replies import ERROR, is_cut_off, parsed, request_id, strict_reply

REGION: Final = "us-east-1"
TIMEOUT: Final = 10.0
"""How long a call may take, in seconds."""
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")
"""The domains of AWS's endpoints: https://docs.aws.amazon.com/general/latest/gr/rande.html"""
_NO_SUCCESS: Final = 300
"""The lowest status that is not success."""
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_SUCCESS: Final = re.compile(rb"^\s*(?:<\?[^>]*>\s*)?<(\w+Response)\b")
"""The beginning of a successful reply."""


def without_aws(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the user's AWS settings, because moto makes sessions of its own when it starts."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")} | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def isolated_session(access_key: str = "ec2-lifecycle") -> boto3.session.Session:
    """Return a session with invented credentials that ignores the user's environment and files."""
    core = BotocoreSession(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    _share_models(core)
    return _with_invented_credentials(core, REGION, access_key)


def _share_models(core: BotocoreSession) -> None:
    """Let a session use what other sessions have read of botocore's description of EC2, which has a megabyte."""
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))


@cache
def _loader(data_path: str | None) -> Loader:
    """Return botocore's reader of descriptions, which keeps what it has read; `data_path` is the user's setting."""
    return create_loader(data_path)


def shared_models() -> AbstractContextManager[object]:
    """Return a context in which sessions of this process, whoever makes them, read botocore's models only once.

    Otherwise each session parses the description of EC2 again, which takes a tenth of a second or more.
    """
    return patch("botocore.session.create_loader", _loader)


def is_aws(host: str) -> bool:
    """Tell whether a host name is AWS's, as far as the name says."""
    return host.endswith(_AWS)


def usual_session(*, of_aws: bool) -> boto3.session.Session:
    """Return a session with boto3's usual chain of credentials.

    For an endpoint that is not AWS's, credentials and a region are invented if none are set,
    and the EC2 metadata service is not asked, because that takes seconds outside EC2.
    """
    core = BotocoreSession()
    _share_models(core)
    if of_aws:
        return boto3.session.Session(botocore_session=core)
    core.get_component("credential_provider").remove("iam-role")
    region: object = core.get_config_variable("region")
    region = region if isinstance(region, str) else REGION
    if core.get_credentials() is None:
        return _with_invented_credentials(core, region)
    return boto3.session.Session(botocore_session=core, region_name=region)


def ec2_client(
    session: boto3.session.Session,
    url: str | None = None,
    *,
    is_local: bool = True,
    timeout: float = TIMEOUT,
    ignore_configured_endpoints: bool = True,
) -> Client:
    """Return an EC2 client without retries and with a timeout of `timeout` seconds."""
    options: dict[str, Any] = {  # botocore's stubs do not know all of them
        "retries": {"total_max_attempts": 1},
        "connect_timeout": timeout,
        "read_timeout": timeout,
        "ignore_configured_endpoint_urls": ignore_configured_endpoints,
        "proxies": {} if is_local else None,  # a proxy cannot reach this machine under its local names
        "user_agent_extra": "ec2-lifecycle",
    }
    session_of_boto3: Any = session  # its stubs have one overload for every service of AWS
    client = session_of_boto3.client("ec2", endpoint_url=url, config=Config(**options))
    client.meta.events.register("before-parse.ec2", _whole_body)
    client.meta.events.register("before-parse.ec2", _readable_error)
    client.meta.events.register("before-parse.ec2", _strictly)
    client.meta.events.register("after-call.ec2", _raise_error)
    return client


def _whole_body(response_dict: dict[str, Any], **_: object) -> None:
    """Raise `ConnectionClosedError` for a truncated reply, which botocore would report as unparsable XML."""
    if is_cut_off(response_dict["headers"], response_dict["body"]):
        raise wrong.ConnectionClosedError(endpoint_url="the endpoint, in the middle of its reply")


def _strictly(
    response_dict: dict[str, Any],
    operation_model: OperationModel,
    customized_response_dict: dict[str, Any],
    **_: object,
) -> None:
    """Read a success strictly, and leave botocore nothing to read but the id of the request."""
    if response_dict["status_code"] < _NO_SUCCESS:
        root = parsed(response_dict["body"])
        customized_response_dict.update(strict_reply(operation_model, root))
        response_dict["body"] = f"<Read><requestId>{escape(request_id(root))}</requestId></Read>".encode()


def _raise_error(http_response: Any, parsed: dict[str, Any], model: OperationModel, **_: object) -> None:  # noqa: ANN401 - botocore's reply has no public type
    """Raise the `ClientError` for an error body that came with the status of a success."""
    if ERROR in parsed and http_response.status_code < _NO_SUCCESS:
        raise wrong.ClientError(cast("Any", parsed), model.name)


def _readable_error(response_dict: dict[str, Any], **_: object) -> None:
    """Make botocore read every error reply as an error with its status, whatever its body is.

    botocore recognizes only some HTML error pages, and reports others, such as Flask's, as unparsable XML.
    An error in JSON has no code that an EC2 client could read; its content becomes the message.
    So does the name of a successful reply. An error in XML stays as it is, with or without a code.
    """
    status, body = response_dict["status_code"], response_dict["body"]
    if status < _CLIENT_ERROR or b"<Error" in body:
        return
    success = _SUCCESS.search(body)
    message = escape(_json_error_text(body) if success is None else f"the body is a {success[1].decode()}")
    xml = f"<Response><Errors><Error><Code>{NO_CODE}</Code><Message>{message}</Message></Error></Errors></Response>"
    response_dict["body"] = b"" if status >= _SERVER_ERROR else xml.encode()


def _json_error_text(body: bytes) -> str:
    """Return code and message of a JSON error in any of AWS's forms; empty if it is not one."""
    try:
        data: object = json.loads(body)
    except ValueError:
        return ""
    whole = structure_or_nothing(data)
    inner = structure_or_nothing(whole.get("Error") or whole.get("error")) or whole
    code = next((inner[key] for key in ("__type", "Code", "code") if isinstance(inner.get(key), str)), "")
    message = next((inner[key] for key in ("Message", "message") if isinstance(inner.get(key), str)), "")
    return ": ".join(filter(None, (code.rpartition("#")[2], message)))


def _with_invented_credentials(
    core: BotocoreSession, region: str, access_key: str = "ec2-lifecycle"
) -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=access_key,
        aws_secret_access_key="ec2-lifecycle",  # noqa: S106 - nobody's
        region_name=region,
        botocore_session=core,
    )
