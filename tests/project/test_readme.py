"""The pages and parts of pages that follow from the source are as they were made, and the README stays short."""

import re
import tomllib
from pathlib import Path

import architecture
import pages
import pytest
from marked import written

PARTS = [(page, part) for page, parts in pages.PARTS.items() for part in parts]


@pytest.mark.parametrize(("page", "part"), PARTS, ids=[f"{page.name}: {part}" for page, part in PARTS])
def test_what_a_page_says_of_the_specification_is_as_it_was_made(page: Path, part: str) -> None:
    assert written(page, pages.SESSION, part) == pages.PARTS[page][part](), "write it again with: nox -s pages"


@pytest.mark.parametrize("file", pages.FILES, ids=lambda file: file.name)
def test_a_file_that_is_made_as_a_whole_is_as_it_was_made(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == pages.FILES[file](), "write it again with: nox -s pages"


@pytest.mark.parametrize("part", architecture.PARTS)
def test_what_the_architecture_says_of_the_packages_is_as_it_was_made(part: str) -> None:
    made = architecture.PARTS[part]()
    assert written(architecture.PAGE, architecture.SESSION, part) == made, "write it again with: nox -s architecture"


def test_the_readme_can_be_read_in_five_minutes() -> None:
    text = pages.README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert len(text.split()) <= 1200


def test_the_findings_that_the_readme_shows_are_known_ones_of_moto() -> None:
    shown = re.findall(r"^ +([A-Z]+-\d+) +(f2:\w{10}) ", pages.README.read_text(encoding="utf-8"), re.MULTILINE)
    known = tomllib.loads((pages.ROOT / "conformance" / "known" / "moto.toml").read_text(encoding="utf-8"))["waiver"]
    reasons = {waiver["finding"]: waiver["reason"] for waiver in known}
    assert shown
    assert [(clause, finding) for clause, finding in shown if clause not in reasons.get(finding, "")] == []
