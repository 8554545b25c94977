"""Versions of the specification: from a git revision, a folder, or the installation."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from .shell import WrongUsage

INSTALLED: Final = "installed"
"""The label of the version that is installed."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of `model/`: the source of each module by its name below `model`, and a label for messages."""

    label: str
    texts: Mapping[str, str]


def installed() -> Version:
    """Return the version that is installed."""
    return Version(INSTALLED, _texts(_files_in(files("ec2_lifecycle.model")), INSTALLED))


def version_of(what: str) -> Version:
    """Return the version in a folder, or else at a revision of the repository that holds the current folder.

    Raises `WrongUsage`, OSError.
    """
    return _in_folder(Path(what)) if Path(what).is_dir() else _at_revision(what)


def _in_folder(folder: Path) -> Version:
    for model in (folder, folder / "model"):
        if (model / _ROOT).is_file():
            return Version(str(model), _texts(_files_in(model), str(model)))
    raise WrongUsage(f"{folder} holds no specification; name a folder model/ (with a {_ROOT}), or the one around it.")


_ROOT: Final = "specification.py"


def _at_revision(what: str) -> Version:
    top = _git("rev-parse", "--show-toplevel")
    if top is None:
        raise WrongUsage(
            f'there is no folder "{what}", and the current folder is not in a git repository; '
            "name a folder that contains model/."
        )
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{what}^{{commit}}")
    if commit is None:
        raise WrongUsage(f'"{what}" is neither a folder nor a git revision; name one, such as HEAD~1.')
    archive = _git("-C", top.decode().strip(), "archive", "--format=tar", commit.decode().strip(), "model")
    label = f"{what}:model"
    texts = _texts(_files_of(archive or b""), label)
    if "specification" not in texts:
        raise WrongUsage(f"{label} holds no specification; name a revision that has a model/{_ROOT}.")
    return Version(label, texts)


def _git(*arguments: str) -> bytes | None:
    """Return git's output, or None if it fails; raises `WrongUsage` if git is not installed."""
    program = shutil.which("git")
    if program is None:
        raise WrongUsage("git is not installed, so no revision can be read; name a folder that contains model/.")
    ran = subprocess.run([program, *arguments], capture_output=True, check=False)  # noqa: S603 - git, from the PATH
    return None if ran.returncode else ran.stdout


def _files_in(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    """Yield the Python files below a folder by relative path, in order."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from ((f"{entry.name}/{path}", text) for path, text in _files_in(entry))
        elif entry.name.endswith(".py"):
            yield entry.name, entry.read_bytes()


def _files_of(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the Python files of `model/` in a tar archive by relative path, in order."""
    if archive:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in sorted(tar.getmembers(), key=lambda member: member.name):
                file = tar.extractfile(member) if member.name.endswith(".py") else None
                if file is not None:
                    yield member.name.removeprefix("model/"), file.read()


def _texts(found: Iterator[tuple[str, bytes]], label: str) -> dict[str, str]:
    """Return the sources by module name, without the package's own `__init__`."""
    texts: dict[str, str] = {}
    for path, content in found:
        name = ".".join(PurePosixPath(path).with_suffix("").parts)
        try:
            texts[name.removesuffix(".__init__")] = content.decode().replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise WrongUsage(f"{label}/{path}: not in UTF-8; save it as UTF-8.") from error
    texts.pop("__init__", None)
    return texts
