"""What the README says of proofs and mutants, made of the theorems' docstrings and the covering suite's totals.

`nox -s readme` runs this file: it writes both parts again.
"""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from ec2_lifecycle.model.theorems.catalogue import THEOREMS

README: Final = Path(__file__).resolve().parents[2] / "README.md"


def theorems() -> str:
    """Return the table of what is proved."""
    rows = (f"| {one.id} | {one.sentence} | {', '.join(one.clauses)} |\n" for one in THEOREMS)
    head = "| theorem | for any number of instances, and every choice | clauses |\n|---|---|---|\n"
    return head + "".join(rows)


def covering() -> str:
    """Return the figures of the covering suite."""
    folder = files("ec2_lifecycle.conformance").joinpath("corpus/covering")
    totals: dict[str, int] = json.loads(folder.joinpath("manifest.json").read_text(encoding="utf-8"))["totals"]
    return (
        f"Of {totals['mutants']:,} mutants {totals['killable']:,} can be told from the specification from outside,\n"
        f"and {totals['scenarios']} derived scenarios kill all of these in {totals['calls']} API calls;\n"
        f"no suite made of the candidates needs fewer than {totals['lower bound of the calls']}.\n"
        f"Of the others {totals['equivalent']} are proved to be equivalent,\n"
        f"{totals['tighter']} permit nothing more in any scope,\n"
        f"{totals['unreachable by API calls']} differ only after what no caller can bring about,\n"
        f"{totals['only assumed']} break only what is assumed, and {totals['open']} are open.\n"
    )


PARTS: Final[Mapping[str, Callable[[], str]]] = {"theorems": theorems, "covering": covering}
"""The parts of the README that are made, by name."""


def marks(part: str) -> tuple[str, str]:
    """Return what stands before and after a part."""
    return f"<!-- {part}: written by `nox -s readme` -->\n", f"<!-- end of {part} -->\n"


def written(part: str) -> str:
    """Return a part as it stands in the README."""
    begin, end = marks(part)
    _, begun, rest = README.read_text(encoding="utf-8").partition(begin)
    there, ended, _ = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{README.name} has no {begin.strip()} with {end.strip()} after it")
    return there


def main() -> None:
    """Write the parts into the README."""
    for part, made in PARTS.items():
        begin, end = marks(part)
        text = README.read_text(encoding="utf-8")
        README.write_text(text.replace(begin + written(part) + end, begin + made() + end), encoding="utf-8")


if __name__ == "__main__":
    main()
