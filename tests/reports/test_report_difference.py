"""`diff`: what changed between two stored runs, and what of it is worse."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from report_samples import EVENTS, FINDING, MODEL, MOTO, STARTED
from stored_streams import NASTY, finished, nasty_run, reported, stored

from ec2_lifecycle.reports.difference import Change, Difference, Effect, difference
from ec2_lifecycle.reports.difference_text import difference_markdown
from ec2_lifecycle.reports.events import ClauseResult, Event, TargetFinished, Verdict, WaiverProblem
from ec2_lifecycle.reports.markdown_budget import MOST
from ec2_lifecycle.reports.stored_runs import read_runs

KNOWN: Final = replace(FINDING, waived="moto issue #1")
HELD: Final = ClauseResult(Verdict.HELD, "documented", 3)
NOT_MET: Final = ClauseResult(Verdict.NOT_EXERCISED, "documented", 0, "no time")
CLEAN: Final = replace(MOTO, findings=(), clauses={"TERM-4": HELD})
BROKEN: Final = replace(MOTO, clauses={"TERM-4": ClauseResult(Verdict.VIOLATED, "documented", 3)})
WAIVED: Final = replace(BROKEN, findings=(KNOWN,))
FLAKY: Final = replace(BROKEN, findings=(replace(KNOWN, flaky=True),))
SHORTER: Final = replace(CLEAN, calls=13, stopped="calls")
FEWER: Final = replace(CLEAN, calls=13, coverage={"clauses": 1})
MORE: Final = replace(BROKEN, coverage={"clauses": 2})
STALE: Final = replace(CLEAN, waiver_problems=(WaiverProblem("moto", "f1:0", "gone"),))


def between(tmp_path: Path, before: list[Event], after: list[Event]) -> Difference:
    """What changed from one stream to another."""
    paths = [stored(tmp_path / f"{name}.ndjson", run) for name, run in (("a", before), ("b", after))]
    return difference(read_runs(paths[:1]), read_runs(paths[1:]))


def changes(tmp_path: Path, before: TargetFinished, after: TargetFinished) -> list[tuple[str, str, str]]:
    """The changes of a target: what they mean, what kind they are, what they are about."""
    [target] = between(tmp_path, finished(before), finished(after)).targets
    return [(change.effect.value, change.kind, change.clause or change.finding) for change in target.changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (CLEAN, CLEAN, []),
        (CLEAN, BROKEN, [("worse", "new", "TERM-4"), ("worse", "verdict", "TERM-4")]),
        (BROKEN, CLEAN, [("better", "gone", "TERM-4"), ("better", "verdict", "TERM-4")]),
        (CLEAN, WAIVED, [("other", "new", "TERM-4"), ("other", "verdict", "TERM-4")]),
        (WAIVED, BROKEN, [("worse", "changed", "TERM-4")]),
        (BROKEN, WAIVED, [("better", "changed", "TERM-4")]),
        (BROKEN, replace(BROKEN, findings=(replace(FINDING, observed="else"),)), [("other", "changed", "TERM-4")]),
        (BROKEN, replace(BROKEN, findings=(replace(FINDING, level="deviation"),)), [("better", "changed", "TERM-4")]),
        (CLEAN, replace(CLEAN, clauses={"TERM-4": NOT_MET}), [("worse", "verdict", "TERM-4")]),
        (
            CLEAN,
            replace(CLEAN, clauses={"TERM-1": HELD}),
            [("worse", "verdict", "TERM-4"), ("better", "verdict", "TERM-1")],
        ),
        (
            BROKEN,
            replace(CLEAN, clauses={"TERM-4": NOT_MET}),
            [("other", "gone", "TERM-4"), ("other", "verdict", "TERM-4")],
        ),
        (CLEAN, FLAKY, [("other", "new", "TERM-4"), ("other", "verdict", "TERM-4")]),
        (FLAKY, CLEAN, [("other", "gone", "TERM-4"), ("other", "verdict", "TERM-4")]),
        (BROKEN, FLAKY, [("better", "changed", "TERM-4")]),
        (FLAKY, BROKEN, [("worse", "changed", "TERM-4")]),
        (WAIVED, FLAKY, [("other", "changed", "TERM-4")]),
        (CLEAN, STALE, [("worse", "waiver", "f1:0")]),
        (STALE, CLEAN, [("better", "waiver", "f1:0")]),
        # A run that stopped early, or that reached fewer clauses, may only not have met the defect.
        (BROKEN, SHORTER, [("other", "gone", "TERM-4"), ("other", "verdict", "TERM-4")]),
        (
            replace(BROKEN, coverage={"clauses": 2}),
            FEWER,
            [("other", "gone", "TERM-4"), ("other", "verdict", "TERM-4")],
        ),
        (BROKEN, FEWER, [("better", "gone", "TERM-4"), ("better", "verdict", "TERM-4")]),
        (CLEAN, replace(CLEAN, broken="it hung up"), [("worse", "run", "")]),
        (replace(CLEAN, stopped="interrupted"), CLEAN, [("better", "run", "")]),
    ],
)
def test_each_change_is_told_and_whether_it_is_worse(
    tmp_path: Path, before: TargetFinished, after: TargetFinished, expected: list[tuple[str, str, str]]
) -> None:
    assert changes(tmp_path, before, after) == expected


def test_what_changed_in_a_finding_is_said(tmp_path: Path) -> None:
    after = replace(BROKEN, findings=(replace(KNOWN, observed="A is terminated"),))
    [target] = between(tmp_path, finished(BROKEN), finished(after)).targets
    said = f"{FINDING.title}; waived now: moto issue #1; observed: A is shutting-down → A is terminated"
    assert target.changes == (Change(Effect.BETTER, "changed", "TERM-4", "f1:abcd1234", said),)


def test_two_single_targets_are_compared_whatever_their_names(tmp_path: Path) -> None:
    found = between(tmp_path, finished(MODEL), finished(replace(MODEL, target="mine")))
    assert ([target.name for target in found.targets], found.worse) == (["model and mine"], 0)


def test_of_several_targets_one_that_is_gone_is_worse_and_one_that_is_new_is_not(tmp_path: Path) -> None:
    found = between(tmp_path, finished(MOTO, MODEL), finished(MODEL, replace(MOTO, target="mine")))
    assert ([target.name for target in found.targets], found.gone, found.new) == (["model"], ("moto",), ("mine",))
    assert found.worse == 1


def test_a_run_without_its_end_is_worse_once_and_not_for_every_clause(tmp_path: Path) -> None:
    [target] = between(tmp_path, [*EVENTS], [*EVENTS[:4]]).targets
    assert [change.kind for change in target.changes] == ["run"]


def test_the_command_prints_what_changed_and_answers_1_if_something_got_worse(command: Command) -> None:
    stored(Path("a.ndjson"), finished(replace(CLEAN, coverage={"cells": 40})))
    stored(Path("b.ndjson"), finished(replace(BROKEN, coverage={"cells": 30}, calls=13)))
    ran = command("diff a.ndjson b.ndjson --markdown d.md")
    assert (ran.code, ran.err) == (1, "")
    assert (
        ran.out
        == """\
moto
  moto 5.2.5, 13,210 calls, seed 7 → moto 5.2.5, 13 calls, seed 7
  worse  new      TERM-4  f1:abcd1234  An unprotected instance in the zone of a protected one was
                                       terminated
  worse  verdict  TERM-4               held → violated
  coverage: cells 40 → 30
  The second run made fewer calls, so it may not have met everything that the first run met.

2 things got worse.
"""
    )
    text = Path("d.md").read_text(encoding="utf-8")
    assert text.startswith("## ✗ EC2 lifecycle: 2 things got worse\n\n### `moto`\n")
    assert f"| worse | new | TERM-4 | `f1:abcd1234` | {FINDING.title} |" in text


def test_the_command_answers_0_where_nothing_got_worse(command: Command) -> None:
    stored(Path("a.ndjson"), finished(BROKEN))
    stored(Path("b.ndjson"), finished(CLEAN))
    ran = command("diff a.ndjson b.ndjson")
    assert ran.code == 0
    assert ran.out.endswith("\nNothing got worse.\n")


def test_a_stream_that_was_cut_off_is_compared_with_a_warning_and_a_newer_one_is_not(command: Command) -> None:
    stored(Path("a.ndjson"))
    cut = stored(Path("b.ndjson"))
    cut.write_bytes(cut.read_bytes()[:-20])
    ran = command("diff a.ndjson b.ndjson")
    assert ran.code == 1
    assert ran.sentence == "b.ndjson:7: the last line is incomplete, and is ignored"
    stored(Path("c.ndjson"), EVENTS, replace(STARTED, schema="2.0"))
    ran = command("diff a.ndjson c.ndjson")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("c.ndjson:1: schema 2.0 is newer than 1.8")


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:20]))
def test_any_text_of_a_target_is_shown_as_text(command: Command, text: str) -> None:
    header, events = nasty_run(text)
    stored(Path("a.ndjson"))
    stored(Path("b.ndjson"), events, header)
    ran = command("diff a.ndjson b.ndjson --markdown d.md")
    assert ran.code == 1
    made = Path("d.md").read_text(encoding="utf-8")
    assert len(made.encode()) < MOST
    for shown in (ran.out, made):
        assert all(character == "\n" or character.isprintable() for character in shown)
    for mark in ("<script", "<img", "@someone", "](http"):
        assert mark not in made


def test_markdown_of_many_changes_stays_small_and_says_what_it_left_out(tmp_path: Path) -> None:
    many = tuple(replace(FINDING, id=f"f1:{number}", title="long " * 50) for number in range(500))
    before, after = reported(tmp_path, finished(CLEAN)), finished(replace(MOTO, findings=many))
    made = difference_markdown(difference(before, read_runs([stored(tmp_path / "b.ndjson", after)])))
    assert len(made.encode()) < MOST
    assert "Left out, so that it fits here: " in made


def test_a_finding_that_the_later_run_could_not_show_is_no_improvement(tmp_path: Path) -> None:
    later = replace(CLEAN, clauses={"TERM-4": NOT_MET})
    [target] = between(tmp_path, finished(BROKEN), finished(later)).targets
    gone = next(change for change in target.changes if change.kind == "gone")
    assert gone.effect is Effect.OTHER
    assert gone.what == f"{FINDING.title}; not met in the second run: TERM-4 is not-exercised"


def test_a_waiver_that_a_shorter_run_does_not_complain_of_is_not_mended(tmp_path: Path) -> None:
    assert changes(tmp_path, STALE, CLEAN) == [("better", "waiver", "f1:0")]
    assert changes(tmp_path, STALE, replace(CLEAN, calls=CLEAN.calls - 1)) == [("other", "waiver", "f1:0")]


def test_runs_are_named_by_their_folders_too(command: Command) -> None:
    for name, run in (("a", BROKEN), ("b", CLEAN)):
        Path(name).mkdir()
        stored(Path(name, "events.ndjson"), finished(run))
    ran = command("diff a b")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == command("diff a/events.ndjson b/events.ndjson").out
    assert command("diff b a").code == 1
