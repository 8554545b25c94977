"""The published matrix: each promise on emulators of EC2 and on the served model, all run for real.

`nox -s matrix` runs this file: it starts each of them, holds it to the specification, and writes the page again.
"""

import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Final

from real_emulators.programs import EMULATORS, HOST, PROGRAMS, Emulator, running

from ec2_lifecycle.reports.events import Finding, Verdict
from ec2_lifecycle.reports.labels import SYMBOLS, how_it_stopped, tally
from ec2_lifecycle.reports.markdown_text import code, folded, head, prose, row
from ec2_lifecycle.reports.safe_text import count
from ec2_lifecycle.reports.stored_runs import Report, TargetReport, read_runs

CALLS: Final = 4000
"""Calls to each target: all of the corpus, and walks with the rest."""
PATIENCE: Final = 1200
"""Seconds that a run may take."""
SEED: Final = 0
MODEL: Final = "ec2-lifecycle serve"
SERVED: Final = Emulator(MODEL, lambda port: ("ec2-lifecycle", "serve", "--host", HOST, "--port", port))
PACKAGES: Final = {"moto": "moto", "moto-server": "moto", MODEL: "ec2-lifecycle"}
"""The package of a target that is not named as it is."""


def main(page: Path, calls: int = CALLS, names: Sequence[str] = ()) -> None:
    """Run the targets, or those that are named, and write the page."""
    targets = [
        target
        for emulator in (None, *EMULATORS, SERVED)
        if not names or (emulator.name if emulator else "moto") in names
        for target in [_run(emulator, calls)]
    ]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text(targets, calls), encoding="utf-8", newline="\n")


def _run(emulator: Emulator | None, calls: int) -> Report:
    """Hold one of them, or moto in process, to the specification; the report has it by its name."""
    name = "moto" if emulator is None else emulator.name
    with TemporaryDirectory() as folder, _address(emulator, Path(folder)) as target:
        words = ("run", target, "--max-calls", str(calls), "--seed", str(SEED), "--output", "out")
        command = (str(PROGRAMS / "ec2-lifecycle"), *words)
        done = run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"the run of {name} ended with {done.returncode}: {done.stderr.decode().strip()}")
        report = read_runs([Path(folder, "out", "events.ndjson")])
    [ran] = report.targets
    named = replace(ran, label=name, done=replace(ran.done, version=version(PACKAGES.get(name, name))))
    return replace(report, targets=(named,))


@contextmanager
def _address(emulator: Emulator | None, home: Path) -> Generator[str]:
    """Start an emulator, and give what `run` calls it."""
    if emulator is None:
        yield "moto"
        return
    with running(emulator, home) as server:
        yield f"endpoint:{server.url}"


def text(reports: Sequence[Report], calls: int) -> str:
    """The page about these runs."""
    targets = [target for report in reports for target in report.targets]
    header = targets[0].header
    made = ", ".join(f"{name} {header.versions[name]}" for name in ("python", "boto3"))
    return PAGE.format(
        targets=len(targets),
        day=header.started[:10],
        version=header.version,
        seed=header.seed,
        calls=f"{calls:,}",
        made=made,
        runs="\n".join((_RUNS, *map(_ran, targets))),
        legend="\n".join((_LEGEND, *map(_meaning, Verdict))),
        clauses="\n".join((head("clause", "promise", "evidence", *_codes(targets)), *_rows(reports[0], targets))),
        reasons="\n\n".join(_reasons(target) for target in targets),
        findings="\n\n".join(_findings(target) for target in targets if target.done.findings),
    )


PAGE: Final = f"""\
<!-- written by `nox -s matrix` -->

# Emulators of EC2, promise by promise

**TL;DR** Each promise of the specification on {{targets}} targets, all run for real on {{day}}
by ec2-lifecycle {{version}} ({{made}}), with seed {{seed}} and at most {{calls}} calls to each.
`nox -s matrix` writes this page again.

`{MODEL}` is the specification itself behind HTTP. It is the control of the experiment: it must break nothing.

## Runs

{{runs}}

## Clauses

{{legend}}

{{clauses}}

Why clauses were not judged, by target:

{{reasons}}

## Findings

Each defect, with its id and the clause that it breaks.

{{findings}}
"""
_RUNS: Final = head("target", "version", "clauses held", "findings", "scenarios", "calls", "how it ended")
_LEGEND: Final = head("sign", "verdict", "means")
_MEANS: Final = {
    Verdict.HELD: "some reply would have shown a breach, and none did",
    Verdict.VIOLATED: "at least one finding breaks it",
    Verdict.MASKED: "another defect of the target hides whether it keeps the promise",
    Verdict.UNSUPPORTED: "the target does not implement an operation that the check needs",
    Verdict.NOT_EXERCISED: "no reply could have shown a breach; the reasons are below the table",
}


def _meaning(verdict: Verdict) -> str:
    return row((SYMBOLS[verdict][0], verdict.value, _MEANS[verdict]))


def _codes(targets: Sequence[TargetReport]) -> Iterator[str]:
    return (code(target.label) for target in targets)


def _ran(target: TargetReport) -> str:
    done, verdicts = target.done, tally(target.done)
    judged = verdicts[Verdict.HELD] + verdicts[Verdict.VIOLATED]
    return row(
        (
            code(target.label),
            prose(done.version),
            f"{verdicts[Verdict.HELD]} of {judged}",
            str(len(done.findings)),
            f"{done.scenarios:,}",
            f"{done.calls:,}",
            prose(how_it_stopped(done)),
        )
    )


def _rows(report: Report, targets: Sequence[TargetReport]) -> Iterator[str]:
    judged = {clause for target in targets for clause in target.done.clauses}
    for clause, info in report.clauses.items():
        if clause in judged:
            results = [target.done.clauses.get(clause) for target in targets]
            evidence = next(result.evidence for result in results if result is not None)
            cells = ("" if result is None else SYMBOLS[result.verdict][0] for result in results)
            yield row((clause, prose(info.sentence), evidence, *cells))


def _reasons(target: TargetReport) -> str:
    """Why clauses have no verdict of held or violated, those with one reason together."""
    reasons: dict[str, list[str]] = {}
    for clause, result in target.done.clauses.items():
        if result.verdict in (Verdict.UNSUPPORTED, Verdict.NOT_EXERCISED):
            reason = (result.reason or "no reason is given").replace(target.done.target, target.label)  # it has a port
            reasons.setdefault(reason, []).append(clause)
    rows = (row((prose(reason), ", ".join(clauses))) for reason, clauses in reasons.items())
    table = "\n".join((head("reason", "clauses"), *rows))
    return folded(f"{target.label}: {count(sum(map(len, reasons.values())), 'clause')}", table)


def _findings(target: TargetReport) -> str:
    table = "\n".join((head("clause", "level", "finding", "what"), *map(_finding, target.done.findings)))
    return folded(f"{target.label} {target.done.version}: {len(target.done.findings)}", table)


def _finding(finding: Finding) -> str:
    return row((finding.clause, finding.level, code(finding.id), prose(finding.title)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]), names=sys.argv[3:])
