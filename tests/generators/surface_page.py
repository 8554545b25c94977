"""The page of the surface: what becomes of every parameter and every field of the operations, and why.

`pages.py` writes it, under `nox -s pages`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.surface import INPUTS, OUTPUTS, Entry, Standing
from ec2_lifecycle.reports.markdown_text import code, head, prose, row

_TITLES: Final = ("Parameters", "Fields of the reply")


def surface_page(session: str) -> str:
    """Return the page of the surface."""
    total = sum(map(len, (*INPUTS.values(), *OUTPUTS.values())))
    return f"""\
<!-- written by `nox -s {session}` -->

# The surface: every parameter and every field

**TL;DR** EC2 describes {total} parameters and reply fields of the {len(Operation)} operations.
For each, this page says how the specification treats it, and why. Nothing is ignored in silence.

{head("standing", "what it means")}
{_lines(row((one.value, _MEANINGS[one])) for one in Standing)}

If a request uses a parameter that is `outside`, the oracle stops judging what the last column names.
It judges the rest. A parameter that only a newer release of botocore has counts as `outside`.
From then on, the oracle judges nothing that the request names or makes.
`ec2-lifecycle list surface` warns of such parameters, and prints this page as a table.
[clauses.md](clauses.md) has the clauses.

{head("operation", *(one.value for one in Standing))}
{_lines(map(_counts, Operation))}

{"".join(map(_section, Operation)).rstrip()}
"""


_MEANINGS: Final = {
    Standing.JUDGED: "clauses say what it must be",
    Standing.MODELLED: "it changes what the specification permits",
    Standing.CARRIED: "EC2 keeps it, and shows it again as it was sent or as it was before",
    Standing.FREE: "EC2 may answer anything there",
    Standing.OUTSIDE: "it is not in the specification",
}


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(rows)


def _counts(operation: Operation) -> str:
    found = Counter(entry.standing for entry in (*INPUTS[operation], *OUTPUTS[operation]))
    link = f"[{operation.value}](#{operation.value.lower()})"
    return row((link, *(str(found[one]) for one in Standing)))


def _section(operation: Operation) -> str:
    """Return what the page says of one operation."""
    parts = [f"## {operation.value}\n\n"]
    for title, entries in zip(_TITLES, (INPUTS[operation], OUTPUTS[operation]), strict=True):
        if entries:
            columns = head("standing", "paths", "clauses", "why", "not judged where it is used")
            parts.append(f"{title}:\n\n{columns}\n{_lines(_rows(entries))}\n\n")
    return "".join(parts)


def _rows(entries: Sequence[Entry]) -> Iterator[str]:
    order = list(Standing)

    def alike(entry: Entry) -> tuple[int, str, tuple[str, ...], str]:
        return order.index(entry.standing), entry.reason, entry.clauses, ", ".join(one.value for one in entry.effects)

    for (standing, reason, clauses, effects), group in groupby(sorted(entries, key=alike), key=alike):
        names = ", ".join(code(path) for path in sorted(entry.path for entry in group))
        yield row((order[standing].value, names, ", ".join(clauses), prose(reason), prose(effects)))
