"""The HTML report: what stands on it, that it needs nothing else, and that nothing in it runs but its own script."""

import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from report_samples import CLAUSE, EVENTS, FINDING, MODEL, MOTO, STARTED
from stored_streams import NASTY, finished, nasty_run, reported, stored

from ec2_lifecycle.reports.difference import difference
from ec2_lifecycle.reports.events import (
    Event,
    InstanceBelief,
    StepBelief,
    TheoremInfo,
    TransitionInfo,
    TransitionSeen,
    WaiverProblem,
)
from ec2_lifecycle.reports.html import html, timeline_svg
from ec2_lifecycle.reports.issue import issue_text
from ec2_lifecycle.reports.proofs import Proof
from ec2_lifecycle.reports.safe_text import printable, shortened
from ec2_lifecycle.reports.stored_runs import Report, read_runs
from ec2_lifecycle.reports.timeline import timeline

KNOWN: Final = replace(FINDING, waived="moto issue #1")
CHROMIUM: Final = shutil.which("chromium")
every_nasty = pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:20]))


class Page(HTMLParser):
    """What a browser reads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.places: list[str] = []
        self.words = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag, its attributes, and where it leads."""
        self.tags.append(tag)
        self._inside = tag
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src", "action", "data"}:
                self.links.append(value or "")
            elif name == "id":
                self.places.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Text after it is the page's again."""
        del tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the words, but for the style and the script."""
        if self._inside not in {"style", "script"}:
            self.words += data


@pytest.fixture(name="plain")
def plain_page(tmp_path: Path) -> Page:
    """The page of two targets, with a finding that is new, one that is waived, and a waiver to fix."""
    known = replace(KNOWN, id="f1:0", clause="TERM-1", title="Something known", observed="something")
    problem = WaiverProblem("moto", "f1:deadbeef", "no longer occurs")
    moto = replace(MOTO, findings=(FINDING, known), waiver_problems=(problem,), coverage={"cells": 40})
    return Page(html(reported(tmp_path, finished(moto, MODEL))))


def test_the_page_has_the_runs_the_matrix_and_each_finding_in_full(plain: Page) -> None:
    for text in (
        "1 new finding · 1 waived · 2 runs",
        "40 cells",
        CLAUSE.sentence,
        FINDING.title,
        FINDING.source,
        FINDING.effect,
        *FINDING.expected,
        FINDING.observed,
        "- terminate: [A, C]  # the step to blame",
        'ec2 = boto3.client("ec2")',
        FINDING.replay,
        "moto issue #1",
        "no longer occurs",
    ):
        assert text in plain.words
    assert plain.words.index(FINDING.title) < plain.words.index("Something known")


@pytest.mark.parametrize("steps", [1, 3])
def test_the_caption_of_a_picture_is_whole_and_no_wider_than_it(steps: int) -> None:
    place = "Instance.BlockDeviceMappings.Ebs.DeleteOnTermination"
    drawn = replace(
        FINDING,
        scenario={"steps": [{"run": {"name": "A"}}] * steps},
        instance="A",
        step=0,
        beliefs=(),
        expected_brief=f"readable {place}",
        observed_brief=f"unreadable {place}",
    )
    made = timeline(drawn)
    assert made is not None
    page = timeline_svg(made)
    [width] = re.findall(r'<svg class="timeline" [^>]*width="(\d+)"', page)
    lines = re.findall(r'<text class="verdict [a-z]+" x="4" y="\d+">([^<]*)</text>', page)
    assert "".join(lines).replace(" ", "") == f"expectedreadable{place}observedunreadable{place}"
    assert all(7.5 * len(line) <= int(width) - 8 for line in lines)


def test_no_caption_of_a_step_or_an_instance_is_cut(tmp_path: Path) -> None:
    name = "an-instance-with-a-name-that-is-long"
    steps = [
        {"run": {"name": name, "DisableApiTermination": True, "InstanceInitiatedShutdownBehavior": "terminate"}},
        {"describe-attribute": {"id": name, "attribute": "InstanceInitiatedShutdownBehavior"}},
    ]
    found = replace(FINDING, scenario={"steps": steps}, instance=name, step=0)
    page = html(reported(tmp_path, finished(replace(MOTO, findings=(found,)))))
    picture = page[page.index('<svg class="timeline"') :].partition("</svg>")[0]
    details = re.findall(r'<text class="detail" x="\d+" y="\d+">([^<]*)</text>', picture)
    whole = "protected: true, InstanceInitiatedShutdownBehavior: terminate"
    assert "".join(details).replace(" ", "").startswith(whole.replace(" ", ""))
    assert f">{name}</text>" in picture
    assert ">describe-attribute</text>" in picture
    assert "…" not in picture


def test_a_picture_shows_no_state_that_was_only_expected(tmp_path: Path) -> None:
    beliefs = (
        StepBelief(1, 1, 1, {"A": InstanceBelief(("pending",), 1)}),
        StepBelief(1, 1, 1, {"A": InstanceBelief(("stopped",), 1, doubted=True)}),
    )
    found = replace(
        FINDING,
        scenario={"steps": [{"run": {"name": "A"}}, {"stop": ["A"]}]},
        beliefs=beliefs,
        instance="A",
        step=1,
        observed_state="terminated",
        expected_brief="stopped",
    )
    page = html(reported(tmp_path, finished(replace(MOTO, findings=(found,)))))
    picture = page[page.index('<svg class="timeline"') :].partition("</svg>")[0]
    drawn = re.findall(r'<text class="(?:state|seen)[^>]*>([^<]*)</text>', picture)
    assert drawn == ["pending", "in doubt", "✗ terminated"]
    assert 'class="band stopped' not in picture


def test_the_findings_are_listed_by_harm_the_worst_first_with_what_the_filters_need(tmp_path: Path) -> None:
    worst = replace(FINDING, id="f1:2", harm="destroys", title="Worst", clause="TERM-4", clauses=("TERM-4", "TERM-5"))
    least = replace(FINDING, id="f1:1", harm="wrong text or shape", title="Least", operation="DescribeInstances")
    page = html(reported(tmp_path, finished(replace(MOTO, findings=(least, worst)))))
    index = page[page.index('id="findings"') : page.index('id="new"')]
    order = ["<h3>destroys", "Worst", "<h3>wrong text or shape", "Least"]
    assert [index.index(part) for part in order] == sorted(index.index(part) for part in order)
    article = re.search(r'<article id="finding-f1-2"[^>]*>', page)
    assert article is not None
    for fact in ('data-harm="destroys"', 'data-operation="TerminateInstances"', 'data-clauses="TERM-4 TERM-5"'):
        assert fact in article[0]
    for option in ("destroys", "DescribeInstances", "TERM-5"):
        assert f"<option>{option}</option>" in index


def test_a_clause_that_a_finding_breaks_beside_its_own_leads_to_it(tmp_path: Path) -> None:
    broken = replace(MOTO.clauses["TERM-4"], checks=1)
    found = replace(FINDING, clauses=("TERM-4", "TERM-5"))
    moto = replace(MOTO, findings=(found,), clauses={"TERM-4": broken, "TERM-5": broken})
    page = Page(html(reported(tmp_path, finished(moto))))
    assert page.links.count("#finding-f1-abcd1234") >= 2 + 2
    assert "it also breaks TERM-5" in " ".join(page.words.split())


def test_each_way_in_which_a_finding_shows_can_be_copied_as_an_issue(tmp_path: Path) -> None:
    page = html(reported(tmp_path, finished(MOTO)))
    [issue] = re.findall(r"Copy as issue</button><template>(.*?)</template>", page, re.DOTALL)
    assert (
        unescape(issue).rstrip()
        == issue_text(
            FINDING,
            CLAUSE,
            "moto",
            {"moto": "5.2.5", "python": "3.11.7", "ec2-lifecycle": "0.1.0"},
            FINDING.repro,
            "python",
        ).rstrip()
    )


def test_what_is_flaky_stands_apart_from_what_is_waived(tmp_path: Path) -> None:
    flaky = replace(KNOWN, flaky=True, waived="it races")
    known = replace(KNOWN, id="f1:0", clause="TERM-1", title="Something known", observed="something")
    page = Page(html(reported(tmp_path, finished(replace(MOTO, findings=(flaky, known))))))
    assert "0 new findings · 1 waived · 1 flaky · 1 run" in page.words
    words = page.words[page.words.index("Nothing new.") :]
    order = ["Waived (1)", "Waived: moto issue #1", "Flaky (1)", "Flaky: it races"]
    assert [words.index(part) for part in order] == sorted(words.index(part) for part in order)


def test_every_link_leads_to_a_place_on_the_page(plain: Page) -> None:
    assert set(plain.links) <= {f"#{place}" for place in plain.places}
    assert {"#finding-f1-abcd1234", "#finding-f1-0", "#clause-TERM-4"} <= set(plain.links)
    assert len(plain.places) == len(set(plain.places))


def test_the_page_needs_nothing_but_itself(plain: Page) -> None:
    assert not {"img", "link", "iframe", "object", "base"} & set(plain.tags)
    assert plain.tags.count("script") == plain.tags.count("style") == 1


def test_each_program_and_each_command_has_a_button_that_copies_it(plain: Page) -> None:
    assert plain.tags.count("article") == 2
    assert plain.tags.count("button") == 3 * plain.tags.count("article") + 1, "and one shows all findings again"


def test_a_finding_that_targets_show_in_different_ways_has_each_of_them_once(tmp_path: Path) -> None:
    other = replace(FINDING, observed="A is terminated")
    runs = finished(MOTO, replace(MOTO, target="server", findings=(other,)), replace(MOTO, target="third"))
    page = Page(html(reported(tmp_path, runs)))
    assert page.tags.count("article") == 1
    assert "On moto, third" in page.words
    assert "On server" in page.words
    assert "A is terminated" in page.words


def test_a_finding_that_only_one_of_two_targets_has_waived_is_new_and_says_where_it_is_waived(tmp_path: Path) -> None:
    runs = finished(MOTO, replace(MOTO, target="server", findings=(KNOWN,)))
    page = Page(html(reported(tmp_path, runs)))
    assert "1 new finding · 0 waived" in page.words
    assert "Waived on server: moto issue #1" in page.words
    assert page.tags.count("pre") == 3


@every_nasty
def test_any_text_of_a_target_is_shown_as_text(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    made = html(read_runs([stored(tmp_path / "a.ndjson", events, header)]))
    page = Page(made)
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not {"img", "b\u0000"} & set(page.tags)
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    assert set(page.links) <= {f"#{place}" for place in page.places}
    assert len(page.places) == len(set(page.places))
    assert all(character == "\n" or character.isprintable() for character in made)
    assert len(made) < 1_000_000
    seen = text.encode(errors="replace").decode()  # half a surrogate pair has no place in JSON
    assert printable(shortened(seen, 200)) in page.words


def test_a_report_of_five_targets_and_sixty_findings_each_stays_below_five_megabytes(tmp_path: Path) -> None:
    program = "ec2.terminate_instances(InstanceIds=[A])\n" * 75
    belief = InstanceBelief(("pending", "running"), 2, ("DisableApiTermination",))
    steps = ({"run": {"name": name}} for name in "ABC")
    scenario = {"steps": [*steps, "settle", {"modify": {"id": "A", "DisableApiTermination": True}}, {"stop": ["A"]}]}
    beliefs = tuple(
        StepBelief(9, 1, 1, {name: replace(belief, records=step) for name in "ABC"[step % 2 :]}) for step in range(6)
    )
    full = replace(FINDING, repro=program, scenario=scenario, beliefs=beliefs, step=5, instance="A")
    some = tuple(replace(full, id=f"f1:{number}") for number in range(60))
    runs = [
        replace(MOTO, target=target, findings=tuple(replace(finding, observed=target) for finding in some))
        for target in ("one", "two", "three", "four", "five")
    ]
    assert len(html(reported(tmp_path, finished(*runs))).encode()) < 5_000_000


# The lifecycle, the theorems, an earlier run.

FULL: Final = replace(
    STARTED,
    lifecycle=(TransitionInfo("pending", "running", "launch completes", "TERM-1"),),
    theorems=(TheoremInfo("T1", "Nothing is lost.", ("TERM-4", "NONE-1")), TheoremInfo("T2", "All is well.", ())),
)
RUN: Final = replace(MOTO, transitions=(TransitionSeen("pending", "running", 1234),))


def full(folder: Path, proofs: tuple[Proof, ...] = (), *before: Event) -> Page:
    """The page of a run that tells all there is, compared with another if there is one."""
    old = difference(read_runs([stored(folder / "old.ndjson", before, FULL)]), now(folder)) if before else None
    return Page(html(now(folder), old, proofs))


def now(folder: Path) -> Report:
    """The run."""
    return read_runs([stored(folder / "new.ndjson", [RUN], FULL)])


def test_the_lifecycle_has_its_coverage_in_a_picture_and_in_words(tmp_path: Path) -> None:
    page = full(tmp_path)
    assert "1 of 1 transitions were seen" in page.words
    assert page.words.count("1,234") == 2
    assert "launch completes" in page.words


def test_each_theorem_has_its_sentence_and_its_clauses_and_no_verdict_unless_it_is_given(tmp_path: Path) -> None:
    page = full(tmp_path)
    assert "Nothing is lost. TERM-4 NONE-1" in " ".join(page.words.split())
    assert "says how each fared" in page.words
    assert "proved by" not in page.words
    assert set(page.links) <= {f"#{place}" for place in page.places}


def test_a_proof_counts_for_its_own_sentence_alone(tmp_path: Path) -> None:
    proofs = (
        Proof("T1", "Nothing is lost.", {"z3": "proved", "cvc5": "proved"}, {"z3": 8.4}, holds=True),
        Proof("T2", "All was well.", {"z3": "broken"}, {"z3": 1.0}, holds=False),
    )
    words = " ".join(full(tmp_path, proofs).words.split())
    assert "T1 ✓ proved by z3 in 8 ms, proved by cvc5 Nothing is lost." in words
    assert "T2 All is well." in words
    assert "T2 ✗ broken by z3 in 1 ms All was well." in words


def test_what_changed_since_an_earlier_run_comes_first(tmp_path: Path) -> None:
    known = replace(FINDING, id="f1:0", title="Something of old")
    page = full(tmp_path, (), replace(RUN, findings=(known,)))
    words = " ".join(page.words.split())
    assert "Against the earlier run: 1 thing got worse." in words
    assert "1 new · 1 gone · 0 changed" in words
    assert words.index("Something of old") < words.index("Runs")
    assert page.links.count("#finding-f1-abcd1234") > 1
    assert "Against the earlier run" not in full(tmp_path).words


def test_nothing_changed_is_said(tmp_path: Path) -> None:
    words = full(tmp_path, (), RUN).words
    assert "Nothing got worse." in words
    assert "No finding and no verdict changed." in words


@every_nasty
def test_any_text_of_an_earlier_run_or_of_a_proof_is_shown_as_text(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    old = read_runs([stored(tmp_path / "old.ndjson", events, header)])
    new = read_runs([stored(tmp_path / "new.ndjson", [RUN], FULL)])
    made = html(new, difference(old, new), (Proof(text, text, {text: text}, {text: 1.0}, holds=False),))
    page = Page(made)
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    assert all(character == "\n" or character.isprintable() for character in made)
    assert len(made) < 1_000_000


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
@pytest.mark.parametrize("text", ["moto", *NASTY[:4]], ids=lambda text: ascii(text[:20]))
def test_a_browser_runs_the_script_of_the_page_and_complains_of_nothing(tmp_path: Path, text: str) -> None:
    header, events = nasty_run(text)
    page = tmp_path / "report.html"
    page.write_text(html(read_runs([stored(tmp_path / "a.ndjson", [*events, *EVENTS], header)])), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={tmp_path}/me",
    ]
    ran = subprocess.run(
        [str(CHROMIUM), *options, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=60
    )
    assert '<html lang="en" class="scripted">' in ran.stdout
    assert "CONSOLE" not in ran.stderr


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
def test_the_filters_of_the_page_hide_what_does_not_match(tmp_path: Path) -> None:
    worst = replace(FINDING, id="f1:2", harm="destroys", title="The worst one")
    least = replace(FINDING, id="f1:1", harm="wrong text or shape", title="The least one", clauses=("TERM-4", "TERM-5"))
    made = html(reported(tmp_path, finished(replace(MOTO, findings=(least, worst)))))
    assert shown(tmp_path, made, "") == ["f1-2", "f1-1"]
    assert shown(tmp_path, made, 'filters.elements.harm.value = "destroys"') == ["f1-2"]
    assert shown(tmp_path, made, 'filters.elements.clause.value = "TERM-5"') == ["f1-1"]
    assert shown(tmp_path, made, 'filters.elements.words.value = " LEAST one "') == ["f1-1"]
    assert shown(tmp_path, made, 'filters.elements.words.value = "nothing like it"') == []


def shown(folder: Path, made: str, entered: str) -> list[str]:
    """The findings that the page shows after something is entered into its filters."""
    page = folder / "page.html"
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')  # it forbids the script of this test
    enter = f'<script>{entered}; filters.dispatchEvent(new Event("input"));</script></body>'
    page.write_text(policy.sub("", made).replace("</body>", enter), encoding="utf-8")
    dom = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    articles = re.findall(r'<article id="finding-([^"]+)"([^>]*)>', dom)
    listed = re.findall(r'<li data-for="finding-([^"]+)"([^>]*)>', dom)
    assert [name for name, rest in articles if "hidden" in rest] == [name for name, rest in listed if "hidden" in rest]
    return [name for name, rest in articles if "hidden" not in rest]
