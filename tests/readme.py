"""The README's table of what is proved, made of the docstrings of the theorems.

`nox -s readme` runs this file: it writes the table again.
"""

from pathlib import Path
from typing import Final

from ec2_lifecycle.model.theorems.catalogue import THEOREMS

README: Final = Path(__file__).resolve().parent.parent / "README.md"
BEGIN: Final = "<!-- theorems: written by `nox -s readme` -->\n"
END: Final = "<!-- end of theorems -->\n"


def table() -> str:
    """Return the table as it should be."""
    rows = (f"| {one.id} | {one.sentence} | {', '.join(one.clauses)} |\n" for one in THEOREMS)
    return "".join(
        ["| theorem | for any number of instances, and every choice | clauses |\n", "|---|---|---|\n", *rows]
    )


def written() -> str:
    """Return the table as it stands in the README."""
    _, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    there, end, _ = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README.name} has no {BEGIN.strip()} with {END.strip()} after it")
    return there


def main() -> None:
    """Write the table into the README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(BEGIN + written() + END, BEGIN + table() + END), encoding="utf-8")


if __name__ == "__main__":
    main()
