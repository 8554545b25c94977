"""The pages as a whole: the index lists each of them, links lead somewhere, and commands are written as they are."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from docs import PAGES, ROOT, examples, first_cells, links, sections, text_of
from ec2_lifecycle.conformance.cli import COMMANDS, cli

INDEX: Final = "README.md"
NAMES: Final = sorted(path.name for path in PAGES.glob("*.md"))
TOP: Final = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "AGENTS.md", "CHANGELOG.md")
"""The pages outside docs/."""
EVERY_PAGE: Final = [*(ROOT / name for name in TOP), *(PAGES / name for name in NAMES)]
GROUPS: Final = ("|", "&&", ";", "#", ">", ">>", "&")
"""What ends a command in a shell."""

every_page = pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: str(page.relative_to(ROOT)))


def test_the_index_lists_every_page_once_and_the_readme_leads_to_it() -> None:
    listed = Counter(file for file, _ in links("\n".join(rows(text_of(INDEX)))) if "/" not in file)
    assert listed == Counter(name for name in NAMES if name != INDEX)
    assert (f"docs/{INDEX}", "") in links((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_people_write_can_be_read_in_one_sitting(name: str) -> None:
    text = text_of(name)
    assert "**TL;DR**" in text
    assert text.startswith("<!-- written by `nox -s ") or len(text.splitlines()) <= 200


def rows(text: str) -> Iterator[str]:
    """Yield the rows of the tables of a page."""
    return (line for line in text.splitlines() if line.startswith("| ["))


@every_page
def test_a_page_leads_only_to_files_and_sections_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for file, section in links(text):
        there = page.parent / file if file else page
        assert there.exists(), f"there is no {file}"
        if section:
            assert section in sections(there.read_text(encoding="utf-8")), f"{there.name} has no #{section}"


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words after `ec2-lifecycle`, of each command in the examples and in the lines of a page."""
    where = page.name if page.parent == PAGES else f"../{page.name}"
    blocks = [
        line for language in ("sh", "console") for each in examples(where, language) for line in each.text.split("\n")
    ]
    pieces = re.findall(r"`(ec2-lifecycle [^`\n]+)`", page.read_text(encoding="utf-8"))
    for line in (*blocks, *pieces):
        found = re.search(r"(?:^|[\s/])ec2-lifecycle (?=[a-z])(.*)", line)
        if found and "git+" not in line:
            words = shlex.split(found[1], comments=True)
            end = next((place for place, word in enumerate(words) if word in GROUPS), len(words))
            yield words[:end]


@every_page
def test_a_command_of_a_page_has_only_options_that_there_are(page: Path) -> None:
    context = click.Context(cli)
    for words in commands(page):
        command = cli.get_command(context, words[0])
        assert command is not None, words
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, words


def test_the_pages_have_examples_of_every_command() -> None:
    assert {words[0] for page in EVERY_PAGE for words in commands(page)} == {*COMMANDS}


def test_the_page_of_the_commands_has_each_of_them() -> None:
    assert first_cells("commands.md", "command") == list(dict.fromkeys(first_cells("commands.md", "command")))
    assert set(first_cells("commands.md", "command")) == {*COMMANDS}


@pytest.mark.parametrize("layer", ["model", "strategies", "conformance", "reports"])
def test_no_message_tells_to_install_the_project_from_an_index_that_does_not_have_it(layer: str) -> None:
    wrong = re.compile(r"pip install ['\"]?ec2-lifecycle")
    assert [file for file in (ROOT / layer).rglob("*.py") if wrong.search(file.read_text(encoding="utf-8"))] == []
