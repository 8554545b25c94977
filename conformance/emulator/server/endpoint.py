"""Answers HTTP requests in the Query protocol of EC2 and STS, for one account."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from botocore.exceptions import ClientError

from ....model.requests import Caller
from ...adapter.failures import code_and_status
from ..call_log import SUCCESS, Call, error_in
from ..refusals import OwnRefusal
from ..regions import DEFAULT_REGION
from ..simulation import Answer
from ..wire import encode, services
from ..wire.decode import arguments_of
from ..wire.ec2_errors import Ec2Error
from ..wire.errors import WrongRequest
from ..wire.http import HttpReply, HttpRequest, signer_of
from .cloud import Cloud

NOBODY: Final = "NOBODY"
"""The default access key of a caller without permissions (DRY-2)."""
MOST_BYTES: Final = 1 << 20
"""Maximum size of a body; the longest in the specification has 1001 ids, and 60 kB."""
_MOST_FIELDS: Final = 20_000
_LONGEST: Final = 100
_XML: Final = "text/xml;charset=UTF-8"
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Endpoint:
    """Answers requests one after the other, from any thread."""

    cloud: Cloud
    nobody: str = NOBODY
    lock: Lock = field(default_factory=Lock)
    _ids: random.Random = field(default_factory=lambda: random.Random(0))

    def answer(self, request: HttpRequest) -> HttpReply:
        """Return the reply to a request; never raises."""
        return self.call(request)[0]

    def call(self, request: HttpRequest) -> tuple[HttpReply, Call]:
        """Return the reply to a request, and a record of it for the log; never raises."""
        request_id = str(UUID(int=self._ids.getrandbits(128), version=4))
        signer = signer_of(request.headers.get("authorization", ""), _credential(request.query))
        service = services.STS if signer.service == services.STS else services.EC2
        caller = Caller.NOBODY if signer.access_key == self.nobody else Caller.OWNER
        asked = _Asked(region=signer.region, caller=caller)
        try:
            fields = _fields(request)
            named = dict(fields)
            asked.operation = named.get("Action", "")
            service = _service(named, service)
            with self.lock:
                passed_on = self.cloud.pass_on(request, service, fields, signer, caller)
            if passed_on is not None:
                asked.arguments = _arguments(service, asked.operation, fields)
                return passed_on, self._record(asked, service, passed_on, passed_on=True)
            status, body = 200, self._perform(service, fields, asked, request_id)
        except WrongRequest as wrong:
            asked.error = (wrong.code, wrong.message, wrong.facts)
            status, body = wrong.status, encode.error(service, wrong.code, wrong.message, request_id)
        except ClientError as refusal:
            code, message, status = code_and_status(refusal)
            asked.error = (code, message, refusal.facts if isinstance(refusal, OwnRefusal) else ())
            body = encode.error(service, code, message, request_id)
        except Exception:  # noqa: BLE001 - a bug here must not end the server
            _LOG.exception("The model failed to answer a request.")
            internal = Ec2Error.INTERNAL
            asked.error = (internal.value.code, internal.text(), internal.value.facts)
            status = internal.value.status
            body = encode.error(service, internal.value.code, internal.text(), request_id)
        reply = HttpReply(status, {"Content-Type": _XML, "x-amzn-requestid": request_id}, body)
        return reply, self._record(asked, service, reply)

    def unanswered(self, request: HttpRequest) -> Call:
        """Return the record of a request that is not carried out."""
        signer = signer_of(request.headers.get("authorization", ""), _credential(request.query))
        caller = Caller.NOBODY if signer.access_key == self.nobody else Caller.OWNER
        asked = _Asked(region=signer.region, caller=caller)
        try:
            fields = _fields(request)
            asked.operation = dict(fields).get("Action", "")
            asked.arguments = _arguments(services.EC2, asked.operation, fields)
        except WrongRequest as wrong:
            asked.error = (wrong.code, wrong.message, wrong.facts)
        return self._record(asked, services.EC2, HttpReply(SUCCESS, {}, b""))

    def _record(self, asked: "_Asked", service: str, reply: HttpReply, *, passed_on: bool = False) -> Call:
        now = self.cloud.clock.now()
        code, message, facts = asked.error
        if passed_on and reply.status != SUCCESS:
            code, message = error_in(reply.status, reply.body)
        return Call(
            asked.operation,
            at=now,
            moment=self.cloud.since + timedelta(seconds=now),
            region=asked.region or DEFAULT_REGION.name,
            caller=asked.caller.value,
            arguments=asked.arguments,
            status=reply.status,
            code=code,
            message=message,
            facts=facts,
            body=reply.body,
            service=service,
            answer=asked.answer,
            age=asked.age,
            passed_on=passed_on,
        )

    def _perform(self, service: str, fields: list[tuple[str, str]], asked: "_Asked", request_id: str) -> bytes:
        name = asked.operation
        if not name:
            raise WrongRequest(Ec2Error.NO_ACTION)
        if not self.cloud.knows(service, name):
            is_ec2s = service == services.EC2 and name in services.methods_of(service)
            raise WrongRequest(Ec2Error.ACTION_NOT_HELD if is_ec2s else Ec2Error.UNKNOWN_ACTION, name=name[:_LONGEST])
        operation = services.operation_of(service, name)
        arguments = arguments_of(operation, fields)
        asked.arguments = dict(arguments)
        with self.lock:
            if service != services.EC2:
                return encode.reply(operation, self.cloud.call(service, name, "", asked.caller, arguments), request_id)
            simulation = self.cloud.region(asked.region).simulation
            simulation.begin()
            try:
                reply = self.cloud.call(service, name, asked.region, asked.caller, arguments)
            finally:
                asked.answer, asked.age = simulation.last, simulation.late_reads.age
        return encode.reply(operation, reply, request_id)


@dataclass(slots=True)
class _Asked:
    """What becomes known of a request while it is answered."""

    region: str
    caller: Caller
    operation: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error: tuple[str, str, tuple[str, ...]] = ("", "", ())
    """The code of an error, its message, and the facts behind it."""
    answer: Answer | None = None
    age: float = 0.0


def _arguments(service: str, operation: str, fields: list[tuple[str, str]]) -> Mapping[str, Any]:
    """Return the arguments of a request that the model does not carry out; none if they cannot be read."""
    if operation not in services.methods_of(service):
        return {}
    try:
        return arguments_of(services.operation_of(service, operation), fields)
    except WrongRequest:
        return {}


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of the query and of the form; raises `WrongRequest`."""
    if len(request.body) > MOST_BYTES:
        raise WrongRequest(Ec2Error.TOO_LARGE, most=MOST_BYTES)
    try:
        text = "&".join(filter(None, (request.query, request.body.decode())))
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError as error:
        why = f"byte {error.start + 1} of its body is not UTF-8"
    except ValueError:
        why = f"it is not made of at most {_MOST_FIELDS} fields, each written NAME=VALUE"
    raise WrongRequest(Ec2Error.NO_FORM, why=why)


def _credential(query: str) -> str:
    """Return the credential that a signed URL carries."""
    return dict(parse_qsl(query)).get("X-Amz-Credential", "") if "X-Amz-Credential" in query else ""


def _service(named: Mapping[str, str], signed: str) -> str:
    """Return the service of a request: by its version, or, without one, by its signature."""
    version = named.get("Version")
    if not version:
        return signed
    for service in services.SERVICES:
        if services.version_of(service) == version:
            return service
    raise WrongRequest(Ec2Error.UNKNOWN_VERSION, version=version[:_LONGEST], known=services.version_of(services.EC2))
