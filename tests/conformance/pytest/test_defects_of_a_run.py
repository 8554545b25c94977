"""Each defect that users' tests met is reported once for the whole run, with the tests that met it."""

import pytest
from pytests import Run

pytest_plugins = ["pytester"]

SHIELDS_NOTHING = "f2:404ed33e2b"
NO_REASON = "f2:7a6bb724e9"

TOOLS = """
    import boto3, pytest
    from botocore.exceptions import ClientError
    from moto import mock_aws

    ZONE = {"AvailabilityZone": "us-east-1a"}

    def launch(ec2, count=1, **more):
        reply = ec2.run_instances(ImageId="ami-12c6146b", MinCount=count, MaxCount=count, Placement=ZONE, **more)
        return [item["InstanceId"] for item in reply["Instances"]]

    def terminate_beside_a_protected_one(ec2):
        free, protected = launch(ec2, 2)
        ec2.modify_instance_attribute(InstanceId=protected, DisableApiTermination={"Value": True})
        with pytest.raises(ClientError, match="OperationNotPermitted"):
            ec2.terminate_instances(InstanceIds=[free, protected])
        return free, ec2.describe_instances(InstanceIds=[free])["Reservations"][0]["Instances"][0]["State"]["Name"]
"""
CLEANERS = """
    @mock_aws
    def test_one():
        launch(boto3.client("ec2"))
        free, state = terminate_beside_a_protected_one(boto3.client("ec2"))
        assert state == "terminated"

    @mock_aws
    @pytest.mark.parametrize("again", [1, 2])
    def test_two(again):
        terminate_beside_a_protected_one(boto3.client("ec2"))

    @mock_aws
    def test_launches():
        launch(boto3.client("ec2"))

    @mock_aws
    def test_fails_by_itself():
        terminate_beside_a_protected_one(boto3.client("ec2"))
        assert not "mine"

    def test_of_something_else():
        pass
"""


def waive(pytester: pytest.Pytester, *ids: str) -> str:
    """Write a file of waivers, and return the option that names it."""
    texts = [f'[[waiver]]\nfinding = "{name}"\ntarget = "moto"\nreason = "reason of {name}"\n' for name in ids]
    (pytester.path / "known.toml").write_text("\n".join(texts))
    return "--ec2-waivers=known.toml"


def section(result: pytest.RunResult, heading: str) -> list[str]:
    """Return the lines below a heading, until the next one."""
    lines = result.outlines
    [start] = [at for at, line in enumerate(lines) if f" {heading}" in line and line.startswith("-")]
    rest = lines[start + 1 :]
    end = next(at for at, line in enumerate(rest) if line.startswith(("- ", "--", "==")))
    return rest[:end]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_each_defect_stands_once_with_all_tests_that_met_it(
    run: Run, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(TOOLS + CLEANERS)
    result = run("--ec2-judge", *workers)
    result.assert_outcomes(failed=5, passed=1)
    lines = section(result, "replies that EC2 would not have given: 2 defects in 5 tests")
    heads = [at for at, line in enumerate(lines) if " violation · f2:" in line]
    assert [lines[at].split(" · ")[1] for at in heads] == [SHIELDS_NOTHING, NO_REASON], "the most harmful comes first"
    for at, tests in zip(
        heads,
        (
            ["test_fails_by_itself", "test_one", "test_two[1]", "test_two[2]"],
            ["test_fails_by_itself", "test_launches", "test_one", "test_two[1]", "test_two[2]"],
        ),
        strict=True,
    ):
        listed = lines.index(f"  met in {len(tests)} tests:", at)
        assert [line.rpartition("::")[2] for line in lines[listed + 1 : listed + 1 + len(tests)]] == tests
    calls = [line for line in lines[: heads[1]] if line.startswith("      - ")]
    assert len(calls) == 4, "of all tests that met it the shortest sequence of calls is shown"


def test_a_failing_test_has_the_defect_in_brief_and_not_in_full(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TOOLS + CLEANERS)
    result = run("--ec2-judge", "-k", "test_one or test_fails")
    result.assert_outcomes(failed=2)
    text = "\n".join(result.outlines)
    assert text.count(f"TERM-4 violation · {SHIELDS_NOTHING} · ") == 3
    assert text.count("  call:     terminate_instances(InstanceIds=") == 2
    assert text.count("shields its Availability Zone") == 1
    result.stdout.fnmatch_lines(["*- ec2-lifecycle: replies that EC2 would not have given -*", "TERM-4 violation · *"])


def test_a_failing_test_has_what_is_known_in_a_section_of_its_own(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TOOLS + CLEANERS)
    known = waive(pytester, SHIELDS_NOTHING, NO_REASON)
    result = run("--ec2-judge", "--ec2-target=moto", known, "-k", "test_fails")
    result.assert_outcomes(failed=1)
    heading = "*- ec2-lifecycle: known replies that EC2 would not have given -*"
    result.stdout.fnmatch_lines([heading, f"TERM-4 violation · {SHIELDS_NOTHING} · *", f"RUN-5 * · {NO_REASON} · *"])


AGES = """
import boto3


def test_an_old_list_names_what_ec2_has_forgotten(ec2_double):
    ec2 = boto3.client("ec2", region_name="us-east-1")
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[made])
    ec2_double.advance(7200)
    try:
        ec2.terminate_instances(InstanceIds=[made])
    except ec2.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidInstanceID.NotFound"
    else:
        raise AssertionError("it is forgotten")
"""


def test_what_the_double_answers_is_judged_by_the_time_of_the_double(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(AGES)
    run("--ec2-judge").assert_outcomes(passed=1)


def test_only_the_clauses_that_are_asked_for_are_reported(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TOOLS + CLEANERS)
    result = run("--ec2-judge", "--ec2-clauses=term-4, TERM-5")
    result.assert_outcomes(failed=4, passed=2)
    section(result, "replies that EC2 would not have given: 1 defect in 4 tests")
    assert NO_REASON not in "\n".join(result.outlines)
    pytester.makeini("[pytest]\nec2_clauses = RUN-5\n")
    result = run("--ec2-judge", "-k", "test_one")
    section(result, "replies that EC2 would not have given: 1 defect in 1 test")
    assert SHIELDS_NOTHING not in "\n".join(result.outlines)


def test_a_clause_that_does_not_exist_is_one_sentence(run: Run) -> None:
    result = run("--ec2-judge", "--ec2-clauses=TERM-44")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *there is no clause 'TERM-44'; did you mean TERM-4?*"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_test_that_passed_on_a_known_defect_is_listed(
    run: Run, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(TOOLS + CLEANERS)
    known = waive(pytester, SHIELDS_NOTHING, NO_REASON)
    result = run("--ec2-judge", "--ec2-target=moto", known, *workers, "--junitxml=report.xml")
    result.assert_outcomes(failed=1, passed=5)
    lines = section(result, "passed on known replies that EC2 would not have given: 2 defects in 4 tests")
    assert "met a reply that EC2 would not have given" in lines[0]
    first = lines[1:7]
    assert first[0].startswith(f"TERM-4 violation · {SHIELDS_NOTHING} · ")
    assert first[1] == f"  waived: reason of {SHIELDS_NOTHING}"
    assert first[2] == "  met in 3 tests:"
    assert [line.rpartition("::")[2] for line in first[3:]] == ["test_one", "test_two[1]", "test_two[2]"]
    assert not [line for line in lines if "test_fails_by_itself" in line], "it did not pass"
    report = (pytester.path / "report.xml").read_text()
    assert f'<property name="ec2_known_finding" value="{SHIELDS_NOTHING}" />' in report
    assert '<property name="ec2_finding"' not in report


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_fault_of_several_operations_is_one_defect_that_names_them(
    run: Run, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        TOOLS
        + """
    @mock_aws
    @pytest.mark.parametrize("operation", ["terminate_instances", "stop_instances"])
    def test_it(ec2_judged, operation):
        with pytest.raises(ClientError):
            getattr(ec2_judged(boto3.client("ec2")), operation)(InstanceIds=["foo"])
    """
    )
    result = run(*workers)
    result.assert_outcomes(failed=2)
    text = " ".join(section(result, "replies that EC2 would not have given: 1 defect in 2 tests"))
    assert "StopInstances and TerminateInstances: a malformed instance id is refused as an unknown one" in text


def test_a_run_that_met_nothing_says_nothing(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
    def test_it(ec2_double, ec2_judged):
        import boto3
        ec2_judged(boto3.client("ec2", region_name="us-east-1")).describe_instances()
    """)
    result = run()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*EC2 would not have given*")


def test_many_tests_are_listed_in_full_only_where_it_is_asked_for(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        TOOLS
        + """
    @pytest.fixture(scope="module")
    def ec2():
        with mock_aws():
            yield boto3.client("ec2")

    @pytest.mark.parametrize("n", range(12))
    def test_it(ec2_judged, ec2, n):
        launch(ec2_judged(ec2))
    """
    )
    known = ("--ec2-target=moto", waive(pytester, NO_REASON))
    lines = section(run(*known), "passed on known replies")
    assert "    and 2 more; -v lists all" in lines
    assert len([line for line in lines if "::test_it" in line]) == 10
    lines = section(run(*known, "-v"), "passed on known replies")
    assert len([line for line in lines if "::test_it" in line]) == 12
