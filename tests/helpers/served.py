"""A served model without a server: requests as clients send them, and what comes back."""

import re
from typing import NamedTuple
from urllib.parse import urlencode

from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpRequest

OWNER = "AKIDOWNER"


class Reply(NamedTuple):
    """A reply: its status and its body; `found` are the texts of one element, in order."""

    status: int
    body: str

    def found(self, element: str) -> list[str]:
        """Return the text of every element of a name."""
        return re.findall(rf"<{element}>([^<]*)</{element}>", self.body)

    @property
    def error(self) -> tuple[int, str, str]:
        """Its status, and the code and the message in it."""
        return self.status, self.found("Code")[0], self.found("Message")[0]


def ask(model: ServedModel, action: str, *, by: str = OWNER, region: str = "us-east-1", **fields: str) -> Reply:
    """Send a request, with `.` written as `__` in names."""
    sent = {"Action": action, "Version": "2016-11-15", **{key.replace("__", "."): v for key, v in fields.items()}}
    return send(model, urlencode(sent).encode(), by=by, region=region)


def send(model: ServedModel, body: bytes, *, by: str = OWNER, region: str = "us-east-1") -> Reply:
    signed = {"authorization": f"AWS4-HMAC-SHA256 Credential={by}/20260101/{region}/ec2/aws4_request, Signature=f"}
    reply = model.endpoint.answer(HttpRequest(headers=signed, body=body))
    return Reply(reply.status, reply.body.decode())


def launch(model: ServedModel, count: int = 1, /, *, region: str = "us-east-1", **fields: str) -> list[str]:
    number = str(count)
    reply = ask(model, "RunInstances", region=region, ImageId="ami-1", MinCount=number, MaxCount=number, **fields)
    assert reply.status == 200, reply.body
    return reply.found("instanceId")


def states(model: ServedModel, *ids: str) -> list[str]:
    named = {f"InstanceId__{number}": i for number, i in enumerate(ids, 1)}
    return re.findall(r"<instanceState><code>\d+</code><name>([^<]*)", ask(model, "DescribeInstances", **named).body)
