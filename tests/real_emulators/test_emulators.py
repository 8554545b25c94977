"""What is known of emulators that other people wrote is so: each is run for real, and held to a file of waivers."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
from real_emulators.programs import EMULATORS, Emulator, running

from ec2_lifecycle.conformance.findings.waiver_file import load_waivers

MAIN: Final = (str(Path(sys.executable).parent / "ec2-lifecycle"),)
PATIENCE: Final = 900
"""Seconds that a run may take."""
LOCAL_RUN: Final = next(each for each in EMULATORS if each.name == "aws-local-run")


@dataclass(frozen=True)
class Ran:
    """What `run --json` came to."""

    code: int
    targets: list[dict[str, Any]]
    err: str


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    """Start the command without anything of the user's settings."""
    environment = {"HOME": str(home), "PATH": os.defpath, "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.Popen(
        [*MAIN, *words], cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for the command's end."""
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, json.loads(out)["targets"], err)


@pytest.mark.parametrize("emulator", EMULATORS, ids=lambda each: each.name)
def test_an_emulator_does_otherwise_what_is_known_of_it_and_nothing_else(emulator: Emulator, tmp_path: Path) -> None:
    known = Path(str(files("ec2_lifecycle.conformance"))) / "known" / f"{emulator.name}.toml"
    with running(emulator, tmp_path) as server:
        options = ("--tier", "covering", "--max-calls", "5000", "--waivers", str(known), "--json")
        ran = ended(started(tmp_path, "run", f"endpoint:{server.url}", *options))
    assert server.process.poll() is not None
    [target] = ran.targets
    titles = {finding["id"]: finding["title"] for finding in target["findings"]}
    waived = {waiver.finding for waiver in load_waivers(known)}
    assert {titles[each] for each in titles.keys() - waived} == set(), "new: waive them, or mend the specification"
    assert waived - titles.keys() == set(), f"gone: delete them from {known.name}"
    assert ran.code == 0
    progress = f"endpoint:{server.url}: "
    assert [line for line in ran.err.splitlines() if not line.startswith(progress)] == []


def test_an_emulator_that_dies_on_the_way_ends_the_run_with_all_that_was_found(tmp_path: Path) -> None:
    events = tmp_path / "out" / "events.ndjson"
    with running(EMULATORS[0], tmp_path) as server:
        process = started(tmp_path, "run", f"endpoint:{server.url}", "--output", "out", "--json")
        until = time.monotonic() + PATIENCE
        while not events.exists() or events.read_text().count('{"event":"FindingMade"') < 2:
            assert time.monotonic() < until, "nothing was found"
            time.sleep(0.05)
        server.process.kill()
        ran = ended(process)
    [target] = ran.targets
    assert ran.code == 3
    assert len(target["findings"]) >= 2
    assert "was not answered" in ran.err


def test_several_targets_make_a_matrix(tmp_path: Path) -> None:
    with running(LOCAL_RUN, tmp_path) as server:
        words = ("--tier", "smoke", "--clauses", "STOP-1,START-1", "--json")
        ran = ended(started(tmp_path, "run", "moto", f"endpoint:{server.url}", *words))
    verdicts = [{clause: each["verdict"] for clause, each in target["clauses"].items()} for target in ran.targets]
    assert [target["target"] for target in ran.targets] == ["moto", f"endpoint:{server.url}"]
    assert verdicts == [
        {"STOP-1": "held", "START-1": "held"},
        {"STOP-1": "violated", "START-1": "violated"},
    ]
    assert ran.code == 1
