"""Inside each layer: packages in one order, no circles, few loose modules, and a docstring that says what each is for.

What one layer may import of another is in `test_layers.py`.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
from imports import ROOT, SHIMS, docstring_of, module_graph, packages, part_graph

from ec2_lifecycle import testing

ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "model": (
        *(
            "states",
            "clauses",
            "evidence",
            "ledger",
            "lifecycle",
            "world",
            "choices",
            "requests",
            "background",
            "outcomes",
            "rules",
            "surface",
        ),
        *("specification", "step", "reach", "theorems", "proof", "questions"),
    ),
    "strategies": ("scenario", "files", "building", "generation", "walking", "covering"),
    "conformance": (
        *(
            "user_input",
            "proving",
            "cluster",
            "corpus",
            "adapter",
            "oracle",
            "emulator",
            "sandbox",
            "targets",
            "planted_faults",
        ),
        *(
            "execution",
            "covering",
            "diagnosis",
            "findings",
            "recording",
            "running",
            "many_runs",
            "commands",
            "pytest",
            "testing",
        ),
        "cli",
    ),
}
"""The packages and loose modules of each layer that has packages, lowest first.

Each imports only what stands before it.
A layer's own `__init__`, which users import, and the shims for old paths stand above all of them.
"""

MOST_LOOSE: Final = {"conformance": 5, "strategies": 8, "tests": 20}
"""The most modules that may stand beside the packages of a folder; shims do not count."""


def wrong_way(layer: str, order: tuple[str, ...], graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return every import of a part by a lower one, as `importer imports imported`."""
    level = {f"{layer}.{part}": at for at, part in enumerate(order)}
    return [
        f"{importer} imports {imported}"
        for importer, all_imported in sorted(graph.items())
        if importer in level
        for imported in sorted(all_imported)
        if imported.startswith(f"{layer}.") and level.get(imported, len(order)) > level[importer]
    ]


@pytest.mark.parametrize("layer", ORDER)
def test_no_package_imports_one_that_is_higher_in_its_layer(layer: str) -> None:
    assert wrong_way(layer, ORDER[layer], part_graph()) == []


@pytest.mark.parametrize("layer", ORDER)
def test_the_order_names_every_package_and_loose_module_of_its_layer(layer: str) -> None:
    shims = SHIMS if layer == "conformance" else frozenset[str]()
    parts = {part.partition(".")[2] for part in part_graph() if part.startswith(f"{layer}.")}
    assert parts - shims == {*ORDER[layer]}


@pytest.mark.parametrize("layer", ORDER)
def test_the_page_about_the_architecture_has_the_order(layer: str) -> None:
    line = f"- `{layer}/`: {', '.join(ORDER[layer])}"
    assert line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()


def test_an_import_of_a_higher_package_is_found() -> None:
    graph = {"strategies.scenario": ["strategies.files", "model.world"], "strategies.files": ["strategies.scenario"]}
    assert wrong_way("strategies", ("scenario", "files"), graph) == ["strategies.scenario imports strategies.files"]


def test_nothing_imports_an_old_path() -> None:
    old = {f"conformance.{shim}" for shim in SHIMS}
    assert [importer for importer, imported in module_graph().items() if old & imported] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter(module_graph()).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


@pytest.mark.parametrize("folder", MOST_LOOSE)
def test_few_modules_stand_beside_the_packages_of_a_folder(folder: str) -> None:
    shims = SHIMS if folder == "conformance" else frozenset[str]()
    files = [
        path for path in (ROOT / folder).iterdir() if path.is_file() and path.name not in {"__init__.py", "py.typed"}
    ]
    loose = sorted(path.name for path in files if path.stem not in shims)
    assert len(loose) <= MOST_LOOSE[folder], f"move some into a package: {', '.join(loose)}"


@pytest.mark.parametrize("package", packages())
def test_the_docstring_of_a_package_says_what_it_is_for_and_which_file_to_read_first(package: str) -> None:
    text = docstring_of(package)
    lines = [line for line in text.splitlines() if line]
    assert 3 <= len(lines) <= 6
    assert re.search(r"^In: .+ Out: .", " ".join(lines[1:])), "say what goes in and what comes out: `In: … Out: …`"
    folder = ROOT / package.replace(".", "/")
    first = re.search(r"\b[Rr]ead `([^`]+)` first", " ".join(lines))
    assert first, "say which file to read first: Read `name.py` first"
    mentioned = [first[1], *re.findall(r"`([\w./-]+\.(?:py|yaml))`", text)]
    assert [name for name in mentioned if not any((base / name).exists() for base in (folder, *folder.parents))] == []


# The public face, and the old paths.


def test_importing_the_public_face_imports_neither_moto_nor_z3_nor_boto3() -> None:
    heavy = {"moto", "z3", "boto3", "botocore", "hypothesis"}
    program = f"import sys, ec2_lifecycle.testing; print(sorted({heavy!r} & {{*sys.modules}}))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("name", testing.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(testing, name).__doc__


@pytest.mark.parametrize(
    ("old", "names"),
    [
        ("double", ["Ec2Double", "ec2_double"]),
        ("machine", ["Diverged", "state_machine"]),
        ("runner", ["Runner"]),
        ("watching", ["Diverged", "Judge", "Judging", "judged"]),
    ],
)
def test_an_old_path_works_and_warns_with_the_new_one(
    old: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"ec2_lifecycle.conformance.{old}"
    monkeypatch.delitem(sys.modules, path, raising=False)
    with pytest.warns(DeprecationWarning, match=rf"^{re.escape(path)} is deprecated; .*ec2_lifecycle\.testing"):
        module = import_module(path)
    assert [getattr(module, name) for name in names] == [getattr(testing, name) for name in names]


def pytest_with(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a folder of its own, without the options of this project."""
    command = [
        sys.executable,
        "-W",
        "default",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_old_name_of_the_plugin_works_and_warns_with_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "test_double.py").write_text("def test_the_fixture_is_there(ec2_double): pass\n", encoding="utf-8")
    ran = pytest_with(tmp_path, "-p", "ec2_lifecycle.conformance.pytest_plugin")
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "deprecated; write -p ec2_lifecycle.conformance.pytest.plugin instead" in ran.stdout + ran.stderr


def test_the_old_name_of_the_suite_works_and_warns_with_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    old = "ec2_lifecycle.conformance.suite"
    ran = pytest_with(tmp_path, "--pyargs", old, "--ec2-target", "model", "-k", "one-zone and shield")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
    assert f"--pyargs {old} is deprecated; write --pyargs ec2_lifecycle.conformance.pytest.suite instead" in ran.stdout
