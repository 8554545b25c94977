"""The views of stored runs for programs and for GitHub: JUnit XML, Markdown, annotations, the badge."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from markdown_it import MarkdownIt
from report_samples import EVENTS, FINDING, MODEL, MOTO
from rich.console import Console
from stored_streams import NASTY, finished, nasty_run, reported, stored

from ec2_lifecycle.reports.annotations import annotations
from ec2_lifecycle.reports.badge import badge
from ec2_lifecycle.reports.events import ScenarioRun, SourceInfo, TargetStarted, WaiverProblem
from ec2_lifecycle.reports.html import html
from ec2_lifecycle.reports.junit import junit_xml
from ec2_lifecycle.reports.markdown import markdown
from ec2_lifecycle.reports.markdown_budget import MOST
from ec2_lifecycle.reports.markdown_text import code, fenced, prose
from ec2_lifecycle.reports.safe_text import printable, shortened
from ec2_lifecycle.reports.stored_runs import Report, read_runs
from ec2_lifecycle.reports.summary import summarise
from ec2_lifecycle.reports.terminal import print_summary, text_of_finding

SCHEMA: Final = xmlschema.XMLSchema(str(Path(__file__).parents[1] / "helpers" / "junit.xsd"))
RENDERER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
KNOWN: Final = replace(FINDING, waived="moto issue #1")
every_nasty = pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:20]))


def suites(report: Report) -> list[ET.Element]:
    """The suites of the XML, which is valid."""
    text = junit_xml(report)
    SCHEMA.validate(text.decode())
    return list(ET.fromstring(text))  # noqa: S314 - it is ours


def results(suite: ET.Element) -> dict[str, str]:
    """What became of each test case, by its name."""
    found: dict[str, str] = {}
    for case in suite.iter("testcase"):
        marks = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[case.attrib["name"]] = marks[0] if marks else "passed"
    return found


def message(suite: ET.Element, name: str) -> str:
    """What is said of a test case that did not pass."""
    [case] = [case for case in suite.iter("testcase") if case.attrib["name"] == name]
    return case[0].attrib["message"]


def test_a_finding_has_an_address_that_opens_in_every_view(tmp_path: Path) -> None:
    opens = SourceInfo("AWS documentation, a_page, read 2026-01-31", "https://docs.aws.amazon.com/a_page.html")
    kept = SourceInfo("recording of EC2, 2026-01-31", says="TerminateInstances, HTTP 200; request id 1-2-3")
    report = reported(tmp_path, finished(replace(MOTO, findings=(replace(FINDING, sources=(opens, kept)),))))
    [suite] = suites(report)
    failure = next(case[0].text or "" for case in suite.iter("testcase") if case.attrib["name"] == "TERM-4")
    assert f"{opens.label}: {opens.url}" in failure
    assert kept.says in failure
    assert f'<a href="{opens.url}">' in RENDERER.render(markdown(report))
    assert f'<a href="{opens.url}" rel="noreferrer">{opens.label}</a>' in html(report)
    assert kept.says in html(report)
    assert text_of_finding(report.targets[0].done.findings[0], None).count(opens.url) == 1


def test_a_note_about_a_target_is_in_every_summary_once(tmp_path: Path) -> None:
    note = "DescribeAvailabilityZones lists none that can be used, so the run names no zone."
    done = replace(MOTO, notes=(note,))
    report = reported(tmp_path, finished(done))
    assert report.targets[0].done.notes == (note,)
    out = StringIO()
    print_summary(Console(file=out, width=200, color_system=None), done)
    for view in (html(report), markdown(report), out.getvalue(), summarise([done]).json()):
        assert view.count(note) == 1


def test_a_run_without_its_end_has_the_notes_of_its_beginning(tmp_path: Path) -> None:
    [target] = reported(tmp_path, [TargetStarted("moto", "5.2.5", (), 1, ("A note.",))]).targets
    assert target.done.notes == ("A note.",)


def test_no_view_links_to_an_address_that_is_none_of_the_web(tmp_path: Path) -> None:
    wrong = SourceInfo("a page", "javascript:alert(1)")
    report = reported(tmp_path, finished(replace(MOTO, findings=(replace(FINDING, sources=(wrong,)),))))
    assert "javascript:" not in html(report)
    assert "javascript" not in markdown(report)


def test_each_clause_and_each_file_of_the_corpus_is_a_test_case(tmp_path: Path) -> None:
    file = ScenarioRun("moto", "A batch in a file", "corpus", 3, (), None, "terminate/batch.yaml")
    walk = ScenarioRun("moto", "A walk", "generated", 3, ())
    [suite] = suites(reported(tmp_path, [file, walk, *EVENTS]))
    assert suite.attrib["name"] == "moto"
    assert results(suite) == {
        "TERM-1": "passed",
        "TERM-4": "failure",
        "DRY-2": "skipped",
        "KIND-2": "skipped",
        "terminate/batch.yaml: A batch in a file": "passed",
        "A batch": "failure",
        "Nobody": "skipped",
    }
    assert message(suite, "TERM-4") == FINDING.title
    assert message(suite, "DRY-2") == "not-exercised: moto has no caller without permission"
    assert message(suite, "KIND-2") == "unsupported: moto answers NotImplemented"
    counts = [suite.attrib[key] for key in ("tests", "failures", "errors", "skipped")]
    assert counts == ["7", "2", "0", "3"]


def test_a_failure_carries_the_whole_finding(tmp_path: Path) -> None:
    [suite] = suites(reported(tmp_path, EVENTS))
    [text] = [failure.text or "" for failure in suite.iter("failure") if failure.text]
    for part in (
        "TERM-4 violation · f1:abcd1234",
        "# the step to blame",
        "observed: A is shutting-down",
        "import boto3",
    ):
        assert part in text


def test_what_is_waived_does_not_fail_and_is_shown_as_waived(tmp_path: Path) -> None:
    known = replace(MOTO, findings=(KNOWN,))
    [suite] = suites(reported(tmp_path, [EVENTS[2], known]))
    assert set(results(suite).values()) == {"passed", "skipped"}
    assert "moto issue #1" in message(suite, "TERM-4")
    assert message(suite, "A batch").startswith("shows only what is waived")


def test_what_is_flaky_does_not_fail_and_is_shown_apart_from_what_is_waived(tmp_path: Path) -> None:
    flaky = replace(KNOWN, flaky=True, waived="it races")
    other = replace(KNOWN, id="f1:0", title="Something known")
    report = reported(tmp_path, [EVENTS[2], replace(MOTO, findings=(flaky,))])
    assert report.exit == 0
    [suite] = suites(report)
    assert message(suite, "TERM-4") == f"flaky: f1:abcd1234 {FINDING.title}: it races"
    assert message(suite, "A batch") == "shows only what is flaky: f1:abcd1234: it races"
    assert [case.find("skipped[@type='flaky']") is not None for case in suite.iter("testcase")].count(True) == 2
    assert badge(report).color == "yellow"
    both = reported(tmp_path, finished(replace(MOTO, findings=(flaky, other))))
    [suite] = suites(both)
    assert message(suite, "TERM-4").startswith("waived: f1:0 Something known: moto issue #1; flaky: f1:abcd1234")
    text = markdown(both)
    assert text.startswith("## ✓ EC2 lifecycle: nothing new\n")
    assert text.index("### Waived (1)") < text.index("`f1:0`") < text.index("### Flaky (1)") < text.index("it races")
    assert annotations(both) == (
        "::notice title=1 finding of moto waived::TERM-4 f1:0",
        "::notice title=1 finding of moto flaky::TERM-4 f1:abcd1234",
    )


def test_a_waiver_to_mend_fails_and_a_run_that_broke_is_an_error(tmp_path: Path) -> None:
    broken = replace(MODEL, broken="it hung up", waiver_problems=(WaiverProblem("model", "f1:0", "gone"),))
    [suite] = suites(reported(tmp_path, finished(broken)))
    assert results(suite) == {"comes to its end": "error", "TERM-1": "passed", "f1:0": "failure"}


def test_a_stream_without_its_end_has_what_was_found_until_then(tmp_path: Path) -> None:
    report = reported(tmp_path, EVENTS[:4])
    [suite] = suites(report)
    assert results(suite)["comes to its end"] == "error"
    assert results(suite)["TERM-4"] == "failure"
    assert "its stream ends before the run did" in markdown(report)
    assert badge(report).color == "lightgrey"


@every_nasty
def test_any_text_makes_valid_xml_that_shows_it(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    report = read_runs([stored(tmp_path / "a.ndjson", events, header)])
    first = suites(report)[0]
    seen = text.encode(errors="replace").decode()  # half a surrogate pair has no place in JSON
    assert first.attrib["name"] == printable(shortened(seen, 200))


def test_markdown_has_what_is_new_first_then_the_matrix_and_last_what_is_waived(tmp_path: Path) -> None:
    known = replace(KNOWN, id="f1:0", clause="TERM-1", title="Something known")
    text = markdown(reported(tmp_path, finished(replace(MOTO, findings=(FINDING, known)), MODEL)))
    assert text.startswith("## ✗ EC2 lifecycle: 1 new finding\n")
    parts = ["### New (1)", "<details><summary>TERM-4 violation", "Clauses × targets (4)", "### Waived (1)"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "| TERM-1 | documented | ✓ | ✓ |" in text
    assert "| TERM-4 | documented | ✗ |  |" in text
    assert "| TERM-1 | `f1:0` | Something known | moto issue &#35;<!-- -->1 |" in text
    for part in ("A named protected instance shields", "- `A is running, shielded by C (TERM-4)`"):
        assert part in text
    assert "Observed: `A is shutting-down`" in text
    assert "| `moto` 5.2.5 | 1 of 2 |" in text
    assert "  - terminate: [A, C]  # the step to blame" in text


def test_markdown_of_many_findings_stays_small_and_says_what_it_left_out(tmp_path: Path) -> None:
    many = tuple(replace(FINDING, id=f"f1:{number}", clause=f"X-{number}") for number in range(300))
    text = markdown(reported(tmp_path, finished(replace(MOTO, findings=many))))
    assert len(text.encode()) < MOST
    assert "Left out, so that it fits here: " in text
    assert " detailed findings. The stream has all of it" in text
    assert "KIND-2" in text


class _Shown(HTMLParser):
    """The tags and the words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag, and any attribute that leads elsewhere or runs."""
        self.tags |= {tag, *(name for name, _ in attrs if name not in {"class", "style"})}

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.words += data


def rendered(text: str) -> _Shown:
    """What a reader of Markdown sees."""
    shown = _Shown()
    shown.feed(RENDERER.render(text))
    return shown


OURS: Final = {"h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "p", "ul", "li", "br"} | {
    "details",
    "summary",
}


@every_nasty
def test_no_text_of_a_target_is_anything_but_text_in_markdown(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    made = markdown(read_runs([stored(tmp_path / "a.ndjson", events, header)]))
    assert len(made.encode()) < MOST
    assert rendered(made).tags <= OURS
    assert all(character == "\n" or character.isprintable() for character in made)


@every_nasty
def test_each_form_of_text_in_markdown_shows_every_character(text: str) -> None:
    seen = printable(shortened(text, 400))
    assert rendered(f"a {prose(text)} z").words.strip() == f"a {seen} z".strip()
    assert rendered(f"{prose(text)} z").tags == {"p"}
    assert rendered(f"a{code(text)}z").words.strip() == f"a{seen}z"
    assert rendered(fenced([text[:400]])).words.rstrip() == printable(text[:400])
    table = rendered(f"| a | b |\n|---|---|\n| {prose(text)} | {code(text)} |")
    assert table.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert table.words.count(seen) == 2 if text else True


def test_nobody_is_mentioned_and_nothing_is_linked() -> None:
    made = prose("@someone #12 https://a.example www.a.example :smile:")
    for mark in ("@s", "#1", "://", "www.", ":s"):
        assert mark not in made


def test_an_annotation_is_one_line_for_each_thing_that_fails(tmp_path: Path) -> None:
    problem = WaiverProblem("moto", "f1:0", "gone")
    report = reported(tmp_path, finished(replace(MOTO, findings=(FINDING, KNOWN), waiver_problems=(problem,))))
    alternatives = "; or ".join(FINDING.expected)
    said = (
        f"f1:abcd1234 {FINDING.title}%0Awhy it matters: {FINDING.effect}%0A"
        f"expected: {alternatives}%0Aobserved: A is shutting-down"
    )
    assert annotations(report) == (
        f"::error title=TERM-4 violation on moto::{said}",
        "::error title=waiver of moto to fix::f1:0: gone",
        "::notice title=1 finding of moto waived::TERM-4 f1:abcd1234",
    )


@every_nasty
def test_no_text_of_a_target_gives_a_workflow_a_command(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    for line in annotations(read_runs([stored(tmp_path / "a.ndjson", events, header)])):
        assert line.isprintable()
        assert len(line) < 4000
        [nothing, command, _] = line.split("::", 2)
        assert nothing == ""
        assert command.startswith(("error title=", "notice title="))
        assert "," not in command


@pytest.mark.parametrize(
    ("targets", "message", "color"),
    [
        ([MOTO], "1/2 clauses held", "red"),
        ([replace(MOTO, findings=(KNOWN,))], "1/2 clauses held", "yellow"),
        ([MODEL], "1/1 clauses held", "brightgreen"),
        ([MODEL, MOTO], "model 1/1, moto 1/2 clauses held", "red"),
        ([replace(MODEL, broken="no")], "1/1 clauses held", "lightgrey"),
        ([], "nothing was run", "lightgrey"),
    ],
)
def test_a_badge_tells_how_many_clauses_held(tmp_path: Path, targets: list[object], message: str, color: str) -> None:
    made = json.loads(badge(reported(tmp_path, targets)).json())  # type: ignore[arg-type]
    assert made == {"schemaVersion": 1, "label": "EC2 lifecycle", "message": message, "color": color}


def test_runs_of_one_target_are_told_apart(tmp_path: Path) -> None:
    other = replace(MOTO, version="5.3")
    report = reported(tmp_path, finished(MOTO, MODEL), finished(other), finished(other))
    assert [target.label for target in report.targets] == ["moto 5.2.5", "model", "moto 5.3 (1)", "moto 5.3 (2)"]


def test_every_view_shows_the_worst_finding_first_whatever_the_order_of_the_stream(tmp_path: Path) -> None:
    harms = ("wrong text or shape", "wrong error code", "leaks", "destroys")
    found = [
        replace(FINDING, id=f"f1:{n}", clause=f"TERM-{n}", title=f"Title {n}", harm=harm)
        for n, harm in enumerate(harms, 1)
    ]
    alone = reported(tmp_path, finished(replace(MOTO, findings=tuple(found))))
    two = reported(
        tmp_path,
        finished(
            replace(MOTO, findings=tuple(found[:2])),
            replace(MODEL, findings=tuple(found[2:])),
        ),
    )
    order = ["Title 4", "Title 3", "Title 2", "Title 1"]
    views = {
        "annotations": "\n".join(annotations(alone)),
        "html": html(alone).split('id="findings"')[-1],
        "html of two": html(two).split('id="findings"')[-1],
        "json": summarise([target.done for target in alone.targets]).json(),
        "junit": junit_xml(alone).decode(),
        "markdown": markdown(alone),
        "markdown of two": markdown(two),
    }
    for view, text in views.items():
        assert sorted(order, key=text.index) == order, view
