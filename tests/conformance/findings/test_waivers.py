"""Waivers: what is known stays known, and what is no longer true fails the run."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from report_samples import FINDING

from ec2_lifecycle.conformance.findings.waiver_file import WaiverError, add_waiver, load_waivers
from ec2_lifecycle.conformance.findings.waivers import TargetRun, Waiver, apply_waivers, covering
from ec2_lifecycle.reports.events import Finding

TODAY = date(2026, 6, 30)

EXAMPLE = """\
[[waiver]]
finding = "f1:0123abcd"
target = "moto"
versions = ">=5.2,<6"        # optional, PEP 440 specifier
reason = "moto issue #123: …"
link = "https://example.org/123"
expires = 2027-01-31

[[waiver]]
finding = "f1:89abcdef"
target = "moto"
reason = "by design"
"""

FULL = Waiver(
    "f1:0123abcd", "moto", "moto issue #123: …", ">=5.2,<6", "https://example.org/123", expires=date(2027, 1, 31)
)
SHORT = Waiver("f1:89abcdef", "moto", "by design")
FLAKY = Waiver("f1:77777777", "moto", "it races", flaky=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the waivers are."""
    return tmp_path / "moto.toml"


def found(*ids: str) -> tuple[Finding, ...]:
    """Findings with these ids."""
    return tuple(replace(FINDING, id=each) for each in ids)


def run_of(*ids: str, version: str = "5.2.5", complete: bool = True, known: tuple[str, ...] = ()) -> TargetRun:
    """A run of moto that showed findings with these ids."""
    return TargetRun("moto", version, found(*ids), complete=complete, known=known)


def judged(waivers: tuple[Waiver, ...], run: TargetRun) -> tuple[list[str | None], list[str]]:
    """The reason beside each finding, and the problems."""
    findings, problems = apply_waivers(waivers, run, TODAY)
    assert [finding.id for finding in findings] == [finding.id for finding in run.findings]
    assert all(problem.target == "moto" for problem in problems)
    return [finding.waived for finding in findings], [f"{problem.waiver} {problem.problem}" for problem in problems]


def refused(path: Path, text: str) -> str:
    """What is said about a file, without its name."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WaiverError) as error:
        load_waivers(path)
    message = str(error.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message.removeprefix(str(path))


def changed(old: str, new: str) -> str:
    """The example file, something in it replaced."""
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1)


def test_the_example_of_the_documentation_loads(path: Path) -> None:
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load_waivers(path) == (FULL, SHORT)


@pytest.mark.parametrize("text", ["", "# nothing is waived\n", "\ufeff", EXAMPLE.replace("\n", "\r\n")])
def test_empty_files_and_those_of_other_editors_load(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    assert load_waivers(path) in ((), (FULL, SHORT))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("reason", "raeson", ': waiver 1: "raeson" is not a key of a waiver; write reason'),
        ("expires", "until", ': waiver 1: "until" is not a key of a waiver; write one of finding, target, reason'),
        ('finding = "f1:89abcdef"\n', "", ': waiver 2: it has no finding; write finding = "f2:0123abcd"'),
        ('reason = "by design"', "", ': waiver 2: it has no reason; write reason = "moto issue #123: …"'),
        ('"by design"', "7", ": waiver 2: reason must be a text in quotes; write reason ="),
        ('"by design"', '" "', ": waiver 2: reason is empty; write reason ="),
        ("f1:89abcdef", "f1-89abcdef.yaml", ': waiver 2: "f1-89abcdef.yaml" is not a finding; write f1:89abcdef'),
        ("f1:89abcdef", "TERM-4", ': waiver 2: "TERM-4" is not a finding; write its id, such as f2:0123abcd'),
        (">=5.2,<6", "5.2 or so", ': waiver 1: "5.2 or so" is not a range of versions; write ">=5.2,<6"'),
        ("2027-01-31", '"2027-01-31"', ": waiver 1: expires must be a day without quotes and without a time; write"),
        ("2027-01-31", "2027-01-31T10:00:00Z", ": waiver 1: expires must be a day without quotes and without a time"),
        (
            "2027-01-31",
            "2027-02-31",
            ':7: this is not TOML ("expires = 2027-02-31" cannot be read); write a [[waiver]]',
        ),
        (
            '"by design"',
            "by design",
            ':12: this is not TOML ("reason = by design" cannot be read); write a [[waiver]]',
        ),
        ('"by design"', '"by design', ":12: this is not TOML"),
        ("[[waiver]]", "[[waver]]", ': "waver" is not a key of a waiver file; write waiver'),
        ("[[waiver]]", "title = 3\n[[waiver]]", ': "title" is not a key of a waiver file; write one of waiver, flaky'),
        ("[[waiver]]", "[[flakey]]", ': "flakey" is not a key of a waiver file; write flaky'),
        (EXAMPLE, "[flaky]\nfinding = 'f1:0'\n", ": [flaky] is one table, not a list of them; write [[flaky]]"),
        (EXAMPLE, "flaky = ['f1:0']\n", ": flaky 1: it is not a table; write [[flaky]] and its keys on lines below"),
        (EXAMPLE, EXAMPLE + "[[flaky]]\nflaky = true\n", ': flaky 1: "flaky" is not a key of a waiver; write one of'),
        (EXAMPLE, "[waiver]\nfinding = 'f1:0'\n", ": [waiver] is one table, not a list of them; write [[waiver]]"),
        (EXAMPLE, "waiver = ['f1:0']\n", ": waiver 1: it is not a table; write [[waiver]] and its keys on lines below"),
        (
            EXAMPLE,
            EXAMPLE + EXAMPLE,
            ': waiver 3: waiver 1 already covers f1:0123abcd on "moto"; delete one',
        ),
        (
            "f1:89abcdef",
            "f1:0123abcd",
            ': waiver 2: waiver 1 already covers f1:0123abcd on "moto"; delete one',
        ),
    ],
)
def test_a_mistake_is_one_sentence_that_says_where_and_what_to_write(
    path: Path, old: str, new: str, message: str
) -> None:
    assert refused(path, changed(old, new)).startswith(message)


@pytest.mark.parametrize("character", "[{9")
def test_a_file_made_to_break_the_parser_is_refused_in_one_sentence(path: Path, character: str) -> None:
    assert ": this is not TOML (" in refused(path, "a = " + character * 10_000)


def test_ranges_of_versions_tell_two_waivers_of_a_finding_apart(path: Path) -> None:
    later = changed('"f1:89abcdef"\n', '"f1:0123abcd"\nversions = ">=6"\n')
    path.write_text(later, encoding="utf-8")
    assert [waiver.versions for waiver in load_waivers(path)] == [">=5.2,<6", ">=6"]


def test_a_file_that_cannot_be_read_is_one_sentence(path: Path) -> None:
    with pytest.raises(WaiverError) as error:
        load_waivers(path)
    assert str(error.value) == f"{path}: cannot be read (no such file or directory); name a waiver file"
    path.write_bytes(b"# fine\n# \xff\n")
    with pytest.raises(WaiverError, match="toml:2: a byte is not UTF-8"):
        load_waivers(path)


def test_a_waived_finding_is_still_listed_with_the_reason_and_the_others_are_new() -> None:
    assert judged((SHORT,), run_of("f1:11111111", "f1:89abcdef")) == ([None, "by design"], [])


def test_a_finding_that_no_longer_occurs_is_a_problem() -> None:
    problem = "f1:89abcdef no longer occurs on moto 5.2.5: remove it"
    assert judged((SHORT,), run_of()) == ([], [problem])
    assert judged((SHORT,), run_of("f1:11111111")) == ([None], [problem])


def test_what_a_run_did_not_finish_looking_for_is_not_called_gone() -> None:
    assert judged((SHORT,), run_of(complete=False)) == ([], [])


@pytest.mark.parametrize("complete", [True, False])
def test_an_id_with_a_slip_of_the_pen_is_told_the_nearest_one_found(complete: bool) -> None:  # noqa: FBT001
    run = run_of("f1:11111111", "f1:89abcdff", complete=complete)
    problem = "f1:89abcdef matches no finding: write f1:89abcdff, if you mean that one"
    assert judged((SHORT,), run) == ([None, None], [problem])


def test_an_id_that_is_known_from_elsewhere_is_no_slip_of_the_pen() -> None:
    run = run_of("f1:89abcdff", known=("f1:89abcdef",))
    assert judged((SHORT,), run) == ([None], ["f1:89abcdef no longer occurs on moto 5.2.5: remove it"])


def test_the_nearest_id_is_none_that_another_waiver_means() -> None:
    twin = replace(SHORT, finding="f1:89abcdff", reason="twin")
    problem = "f1:89abcdef no longer occurs on moto 5.2.5: remove it"
    assert judged((SHORT, twin), run_of("f1:89abcdff")) == (["twin"], [problem])


DRY = Waiver("f1:89abcdef", "moto", "by design", operations=("DescribeVolumes", "StopInstances"))


def run_in(*operations: str, complete: bool = True) -> TargetRun:
    """A run of moto whose one finding showed in these operations."""
    finding = replace(FINDING, id="f1:89abcdef", situation={"operations": operations})
    return TargetRun("moto", "5.2.5", (finding,), complete=complete)


def test_a_waiver_for_some_operations_leaves_the_defect_new_in_another() -> None:
    problem = "f1:89abcdef does not cover RebootInstances: add to `operations` what you accept"
    shown = run_in("DescribeVolumes", "RebootInstances", "StopInstances")
    assert judged((DRY,), shown) == ([None], [problem])


def test_a_waiver_is_stale_for_an_operation_that_no_longer_shows_the_defect() -> None:
    problem = "f1:89abcdef no longer occurs in DescribeVolumes: remove from `operations` what is gone"
    assert judged((DRY,), run_in("StopInstances")) == (["by design"], [problem])
    assert judged((DRY,), run_in("StopInstances", complete=False)) == (["by design"], [])
    assert judged((replace(DRY, flaky=True),), run_in("StopInstances")) == (["by design"], [])


def test_former_ids_are_covered_in_the_operations_of_their_waiver_only() -> None:
    waivers = {DRY.finding: DRY}
    assert covering(waivers, ("f2:0", DRY.finding), ("StopInstances",)) is DRY
    assert covering(waivers, ("f2:0", DRY.finding), ("StopInstances", "RebootInstances")) is None
    assert covering(waivers, ("f2:0",), ("StopInstances",)) is None


def test_operations_are_written_and_read_back(path: Path) -> None:
    add_waiver(path, DRY)
    assert load_waivers(path) == (DRY,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('"StopInstances"', 'operations must be a list of names; write operations = ["StopInstances"]'),
        ("[]", 'operations must be a list of names; write operations = ["StopInstances"]'),
        ('["StopInstance"]', 'operations: "StopInstance" is not an operation; '),
        ("[1]", 'operations: "1" is not an operation; '),
    ],
)
def test_operations_that_are_none_are_refused(path: Path, given: str, message: str) -> None:
    text = f'[[waiver]]\nfinding = "f1:89abcdef"\ntarget = "moto"\nreason = "r"\noperations = {given}\n'
    assert refused(path, text).startswith(f": waiver 1: {message}")


@pytest.mark.parametrize(
    ("expires", "waived"), [(date(2026, 6, 29), None), (TODAY, "by design"), (date(2026, 7, 1), "by design")]
)
def test_a_waiver_holds_until_the_end_of_its_last_day(expires: date, waived: str | None) -> None:
    reasons, problems = judged((replace(SHORT, expires=expires),), run_of("f1:89abcdef"))
    assert reasons == [waived]
    assert problems == ([] if waived else ["f1:89abcdef expired on 2026-06-29: remove it, or give it a later date"])


def test_waivers_of_other_targets_rest() -> None:
    assert judged((replace(SHORT, target="model"),), run_of("f1:89abcdef")) == ([None], [])
    assert judged((replace(SHORT, target="model", expires=date(2020, 1, 1)),), run_of()) == ([], [])


def test_a_waiver_for_any_endpoint_holds_on_each_and_nowhere_else() -> None:
    everywhere = replace(SHORT, target="endpoint:*")
    assert judged((everywhere,), run_of("f1:89abcdef")) == ([None], [])
    for url in ("http://127.0.0.1:4566", "https://ec2.example.com"):
        run = replace(run_of("f1:89abcdef"), target=f"endpoint:{url}")
        assert judged((everywhere,), run) == (["by design"], [])


@pytest.mark.parametrize(
    ("version", "covered"),
    [("5.2", True), ("5.2.5", True), ("5.3.0.dev1", True), ("5.1.9", False), ("6.0", False), ("6.0.0.dev1", False)],
)
def test_a_waiver_speaks_of_its_versions_only(version: str, covered: bool) -> None:  # noqa: FBT001
    assert judged((FULL,), run_of("f1:0123abcd", version=version)) == ([FULL.reason if covered else None], [])
    _, problems = judged((FULL,), run_of(version=version))
    assert bool(problems) == covered


def test_a_version_that_cannot_be_compared_is_a_problem_only_where_it_must_be() -> None:
    run = run_of("f1:0123abcd", version="nightly build")
    problem = 'f1:0123abcd the version "nightly build" cannot be compared with >=5.2,<6: remove `versions`'
    assert judged((FULL,), run) == ([None], [problem])
    assert judged((replace(FULL, versions=None),), run) == ([FULL.reason], [])


@pytest.mark.parametrize("complete", [True, False])
def test_a_flaky_finding_fails_nothing_whether_it_shows_or_not(complete: bool) -> None:  # noqa: FBT001
    assert judged((FLAKY,), run_of(complete=complete)) == ([], [])
    findings, problems = apply_waivers((SHORT, FLAKY), run_of("f1:89abcdef", "f1:77777777", complete=complete), TODAY)
    assert [(finding.waived, finding.flaky) for finding in findings] == [("by design", False), ("it races", True)]
    assert problems == ()


def test_a_flaky_finding_may_expire_and_its_id_may_be_mistyped() -> None:
    past = replace(FLAKY, expires=date(2026, 6, 29))
    assert judged((past,), run_of()) == ([], ["f1:77777777 expired on 2026-06-29: remove it, or give it a later date"])
    problem = "f1:77777777 matches no finding: write f1:77777778, if you mean that one"
    assert judged((FLAKY,), run_of("f1:77777778")) == ([None], [problem])


def test_a_renamed_finding_stays_waived() -> None:
    aliases = {"f1:89abcdef": "f1:22222222", "f1:22222222": "f2:33333333"}
    findings, problems = apply_waivers((SHORT,), run_of("f2:33333333"), TODAY, aliases)
    assert [finding.waived for finding in findings] == ["by design"]
    assert problems == ()


def test_renamings_in_a_circle_end() -> None:
    findings, _ = apply_waivers((SHORT,), run_of(), TODAY, {"f1:89abcdef": "f1:0", "f1:0": "f1:89abcdef"})
    assert findings == ()


def test_adding_a_waiver_keeps_every_byte_of_the_file(path: Path) -> None:
    old = "# ours\n\n[[waiver]]  # first\ntarget   = 'moto'\nfinding = 'f1:0'\nreason = 'x'\n# the end"
    path.write_text(old, encoding="utf-8")
    add_waiver(path, FULL)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(old + "\n\n[[waiver]]\n")
    assert load_waivers(path) == (Waiver("f1:0", "moto", "x"), FULL)
    assert text.endswith("expires = 2027-01-31\n")


def test_adding_a_waiver_keeps_the_line_ends_of_the_file(path: Path) -> None:
    path.write_bytes(EXAMPLE.replace("\n", "\r\n").encode())
    add_waiver(path, replace(SHORT, finding="f1:0"))
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert load_waivers(path)[2] == replace(SHORT, finding="f1:0")


def test_a_flaky_finding_is_added_to_a_table_of_its_own(path: Path) -> None:
    path.write_text(f"# ours\n{EXAMPLE}", encoding="utf-8")
    add_waiver(path, FLAKY)
    added = '\n[[flaky]]\nfinding = "f1:77777777"\ntarget = "moto"\nreason = "it races"\n'
    assert path.read_text(encoding="utf-8") == f"# ours\n{EXAMPLE}{added}"
    add_waiver(path, replace(SHORT, finding="f1:0"))
    assert load_waivers(path) == (FULL, SHORT, replace(SHORT, finding="f1:0"), FLAKY)


def test_adding_a_waiver_makes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "waivers" / "moto.toml"
    add_waiver(path, SHORT)
    assert path.read_text(encoding="utf-8") == (
        '[[waiver]]\nfinding = "f1:89abcdef"\ntarget = "moto"\nreason = "by design"\n'
    )


@pytest.mark.parametrize(
    ("waiver", "message"),
    [
        (SHORT, ': waiver 3: waiver 2 already covers f1:89abcdef on "moto"; delete one'),
        (replace(SHORT, flaky=True), ': flaky 1: waiver 2 already covers f1:89abcdef on "moto"; delete one'),
        (replace(SHORT, finding="f1:0", reason=""), ": waiver 3: reason is empty"),
        (replace(SHORT, finding="f1:0", versions="new"), ': waiver 3: "new" is not a range of versions'),
    ],
)
def test_a_waiver_that_would_not_load_is_not_added(path: Path, waiver: Waiver, message: str) -> None:
    path.write_text(EXAMPLE, encoding="utf-8")
    with pytest.raises(WaiverError) as error:
        add_waiver(path, waiver)
    assert str(error.value).startswith(f"{path}{message}")
    assert path.read_text(encoding="utf-8") == EXAMPLE


@given(st.text().filter(str.strip))
@example('"""\n[[waiver]]\n\\u0000 \x00\x1b\x7f\u202e#')
@example("a\r\nb\rc")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_reason_comes_back_as_it_was_given(path: Path, reason: str) -> None:
    path.unlink(missing_ok=True)
    add_waiver(path, replace(SHORT, reason=reason))
    assert load_waivers(path) == (replace(SHORT, reason=reason),)
