"""The EC2 behind the model: moto in this process, or an endpoint."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.httpsession import URLLib3Session

from ...adapter.sessions import is_aws
from ..wire import encode
from ..wire.ec2_errors import Ec2Error
from ..wire.http import HttpReply, HttpRequest

MOTO: Final = "moto"
FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
"""The type of a request's body."""
_MOTO_CHECKS: Final[Mapping[str, str]] = {"ImageId": "ENABLE_AMI_VALIDATION", "KeyName": "ENABLE_KEYPAIR_VALIDATION"}
"""The settings of moto that make it refuse unknown images and key pairs."""
_ENDPOINT: Final = "endpoint:"
_OF_ONE_CONNECTION: Final = frozenset(
    {"accept-encoding", "connection", "content-encoding", "content-length", "expect", "host", "transfer-encoding"}
)
"""The headers that are not passed on, because they describe one connection."""
_NO_REPLY: Final = (NoConnectionError, ConnectionClosedError, ReadTimeoutError)
_REQUEST_ID: Final = "00000000-0000-4000-8000-000000000000"


class WrongBeyond(ValueError):
    """The setting names no EC2; the message is one sentence for the user."""


class Behind(Protocol):
    """An EC2 that answers requests of the Query protocol."""

    @property
    def name(self) -> str:
        """Return the name that error messages give it."""
        ...

    def answer(self, request: HttpRequest, service: str, region: str) -> HttpReply:
        """Return its reply to a request for a service in a region."""
        ...

    def checks(self, parameter: str) -> bool:
        """Tell whether it is set to refuse a launch that names something unknown in this parameter."""
        ...

    def entered(self) -> AbstractContextManager[None]:
        """Return a context in which it can answer."""
        ...


@dataclass(frozen=True, slots=True)
class Moto:
    """The EC2 of moto, in this process. Other services of moto see the same VPCs, groups and images."""

    name: str = MOTO

    def answer(self, request: HttpRequest, service: str, region: str) -> HttpReply:
        """Return moto's reply; what moto has not implemented is the error `InvalidAction`."""
        from moto.core.botocore_stubber import BotocoreStubber

        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        prepared = _prepared(f"https://{service}.{region}.{domain}", request)
        try:
            # Untyped: moto's own types differ between its releases.
            status, headers, body = cast("Any", BotocoreStubber()).process_request(prepared)
        except NotImplementedError as error:
            return _error(service, Ec2Error.NOT_IMPLEMENTED_BEHIND, behind=self.name, why=error)
        return HttpReply(int(status), _kept(headers), body.encode() if isinstance(body, str) else body)

    def checks(self, parameter: str) -> bool:
        """Tell what moto's settings say, such as the environment variable MOTO_ENABLE_AMI_VALIDATION."""
        from moto import settings

        return bool(getattr(settings, _MOTO_CHECKS.get(parameter, ""), False))

    @contextmanager
    def entered(self) -> Generator[None]:
        """Mock AWS with moto; a mock that is active already keeps its data."""
        from moto import mock_aws

        with mock_aws():
            yield


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whatever speaks EC2's protocol at a URL."""

    url: str
    _session: URLLib3Session = field(default_factory=URLLib3Session, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the URL."""
        return self.url

    def answer(self, request: HttpRequest, service: str, region: str) -> HttpReply:
        """Return the reply of the endpoint; the error `Unavailable` if it gives none. The signature has the region."""
        del region
        try:
            reply: Any = self._session.send(_prepared(self.url, request))  # pyright: ignore[reportUnknownMemberType]
            return HttpReply(reply.status_code, _kept(reply.headers), reply.content)
        except _NO_REPLY:
            return _error(service, Ec2Error.NO_REPLY_BEHIND, url=self.url)

    def checks(self, parameter: str) -> bool:
        """Return False: an endpoint does not say what it checks."""
        del parameter
        return False

    @contextmanager
    def entered(self) -> Generator[None]:
        """Do nothing: the endpoint runs by itself."""
        yield


def behind_of(text: str) -> Behind:
    """Return the EC2 that the setting `beyond` names; raises `WrongBeyond`."""
    if text == MOTO:
        return Moto()
    if not text.startswith(_ENDPOINT):
        raise WrongBeyond(f'There is no EC2 "{text}" to stand in front of; write moto or endpoint:URL.')
    url = text.removeprefix(_ENDPOINT)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_url = parts.scheme in {"http", "https"} and bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        host, is_url = "", False
    if not is_url:
        raise WrongBeyond(f'"{url}" is not the URL of an EC2; write one such as endpoint:http://127.0.0.1:4566.')
    if is_aws(host):
        raise WrongBeyond(f"{host} is AWS itself, whose instances ec2-lifecycle cannot own; name an emulator.")
    return Endpoint(url.rstrip("/"))


def _prepared(base: str, request: HttpRequest) -> AWSPreparedRequest:
    query = f"?{request.query}" if request.query else ""
    headers: Any = HeadersDict()
    for name, value in request.headers.items():
        if name.lower() not in _OF_ONE_CONNECTION:
            headers[name] = value
    if request.body and "content-type" not in headers:
        headers["content-type"] = FORM
    url = f"{base}{request.path or '/'}{query}"
    return AWSPreparedRequest(request.method, url, headers, request.body, stream_output=False)


def _kept(headers: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items() if name.lower() not in _OF_ONE_CONNECTION}


def _error(service: str, error: Ec2Error, **parts: object) -> HttpReply:
    body = encode.error(service, error.value.code, error.text(**parts), _REQUEST_ID)
    return HttpReply(error.value.status, {"Content-Type": "text/xml;charset=UTF-8"}, body)
