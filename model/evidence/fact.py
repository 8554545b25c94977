"""The forms of the evidence tables: a source that a stranger can check, and a fact that rests on sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..clauses import EvidenceClass, Part


class SourceKind(Enum):
    """What a reader finds at a source's address."""

    RECORDING = "recording of EC2"
    DOCUMENTATION = "AWS documentation"
    API_MODEL = "AWS API model"
    ISSUE = "issue that quotes EC2"
    FILE = "public file"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact can be checked: an address that opens, or a kept recording with its request id.

    `says` tells what a kept recording without a public address shows.
    """

    key: str
    kind: SourceKind
    url: str | None
    date: str = ""
    region: str = ""
    says: str = ""
    request_id: str = ""

    @property
    def name(self) -> str:
        """What a reader calls it: the page, the issue, the file, or what kind of recording it is."""
        origin, _, rest = self.key.partition(":")
        match self.kind:
            case SourceKind.DOCUMENTATION if origin == "ug23":
                return f"AWS user guide of 2023, {rest}"
            case SourceKind.DOCUMENTATION:
                return f"AWS documentation, {rest.rpartition('/')[2] or 'terminate_instances'}"
            case SourceKind.API_MODEL:
                return f"{self.kind.value}, {rest}"
            case SourceKind.ISSUE:
                repository, _, number = (self.url or "").removeprefix("https://github.com/").partition("/issues/")
                return f"issue {repository}#{number}" if number else self.kind.value
            case SourceKind.FILE:
                repository, _, file = rest.partition(":")
                return f"{file} in {repository}"
            case SourceKind.RECORDING:
                return self.kind.value

    @property
    def label(self) -> str:
        """Its name, with its date and region where they are known."""
        return ", ".join(filter(None, (self.name, self.date, self.region)))

    @property
    def shows(self) -> str:
        """What a kept recording shows, with its request id; empty for a source that opens."""
        return f"{self.says}; request id {self.request_id}" if self.says else ""

    @property
    def citable(self) -> bool:
        """Whether a stranger can check it."""
        return self.url is not None or bool(self.says and self.request_id)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about EC2, with the grade that its citable sources support.

    `parts` has the grades of an error's code, status or message where they differ from the fact's own.
    `since`, `until` and `region` are empty where no change, or no difference between regions, is known.
    """

    id: str
    statement: str
    grade: EvidenceClass
    sources: tuple[str, ...] = ()
    parts: Mapping[Part, EvidenceClass] = field(default_factory=dict[Part, EvidenceClass], hash=False)
    date: str = ""
    since: str = ""
    until: str = ""
    region: str = ""

    @property
    def topic(self) -> str:
        """What the fact is about: the id before its dash, such as `S`."""
        return self.id.partition("-")[0]

    def grade_of(self, part: Part) -> EvidenceClass:
        """Return how well the fact supports a clause in this part."""
        return self.parts.get(part, self.grade)


RECORDED = EvidenceClass.RECORDED
DOCUMENTED = EvidenceClass.DOCUMENTED
REPORTED = EvidenceClass.REPORTED
ASSUMED = EvidenceClass.ASSUMED
