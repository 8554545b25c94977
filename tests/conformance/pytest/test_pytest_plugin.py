"""The pytest plugin, as its users have it: in runs of pytest of its own, each in an empty folder."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import cast

import pytest
from pytests import PLUGIN, Run

from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.findings.waivers import Waiver
from ec2_lifecycle.conformance.planted_faults.catalogue import fault_of
from ec2_lifecycle.conformance.pytest.options import Options
from ec2_lifecycle.conformance.pytest.suite.session import SuiteSession
from ec2_lifecycle.conformance.pytest.suite.suite_report import (
    BROKEN,
    FINDING,
    SOURCE,
    VERSION,
    SuiteReport,
    expected_sources,
)
from ec2_lifecycle.strategies.scenario.scenario import Scenario

pytest_plugins = ["pytester"]

SUITE = ("--pyargs", "ec2_lifecycle.conformance.pytest.suite")
SHIELDS_NOTHING = "f2:404ed33e2b"
REVIVES = "f2:dd1a3dc2b2"
"""Few scenarios are about REBOOT-2, which moto breaks: a reboot brings back what is terminated."""

MOTO = """
    import boto3, pytest
    from botocore.exceptions import ClientError
    from moto import mock_aws

    def terminate_beside_a_protected_one(ec2):
        zone = {"AvailabilityZone": "us-east-1a"}
        reply = ec2.run_instances(ImageId="ami-12c6146b", MinCount=2, MaxCount=2, Placement=zone)
        free, protected = [item["InstanceId"] for item in reply["Instances"]]
        ec2.modify_instance_attribute(InstanceId=protected, DisableApiTermination={"Value": True})
        with pytest.raises(ClientError, match="OperationNotPermitted"):
            ec2.terminate_instances(InstanceIds=[free, protected])
        ec2.describe_instances(InstanceIds=[free, protected])
"""


def test_an_installation_registers_the_plugin_under_the_name_of_its_module() -> None:
    [found] = entry_points(group="pytest11", name=PLUGIN)
    assert found.value == PLUGIN


def test_the_plugin_imports_nothing_of_weight_before_it_is_used() -> None:
    program = f"""
import sys
import pytest
heavy = {{"boto3", "botocore", "hypothesis", "moto", "packaging", "rich", "tomlkit", "yaml", "z3"}} - set(sys.modules)
import {PLUGIN}
print(sorted(heavy & set(sys.modules)), sorted(name for name in sys.modules if name.startswith("ec2_lifecycle.")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    package = "ec2_lifecycle.conformance.pytest"
    light = [f"{package}.defect_report", f"{package}.options"]
    loaded = ["ec2_lifecycle.conformance", package, *light, PLUGIN]
    assert done.stdout.strip() == f"[] {loaded}"


# The suite.


def test_the_suite_passes_on_the_model_for_one_clause(run: Run) -> None:
    result = run(*SUITE, "--ec2-target", "model", "-k", "TERM-4", "-n", "2")
    outcomes = result.parseoutcomes()
    assert result.ret == pytest.ExitCode.OK
    assert outcomes["passed"] > 20
    assert "failed" not in outcomes


def test_a_scenario_can_be_chosen_by_its_file_or_by_its_marker(run: Run) -> None:
    result = run(*SUITE, "--collect-only", "-q", "-k", "terminate/shield-one-zone.yaml")
    assert [line.rpartition("::")[2] for line in result.outlines if "::" in line] == [
        "test_corpus[terminate/shield-one-zone.yaml]"
    ]
    result = run(*SUITE, "--collect-only", "-q", "-m", 'clause(id="TERM-4")')
    result.stdout.fnmatch_lines(["*test_clause?TERM-4?", "*test_corpus?terminate/shield-one-zone.yaml?"])


def test_a_divergence_is_told_as_a_finding_and_without_a_traceback(run: Run, pytester: pytest.Pytester) -> None:
    result = run(*SUITE, "--ec2-target", "moto", "-k", "test_clause and REBOOT-2", "--junitxml=report.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            f"REBOOT-2 violation · {REVIVES} · *",
            "  A request to reboot a terminated instance succeeds, and EC2 ignores it.",
            "  Evidence: documented (*",
            "  scenario:",
            "*# the step to blame",
            "  expected*",
            "  observed: A running",
            "    ec2-lifecycle replay */corpus/*.yaml --target moto",
        ]
    )
    result.stdout.fnmatch_lines(["*findings, not waived: *", f"{REVIVES} REBOOT-2 RebootInstances * (in 1 test)"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*def test_clause*")
    report = (pytester.path / "report.xml").read_text()
    assert f'<property name="{FINDING}" value="{REVIVES}" />' in report


def test_a_waived_divergence_is_expected_and_an_expired_waiver_fails_also_where_tests_run_apart(
    run: Run, pytester: pytest.Pytester
) -> None:
    waivers = pytester.path / "known.toml"
    waiver = '[[waiver]]\nfinding = "{}"\ntarget = "moto"\nreason = "moto revives"\n'
    known = waiver.format(REVIVES)
    waivers.write_text(known)
    chosen = (*SUITE, "--ec2-target", "moto", "-k", "test_clause and REBOOT-2", "--ec2-waivers=known.toml", "-rx")
    result = run(*chosen)
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["xfailed"] == 1
    result.stdout.fnmatch_lines([f"*REBOOT-2*{REVIVES}: moto revives*"])
    waivers.write_text(known.replace("[[waiver]]", "[[flaky]]"))
    result = run(*chosen)
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["xfailed"] == 1
    result.stdout.fnmatch_lines([f"*REBOOT-2*{REVIVES}: flaky: moto revives*"])
    waivers.write_text(f"{known}expires = {date.today() - timedelta(days=1)}\n")  # noqa: DTZ011 (the user's day)
    result = run(*chosen, "-n", "1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*waivers to fix*", f"{REVIVES} expired on *"])
    assert result.parseoutcomes()["failed"] == 1


def test_a_divergence_that_stood_for_itself_once_is_not_looked_into_again(monkeypatch: pytest.MonkeyPatch) -> None:
    target = fault_of("TERM-4", "only the protected instance itself stays").target()
    played: list[str] = []

    def play(self: SuiteSession, scenario: Scenario) -> Outcome:
        played.append(scenario.title)
        return plain(self, scenario)

    plain = SuiteSession.play
    monkeypatch.setattr(SuiteSession, "play", play)
    session = cast("pytest.Session", SimpleNamespace())
    playing = SuiteSession(Options("model", 0, ()), target, session)
    extra: list[int] = []
    for source in ("terminate/shield-one-zone.yaml", "terminate/shield-both-zones.yaml"):
        found = [*playing.divergences_in(source)]
        before = len(played)
        with pytest.raises(pytest.fail.Exception, match="TERM-4 violation"):
            playing.finish_test(cast("pytest.Item", SimpleNamespace(user_properties=[], stash=pytest.Stash())), found)
        extra.append(len(played) - before)
    assert extra[0] > 0
    assert extra[1] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ([], 4, "ERROR: the suite needs a target; write --ec2-target moto, *"),
        (["--ec2-target", "motto"], 4, 'ERROR: There is no target "motto"; did you mean moto?*'),
        (
            ["--ec2-target", "model", "--ec2-seed", "x"],
            4,
            "ERROR: --ec2-seed is 'x'; write a whole number of at least 0.",
        ),
        (["--ec2-target", "model", "--ec2-waivers=nix.toml"], 4, "ERROR: *nix.toml: cannot be read (*"),
        (["--ec2-target", "endpoint:http://127.0.0.1:1"], 3, "*Nobody answers at http://127.0.0.1:1 *"),
        (["--ec2-target", "endpoint:http://127.0.0.1:1", "-n", "1"], 3, "*Nobody answers at http://127.0.0.1:1 *"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_sentence(run: Run, arguments: list[str], code: int, sentence: str) -> None:
    result = run(*SUITE, *arguments)
    assert result.ret == code
    lines = [*result.outlines, *result.errlines]
    assert sum(line.startswith(("ERROR", "!")) for line in lines) == 1
    assert "Traceback" not in "\n".join(lines)
    pytest.LineMatcher(lines).fnmatch_lines([sentence])


def test_a_target_that_breaks_ends_the_run(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        dying="""
        from botocore.exceptions import EndpointConnectionError
        from ec2_lifecycle.conformance.adapter.clock import VirtualClock
        from ec2_lifecycle.conformance.emulator.client import ModelClient

        class Dying(ModelClient):
            left = 12

            def run_instances(self, **sent):
                self.left -= 1
                if self.left < 0:
                    raise EndpointConnectionError(endpoint_url="http://gone")
                return super().run_instances(**sent)

        def make():
            clock = VirtualClock()
            client = Dying(clock=clock)
            client.clock, client.patience_polls = clock, 60
            return client
        """
    )
    result = run(*SUITE, "--ec2-target", "python:dying:make", "-k", "test_corpus", "-n", "1")
    assert result.ret == 3
    result.stdout.fnmatch_lines(["*python:dying:make gives no answers any more: RunInstances was not answered*"])
    assert result.parseoutcomes()["failed"] == 3


def test_options_can_stand_in_the_ini_file(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nec2_target = model\nec2_seed = 3\n")
    result = run(*SUITE, "-k", "test_clause and TERM-8")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["ec2-lifecycle: target model, seed 3"])


# Waivers that are not true any more. A run is complete only where everything was played.


def strict(
    *waivers: Waiver, clauses: frozenset[str] = frozenset()
) -> tuple[SuiteReport, Callable[..., None], Callable[[], int]]:
    """Return the plugin, what tells it of a test, and what ends the run and returns its exit code."""
    plugin = SuiteReport(Options("moto", 0, waivers, clauses))

    def tell(*properties: tuple[str, str]) -> None:
        report = SimpleNamespace(when="call", nodeid="t", user_properties=list(properties))
        plugin.pytest_runtest_logreport(cast("pytest.TestReport", report))

    def end() -> int:
        session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
        plugin.pytest_sessionfinish(cast("pytest.Session", session))
        return int(session.exitstatus)

    return plugin, tell, end


def test_a_stale_waiver_fails_a_complete_run_and_no_other() -> None:
    waiver = Waiver("f1:0000000000", "moto", "gone by now")
    for missing, code in ((1, 0), (0, 1)):
        _, tell, end = strict(waiver)
        for source in sorted(expected_sources())[missing:]:
            tell((SOURCE, source), (VERSION, "5.2.5"))
        assert end() == code


def test_no_waiver_is_stale_where_only_some_clauses_are_reported() -> None:
    _, tell, end = strict(Waiver("f1:0000000000", "moto", "of another clause"), clauses=frozenset({"TERM-4"}))
    for source in expected_sources():
        tell((SOURCE, source), (VERSION, "5.2.5"))
    assert end() == 0


def test_a_flaky_finding_that_no_test_showed_is_not_stale() -> None:
    _, tell, end = strict(Waiver("f1:0000000000", "moto", "it races", flaky=True))
    for source in expected_sources():
        tell((SOURCE, source), (VERSION, "5.2.5"))
    assert end() == 0


def test_a_waiver_whose_finding_any_test_showed_is_true() -> None:
    _, tell, end = strict(Waiver(SHIELDS_NOTHING, "moto", "known"), Waiver("f1:0000000000", "other", "elsewhere"))
    for source in expected_sources():
        tell((SOURCE, source), (VERSION, "5.2.5"))
    tell((FINDING, SHIELDS_NOTHING), (VERSION, "5.2.5"))
    assert end() == 0


def test_without_a_test_of_the_suite_no_waiver_is_held_against_anything() -> None:
    _, _, end = strict(Waiver("f1:0000000000", "moto", "gone", expires=date(2020, 1, 1)))
    assert end() == 0


def test_a_broken_target_has_the_exit_code_of_the_command_line() -> None:
    _, tell, end = strict()
    tell((BROKEN, "gone"), (VERSION, ""))
    assert end() == 3


# The oracle around a user's own clients.


def test_a_test_of_a_user_fails_where_moto_shields_nothing(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    @mock_aws
    def test_it(ec2_judged):
        terminate_beside_a_protected_one(ec2_judged(boto3.client("ec2")))

    @mock_aws
    def test_nothing_is_judged_without_the_fixture():
        terminate_beside_a_protected_one(boto3.client("ec2"))
    """
    )
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"TERM-4 violation · {SHIELDS_NOTHING}*",
            "  call: * terminate_instances(* → OperationNotPermitted",
            "  observed: i-* terminated",
            "To leave out known findings, name the target and its waivers: --ec2-target=TARGET --ec2-waivers=FILE.",
            "*replies that EC2 would not have given: 2 defects in 1 test*",
            f"TERM-4 violation · {SHIELDS_NOTHING}*",
            "  Observed: in calls that cannot be played again, so nothing confirmed it",
            "*- terminate_instances(*# the step to blame",
            "*observed: i-* terminated",
            "  met in 1 test:",
            "    *::test_it",
        ]
    )


def test_a_test_that_fails_anyhow_is_told_what_ec2_would_have_done(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    @mock_aws
    def test_it(ec2_judged):
        terminate_beside_a_protected_one(ec2_judged(boto3.client("ec2")))
        assert "mine" == "yours"
    """
    )
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*AssertionError*", "*- ec2-lifecycle: replies that EC2 would not have given -*", "TERM-4 violation*"]
    )


def test_tests_that_are_not_changed_at_all_are_judged_by_an_option(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    import unittest

    @mock_aws
    def test_it():
        terminate_beside_a_protected_one(boto3.client("ec2"))
        boto3.client("s3")

    class TestIt(unittest.TestCase):
        def test_it(self):
            with mock_aws():
                terminate_beside_a_protected_one(boto3.resource("ec2").meta.client)
    """
    )
    run().assert_outcomes(passed=2)
    run("--ec2-judge").assert_outcomes(failed=2)


def test_what_is_waived_for_the_target_does_not_fail_a_users_test(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    @mock_aws
    def test_it(ec2_judged):
        terminate_beside_a_protected_one(ec2_judged(boto3.client("ec2")))
    """
    )
    ids = ("f2:404ed33e2b", "f2:7a6bb724e9")
    waivers = "".join(f'[[waiver]]\nfinding = "{i}"\ntarget = "moto"\nreason = "known"\n' for i in ids)
    (pytester.path / "known.toml").write_text(waivers)
    run("--ec2-target=moto", "--ec2-waivers=known.toml").assert_outcomes(passed=1)
    other = run("--ec2-target=model", "--ec2-waivers=known.toml")
    other.assert_outcomes(failed=1)
    other.stdout.no_fnmatch_line("To leave out known findings*")
    (pytester.path / "known.toml").write_text(waivers.replace('"moto"', '"endpoint:*"'))
    run("--ec2-target=endpoint:http://127.0.0.1:1", "--ec2-waivers=known.toml").assert_outcomes(passed=1)


def test_how_is_judged_is_a_fixture_to_override(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    from ec2_lifecycle.conformance.pytest.judging import Diverged, Judging

    @pytest.fixture
    def ec2_judging():
        return Judging(at_once=True, known=["f2:7a6bb724e9"])

    @mock_aws
    def test_it(ec2_judged):
        with pytest.raises(Diverged, match="TERM-4"):
            terminate_beside_a_protected_one(ec2_judged(boto3.client("ec2")))
    """
    )
    run().assert_outcomes(passed=1)


def test_what_other_fixtures_do_after_the_test_is_judged_too(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        MOTO
        + """
    @pytest.fixture
    def ec2(ec2_judged):
        with mock_aws():
            client = ec2_judged(boto3.client("ec2"))
            yield client
            terminate_beside_a_protected_one(client)

    def test_it(ec2):
        pass
    """
    )
    run().assert_outcomes(passed=1, errors=1)


# The model instead of EC2.


def test_markers_of_the_double_are_put_together_and_wrong_ones_are_one_sentence(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.ec2_double(behavior="adversarial")
        def test_misspelt(ec2_double):
            pass

        @pytest.mark.ec2_double("adversarial")
        def test_nameless(ec2_double):
            pass

        @pytest.mark.ec2_double(world=b"{}")
        def test_worldless(ec2_double):
            pass

        @pytest.mark.ec2_double(clock="stands", delays="5")
        class TestAll:
            @pytest.mark.ec2_double(delays="7")
            def test_it(self, ec2_double):
                settings = ec2_double.model.settings
                assert settings.clock_is_frozen
                assert set(settings.behaviour.delays.values()) == {(7.0, 7.0), (3600, 3600)}
        """
    )
    result = run()
    result.assert_outcomes(errors=3, passed=1)
    result.stdout.fnmatch_lines(
        [
            "The marker ec2_double of *::test_misspelt: there is no setting behavior; write behaviour*",
            "The marker ec2_double of *::test_nameless: write keywords, such as behaviour='adversarial'*",
            "The marker ec2_double of *::test_worldless: This is not a dumped world: *",
        ]
    )


def test_a_failed_test_shows_the_last_calls_of_its_doubles_and_why_they_were_answered_so(
    run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import boto3
        from ec2_lifecycle.testing import ec2_double

        def launch():
            ec2 = boto3.client("ec2", region_name="us-east-1")
            return ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)

        def test_passing(ec2_double):
            launch()

        def test_failing(ec2_double):
            launch()
            assert len(ec2_double.calls) == 2

        def test_inside():
            with ec2_double():
                launch()
            assert False

        def test_without():
            assert False
        """
    )
    result = run()
    result.assert_outcomes(passed=1, failed=3)
    shown = result.stdout.str()
    assert shown.count("- ec2-lifecycle: the last calls of the double -") == 2
    assert shown.count("1. RunInstances(ImageId='ami-12345678', MinCount=1, MaxCount=1") == 2
    result.stdout.fnmatch_lines(["  i-* is new, in us-east-1a: pending."])
