"""What an installation puts into an environment, read from the installed wheel's own list of files."""

import json
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ec2_lifecycle"
COMMAND = "ec2-lifecycle"
FOLDERS = ("model", "strategies", "conformance", "reports")
FACE = "conformance/testing/"
"""Where the source of `ec2_lifecycle.testing` stands."""


@pytest.fixture(name="wheel")
def installed_wheel() -> Distribution:
    """The project as it is installed here; an editable installation has nothing to judge.

    Only an installation has a RECORD. The folder `*.egg-info` that a build leaves in the source has none,
    and `python -m pytest` finds that folder first.
    """
    found = next(each for each in distributions(name="ec2-lifecycle") if each.read_text("RECORD"))
    if json.loads(found.read_text("direct_url.json") or "{}").get("dir_info", {}).get("editable"):
        pytest.skip("an editable installation has no wheel; run `nox -s tests`")
    return found


def files_of(wheel: Distribution) -> set[PurePosixPath]:
    """The files of the wheel, relative to site-packages, without what Python compiled since."""
    return {PurePosixPath(file) for file in wheel.files or () if "__pycache__" not in file.parts}


def files_of_source() -> set[PurePosixPath]:
    """The files of the four folders as they must be installed: all but notes for readers of the source."""
    return {
        PurePosixPath(PACKAGE, path.relative_to(ROOT).as_posix().replace(FACE, "testing/"))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }


def test_an_installation_adds_one_package_its_dist_info_and_one_command(wheel: Distribution) -> None:
    files = files_of(wheel)
    outside = {file for file in files if file.parts[0] == ".."}
    assert {file.parts[0] for file in files - outside} == {PACKAGE, f"{PACKAGE}-{wheel.version}.dist-info"}
    assert {file.stem for file in outside} == {COMMAND}


def test_the_wheel_holds_the_four_folders_and_nothing_else(wheel: Distribution) -> None:
    installed = {file for file in files_of(wheel) if file.parts[0] == PACKAGE}
    missing = sorted(map(str, files_of_source() - installed))
    assert not missing, "add them to [tool.setuptools] packages or package-data in pyproject.toml"
    stale = sorted(map(str, installed - files_of_source()))
    assert not stale, "remove the folder build/ and install again: setuptools kept files that are gone"


@pytest.mark.parametrize("folder", [*FOLDERS, "testing"])
def test_each_folder_tells_type_checkers_that_it_has_types(wheel: Distribution, folder: str) -> None:
    assert PurePosixPath(PACKAGE, folder, "py.typed") in files_of(wheel)


@pytest.mark.parametrize("pattern", ["conformance/corpus/**/*.yaml", "conformance/known/*.toml"])
def test_the_corpus_and_the_waivers_are_installed(wheel: Distribution, pattern: str) -> None:
    expected = {PurePosixPath(PACKAGE, path.relative_to(ROOT).as_posix()) for path in ROOT.glob(pattern)}
    assert expected, f"no file is {pattern}"
    assert expected <= files_of(wheel)


def test_the_command_can_be_loaded() -> None:
    [command] = entry_points(group="console_scripts", name=COMMAND)
    assert callable(command.load())
