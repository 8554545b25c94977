"""Replaces real ids with pseudonyms of the same form, consistently within one trace.

Replaced: ids of resources, accounts and principals, access keys, ARNs, IP and MAC addresses, host names,
request ids, names of keys, roles, groups and users, tags, tokens and user data.
Kept: states, codes, types, zones, devices, times, flags, and the texts of messages.
"""

import ipaddress
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, cast

from .json_values import Json

_HEX: Final = "0123456789abcdef"
_ID: Final = re.compile(r"(?<![\w-])([a-z]+(?:-[a-z]+)*-)([0-9a-f]{17}|[0-9a-f]{8})(?![0-9A-Za-z])")
_ACCOUNT: Final = re.compile(r"(?<![0-9A-Za-z.])[0-9]{12}(?![0-9A-Za-z])")
_PRINCIPAL: Final = re.compile(r"\b(A(?:KI|SI|ID|RO|GP|NP|IP|NV|PK|BI|CC|SC)A)[A-Z0-9]{12,}\b")
_ARN: Final = re.compile(r"\b(arn:[\w-]*:[\w-]*:[\w-]*:)(\w*):([^\s\"'<>,]+)")
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_IPV4: Final = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w])")
_IPV6: Final = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:.])", re.IGNORECASE)
_MAC: Final = re.compile(r"(?<![\w:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:])", re.IGNORECASE)
_DASHED: Final = re.compile(r"\b(ip|ec2)-([0-9]{1,3}(?:-[0-9]{1,3}){3})(?![\w])((?:\.[\w-]+)*)")
_URL: Final = re.compile(r"\b(https?://)([^\s/\"'<>]+)([^\s\"'<>]*)")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HOME: Final = re.compile(r"(/home/|/Users/|\\Users\\)[^/\\\s\"']+")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/=_-]{64,}")

_NAMED: Final = frozenset(
    {
        "ClientToken",
        "GroupName",
        "KeyName",
        "NextToken",
        "OwnerAlias",
        "Password",
        "RequestId",
        "RequesterId",
        "UserData",
        "UserName",
        "x-amzn-requestid",
    }
)
"""The keys whose text is a name or a token of the user."""
_DNS: Final = re.compile(r"dnsname$", re.IGNORECASE)
_AWS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".compute.internal", ".ec2.internal")
_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")
_OWN: Final = frozenset({"amazon", "aws-marketplace", "default", "self"})
"""Names that identify nobody."""
_HEADERS: Final = frozenset(
    {"content-length", "content-type", "date", "retry-after", "server", "transfer-encoding", "x-amzn-requestid"}
)
"""The HTTP headers that are kept; others may hold anything."""
_PRIVATE: Final = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


@dataclass(slots=True)
class Pseudonyms:
    """The pseudonyms of one trace; thread-safe."""

    _others: dict[str, str] = field(default_factory=dict[str, str])
    _lock: Lock = field(default_factory=Lock)

    def keep(self, text: str) -> None:
        """Keep the ids in a text, because a scenario made them up and replies repeat them."""
        with self._lock:
            for pattern in (_ID, _ACCOUNT, _IPV4, _IPV6, _MAC, _UUID):
                self._others.update((found[0], found[0]) for found in pattern.finditer(text))

    def of(self, value: Json, key: str = "") -> Json:
        """Return a value of a reply with pseudonyms; `key` is its key."""
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, list):
            return [self.of(item, key) for item in cast("list[Json]", value)]
        if not isinstance(value, dict):
            return self._number(value)
        whole = cast("dict[str, Json]", value)
        if key == "HTTPHeaders":
            whole = {name: item for name, item in whole.items() if name.lower() in _HEADERS}
        if key in {"Tags", "TagSet"}:
            return {name: self._tag(str(item)) if isinstance(item, str) else item for name, item in whole.items()}
        if "$bytes" in whole:
            return {"$bytes": ""}
        return {name: item if name == "$datetime" else self.of(item, name) for name, item in whole.items()}

    def text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        passes: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
            (_URL, self._url),
            (_EMAIL, lambda _: "user@example.com"),
            (_HOME, lambda found: f"{found[1]}user"),
            (_ARN, self._arn),
            (_ID, lambda found: self._other(found[0], lambda: found[1] + _hex(found[2]))),
            (_UUID, lambda found: self._other(found[0], lambda: _like(found[0]))),
            (_PRINCIPAL, lambda found: self._other(found[0], lambda: found[1] + _like(found[0][4:]))),
            (_ACCOUNT, lambda found: self._other(found[0], lambda: _like(found[0]))),
            (_DASHED, self._dashed),
            (_MAC, lambda found: self._other(found[0], lambda: "02" + _like(found[0].lower()[2:]))),
            (_IPV4, lambda found: self._address(found[0])),
            (_IPV6, lambda found: self._address(found[0])),
            (_ENCODED, lambda _: "[encoded]"),
        )
        for pattern, other in passes:
            text = pattern.sub(other, text)
        return text

    def _text(self, text: str, key: str) -> str:
        if key in _NAMED and text not in _OWN and not _UUID.fullmatch(text):
            return self._other(text, lambda: f"name-{secrets.token_hex(3)}") if text else text
        if _DNS.search(key) and text and not text.endswith(_AWS):
            return self._other(text, lambda: f"host-{secrets.token_hex(3)}.example.internal")
        return self.text(text)

    def _number(self, value: Json) -> Json:
        """Return another account where a number is one, as some emulators send it."""
        if isinstance(value, int) and not isinstance(value, bool) and _ACCOUNT.fullmatch(str(value)):
            return int(self._other(str(value), lambda: _like(str(value))))
        return value

    def _tag(self, text: str) -> str:
        return self._other(text, lambda: f"tag-{secrets.token_hex(3)}") if text else text

    def _arn(self, found: re.Match[str]) -> str:
        account = self._other(found[2], lambda: _like(found[2])) if _ACCOUNT.fullmatch(found[2]) else found[2]
        kind, *names = re.split(r"(?<=[/:])", found[3])
        rest = "".join(self._arn_part(name) for name in names) if names else self._arn_part(kind)
        return f"{found[1]}{account}:{kind if names else ''}{rest}"

    def _arn_part(self, name: str) -> str:
        plain = name.rstrip("/:")
        if not plain or _ID.fullmatch(plain):  # an id is replaced as everywhere else
            return name
        return self._other(plain, lambda: f"name-{secrets.token_hex(3)}") + name[len(plain) :]

    def _url(self, found: re.Match[str]) -> str:
        host = found[2].rpartition("@")[2]
        plain = host if host.endswith("]") else host.rpartition(":")[0] or host
        if plain in _LOCAL or plain.endswith(_AWS):
            return f"{found[1]}{host}{found[3]}"
        return f"{found[1]}{self._other(plain, lambda: f'host-{secrets.token_hex(3)}.example.com')}"

    def _dashed(self, found: re.Match[str]) -> str:
        name = f"{found[1]}-{self._address(found[2].replace('-', '.')).replace('.', '-')}"
        domain = found[3] if not found[3] or found[3].endswith(_AWS) else ".example.internal"
        return name + domain

    def _address(self, text: str) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:  # such as a version with four parts
            return text
        if address.is_loopback or address.is_unspecified or address.is_link_local:
            return text
        if isinstance(address, ipaddress.IPv6Address):
            return self._other(text, lambda: f"2001:db8::{_hex('10000')[:4]}:{_hex('10000')[:4]}")
        if any(address in network for network in _PRIVATE):
            return self._other(text, lambda: f"10.{_byte()}.{_byte()}.{_byte()}")
        return self._other(text, lambda: f"198.{18 + secrets.randbelow(2)}.{_byte()}.{_byte()}")

    def _other(self, real: str, make: Callable[[], str]) -> str:
        """Return what stands for something real, made once, and for nothing else."""
        with self._lock:
            known = self._others.get(real)
            if known is not None:
                return known
            other = make()
            while other in self._others or other == real:
                other = make()
            self._others[real] = other
            self._others[other] = other  # taken; and what is replaced twice is replaced once
            return other


def _byte() -> int:
    return secrets.randbelow(254) + 1


def _hex(real: str) -> str:
    """Return other hexadecimal digits. The first stays: EC2 tells long ids from what is none by it."""
    return real[0] + "".join(secrets.choice(_HEX) for _ in real[1:])


def _like(real: str) -> str:
    """Return other digits in the place of digits, and letters in that of letters."""
    return "".join(map(_like_one, real))


def _like_one(sign: str) -> str:
    for signs in (string.digits, "abcdef", string.ascii_lowercase, string.ascii_uppercase):
        if sign in signs:
            return secrets.choice(signs)
    return sign
