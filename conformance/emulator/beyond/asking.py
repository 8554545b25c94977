"""What the model asks the EC2 behind it: a call with boto3's arguments, sent and read by botocore's description."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from ..variation import Fields
from ..wire import services
from ..wire.http import HttpRequest
from .behind import FORM, Behind
from .refusals import error_of_reply

KEY: Final = "ec2-lifecycle"
"""The access key of a question, unless a program's request has one."""
IAM: Final = "iam"
_FIRST_ERROR: Final = 300
_MOST_PAGES: Final = 1000


@dataclass(slots=True)
class Asking:
    """Asks the EC2 behind about one region, with the access key of the request that the model answers."""

    behind: Behind
    region: str
    key: str = KEY

    def __call__(self, operation: str, service: str = services.EC2, **arguments: Any) -> Fields:  # noqa: ANN401 - boto3's
        """Return the reply to a call; raises its error as `ClientError`."""
        model: Any = _service(service).operation_model(operation)
        protocol = model.service_model.protocol
        sent: Any = create_serializer(protocol, include_validation=False).serialize_to_request(arguments, model)
        scope = f"{self.key}/20260101/{self.region}/{service}/aws4_request"
        request = HttpRequest(
            headers={
                "content-type": FORM,
                "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none",
            },
            body=urlencode(sent["body"]).encode(),
        )
        reply = self.behind.answer(request, service, self.region)
        parser: Any = create_parser(protocol)
        read: Fields = parser.parse(
            {"status_code": reply.status, "headers": dict(reply.headers), "body": reply.body}, model.output_shape
        )
        if reply.status >= _FIRST_ERROR:
            raise error_of_reply(operation, read)
        return read

    def each(self, operation: str, key: str, **arguments: Any) -> Iterator[Fields]:  # noqa: ANN401 - boto3's
        """Yield the items of a description, over all its pages."""
        for _ in range(_MOST_PAGES):
            reply = self(operation, **arguments)
            yield from reply.get(key) or ()
            token = reply.get("NextToken")
            if not token:
                return
            arguments["NextToken"] = token


@cache
def _service(name: str) -> ServiceModel:
    if name in services.SERVICES:
        return services.service(name)
    description: Any = Loader().load_service_model(name, "service-2")  # pyright: ignore[reportUnknownMemberType]
    return ServiceModel(description, name)
