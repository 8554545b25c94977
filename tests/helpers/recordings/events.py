"""What a recording tells: calls of EC2's operations, and states in which an instance was seen."""

from dataclasses import dataclass
from typing import Any

from ec2_lifecycle.conformance.pytest.judging.calls import ids_in
from ec2_lifecycle.model.world import Instance

Json = dict[str, Any]


class UnknownForm(Exception):
    """A recording cannot be read; the message is a sentence that names the file and the place."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of any operation of EC2, and its outcome, in boto3's form.

    `sent` None: the parameters were not recorded. `reply` None: it succeeded, and its reply was not recorded, as
    CloudTrail records none of a Describe operation; a refusal is kept as in a `ClientError`, under the key `Error`.
    `at` is the time of the reply in seconds; None: not recorded.
    """

    name: str
    sent: Json | None
    reply: Json | None
    at: float | None = None

    @property
    def code(self) -> str:
        """The code of the refusal; empty for a success."""
        return "" if self.reply is None else self.reply.get("Error", {}).get("Code", "")

    @property
    def message(self) -> str:
        """The text of the refusal; empty for a success."""
        return "" if self.reply is None else self.reply.get("Error", {}).get("Message", "")

    @property
    def ids(self) -> tuple[str, ...]:
        """The instances and volumes that it names or shows; those in a filter need not exist."""
        named = {key: value for key, value in (self.sent or {}).items() if key != "Filters"}
        return tuple(dict.fromkeys((*ids_in(named), *ids_in(self.reply))))


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The state in which an instance was seen, and nothing more of it."""

    instance: Instance
    state: str
    at: float | None = None


Event = Call | Glimpse
