"""The tests that `issue --for pytest` writes for the findings of moto: whether each is short and does what it says.

A test fails on moto and passes on the model, in at most `LONGEST` lines.
`finding_tests.py RUN` takes the folder of a stored run of moto; without one, moto is run first.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ec2_lifecycle.conformance.cli import run_command
from ec2_lifecycle.conformance.commands.issue import checked_test, failure_of
from ec2_lifecycle.conformance.findings.repro import CannotWrite
from ec2_lifecycle.conformance.findings.repro.short_programs import LONGEST
from ec2_lifecycle.reports.events import Finding
from ec2_lifecycle.reports.stored_runs import read_runs


def problem_of(finding: Finding) -> str | None:
    """Return what is wrong with the test of a finding of moto; None if nothing is."""
    try:
        test = checked_test(finding, "moto")  # this plays it on the model
    except CannotWrite as error:
        return str(error)
    if len(test.splitlines()) > LONGEST:
        return f"it has {len(test.splitlines())} lines."
    failure = failure_of(test)
    if failure is None:
        return "it passes on moto."
    return "it does not run." if isinstance(failure, NameError | SyntaxError | ImportError) else None


def findings_of(run: Path) -> tuple[Finding, ...]:
    """Return the findings of a stored run of moto."""
    (target,) = read_runs([run / "events.ndjson"]).targets
    return target.done.findings


def main() -> int:
    """Print each finding without a good test, and how many have one."""
    with TemporaryDirectory() as folder:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        if len(sys.argv) == 1:
            run_command(["run", "moto", "--seed", "0", "--output", folder])
        findings = findings_of(run)
    problems = {finding.id: problem for finding in findings if (problem := problem_of(finding)) is not None}
    for finding in findings:
        if finding.id in problems:
            print(f"{finding.clause} {finding.id} has no test: {problems[finding.id]}")
    good = len(findings) - len(problems)
    print(f"{good} of {len(findings)} findings of moto have a test that fails on moto and passes on the model")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
