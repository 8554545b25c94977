"""The preamble of a program: imports, the client, and variables, as far as they are used."""

from collections.abc import Sequence
from typing import Final

from ...adapter.sessions import REGION
from .environment import IMAGE, Environment
from .literals import folded_literal
from .templates import required_templates, without_literals

_DEFINITIONS: Final = {
    r"\bclock\b": 'clock = getattr(ec2, "clock", time)',
    r"\bzones\b": f"""\
try:
    zones = sorted(z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"])
except Exception:  # it tells none
    zones = [f"{REGION}{{letter}}" for letter in "abcdef"]""",
    r"\bimage\b": f"""\
try:
    image = ec2.describe_images()["Images"][0]["ImageId"]
except Exception:  # it shows none
    image = "{IMAGE.id}\"""",
    r"\bstore_image\b": """\
images = ec2.describe_images()["Images"]
store_image = next(i["ImageId"] for i in images if i["RootDeviceType"] == "instance-store")""",
    r"\bnames\b": "names = {}",
    r"\btoken\b": "token = uuid4().hex",
}
"""Variables, each with the pattern of code that needs it."""

_IMPORTS: Final = {
    r"\bos\.": "import os",
    r"\bre\.": "import re",
    r"\btime\b": "import time",
    r"\bCounter\(": "from collections import Counter",
    r"\bsuppress\(": "from contextlib import suppress",
    r"\bentry_points\(": "from importlib.metadata import entry_points",
    r"\bresolve_name\(": "from pkgutil import resolve_name",
    r"\buuid4\(": "from uuid import uuid4",
}
"""Imports from the standard library, in the same form."""


def preamble(environment: Environment, fields: Sequence[str], helpers: str, body: str) -> str:
    """Return everything before the helper functions; `fields` are the fields that the program prints of an instance."""
    client = "\n".join(environment.client)
    variables = definitions(f"{helpers}\n{without_literals(body)}")
    if fields:
        variables.append(f"FIELDS = {folded_literal(fields)}")
    standard = standard_imports("\n".join([without_literals(client), *variables, helpers, without_literals(body)]))
    kinds = [lines for lines in (standard, sorted(environment.imports, key=_import_order)) if lines]
    imports = "\n\n".join("\n".join(lines) for lines in kinds)
    return "\n".join([f"{imports}\n", client, *variables])


def definitions(code: str) -> list[str]:
    """Return the lines that set the variables of a program; `code` has no literals."""
    return required_templates(_DEFINITIONS, code)


def standard_imports(code: str) -> list[str]:
    """Return the imports from the standard library that code without literals needs, in order."""
    return sorted(required_templates(_IMPORTS, code), key=_import_order)


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line
