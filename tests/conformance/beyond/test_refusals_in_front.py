"""The model in front of another EC2 refuses with codes that AWS documents, or that a fact tells."""

import ast
from pathlib import Path
from typing import Final

from ec2_lifecycle.conformance.emulator import beyond
from ec2_lifecycle.model.evidence import FACTS
from ec2_lifecycle.model.evidence.documented_refusals import ROWS

SOURCES: Final = sorted(Path(beyond.__path__[0]).glob("*.py"))
OF_OTHER_OPERATIONS: Final = {"InvalidAttachmentID.NotFound"}
"""On AWS's page of error codes, but for none of the operations that the table of documented refusals is about."""
OF_THE_SERVICE: Final = {"InvalidAction", "Unavailable"}
"""General codes of that page, for an EC2 behind that cannot answer."""


def codes() -> dict[str, set[str]]:
    """Return the code of every error that the package makes, with the modules that make it."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"refused", "_error"}:
                code = node.args[1 if node.func.id == "refused" else 2]
                assert isinstance(code, ast.Constant), f"{path.name}:{node.lineno} makes an error without a plain code"
                found.setdefault(str(code.value), set()).add(path.name)
    return found


def test_every_code_is_one_that_aws_documents_or_a_fact_tells() -> None:
    documented = {row.code for row in ROWS} | OF_OTHER_OPERATIONS | OF_THE_SERVICE
    told = " ".join(fact.statement for fact in FACTS.values())
    makers = set[str]().union(*codes().values())
    assert {"launches.py", "shared.py", "interfaces.py"} <= makers  # the search finds what there is to find
    assert "networks.py" not in makers  # its errors are in the table of the emulator
    assert {code: where for code, where in codes().items() if code not in documented and f"`{code}`" not in told} == {}


def test_no_other_place_makes_an_error() -> None:
    makers = {path.name for path in SOURCES if "ClientError(" in path.read_text(encoding="utf-8")}
    assert makers == {"refusals.py"}
