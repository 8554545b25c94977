"""Prints a run at length: findings in full, then each clause's verdict, a summary, and what to do next."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .citations import lines
from .clause_tables import GAP, VERDICT_STYLES, print_clauses, print_matrix
from .console import (
    INDENT,
    PIPE_WIDTH,
    join_dotted,
    print_code,
    print_labelled,
    print_table,
    print_text,
    printable_text,
)
from .events import ClauseInfo, Finding, TargetFinished
from .labels import (
    COVERED,
    ENDED,
    STATUSES,
    calls_of,
    how_it_stopped,
    known_as,
    next_without_new,
    seeds_of,
    tally,
    waived_as,
)
from .safe_text import count, printable, printable_lines
from .scenario_lines import scenario_lines

_LEVEL_STYLES: Final = {"violation": "bold red", "deviation": "bold yellow"}


def print_run(console: Console, clauses: Mapping[str, ClauseInfo], targets: Sequence[TargetFinished]) -> None:
    """Print every new finding once and in full, then the clauses, and last the summaries, which stay visible.

    `clauses` are those of the stream's header.
    """
    for finding, names in _new_findings(targets):
        print_finding(console, finding, clauses.get(finding.clause), names if len(targets) > 1 else ())
        console.print()
    if len(targets) == 1:
        print_clauses(console, targets[0])
    else:
        print_matrix(console, targets)
    console.print()
    for target in targets:
        print_summary(console, target)
        console.print()
    console.print(Text.assemble(("Next: ", "bold"), _next(targets)), soft_wrap=True)


def print_finding(
    console: Console,
    finding: Finding,
    clause: ClauseInfo | None,
    targets: Sequence[str] = (),
    facts: Sequence[str] = (),
) -> None:
    """Print a finding in full; `targets` are those that show it, if there are several.

    `facts` are the sentences of the facts that the promise rests on.
    Omits the program and the replay command if the finding has none.
    """
    level = printable_text(f"{finding.clause} {finding.level}", _LEVEL_STYLES.get(finding.level, "bold"))
    print_text(
        console, join_dotted(console, level, printable_text(finding.id, "cyan"), printable_text(finding.title, "bold"))
    )
    if clause is not None:
        print_text(console, printable_text(clause.sentence), INDENT)
    print_labelled(console, "Evidence", f"{finding.evidence} ({finding.source})")
    for fact in facts:
        print_text(console, printable_text(fact), 2 * INDENT, hanging=2)
    if finding.sources:
        print_code(console, "sources", [(printable(line), "") for line in lines(finding.sources)])
    print_labelled(console, "Harm", ": ".join(filter(None, (finding.harm, finding.effect))))
    _print_standing(console, finding, targets)
    console.print()
    print_code(console, "scenario", _marked(finding))
    if len(finding.expected) == 1:
        print_labelled(console, "expected", finding.expected[0])
    else:
        print_text(console, Text("expected, one of:", "bold"), INDENT)
        for alternative in finding.expected:
            print_text(console, printable_text(f"- {alternative}"), 2 * INDENT, hanging=2)
    print_labelled(console, "observed", finding.observed, "red")
    if finding.repro or finding.replay:
        console.print()
    if finding.repro:
        print_code(console, "repro", [(line, "") for line in printable_lines(finding.repro)])
    if finding.replay:
        print_code(console, "replay", [(printable(finding.replay), "bold")])


def _print_standing(console: Console, finding: Finding, targets: Sequence[str]) -> None:
    """Print which targets show a finding, whether it is known, how sure it is, and how to fix it."""
    if len(finding.situation.get("operations", ())) > 1:
        print_labelled(console, "Seen in", ", ".join(finding.situation["operations"]))
    if targets:
        print_labelled(console, "Targets", ", ".join(targets))
    if finding.waived is not None:
        print_labelled(console, known_as(finding).capitalize(), finding.waived)
    if finding.status in STATUSES:
        print_labelled(console, finding.status.capitalize(), STATUSES[finding.status])
    if finding.hint:
        print_labelled(console, "Fix", finding.hint)
    if not finding.minimal and finding.status not in STATUSES:
        print_labelled(console, "Not minimal", "a shorter scenario may show it too; the run did not try them all")


def text_of_finding(finding: Finding, clause: ClauseInfo | None) -> str:
    """The full text of a finding, without colours."""
    out = StringIO()
    console = Console(file=out, width=PIPE_WIDTH, color_system=None, markup=False, emoji=False, highlight=False)
    print_finding(console, finding, clause)
    return out.getvalue().rstrip()


def print_summary(console: Console, target: TargetFinished) -> None:
    """Print a target's run and its results in a few lines."""
    name = printable_text(f"{target.target} {target.version}".rstrip(), "bold")
    run = (count(target.scenarios, "scenario"), calls_of(target), f"{target.seconds:.1f} s")
    print_text(console, join_dotted(console, name, *(Text(part) for part in (*run, seeds_of(target)))))
    if target.broken is not None:
        print_labelled(console, "broke", target.broken, "bold red")
    elif target.stopped not in ENDED:
        print_text(console, printable_text(how_it_stopped(target), "yellow"), INDENT)
    for note in target.notes:
        print_labelled(console, "note", note)
    verdicts = (
        Text(f"{number:,} {verdict.value}", VERDICT_STYLES[verdict]) for verdict, number in tally(target).items()
    )
    print_text(console, Text("clauses:  ") + join_dotted(console, *verdicts), INDENT)
    new = [finding for finding in target.findings if finding.waived is None]
    known = [finding for finding in target.findings if finding.waived is not None]
    waived = [finding for finding in known if not finding.flaky]
    flaky = [finding for finding in known if finding.flaky]
    counts = [Text(f"{len(new):,} new", "bold red" if new else ""), Text(f"{len(waived):,} waived")]
    if flaky:
        counts.append(Text(f"{len(flaky):,} flaky", "yellow"))
    print_text(console, Text("findings: ") + join_dotted(console, *counts), INDENT)
    if target.findings:
        print_table(console, _index([*new, *waived, *flaky]), 2 * INDENT)
    if target.coverage:
        met = join_dotted(
            console, *(Text(f"{met:,} {COVERED.get(kind, kind)}") for kind, met in target.coverage.items())
        )
        print_text(console, Text("coverage: ") + met, INDENT)
    if target.stopped == "saturated":
        print_text(console, Text(how_it_stopped(target)), INDENT)
    if target.waiver_problems:
        print_text(console, Text(f"waivers:  {len(target.waiver_problems):,} to fix", "bold red"), INDENT)
        for problem in target.waiver_problems:
            line = Text("  ").join([printable_text(problem.waiver, "cyan"), printable_text(problem.problem)])
            print_text(console, line, 2 * INDENT, hanging=INDENT)


def _index(findings: Iterable[Finding]) -> Table:
    table = Table.grid(padding=GAP)
    for finding in findings:
        new = finding.waived is None
        about = finding.title if new else f"{finding.title}; {known_as(finding)}: {finding.waived}"
        if finding.status in STATUSES:
            about = f"{finding.status}: {about}"
        style = _LEVEL_STYLES.get(finding.level, "bold") if new else "dim"
        table.add_row(printable_text(finding.clause, style), printable_text(finding.id, "cyan"), printable_text(about))
    return table


def _next(targets: Sequence[TargetFinished]) -> str:
    """The one thing to do now."""
    new = next(((f.id, t.target) for t in targets for f in t.findings if f.waived is None), None)
    broken = next((target for target in targets if target.broken is not None), None)
    if broken is not None:
        return f"see what the target answers: ec2-lifecycle smoke {printable(broken.runs_as or broken.target)}"
    if new is not None:
        finding, shows_it = printable(new[0]), printable(waived_as(targets, new[1]))
        known = f"ec2-lifecycle waive {finding} --target {shlex.quote(shows_it)} --reason TEXT"
        return f"fix one, and run its replay command again, or keep it as known: {known}"
    return next_without_new(targets)


def _new_findings(targets: Sequence[TargetFinished]) -> Iterator[tuple[Finding, tuple[str, ...]]]:
    """Each unwaived finding once, as the first target shows it, with the names of all that do."""
    found: dict[str, tuple[Finding, list[str]]] = {}
    for target in targets:
        for finding in target.findings:
            if finding.waived is None:
                found.setdefault(finding.id, (finding, []))[1].append(target.target)
    return ((finding, tuple(names)) for finding, names in found.values())


def _marked(finding: Finding) -> Iterator[tuple[str, str]]:
    """The lines of the scenario with their styles, the blamed step marked by a comment."""
    for line, blamed in scenario_lines(finding):
        yield (f"{line}  # the step to blame", "bold") if blamed else (line, "")
