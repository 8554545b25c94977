"""A call that a client made, and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from botocore import xform_name

from ....model.requests import Operation
from ....strategies.scenario.steps import READS
from ...adapter.failures import code_and_status
from ...adapter.parts import structure_or_nothing

Fields: TypeAlias = Mapping[str, Any]
"""Parameters, or a reply, as boto3 has them."""

OPERATIONS: Final = {operation.value: operation for operation in Operation}
"""The operations that the specification covers, by EC2's names."""
READING: Final = ("Describe", "Get", "List", "Search", "CreateTags", "DeleteTags", "Monitor", "Unmonitor")
"""What other operations begin with that change nothing of which the specification speaks."""
_IDS: Final = ("i-", "vol-")
_LONGEST: Final = 300
"""Characters of one value above which it is shortened. No parameter is left out."""
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Call:
    """A call by EC2's name of its operation; it has an `error`, or else a `reply`."""

    name: str
    sent: Fields
    reply: object = None
    error: Exception | None = None

    @property
    def operation(self) -> Operation | None:
        """The operation, where the specification covers it."""
        return OPERATIONS.get(self.name)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing of which the specification speaks."""
        return is_read(self.name)

    @property
    def code(self) -> str:
        """The code of the error reply, empty where there was none."""
        return "" if self.error is None else code_and_status(self.error)[0]

    @property
    def tries(self) -> int:
        """How many times botocore sent it again because no answer came, or none that it took for one."""
        told = self.reply if self.error is None else getattr(self.error, "response", None)
        metadata = structure_or_nothing(structure_or_nothing(told).get("ResponseMetadata"))
        again = metadata.get("RetryAttempts")
        return again if isinstance(again, int) else 0

    @property
    def ids(self) -> frozenset[str]:
        """The instances and volumes that it names, and those that it made."""
        made = ids_in(self.reply) if self.name in {"RunInstances", "CreateVolume"} else ()
        return frozenset((*ids_in(self.sent), *made))

    def text(self) -> str:
        """Return the call on one line as in a program, and what came of it."""
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
    """Tell whether an operation changes nothing of which the specification speaks."""
    operation = OPERATIONS.get(name)
    return name.startswith(READING) if operation is None else operation in READS


def ids_in(value: object) -> Iterator[str]:
    """Yield every text in parameters or a reply that looks like the id of an instance or a volume."""
    if isinstance(value, str):
        if value.startswith(_IDS):
            yield value
    elif isinstance(value, Mapping):
        for one in cast("Mapping[object, object]", value).values():
            yield from ids_in(one)
    elif isinstance(value, Sequence):
        for one in cast("Sequence[object]", value):
            yield from ids_in(one)
