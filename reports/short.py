"""Prints a run in a page: how far it is from EC2, its findings with the worst first, and what to do next."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from .clause_tables import print_clauses
from .console import INDENT, join_dotted, print_labelled, print_text, printable_text
from .events import CONFIRMED, ClauseInfo, Finding, TargetFinished, Verdict
from .harm import MEANINGS, Harm, ranked
from .labels import ENDED, STATUSES, calls_of, how_it_stopped, known_as, next_without_new, waived_as
from .safe_text import count, printable

_MOST: Final = 40
"""The most findings that are listed, so that the whole fits on two pages."""
_MOST_EFFECTS: Final = 10
"""The most findings that say in a second line why they matter."""
_FEW_CLAUSES: Final = 10
"""So many clauses are listed with their verdicts."""
_WITH_EFFECT: Final = (Harm.DESTROYS.value, Harm.LEAKS.value)
"""The harms whose findings have that line."""
_COLUMNS: Final = (8, 13)
"""The widths of a clause and of a finding's id in the list."""
_UNRANKED: Final = "other findings"


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a target is from EC2, in clauses."""

    broken: int
    tested: int
    """The judgeable clauses that some check could have shown to be broken."""
    judgeable: int
    """All clauses of the specification with evidence better than an assumption, whatever the target can do."""


def figures(target: TargetFinished, clauses: Mapping[str, ClauseInfo]) -> Figures:
    """Return the figures of a run; `clauses` are those of its stream's header."""
    results = target.clauses
    judgeable = {name for name, info in clauses.items() if _grade(info) != "assumed"} or {
        name for name, result in results.items() if result.evidence != "assumed"
    }
    verdicts = [result.verdict for name, result in results.items() if name in judgeable]
    broken = verdicts.count(Verdict.VIOLATED)
    return Figures(broken, broken + verdicts.count(Verdict.HELD), len(judgeable))


def _grade(info: ClauseInfo) -> str:
    return info.evidence.get("outcome", {}).get("grade", "")


def print_short(
    console: Console,
    clauses: Mapping[str, ClauseInfo],
    targets: Sequence[TargetFinished],
    folder: str | None = None,
) -> None:
    """Print a summary of each target's run, then the places of the results, and what to do next."""
    for target in targets:
        _print_target(console, target, figures(target, clauses))
        console.print()
    if folder is not None:
        print_labelled(console, "report    ", f"{folder}/report.html")
        print_labelled(console, "findings  ", f"{folder}/findings")
        console.print()
    for number, line in enumerate(_next_steps(targets)):
        label = "Next: " if number == 0 else "      "
        console.print(Text.assemble((label, "bold"), printable_text(line)), soft_wrap=True)


def _print_target(console: Console, target: TargetFinished, numbers: Figures) -> None:
    new = [finding for finding in ranked(target.findings) if finding.waived is None]
    known = [finding for finding in ranked(target.findings) if finding.waived is not None]
    print_text(console, Text(_headline(target, new, known), "bold"))
    if target.broken is not None:
        print_labelled(console, "broke", target.broken, "bold red")
    print_labelled(console, "divergence", _divergence(numbers))
    print_labelled(console, "coverage  ", _coverage(numbers))
    run = (count(target.scenarios, "scenario"), calls_of(target), f"{target.seconds:.1f} s")
    parts = [*run, f"seed {target.seed}"]
    print_text(console, Text("run       : ") + join_dotted(console, *map(printable_text, parts)), INDENT)
    if target.broken is None:
        style = "" if target.stopped in ENDED else "yellow"
        print_text(console, printable_text(how_it_stopped(target), style), INDENT)
    for note in target.notes:
        print_labelled(console, "note", note)
    if len(target.clauses) <= _FEW_CLAUSES or not numbers.tested:
        console.print()
        print_clauses(console, target)
    _print_findings(console, new)
    if known:
        print_text(console, Text("\nknown findings", "bold"))
        for finding in known[:_MOST]:
            _print_finding(console, finding, f"; {known_as(finding)}: {finding.waived}")
        _print_rest(console, known)
    if target.waiver_problems:
        print_text(console, Text("\nwaivers to fix", "bold red"))
        for problem in target.waiver_problems:
            line = Text("  ").join([printable_text(problem.waiver, "cyan"), printable_text(problem.problem)])
            print_text(console, line, INDENT, hanging=INDENT)


def _headline(target: TargetFinished, new: Sequence[Finding], known: Sequence[Finding]) -> str:
    name = printable(f"{target.target} {target.version}".rstrip())
    worst = next((harm for harm in Harm if any(finding.harm == harm.value for finding in new)), None)
    often = sum(finding.harm == worst.value for finding in new) if worst is not None else 0
    told = [count(len(new), "new finding") if new else "no new finding"]
    if worst is not None:
        told.append(f"worst: {worst.value} ({often})")
    words = [known_as(finding) for finding in known]
    told += [f"{words.count(word)} {word}" for word in ("waived", "flaky") if word in words]
    if target.waiver_problems:
        told.append(f"{count(len(target.waiver_problems), 'waiver')} to fix")
    return f"{name}: {', '.join(told)}"


def _divergence(numbers: Figures) -> str:
    if not numbers.tested:
        return "unknown, because no clause was tested"
    share = 100 * numbers.broken / numbers.tested
    return f"{share:.0f} % ({numbers.broken} broken of {count(numbers.tested, 'clause')} tested)"


def _coverage(numbers: Figures) -> str:
    share = 100 * numbers.tested / max(numbers.judgeable, 1)
    return f"{share:.0f} % ({numbers.tested} tested of {count(numbers.judgeable, 'clause')} with evidence)"


def _print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print findings by their harm."""
    shown = findings[:_MOST]
    for harm in dict.fromkeys(finding.harm for finding in shown):
        meaning = next((f": {MEANINGS[each]}" for each in Harm if each.value == harm), "")
        print_text(console, Text.assemble("\n", (printable(harm or _UNRANKED), "bold red"), printable(meaning)))
        for finding in shown:
            if finding.harm == harm:
                _print_finding(console, finding)
                if harm in _WITH_EFFECT and finding in shown[:_MOST_EFFECTS]:
                    indent = INDENT + sum(_COLUMNS) + 2 * INDENT
                    print_text(console, printable_text(finding.effect, "dim"), indent)
    _print_rest(console, findings)


def _print_finding(console: Console, finding: Finding, more: str = "") -> None:
    clause, name = _COLUMNS
    status = f"{finding.status}: " if finding.status in STATUSES else ""
    line = Text.assemble(
        (f"{printable(finding.clause):<{clause}}", "bold"),
        "  ",
        (f"{printable(finding.id):<{name}}", "cyan"),
        "  ",
        printable_text(f"{status}{finding.title}{more}"),
    )
    if console.is_terminal:
        print_text(console, line, INDENT, hanging=clause + name + 2 * INDENT)
    else:  # one line for programs that read line by line
        console.print(Text(" " * INDENT) + line, soft_wrap=True)


def _print_rest(console: Console, findings: Sequence[Finding]) -> None:
    if len(findings) > _MOST:
        print_text(console, Text(f"and {len(findings) - _MOST} more, of no greater harm (--verbose)"), INDENT)


def _next_steps(targets: Sequence[TargetFinished]) -> Iterator[str]:
    """Yield what to do now, a line each."""
    worst = [(ranked(f for f in t.findings if f.waived is None), t.target) for t in targets]
    new = next(((_surest(findings).id, target) for findings, target in worst if findings), None)
    broken = next((target for target in targets if target.broken is not None), None)
    if broken is not None:
        yield f"see what the target answers: ec2-lifecycle smoke {shlex.quote(broken.target)}"
    elif new is not None:
        finding, shows_it = new
        yield f"ec2-lifecycle show {finding}    # the worst finding, in full"
        yield f"ec2-lifecycle issue {finding}   # an issue to file, with the shortest reproduction"
        waive = f"ec2-lifecycle waive {finding} --target {shlex.quote(waived_as(shows_it))} --reason TEXT"
        yield f"{waive}   # accept it as known"
    else:
        yield next_without_new(targets)


def _surest(findings: Sequence[Finding]) -> Finding:
    """Return the first finding that a scenario of its own shows; the first one if none is so sure."""
    return next((finding for finding in findings if finding.status == CONFIRMED), findings[0])
