"""HTTP requests and replies, independent of the transport: a server's sockets, or botocore in this process."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d*/([^/,\s]*)/([^/,\s]*)/")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request: `path` without its query, header names in small letters."""

    method: str = "POST"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a request, and for which region and service; all empty without a signature."""

    access_key: str = ""
    region: str = ""
    service: str = ""


def signer_of(authorization: str, credential: str = "") -> Signer:
    """Return the signer from the `Authorization` header or the credential in the query. Signatures are not checked."""
    found = _CREDENTIAL.search(authorization or f"Credential={credential}/")
    return Signer(*found.groups()) if found else Signer()


def is_local(host: str) -> bool:
    """Tell whether a host name or address is this machine's, without resolving it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
