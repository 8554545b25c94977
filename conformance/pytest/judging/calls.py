"""A call of a client, and its result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from botocore import xform_name
from botocore.exceptions import ClientError

from ....model.requests import Operation
from ....strategies.scenario.steps import READS
from ...adapter.failures import CLIENT_ERRORS, SUCCESSES, code_and_status
from ...adapter.reply_parts import structure_or_nothing
from ...oracle.excuses import may_have_acted

Fields: TypeAlias = Mapping[str, Any]
"""Parameters or a reply in boto3's form."""

OPERATIONS: Final = {operation.value: operation for operation in Operation}
"""The operations of the specification, by EC2's names."""
READING: Final = ("Describe", "Get", "List", "Search", "CreateTags", "DeleteTags", "Monitor", "Unmonitor")
"""The prefixes of other operations that change nothing in the specification."""
_IDS: Final = ("i-", "vol-")
_LONGEST: Final = 300
"""Characters of one value above which it is shortened. No parameter is left out."""
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Call:
    """A call, with EC2's name of its operation, and an `error` or a `reply`."""

    name: str
    sent: Fields
    reply: object = None
    error: Exception | None = None

    @property
    def operation(self) -> Operation | None:
        """The operation, if the specification covers it."""
        return OPERATIONS.get(self.name)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing in the specification."""
        return is_read(self.name)

    @property
    def code(self) -> str:
        """The code of the error reply; empty if there was none."""
        return "" if self.error is None else code_and_status(self.error)[0]

    @property
    def retries(self) -> int:
        """How often botocore sent it again because it got no valid reply."""
        told = self.reply if self.error is None else getattr(self.error, "response", None)
        metadata = structure_or_nothing(structure_or_nothing(told).get("ResponseMetadata"))
        again = metadata.get("RetryAttempts")
        return again if isinstance(again, int) else 0

    @property
    def changed_nothing(self) -> bool:
        """Whether it surely changed nothing: a dry run, or refused for a mistake of the client's at its only attempt.

        After a server fault, or an attempt without a reply, it was carried out or not (fact E-34).
        """
        if self.sent.get("DryRun"):
            return True
        if not isinstance(self.error, ClientError) or self.retries:
            return False
        code, _, status = code_and_status(self.error)
        if self.operation is None or may_have_acted(self.operation, code):
            return False
        return status in CLIENT_ERRORS or status in SUCCESSES

    @property
    def ids(self) -> frozenset[str]:
        """The instances and volumes that it names or creates."""
        made = ids_in(self.reply) if self.name in {"RunInstances", "CreateVolume"} else ()
        return frozenset((*ids_in(self.sent), *made))

    def text(self) -> str:
        """Return the call and its result on one line, as in a program."""
        sent = ", ".join(f"{key}={_shown(value)}" for key, value in self.sent.items())
        return f"{xform_name(self.name)}({sent}) → {self._outcome()}"

    def _outcome(self) -> str:
        if self.error is not None:
            return self.code or type(self.error).__name__
        made = sorted(i for i in ids_in(self.reply) if i.startswith("i-")) if self.name == "RunInstances" else []
        if self.name == "CreateVolume":
            made = [str(structure_or_nothing(self.reply).get("VolumeId"))]
        if not made:
            return "success"
        return ", ".join(made[:_MOST]) + (f" and {len(made) - _MOST} more" if len(made) > _MOST else "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def is_read(name: str) -> bool:
    """Tell whether an operation changes nothing in the specification."""
    operation = OPERATIONS.get(name)
    return name.startswith(READING) if operation is None else operation in READS


def ids_in(value: object) -> Iterator[str]:
    """Yield every text in parameters or a reply that looks like an instance or volume id."""
    if isinstance(value, str):
        if value.startswith(_IDS):
            yield value
    elif isinstance(value, Mapping):
        for one in cast("Mapping[object, object]", value).values():
            yield from ids_in(one)
    elif isinstance(value, Sequence):
        for one in cast("Sequence[object]", value):
            yield from ids_in(one)
