"""What is installed in a process: every worker must have the same, or its results would differ."""

import sys
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Final

from ... import conformance, model, reports, strategies

PROJECT: Final = "ec2-lifecycle"
PACKAGES: Final = ("boto3", "botocore", "moto", "z3-solver")
"""The packages whose release may change a result."""
_LAYERS: Final = (model, strategies, conformance, reports)
_SOURCES: Final = ("*.py", "*.yaml", "*.txt", "*.json")


def installed() -> Mapping[str, str]:
    """Return the versions of Python and the packages, and a digest of this project's own files."""
    return {
        "Python": ".".join(map(str, sys.version_info[:2])),
        **{package: _version(package) for package in PACKAGES},
        PROJECT: f"{_version(PROJECT)} ({_digest()})",
    }


def first_difference(here: Mapping[str, str], there: Mapping[str, str]) -> str | None:
    """Return in words the first part that another process has in another version; None if there is none."""
    for part, mine in here.items():
        if (theirs := there.get(part, "nothing")) != mine:
            return f"{part} {theirs}, and this machine has {mine}"
    return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "nothing"


def _digest() -> str:
    """Return a digest of the project's files: a release and a change of it in a clone have the same version."""
    digest = sha256()
    for folder in map(_folder, _LAYERS):
        for path in sorted(path for pattern in _SOURCES for path in folder.rglob(pattern)):
            digest.update(f"{folder.name}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:10]


def _folder(layer: ModuleType) -> Path:
    return Path(layer.__path__[0])
