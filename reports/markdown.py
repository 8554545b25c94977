"""Markdown for a GitHub step summary or a pull request comment: new findings first, known ones separately.

It stays below GitHub's size limit. It omits the least important parts first, and a sentence says so.
"""

from collections.abc import Iterator
from typing import Final

from .citations import FEW, address
from .events import Finding, SourceInfo, Verdict
from .harm import rank
from .labels import SYMBOLS, how_it_stopped, seed_numbers, tally
from .markdown_budget import Budget
from .markdown_text import code, fenced, folded, head, linked, prose, row
from .safe_text import count
from .scenario_lines import scenario_lines
from .stored_runs import Report, TargetReport


def markdown(report: Report) -> str:
    """The text."""
    budget = Budget()
    title = budget.required(_title(report))
    runs = budget.section("", _RUNS, [_run_row(target) for target in report.targets], "run")
    notes = budget.section("", "", [_note_row(*note) for note in _notes(report)], "note")
    new, known, flaky = (_by_id(report, kind) for kind in ("new", "waived", "flaky"))
    # The parts use the budget in order of importance, and are then joined in reading order.
    new_table = budget.section(f"### New ({len(new)})", _NEW, [_new_row(*shown) for shown in new], "new finding")
    waivers = budget.section("### Waivers to fix", _WAIVERS, list(_waiver_rows(report)), "stale waiver")
    matrix = _matrix(budget, report)
    waived_table = budget.section(
        f"### Waived ({len(known)})", _WAIVED, [_known_row(*shown) for shown in known], "waived finding"
    )
    flaky_table = budget.section(
        f"### Flaky ({len(flaky)})", _WAIVED, [_known_row(*shown) for shown in flaky], "flaky finding"
    )
    full = "\n\n".join(budget.add_fitting((_in_full(report, *shown) for shown in new), "detailed finding"))
    parts = [
        title,
        runs,
        notes,
        new_table,
        full,
        waivers,
        matrix,
        waived_table,
        flaky_table,
        budget.omission_note(_ALL),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_ALL: Final = "The stream has all of it (`ec2-lifecycle report … --html FILE`)."
_RUNS: Final = head("target", "clauses held", "new", "waived", "flaky", "scenarios", "calls", "seed", "how it ended")
_NEW: Final = head("harm", "clause", "finding", "what", "targets")
_WAIVED: Final = head("clause", "finding", "what", "reason")
_WAIVERS: Final = head("target", "waiver", "what is wrong with it")


def _title(report: Report) -> str:
    new = len(_by_id(report, "new"))
    broken = [target for target in report.targets if target.done.broken is not None]
    said = [
        count(new, "new finding") if new else "nothing new",
        *([f"{count(len(broken), 'run')} broken"] if broken else []),
        *(["waivers to fix"] if any(target.done.waiver_problems for target in report.targets) else []),
    ]
    sign = SYMBOLS[Verdict.HELD if report.exit == 0 else Verdict.VIOLATED][0]
    return f"## {sign} EC2 lifecycle: {', '.join(said)}"


def _run_row(target: TargetReport) -> str:
    done = target.done
    verdicts = tally(done)
    judged = verdicts[Verdict.HELD] + verdicts[Verdict.VIOLATED]
    ended = how_it_stopped(done) if done.broken is None else f"broke: {done.broken}"
    version = f" {prose(done.version)}" if done.version and done.version not in target.label else ""
    return row(
        (
            code(target.label) + version,
            f"{verdicts[Verdict.HELD]} of {judged}",
            str(len(target.new)),
            str(len(target.waived)),
            str(len(target.flaky)),
            f"{done.scenarios:,}",
            f"{done.calls:,}",
            seed_numbers(done),
            prose(ended),
        )
    )


def _notes(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the notes about the targets, each with the target's label."""
    return ((target.label, note) for target in report.targets for note in target.done.notes)


def _note_row(label: str, note: str) -> str:
    return f"- {code(label)}: {prose(note)}"


def _by_id(report: Report, kind: str) -> list[tuple[Finding, tuple[str, ...]]]:
    """Each new, waived or flaky finding once, as the first target shows it, with the labels of all targets that do."""
    found: dict[str, tuple[Finding, list[str]]] = {}
    for target in report.targets:
        for finding in {"new": target.new, "waived": target.waived, "flaky": target.flaky}[kind]:
            found.setdefault(finding.id, (finding, []))[1].append(target.label)
    return sorted(((finding, tuple(labels)) for finding, labels in found.values()), key=lambda shown: rank(shown[0]))


def _new_row(finding: Finding, labels: tuple[str, ...]) -> str:
    return row(
        (
            prose(finding.harm),
            prose(finding.clause),
            code(finding.id),
            prose(finding.title),
            ", ".join(map(code, labels)),
        )
    )


def _known_row(finding: Finding, labels: tuple[str, ...]) -> str:
    del labels
    return row((prose(finding.clause), code(finding.id), prose(finding.title), prose(finding.waived or "")))


def _waiver_rows(report: Report) -> Iterator[str]:
    for target in report.targets:
        for problem in target.done.waiver_problems:
            yield row((code(target.label), code(problem.waiver), prose(problem.problem)))


def _matrix(budget: Budget, report: Report) -> str:
    """Clauses × targets, folded because it is long."""
    clauses = report.judged
    if not clauses:
        return ""
    legend = " · ".join(f"{symbol} {verdict.value}" for verdict, (symbol, _) in SYMBOLS.items())
    start = budget.required(head("clause", "evidence", *(code(target.label) for target in report.targets)))
    budget.required(folded(legend, legend))
    rows = budget.add_fitting((_row_of(report, clause) for clause in clauses), "matrix row")
    body = "\n".join((start, *rows))
    return folded(f"Clauses × targets ({len(clauses)})", f"{legend}\n\n{body}")


def _row_of(report: Report, clause: str) -> str:
    results = [target.done.clauses.get(clause) for target in report.targets]
    evidence = next((result.evidence for result in results if result is not None), "")
    cells = ("" if result is None else SYMBOLS[result.verdict][0] for result in results)
    return row((prose(clause), prose(evidence), *cells))


def _in_full(report: Report, finding: Finding, labels: tuple[str, ...]) -> str:
    info = report.clauses.get(finding.clause)
    expected = [code(alternative) for alternative in finding.expected]
    lines = (line + ("  # the step to blame" if blamed else "") for line, blamed in scenario_lines(finding))
    body = [
        *([prose(info.sentence)] if info is not None else []),
        "  \n".join(
            (
                f"Evidence: {prose(finding.evidence)} ({prose(finding.source)})",
                *([f"Sources: {'; '.join(map(_cited, finding.sources[:FEW]))}"] if finding.sources else []),
                f"Harm: {prose(': '.join(filter(None, (finding.harm, finding.effect))))}",
                f"Targets: {', '.join(map(code, labels))}",
            )
        ),
        f"Expected: {expected[0]}" if len(expected) == 1 else "\n- ".join(("Expected, one of:\n", *expected)),
        f"Observed: {code(finding.observed)}",
        fenced(lines, "yaml"),
        *([fenced([finding.replay], "sh")] if finding.replay else []),
    ]
    return folded(f"{prose(finding.clause)} {prose(finding.level)}: {prose(finding.title)}", "\n\n".join(body))


def _cited(source: SourceInfo) -> str:
    """A source as a link, or what a kept recording says."""
    opens = address(source)
    if opens:
        return f"[{prose(source.label)}]({linked(opens)})"
    return prose(": ".join(filter(None, (source.label, source.says))))
