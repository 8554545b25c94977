"""Patterns: scenarios about typical mistakes of emulators, which do not belong to one rule.

Emulators make other mistakes than small changes of one rule: in order, position, batches, repetition and histories.
So the derivation chooses among these patterns, beside the candidates that it makes itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..files.format import read_scenario
from ..scenario.scenario import Scenario
from .pattern_texts import SHIELDS, TEXTS


@dataclass(frozen=True, slots=True)
class Pattern:
    """A scenario that a suite contains unless something cheaper reaches the same goals.

    `flagship`: it is about the zone rule. Every suite has it, and plays it before everything else.
    """

    scenario: Scenario
    flagship: bool = False


_FREE: Final = {1: 2, 2: 1}
"""For the zone of the protected instance, the other zone."""
_ORDERS: Final = {"first": "C, A, D, B", "in between": "A, B, C, D", "last": "D, A, B, C"}
"""The ids of a batch by the place of the protected instance C; D is its neighbour, A and B are in the other zone."""
_AT_LAUNCH: Final = ", DisableApiTermination: true"
_LATER: Final = "- modify: {id: C, DisableApiTermination: true}"
_AGAIN: Final = f"{_LATER}\n- modify: {{id: C, DisableApiTermination: false}}\n{_LATER}"
_HOW: Final = {
    (1, "first"): "",
    (1, "in between"): _LATER,
    (1, "last"): _AGAIN,
    (2, "first"): _AGAIN,
    (2, "in between"): "",
    (2, "last"): _LATER,
}
"""How C gets its protection: at launch, by a change, or by a change that was undone and made again."""


def _zone_patterns() -> Iterator[Pattern]:
    """Yield the example of the documentation, with the protected instance in either zone and at every place."""
    for zone in _FREE:
        for place, ids in _ORDERS.items():
            how = _HOW[zone, place]
            order = "CDAB" if zone == 1 else "ABCD"
            runs = {
                name: f"- run: {{name: {name}, zone: {_FREE[zone] if name in 'AB' else zone}"
                f"{_AT_LAUNCH if name == 'C' and not how else ''}}}"
                for name in order
            }
            # Without C in the request, nothing shields D.
            steps = [
                *runs.values(),
                *(["- settle", how] if how else []),
                "- settle",
                f"- terminate: [{ids}]",
                "- settle",
            ]
            steps += ["- terminate: [A, D]", "- settle"]
            title = f"A protected instance in zone {zone}, named {place}, shields its zone and no other"
            yield Pattern(_scenario(title, "\n".join(steps)), flagship=True)


def _scenario(title: str, steps: str) -> Scenario:
    indented = "\n".join(f"  {line}" for line in steps.strip().splitlines())
    return read_scenario(f"title: {title}\nsteps:\n{indented}\n", title)


PATTERNS: Final = (
    *_zone_patterns(),
    *(Pattern(_scenario(title, steps), flagship=True) for title, steps in SHIELDS.items()),
    *(Pattern(_scenario(title, steps)) for texts in TEXTS for title, steps in texts.items()),
)
"""Every pattern, those about the rule of the zones first."""
