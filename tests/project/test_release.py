"""What a release says of itself: one version, its changes, the Pythons, and how to cite it."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import yaml

from ec2_lifecycle.reports.events import SCHEMA

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CHANGES: Final = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_entry_of_the_changelog_is_of_this_version() -> None:
    assert re.findall(r"^## (\d[\w.]*)", CHANGES, re.MULTILINE)[0] == PROJECT["version"]


def test_the_changelog_names_the_schema_of_the_event_stream() -> None:
    assert f"schema {SCHEMA}." in CHANGES


def test_the_classifiers_name_each_python_from_the_oldest_that_is_required() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={named[0]}"
    assert all(version in CHANGES for version in named)


def test_the_citation_says_what_the_project_says_and_no_version_of_its_own() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["license"] == PROJECT["license"]
    assert citation["keywords"] == [word for word in PROJECT["keywords"] if word in citation["keywords"]]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert "version" not in citation
