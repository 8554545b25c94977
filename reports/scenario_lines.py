"""The lines of a finding's scenario, with the blamed step marked."""

import re
from collections.abc import Iterator
from typing import Final

from .events import Finding
from .safe_text import printable_lines

_STEP: Final = re.compile(" {0,2}- ")


def scenario_lines(finding: Finding) -> Iterator[tuple[str, bool]]:
    """The lines of the scenario file, each with whether it starts the blamed step.

    Omits the `finding` block at the end of the file, because reports show the same facts.
    Adds a line if only the final description of everything shows the divergence.
    """
    step = -1
    key = ""
    for line in printable_lines(finding.scenario_text):
        key = line.partition(":")[0] if line[:1].isalpha() else key
        if key == "finding":
            break
        starts = key == "steps" and _STEP.match(line) is not None
        step += starts
        yield line, starts and step == finding.step
    if step >= 0 and finding.step == step + 1:
        yield "  # then everything is described", True
