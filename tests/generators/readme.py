"""What the README says of proofs and mutants, made of the theorems' docstrings and the covering suite's totals.

`nox -s readme` runs this file: it writes both parts again.
"""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from marked import write_parts

from ec2_lifecycle.model.theorems.catalogue import THEOREMS

README: Final = Path(__file__).resolve().parents[2] / "README.md"
SESSION: Final = "readme"


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


if __name__ == "__main__":
    write_parts(README, SESSION, PARTS)
