"""What tests measured is told at the end of a run: a test says it with `record_property("measured", …)`.

And the command line as a fixture. No test of Hypothesis is timed: how fast a machine is, is no promise of ours.
"""

import math
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from command_runs import Command, Ran
from hypothesis import HealthCheck, settings
from warm_processes import WarmContext

from ec2_lifecycle.conformance.adapter.sessions import shared_models
from ec2_lifecycle.conformance.cli import run_command
from ec2_lifecycle.reports import live

# With its own 1,300 images moto takes half a second of each start, in each of the hundreds that tests make.
os.environ["MOTO_AMIS_PATH"] = str(Path(__file__).parent / "helpers/moto_images.json")

settings.register_profile("untimed", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow]))
settings.load_profile("untimed")


SAID_OF_A_MACHINE = ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS", "PYTEST_ADDOPTS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS")
"""What programs print depends on these: pytest's summary is longer on a CI machine, for one."""


@pytest.fixture(scope="session", autouse=True)
def _same_output_on_every_machine() -> Iterator[None]:
    """Hide from programs that tests start what this machine says of itself."""
    with pytest.MonkeyPatch.context() as environment:
        for name in SAID_OF_A_MACHINE:
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Let the sessions of boto3 that tests and moto make share botocore's models: each would parse a megabyte."""
    with shared_models():
        yield


@pytest.fixture(scope="session", autouse=True)
def _targets_start_warm() -> Iterator[None]:
    """Start the processes of targets from one that has imported everything."""
    with patch("ec2_lifecycle.conformance.running.target_process._CONTEXT", WarmContext()):
        yield


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command line, in an empty folder: give it the words after `ec2-lifecycle`, as one text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(live, "_EVERY", math.inf)  # a slow machine would have lines of progress among the errors

    def run(words: str) -> Ran:
        capfd.readouterr()
        code = run_command(shlex.split(words))
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the measurements, also those that were made in other processes."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    measured = [
        str(value)
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "measured"
    ]
    if measured:
        terminalreporter.section("measured")
        for sentence in measured:
            terminalreporter.line(sentence)
