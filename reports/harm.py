"""What a defect does to whoever relies on a target, and the order of findings that follows from it: the worst first."""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

from .events import Finding


class Harm(Enum):
    """What a defect does, the worst first. Streams and reports have the value."""

    DESTROYS = "destroys"
    LEAKS = "leaks"
    MISLEADS = "misleads"
    REFUSES_OR_ACCEPTS = "refuses or accepts wrongly"
    WRONG_CODE = "wrong error code"
    WRONG_LOOK = "wrong text or shape"


MEANINGS: Final = {
    Harm.DESTROYS: "something that must survive is ended or deleted",
    Harm.LEAKS: "something that must end survives, and costs money",
    Harm.MISLEADS: "a reply says something untrue, and tools act on it",
    Harm.REFUSES_OR_ACCEPTS: "a request that EC2 refuses succeeds, or the reverse",
    Harm.WRONG_CODE: "tools that decide by the error code or status do the wrong thing",
    Harm.WRONG_LOOK: "a message or a field differs from EC2's",
}
_ORDER: Final = [harm.value for harm in Harm]


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first; of equal harm, violations first, then those that break more clauses."""
    return tuple(sorted(findings, key=rank))


def severity(harm: str) -> int:
    """Return the place of a harm in the order of harms; 0 is the worst. Older streams have findings without one."""
    return _ORDER.index(harm) if harm in _ORDER else len(_ORDER)


def rank(finding: Finding) -> tuple[int, bool, int, str, int, str]:
    """Return the sort key of a finding."""
    topic, _, number = finding.clause.rpartition("-")
    place = int(number) if re.fullmatch("[0-9]{1,9}", number) else 0
    return severity(finding.harm), finding.level != "violation", -len(finding.clauses), topic, place, finding.id
