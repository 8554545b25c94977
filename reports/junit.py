"""JUnit XML: a suite for each target, with a test case for each clause and each corpus file.

Waived, flaky, not exercised and unsupported cases are skipped, with the reason.
So the file fails exactly if the run does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from .events import ClauseInfo, ClauseResult, Finding, ScenarioRun, Verdict
from .labels import known_as, seed_numbers
from .safe_text import count, printable
from .stored_runs import Report, TargetReport
from .terminal import text_of_finding

FAILURE: Final = "failure"
ERROR: Final = "error"
SKIPPED: Final = "skipped"


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case; `result` is None if it passed."""

    group: str
    name: str
    result: str | None = None
    kind: str = ""
    """The kind of failure or skip: violation, waived, flaky, not-exercised…"""
    message: str = ""
    text: str = ""
    """Printable lines."""
    note: str = ""
    """Further information about a passed or failed case."""


def junit_xml(report: Report) -> bytes:
    """The content of the file."""
    root = ET.Element("testsuites", name="ec2-lifecycle")
    for target in report.targets:
        _add_suite(root, target, list(_cases(report, target)))
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add_suite(root: ET.Element, target: TargetReport, cases: list[_Case]) -> None:
    done = target.done
    results = [case.result for case in cases]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=printable(target.label),
        timestamp=printable(target.header.started),
        time=f"{done.seconds:.3f}",
        tests=str(len(cases)),
        failures=str(results.count(FAILURE)),
        errors=str(results.count(ERROR)),
        skipped=str(results.count(SKIPPED)),
    )
    properties = ET.SubElement(suite, "properties")
    facts = {"version": done.version, "seed": seed_numbers(done), "calls": str(done.calls), "stopped": done.stopped}
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=printable(value))
    for case in cases:
        _add_case(suite, target.label, case)


def _add_case(suite: ET.Element, label: str, case: _Case) -> None:
    element = ET.SubElement(
        suite, "testcase", classname=printable(f"{label}.{case.group}"), name=printable(case.name) or "?"
    )
    if case.result is not None:
        result = ET.SubElement(element, case.result, type=printable(case.kind), message=printable(case.message))
        result.text = case.text or None
    if case.note:
        ET.SubElement(element, "system-out").text = printable(case.note)


def _cases(report: Report, target: TargetReport) -> Iterator[_Case]:
    done = target.done
    if done.broken is not None or done.stopped == "interrupted":
        yield _Case("run", "comes to its end", ERROR, done.stopped, done.broken or "interrupted")
    # The clauses with the worst findings come first; the others keep the order of the specification.
    for clause in dict.fromkeys((*(finding.clause for finding in done.findings), *done.clauses)):
        findings = [finding for finding in done.findings if finding.clause == clause]
        yield _clause(clause, done.clauses.get(clause), findings, report.clauses.get(clause))
    known = {finding.id: finding for finding in done.findings}
    for run in target.corpus:
        yield _scenario(run, known)
    for problem in done.waiver_problems:
        yield _Case("waivers", problem.waiver, FAILURE, "waiver", problem.problem)


def _clause(clause: str, result: ClauseResult | None, findings: list[Finding], info: ClauseInfo | None) -> _Case:
    new = [finding for finding in findings if finding.waived is None]
    sentence = "" if info is None else info.sentence
    if new:
        others = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        text = "\n\n".join(text_of_finding(finding, info) for finding in new)
        return _Case("clauses", clause, FAILURE, new[0].level, new[0].title + others, f"\n{text}\n", sentence)
    if findings:
        text = ((finding, f"{finding.id} {finding.title}: {finding.waived}") for finding in findings)
        return _Case("clauses", clause, SKIPPED, _kind(findings), _by_kind(text), note=sentence)
    if result is None or result.verdict is Verdict.HELD:
        return _Case("clauses", clause, note=sentence)
    if result.verdict is Verdict.VIOLATED:
        return _Case("clauses", clause, FAILURE, "violation", "it is violated, and the stream has no finding of it")
    verdict = result.verdict.value
    return _Case("clauses", clause, SKIPPED, verdict, f"{verdict}: {result.reason or 'no reason is given'}")


def _scenario(run: ScenarioRun, known: dict[str, Finding]) -> _Case:
    """The case of a corpus file; a divergence that is not a finding of the run is a consequence of one that is."""
    name = run.title if run.file is None else f"{run.file}: {run.title}"
    shown = [known[finding] for finding in run.findings if finding in known]
    new = [finding for finding in shown if finding.waived is None]
    if new:
        text = "; ".join(f"{finding.clause} {finding.id} {finding.title}" for finding in new)
        return _Case("corpus", name, FAILURE, new[0].level, f"shows {text}")
    if run.skipped is not None:
        return _Case("corpus", name, SKIPPED, "not-exercised", run.skipped)
    if shown:
        text = _by_kind((finding, f"{finding.id}: {finding.waived}") for finding in shown)
        return _Case("corpus", name, SKIPPED, _kind(shown), f"shows only what is {text}")
    others = len(run.findings)
    note = f"it shows {count(others, 'divergence')} that others of the run bring about" if others else ""
    return _Case("corpus", name, note=note)


def _kind(known: Iterable[Finding]) -> str:
    """`flaky` only if every finding is flaky, else `waived`."""
    words = {known_as(finding) for finding in known}
    return "waived" if "waived" in words else "flaky"


def _by_kind(texts_of: Iterable[tuple[Finding, str]]) -> str:
    """The waived findings, then the flaky ones."""
    kinds: dict[str, list[str]] = {"waived": [], "flaky": []}
    for finding, text in texts_of:
        kinds[known_as(finding)].append(text)
    return "; ".join(f"{kind}: {'; '.join(texts)}" for kind, texts in kinds.items() if texts)
