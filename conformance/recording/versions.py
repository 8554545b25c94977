"""The versions of Python and packages in a run."""

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

PACKAGES: Final = ("ec2-lifecycle", "boto3", "botocore", "moto", "hypothesis")
"""The packages whose versions a run records."""


def versions() -> Iterator[tuple[str, str]]:
    """Yield the versions of Python and of the packages that are installed."""
    yield "python", sys.version.split()[0]
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
