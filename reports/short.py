"""Prints a run in a page: how far it is from EC2, its findings with the worst first, and what to do next."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.text import Text

from .clause_tables import print_clauses
from .console import INDENT, PAGE, height_of, join_dotted, print_labelled, print_text, printable_text, wrapped
from .events import CONFIRMED, ClauseInfo, Finding, TargetFinished, Verdict
from .harm import MEANINGS, Harm, ranked
from .labels import ENDED, STATUSES, calls_of, how_it_stopped, known_as, next_without_new, seeds_of, waived_as
from .safe_text import count, printable

_FEWEST: Final = 10
"""The lines for findings where nothing else leaves room for them."""
_FEW_CLAUSES: Final = 10
"""So many clauses are listed with their verdicts."""
_WITH_EFFECT: Final = (Harm.DESTROYS.value, Harm.LEAKS.value)
"""The harms whose findings say in a second line why they matter."""
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
    printed: Mapping[str, int] | None = None,
) -> None:
    """Print a summary of each target's run, then the places of the results, and what to do next.

    `printed` says how many lines each target's run has printed before. With these it fills at most two pages,
    so that of many findings only the worst are listed.
    """

    def print_foot() -> None:
        _print_foot(console, targets, folder)

    foot = height_of(console, print_foot) + 1
    for target in targets:
        room = 2 * PAGE - (printed or {}).get(target.target, 0) - foot
        _print_target(console, target, figures(target, clauses), room)
        console.print()
    print_foot()


def _print_foot(console: Console, targets: Sequence[TargetFinished], folder: str | None) -> None:
    """Print where everything is, and what to do next."""
    if folder is not None:
        print_labelled(console, "report    ", f"{folder}/report.html")
        print_labelled(console, "findings  ", f"{folder}/findings")
        console.print()
    for number, line in enumerate(_next_steps(targets)):
        label = "Next: " if number == 0 else "      "
        console.print(Text.assemble((label, "bold"), printable_text(line)), soft_wrap=True)


def _print_target(console: Console, target: TargetFinished, numbers: Figures, room: int) -> None:
    """Print a target's run in at most `room` lines."""
    new = [finding for finding in ranked(target.findings) if finding.waived is None]
    known = [finding for finding in ranked(target.findings) if finding.waived is not None]

    def print_all_but_findings() -> None:
        _print_head(console, target, numbers, _headline(target, new, known))
        _print_waiver_problems(console, target)

    room = max(room - height_of(console, print_all_but_findings), _FEWEST)
    _print_head(console, target, numbers, _headline(target, new, known))
    groups = [_Group(_heading(harm), list(same)) for harm, same in groupby(new, lambda finding: finding.harm)]
    if known:
        groups.append(_Group(Text("known findings", "bold"), known))
    for line in _listed(console, groups, room):
        console.print(line, soft_wrap=True)
    _print_waiver_problems(console, target)


def _print_head(console: Console, target: TargetFinished, numbers: Figures, headline: str) -> None:
    """Print the figures of a run, and how it went."""
    print_text(console, Text(headline, "bold"))
    if target.broken is not None:
        print_labelled(console, "broke", target.broken, "bold red")
    print_labelled(console, "divergence", _divergence(numbers))
    print_labelled(console, "coverage  ", _coverage(numbers))
    run = (count(target.scenarios, "scenario"), calls_of(target), f"{target.seconds:.1f} s")
    parts = [*run, seeds_of(target)]
    print_text(console, Text("run       : ") + join_dotted(console, *map(printable_text, parts)), INDENT)
    if target.broken is None:
        style = "" if target.stopped in ENDED else "yellow"
        print_text(console, printable_text(how_it_stopped(target), style), INDENT)
    for note in target.notes:
        print_labelled(console, "note", note)
    if len(target.clauses) <= _FEW_CLAUSES or not numbers.tested:
        console.print()
        print_clauses(console, target)


def _print_waiver_problems(console: Console, target: TargetFinished) -> None:
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


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings under one heading."""

    heading: Text
    findings: Sequence[Finding]


def _heading(harm: str) -> Text:
    meaning = next((f": {MEANINGS[each]}" for each in Harm if each.value == harm), "")
    return Text.assemble((printable(harm or _UNRANKED), "bold red"), printable(meaning))


def _listed(console: Console, groups: Sequence[_Group], room: int) -> Iterator[Text]:
    """Yield the lines of findings by group, as many as there is room for, and how many are left out."""
    left = sum(len(group.findings) for group in groups)
    for group in groups:
        head = [Text(), *wrapped(console, group.heading)]
        for finding in group.findings:
            lines = [*head, *_lines_of(console, finding)]
            if len(lines) + (left > 1) > room:
                yield from wrapped(console, Text(f"and {left} more, of no greater harm (--verbose)"), INDENT)
                return
            yield from lines
            room -= len(lines)
            left -= 1
            head = []


def _lines_of(console: Console, finding: Finding) -> Iterator[Text]:
    """Yield the line of a finding, and for the worst harms why it matters."""
    clause, name = _COLUMNS
    status = f"{finding.status}: " if finding.status in STATUSES else ""
    known = "" if finding.waived is None else f"; {known_as(finding)}: {finding.waived}"
    line = Text.assemble(
        (f"{printable(finding.clause):<{clause}}", "bold"),
        "  ",
        (f"{printable(finding.id):<{name}}", "cyan"),
        "  ",
        printable_text(f"{status}{finding.title}{known}"),
    )
    if console.is_terminal:
        yield from wrapped(console, line, INDENT, hanging=clause + name + 2 * INDENT)
    else:  # one line for programs that read line by line
        yield Text(" " * INDENT) + line
    if not known and finding.harm in _WITH_EFFECT:
        indent = INDENT + clause + name + 2 * INDENT
        effect = printable_text(finding.effect, "dim")
        yield from wrapped(console, effect, indent) if console.is_terminal else [Text(" " * indent) + effect]


def _next_steps(targets: Sequence[TargetFinished]) -> Iterator[str]:
    """Yield what to do now, a line each."""
    worst = [(ranked(f for f in t.findings if f.waived is None), t.target) for t in targets]
    new = next(((_surest(findings).id, target) for findings, target in worst if findings), None)
    broken = next((target for target in targets if target.broken is not None), None)
    if broken is not None:
        yield f"see what the target answers: ec2-lifecycle smoke {shlex.quote(broken.runs_as or broken.target)}"
    elif new is not None:
        finding, shows_it = new
        yield f"ec2-lifecycle show {finding}    # the worst finding, in full"
        yield f"ec2-lifecycle issue {finding}   # an issue to file, with the shortest reproduction"
        waive = f"ec2-lifecycle waive {finding} --target {shlex.quote(waived_as(targets, shows_it))} --reason TEXT"
        yield f"{waive}   # accept it as known"
    else:
        yield next_without_new(targets)


def _surest(findings: Sequence[Finding]) -> Finding:
    """Return the first finding that a scenario of its own shows; the first one if none is so sure."""
    return next((finding for finding in findings if finding.status == CONFIRMED), findings[0])
