"""Imports run one way only: model ← strategies ← conformance → reports.

What holds inside a layer is in `test_packages.py`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from imports import PACKAGE, ROOT, Import, files_in, imports_of


@dataclass(frozen=True)
class Layer:
    """What the modules of one folder may import; `libraries` are those of others, `None` permits any."""

    folders: frozenset[str]
    libraries: frozenset[str] | None = None
    proof: frozenset[str] = frozenset()
    """Libraries that only its folder `proof` may import."""
    barred: frozenset[str] = frozenset()
    """Modules of the standard library that have no place here."""


LAYERS = {
    "model": Layer(
        folders=frozenset({"model"}),
        libraries=frozenset(),
        proof=frozenset({"z3", "cvc5", "time"}),  # and how long a solver took
        # No I/O, no clock, no randomness.
        barred=frozenset(
            {"asyncio", "datetime", "http", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket"}
            | {"sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid"}
        ),
    ),
    "strategies": Layer(
        folders=frozenset({"model", "strategies"}),
        libraries=frozenset({"hypothesis", "scipy", "yaml"}),
    ),
    "conformance": Layer(folders=frozenset({"model", "strategies", "conformance", "reports"})),
    "reports": Layer(folders=frozenset({"reports"})),
}


def objection(found: Import) -> str | None:
    """Why an import is not permitted, or nothing."""
    layer = LAYERS[found.folder]
    top = found.module.partition(".")[0]
    if not top:
        return f"leads out of {PACKAGE}; use one dot less"
    if top in LAYERS:
        return f"no installed package has that name; write `from ..{found.module}`"
    if top == PACKAGE:
        return objection_within(layer, found)
    if top in layer.proof and found.file.parts[1:2] == ("proof",):
        return None
    if top in sys.stdlib_module_names:
        return f"{found.folder}/ has no I/O, no clock and no randomness" if top in layer.barred else None
    if layer.libraries is not None and top not in layer.libraries:
        return f"{found.folder}/ may use only {', '.join(['the standard library', *sorted(layer.libraries)])}"
    return None


def objection_within(layer: Layer, found: Import) -> str | None:
    """Why an import of one of the project's own modules is not permitted, or nothing."""
    folder = found.module.removeprefix(PACKAGE).removeprefix(".").partition(".")[0]
    if folder not in layer.folders:
        return f"{found.folder}/ may import only {', '.join(sorted(layer.folders))}"
    if found.file.name == "__init__.py" and folder != found.folder:
        return "an __init__ imports nothing from another folder; import it in the module that needs it"
    return None


def objections(root: Path) -> list[str]:
    """Every import of the four folders that is not permitted, as `file:line: import: why`."""
    return [
        f"{found.file.as_posix()}:{found.line}: import of {found.module}: {why}"
        for file in files_in(root)
        for found in imports_of(root, file)
        if (why := objection(found))
    ]


def test_imports_run_one_way_only() -> None:
    found = objections(ROOT)
    assert not found, "\n" + "\n".join(found)


def test_every_folder_has_modules_to_judge() -> None:
    assert {file.parts[0] for file in files_in(ROOT)} == set(LAYERS)


def write(root: Path, file: str, source: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("model/rules.py", "from ..strategies.walk import Walk", "model/ may import only model"),
        ("model/rules.py", "from .. import strategies", "model/ may import only model"),
        ("model/rules.py", "import ec2_lifecycle.reports.events", "model/ may import only model"),
        ("model/ledger/state.py", "from ...reports import events", "model/ may import only model"),
        ("model/rules.py", "import yaml", "model/ may use only the standard library"),
        ("model/rules/stop.py", "import z3", "model/ may use only the standard library"),
        ("model/rules.py", "from random import choice", "model/ has no I/O, no clock and no randomness"),
        ("model/rules.py", "import os.path", "model/ has no I/O, no clock and no randomness"),
        ("model/rules.py", "from model.states import InstanceState", "write `from ..model"),
        ("model/rules.py", "from ...model import states", "leads out of ec2_lifecycle"),
        ("strategies/walk.py", "from ..conformance import oracle", "strategies/ may import only model, strategies"),
        ("strategies/walk.py", "import boto3", "strategies/ may use only the standard library, hypothesis,"),
        ("reports/html.py", "from ..model.clauses import Clause", "reports/ may import only reports"),
        ("conformance/__init__.py", "from ..model import states", "an __init__ imports nothing from another folder"),
        ("conformance/cli.py", "import ec2_lifecycle", "conformance/ may import only"),
    ],
)
def test_an_import_against_the_layers_is_found(tmp_path: Path, file: str, source: str, expected: str) -> None:
    write(tmp_path, file, f"def later():\n    {source}\n")
    [found] = objections(tmp_path)
    assert found.startswith(f"{file}:2: ")
    assert expected in found


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("model/rules.py", "from __future__ import annotations\nimport ast\nfrom .states import CODES"),
        ("model/proof/solvers.py", "import z3, cvc5"),
        ("model/ledger/state.py", "from ..states import CODES\nfrom . import term\nfrom .. import states"),
        ("strategies/walk.py", "import random, yaml\nfrom hypothesis import strategies\nfrom ..model import states"),
        ("conformance/cli.py", "import click\nfrom .. import model, reports\nfrom ..strategies.walk import Walk"),
        ("conformance/suite.py", "from ec2_lifecycle.model.states import InstanceState"),
        ("conformance/__init__.py", "from .cli import main"),
        ("reports/html.py", "import html, datetime\nimport rich\nfrom .events import Event"),
    ],
)
def test_an_import_along_the_layers_is_permitted(tmp_path: Path, file: str, source: str) -> None:
    write(tmp_path, file, source)
    assert objections(tmp_path) == []
