"""The files of the corpus, by relative path."""

from functools import cache
from importlib.resources import files
from pathlib import Path


def folder() -> Path:
    """Return the folder of the packaged corpus."""
    return Path(str(files("ec2_lifecycle.conformance.corpus")))


@cache
def sources() -> tuple[str, ...]:
    """Return the paths of all scenario files in the corpus, in order, as `terminate/shield.yaml`."""
    return tuple(sorted(path.relative_to(folder()).as_posix() for path in folder().rglob("*.yaml")))
