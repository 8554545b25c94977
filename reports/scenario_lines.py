"""The lines of a finding's scenario, with the step to blame."""

import re
from collections.abc import Iterator
from typing import Final

from .events import Finding
from .safe_text import printable_lines

_STEP: Final = re.compile(" {0,2}- ")


def scenario_lines(finding: Finding) -> Iterator[tuple[str, bool]]:
    """The lines of the scenario file, each with whether it begins the step to blame.

    The `finding` block, which comes last in the file, is left out: it says again what stands around it.
    What shows only in the look at everything that comes after the last step gets a line for that.
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
