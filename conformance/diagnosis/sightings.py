"""Everything that was seen of each defect, as its finding tells it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from ...reports.events import Finding
from ..oracle.divergence import Divergence
from .catalogue import in_words, known_fault
from .defects import defect_id, former_id
from .deviations import Deviation, aspect_of, deviation_of
from .titles import short_list

_NO_STATE: Final = "-"


@dataclass(slots=True)
class Sightings:
    """The divergences that showed each defect."""

    _seen: dict[str, dict[Divergence, None]] = field(default_factory=dict[str, dict[Divergence, None]])
    """By id, each situation once, in the order in which they came."""

    def note(self, divergence: Divergence) -> None:
        """Note a divergence."""
        self._seen.setdefault(defect_id(divergence), {}).setdefault(divergence.generic)

    def told(self, finding: Finding, name: str) -> Finding:
        """Return a finding with all that was seen of its defect.

        Its harm, its effect and its scenario stay those of one sighting, so that each explains the others.
        """
        seen = tuple(self._seen.get(name, ()))
        if not seen:
            return finding
        situation = {
            "operations": _sorted(d.operation.value for d in seen),
            "states": _sorted(state for d in seen for state in d.state.split("|") if state != _NO_STATE),
            "expected": _sorted(d.expected_class for d in seen),
            "observed": _sorted(d.observed_class for d in seen),
        }
        known = known_fault(seen[0])
        title = finding.title
        if known is not None:
            title = in_words(
                known.title, short_list(situation["operations"], "operation"), aspect_of(seen[0]), situation["expected"]
            )
        granted = any(deviation_of(d) is Deviation.GRANTED for d in seen)
        also = known.breaks if known is not None and granted else frozenset[str]()
        return replace(
            finding,
            title=title,
            clauses=tuple(dict.fromkeys((finding.clause, *sorted({d.clause for d in seen} | also)))),
            fault="" if known is None else known.id,
            hint="" if known is None else known.hint,
            situation=situation,
            former=_sorted(map(former_id, seen)),
        )


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
