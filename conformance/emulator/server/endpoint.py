"""Answers HTTP requests in the Query protocol of EC2 and STS, for one account."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from botocore.exceptions import ClientError

from ....model.requests import Caller
from ...adapter.failures import code_and_status
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
        request_id = str(UUID(int=self._ids.getrandbits(128), version=4))
        signer = signer_of(request.headers.get("authorization", ""), _credential(request.query))
        service = services.STS if signer.service == services.STS else services.EC2
        try:
            fields = _fields(request)
            named = dict(fields)
            service = _service(named, service)
            caller = Caller.NOBODY if signer.access_key == self.nobody else Caller.OWNER
            with self.lock:
                passed_on = self.cloud.pass_on(request, service, fields, signer, caller)
            if passed_on is not None:
                return passed_on
            status, body = 200, self._perform(service, named, fields, signer.region, caller, request_id)
        except WrongRequest as wrong:
            status, body = wrong.status, encode.error(service, wrong.code, wrong.message, request_id)
        except ClientError as refusal:
            code, message, status = code_and_status(refusal)
            body = encode.error(service, code, message, request_id)
        except Exception:  # noqa: BLE001 - a bug here must not end the server
            _LOG.exception("The model failed to answer a request.")
            internal = Ec2Error.INTERNAL
            status = internal.value.status
            body = encode.error(service, internal.value.code, internal.text(), request_id)
        return HttpReply(status, {"Content-Type": _XML, "x-amzn-requestid": request_id}, body)

    def _perform(
        self,
        service: str,
        named: Mapping[str, str],
        fields: list[tuple[str, str]],
        region: str,
        caller: Caller,
        request_id: str,
    ) -> bytes:
        name = named.get("Action", "")
        if not name:
            raise WrongRequest(Ec2Error.NO_ACTION)
        if not self.cloud.knows(service, name):
            is_ec2s = service == services.EC2 and name in services.methods_of(service)
            raise WrongRequest(Ec2Error.ACTION_NOT_HELD if is_ec2s else Ec2Error.UNKNOWN_ACTION, name=name[:_LONGEST])
        operation = services.operation_of(service, name)
        arguments = arguments_of(operation, fields)
        with self.lock:
            reply = self.cloud.call(service, name, region, caller, arguments)
        return encode.reply(operation, reply, request_id)


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
