"""HTTP as far as the protocol needs it, whoever carries it: a server's sockets, or botocore in this process."""

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
    """Who signed a request, and for where; all of it is empty where nobody did."""

    access_key: str = ""
    region: str = ""
    service: str = ""


def signer_of(authorization: str, credential: str = "") -> Signer:
    """Return who signed: by the header `Authorization`, or by the credential in the query. No signature is checked."""
    found = _CREDENTIAL.search(authorization or f"Credential={credential}/")
    return Signer(*found.groups()) if found else Signer()


def is_local(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
