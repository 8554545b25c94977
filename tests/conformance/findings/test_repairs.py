"""A defect is a cause: where one of moto's is repaired, it shows no more, and everything else shows as before.

`benchmarks/repairs.py` does the same with whole runs.
"""

from collections.abc import Mapping
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from rehearsed import judge
from repaired_moto import REPAIRS, Repair, Repaired

from ec2_lifecycle.conformance.diagnosis.defects import defect_id
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.targets.moto import moto_target
from ec2_lifecycle.strategies.files.format import load_scenario

SCENARIOS: Final = (
    "describe/malformed.yaml",
    "protection/cannot-change-while-shutting-down.yaml",
    "protection/given-at-launch-is-shown.yaml",
    "protection/stop-protection-refuses-stop-from-launch-on.yaml",
    "reboot/shutting-down.yaml",
    "start/instance-store.yaml",
    "stop/force-while-stopping.yaml",
    "terminate/stopping.yaml",
    "terminate/terminated.yaml",
    "terminate/shield-modified-one-zone.yaml",
)
"""Together they show each defect of moto that a repair is there for, and others."""
CORPUS: Final = Path(str(files("ec2_lifecycle.conformance.corpus")))


def shown(repairs: Mapping[str, Repair]) -> set[str]:
    """Return the ids of what shows on moto with some repairs."""
    with closing(moto_target(lambda client: Repaired(client, repairs))) as target:
        runner = Runner(target, judge())
        outcomes = [runner.run(load_scenario(CORPUS / name)) for name in SCENARIOS]
    assert not any(outcome.skipped or outcome.broken for outcome in outcomes)
    return {defect_id(divergence) for outcome in outcomes for divergence in outcome.divergences}


@cache
def shown_without_repairs() -> set[str]:
    """Return the ids of what shows on moto as it is."""
    return shown({})


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repaired_defect_shows_no_more_and_all_others_do(name: str) -> None:
    before = shown_without_repairs()
    assert name in before
    assert len(before) > len(REPAIRS)
    assert shown(REPAIRS[name]) == before - {name}
