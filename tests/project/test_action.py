"""The GitHub Action: its steps are run in order, as a runner runs them, and docs/ci.md uses it as it is."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from docs import ROOT, examples, first_cells

ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: Final[list[dict[str, Any]]] = ACTION["runs"]["steps"]
PAGE: Final = "ci.md"
WORKFLOW, PIPELINE = (yaml.safe_load(example.text) for example in examples(PAGE, "yaml"))
EXPRESSION: Final = re.compile(r"\$\{\{ ([\w.-]+) \}\}")
BASH: Final = shutil.which("bash") or "bash"
PYTHON: Final = """\
#!/bin/sh
case "$*" in
"-m pip "*) echo "$PIP_CACHE_DIR $0 $@" >> "$RUNNER_TEMP/installed" ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && ln -s {command} "$3/bin/ec2-lifecycle" ;;
*) exec {python} "$@" ;;
esac
"""
"""A python that only notes down what it is asked to install: the project is installed already."""


@dataclass
class Runner:
    """What a runner keeps of a job, and one that runs the steps of the action."""

    home: Path
    outputs: dict[str, str] = field(default_factory=dict[str, str])
    log: str = ""
    failed: int = 0
    """The exit code of the last step that failed."""

    def __post_init__(self) -> None:
        """Make the runner's files, and a workspace."""
        for name in ("bin", "temp", "workspace"):
            (self.home / name).mkdir()
        python = self.home / "bin" / "python"
        command = Path(sys.executable).parent / "ec2-lifecycle"
        python.write_text(PYTHON.format(python=sys.executable, command=command))
        python.chmod(0o755)

    @property
    def summary(self) -> str:
        """The summary of the step."""
        return (self.home / "summary").read_text(encoding="utf-8")

    def run(self, **given: str) -> "Runner":
        """Run the shell steps; what is not given has the default of the action."""
        inputs = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        for name in ("summary", "output"):
            (self.home / name).touch()
        for step in STEPS:
            if "run" in step and (not self.failed or "always()" in step.get("if", "")):
                self._step(step, inputs)
        return self

    def _step(self, step: dict[str, Any], inputs: Mapping[str, str]) -> None:
        values = {"github.action_path": str(ROOT)}
        values |= {f"inputs.{name}": value for name, value in inputs.items()}
        values |= {f"steps.run.outputs.{name}": self.outputs.get(name, "") for name in ("report", "exit-code")}
        values |= {f"steps.prepare.outputs.{name}": self.outputs.get(name, "") for name in ("bin", "packages")}
        values["steps.python.outputs.python-path"] = str(self.home / "bin" / "python")
        assert step["shell"] == "bash"
        environment = {
            "PATH": os.defpath,  # the action has a Python of its own
            "HOME": str(self.home),
            "RUNNER_TEMP": str(self.home / "temp"),
            "GITHUB_OUTPUT": str(self.home / "output"),
            "GITHUB_STEP_SUMMARY": str(self.home / "summary"),
            **{
                name: EXPRESSION.sub(lambda found: values[found[1]], text) for name, text in step.get("env", {}).items()
            },
        }
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.home / "workspace",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        self.log += done.stdout
        self.failed = done.returncode or self.failed
        lines = (self.home / "output").read_text(encoding="utf-8").splitlines()
        self.outputs |= dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner in a folder of its own."""
    return Runner(tmp_path)


def test_a_target_that_conforms_passes_and_has_its_summary_and_its_report(runner: Runner) -> None:
    runner.run(target="model", max_calls="40", seed="7")
    assert (runner.failed, runner.outputs["exit-code"]) == (0, "0"), runner.log
    temp = runner.home / "temp"
    own = Path(runner.outputs["bin"])
    assert own.is_relative_to(temp), "the caller's own Python stays as it is"
    told = f"{temp}/ec2-lifecycle-pip {own}/python -m pip install --quiet {ROOT}\n"
    assert (temp / "installed").read_text() == told
    assert runner.summary.startswith("## ✓ EC2 lifecycle: nothing new\n")
    assert "seed 7" in runner.log
    assert "::error" not in runner.log
    report = Path(runner.outputs["report"])
    assert {"events.ndjson", "report.html", "junit.xml", "summary.md"} <= {path.name for path in report.iterdir()}


def test_the_action_leaves_the_python_of_the_caller_alone_and_caches_what_it_installs() -> None:
    python, cache = (
        next(step for step in STEPS if step.get("uses", "").startswith(f"actions/{name}@"))
        for name in ("setup-python", "cache")
    )
    assert python["with"]["update-environment"] is False
    assert cache["with"]["path"] == "${{ runner.temp }}/ec2-lifecycle-pip"
    assert "${{ steps.prepare.outputs.packages }}" in cache["with"]["key"]


def test_a_finding_is_annotated_and_the_action_ends_with_the_exit_code_of_the_run(runner: Runner) -> None:
    runner.run(target="moto\n  model", max_calls="60", tier="smoke", args="--clauses TERM-12  --hang-after\n50s")
    assert (runner.failed, runner.outputs["exit-code"]) == (1, "1"), runner.log
    assert runner.summary.startswith("## ✗ EC2 lifecycle: 1 new finding\n")
    assert "| `model`" in runner.summary
    told, _, annotated = runner.log.partition("::stop-commands::")[2].partition("\n::")
    assert told.split()[0] in annotated.split("::")[0], "commands are on again after the run, and not before"
    assert "\n::error title=TERM-12 violation on moto::f2:" in runner.log


def test_waivers_are_read_from_the_workspace(runner: Runner) -> None:
    known = '[[waiver]]\nfinding = "f2:377d3c4f97"\ntarget = "moto"\nreason = "known"\n'
    (runner.home / "workspace" / "known ones.toml").write_text(known)
    runner.run(target="moto", tier="smoke", args="--clauses TERM-12", waivers="known ones.toml")
    assert (runner.failed, runner.outputs["exit-code"]) == (0, "0"), runner.log
    assert "::notice title=1 finding of moto waived::TERM-12 f2:377d3c4f97" in runner.log


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"target": "mto"}, 2),
        ({"target": ""}, 2),
        ({"target": "model", "waivers": "none.toml"}, 2),
        ({"target": "endpoint:http://127.0.0.1:9"}, 3),
        ({"target": "$(touch spoilt)", "seed": "0; touch spoilt", "args": "`touch spoilt`"}, 2),
        ({"target": "--help"}, 2),
    ],
)
def test_what_cannot_run_says_so_and_keeps_its_exit_code(runner: Runner, given: dict[str, str], code: int) -> None:
    runner.run(**given)
    assert (runner.failed, runner.outputs["exit-code"]) == (code, str(code)), runner.log
    assert f"::error title=ec2-lifecycle ran nothing::exit code {code}; " in runner.log
    assert list((runner.home / "workspace").iterdir()) == []


def test_a_run_that_never_came_to_its_end_fails(runner: Runner) -> None:
    shutil.rmtree(runner.home / "temp")
    runner.run(target="model")
    assert runner.failed == 3


def test_no_script_has_text_from_outside_in_it() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 5
    assert not [script for script in scripts if "${{" in script]


def test_every_input_is_used_and_documented() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"]) == set(first_cells(PAGE, "input"))
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


def test_the_workflow_of_the_page_uses_the_action_as_it_is() -> None:
    [step] = [step for step in WORKFLOW["jobs"]["conformance"]["steps"] if "/ec2-lifecycle@" in step.get("uses", "")]
    assert set(step["with"]) <= set(ACTION["inputs"])
    required = {name for name, each in ACTION["inputs"].items() if each.get("required")}
    assert required <= set(step["with"])
    assert all(isinstance(value, str) for value in step["with"].values())
    assert WORKFLOW[True].keys() == {"pull_request", "push"}, "`on` is a truth value in YAML 1.1"


def test_the_pipeline_of_the_page_keeps_the_report_of_a_run_that_fails() -> None:
    kept = PIPELINE["ec2-lifecycle"]["artifacts"]
    assert (kept["when"], kept["paths"], kept["reports"]["junit"]) == ("always", ["out"], "out/junit.xml")
    assert "--output out" in PIPELINE["ec2-lifecycle"]["script"][1]
