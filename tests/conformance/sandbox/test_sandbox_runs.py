"""Live runs by the command line, in an account that is none: they end with nothing left, whatever ends them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from live import ACCOUNT, BADLY, SANDBOX, WAYS, Place, kill, model, place
from strange_servers import Asked, Change, strange_server

from ec2_lifecycle.conformance.emulator.server.http_server import serve_in_thread
from ec2_lifecycle.conformance.emulator.wire.encode import error
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply
from ec2_lifecycle.conformance.emulator.wire.services import EC2, STS
from ec2_lifecycle.conformance.sandbox.journal import JournalError, read

CORPUS: Final = Path(str(files("ec2_lifecycle.conformance.corpus"))) / "covering"
SHORT: Final = " ".join(
    str(CORPUS / f"{name}.yaml")
    for name in (
        "an-instance-stop-at-once",
        "a-protected-instance-terminate-at-once",
        "an-instance-create-a-volume-at-once-attach-a-volume-at-once",
    )
)
LIVE: Final = "aws:sandbox --sandbox sandbox.toml"
LONG: Final = CORPUS / "a-stop-protected-instance-allow-to-stop-at-once-wait-a-minute-stop.yaml"
"""Makes one instance, and waits for a minute: whoever is killed then has had an answer to what it asked for last.

Otherwise a reap may have to wait for a minute, until what it cannot see would be shown.
"""
REPLAY: Final = f"replay {SHORT} --target {LIVE}"


@pytest.fixture
def there(tmp_path: Path) -> Generator[Place]:
    """An account with others' instances in it."""
    with serve_in_thread(model()) as url, place(tmp_path, url) as there:
        there.others_come()
        yield there


Reap = Callable[..., tuple[int, str]]
"""Takes the account, and more words for `reap`."""


@pytest.fixture
def reap(command: Command, monkeypatch: pytest.MonkeyPatch) -> Reap:
    """Reap in this process, which is a second faster than in one of its own; what is printed is told with the code."""

    def run(there: Place, more: str = "") -> tuple[int, str]:
        with monkeypatch.context() as environment:
            for name in os.environ.keys() - there.environment.keys():
                environment.delenv(name)
            for name, value in there.environment.items():
                environment.setenv(name, value)
            ran = command(f"reap --sandbox sandbox.toml {more}")
        return ran.code, ran.out + ran.err

    return run


def clean(there: Place) -> bool:
    """Tell whether what is there is what others have, as they had it, and no request named any of that."""
    return there.alive() == there.foreign and not there.proxy.named_in_changes() & there.foreign.keys()


# Runs that come to their end.


@pytest.mark.parametrize(
    "words",
    [f"run {LIVE} --yes --tier smoke --clauses TERM-8,TERM-4", f"{REPLAY} --yes", f"smoke {LIVE} --yes"],
    ids=["run", "replay", "smoke"],
)
def test_a_short_run_conforms_and_leaves_nothing(there: Place, reap: Reap, words: str) -> None:
    code, said = there.do(words)
    assert code == 0, said
    assert "nothing left" in said
    assert clean(there)
    [journal] = there.journals
    record = read(journal)
    assert len(record.made) >= 3
    assert record.ended
    assert reap(there) == (0, "No run under sandbox.toml has left anything.\n")


def test_a_plan_makes_nothing_and_writes_nothing(there: Place) -> None:
    before = sorted(there.folder.rglob("*"))
    code, said = there.do(f"run {LIVE} --plan --clauses TERM-8 --output out --record traces")
    assert code == 0, said
    assert said.startswith(f"Plan for aws:sandbox\n  account    {ACCOUNT}, us-east-1, 3 zones")
    assert re.search(r"launches   [1-9]\d* of 400 t3\.nano", said)
    assert sorted(there.folder.rglob("*")) == before
    assert {sent.action for sent in there.proxy.forwarded} == {"GetCallerIdentity", "DescribeAvailabilityZones"}
    assert clean(there)


def test_in_the_account_of_moto_a_run_leaves_nothing_too(tmp_path: Path) -> None:
    with moto() as url, place(tmp_path, url) as there:
        code, said = there.do(f"smoke {LIVE} --yes")
        assert code == 0, said
        assert "nothing left" in said
        assert read(there.journals[0]).made
        assert there.alive() == {}


@contextmanager
def moto() -> Generator[str]:
    """Serve moto's EC2 and STS; the URL is told."""
    module = "ec2_lifecycle.conformance.targets.moto_server_process"
    with subprocess.Popen(
        [sys.executable, "-P", "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


# Runs that are killed.


def test_what_killed_runs_left_is_reaped_and_what_is_others_is_not_touched(tmp_path: Path, reap: Reap) -> None:
    with serve_in_thread(model()) as url, place(tmp_path, url, BADLY, seed=1) as there:
        there.others_come()
        left = 0
        for way in WAYS:
            process = there.start(f"replay {LONG} --target {LIVE} --yes")
            when_it_has_made(there, 1, process)
            kill(process, way)
            code, said = reap(there, "--dry-run")
            assert code == 0, said
            left += len(there.alive().keys() - there.foreign.keys())
            code, said = reap(there)
            assert code == 0, said
            assert clean(there), f"{way}: {there.alive()}; {said}"
            assert all(read(path).ended for path in there.journals)
        assert len(there.journals) == len(WAYS)
        assert left, "nothing was left to reap"
        assert there.proxy.injected


def when_it_has_made(there: Place, resources: int, process: subprocess.Popen[str]) -> None:
    """Wait until a run, the only one at work, has made so many resources and knows what it asked for last."""
    while not any(has_made(path, resources) for path in there.journals):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)  # a file tells nobody that it has grown


def has_made(journal: Path, resources: int) -> bool:
    try:
        record = read(journal)
    except JournalError:
        return False  # it is being begun
    # Where an answer is lost for good, the run asks under another token, and the first one stays without an answer.
    waits_for_an_answer = list(record.tokens.values())[-1:] == list(record.unanswered())[-1:]
    return not record.ended and len(record.made) >= resources and not waits_for_an_answer


# What is wrong is one sentence, and nothing is launched.


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A user's folder and environment, with a profile that leads to a URL."""

    def settle(url: str) -> None:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        (tmp_path / "config").write_text(
            f"[profile sandbox]\nregion = us-east-1\nendpoint_url = {url}\naws_access_key_id = A\n"
            f"aws_secret_access_key = s3cr3t\n[profile elsewhere]\nregion = eu-west-1\nendpoint_url = {url}\n"
            f"aws_access_key_id = A\naws_secret_access_key = s3cr3t\n[profile empty]\nregion = us-east-1\n"
        )
        (tmp_path / "sandbox.toml").write_text(SANDBOX)

    return settle


@contextmanager
def account(change: Change = lambda _, reply: reply) -> Generator[tuple[str, list[str]]]:
    """An account that answers so; the URL and the actions that it was asked for."""
    live_request: list[str] = []

    def noted(asked: Asked, reply: HttpReply) -> HttpReply | None:
        live_request.append(asked["Action"])
        return change(asked, reply)

    with strange_server(noted) as url:
        yield url, live_request


def refusing(action: str, code: str, status: int = 403) -> Change:
    """Let one action be refused."""
    service = STS if action == "GetCallerIdentity" else EC2

    def change(asked: Asked, reply: HttpReply) -> HttpReply:
        if asked["Action"] != action or (action == "RunInstances" and "DryRun" not in asked):
            return reply
        return HttpReply(status, {"content-type": "text/xml"}, error(service, code, "So it is.", "request"))

    return change


def one_zone(asked: Asked, reply: HttpReply) -> HttpReply:
    if asked["Action"] != "DescribeAvailabilityZones":
        return reply
    kept = re.sub(rb"<item>(?:(?!</item>).)*us-east-1[bc].*?</item>", b"", reply.body, flags=re.DOTALL)
    return HttpReply(reply.status, reply.headers, kept)


@pytest.mark.parametrize(
    ("words", "change", "code", "sentence"),
    [
        ("run aws:nobody --sandbox sandbox.toml --yes", None, 2, "There is no AWS profile nobody; there are: sandbox"),
        ("run aws:empty --sandbox sandbox.toml --yes", None, 2, "There are no usable credentials for the profile em"),
        ("run aws:elsewhere --sandbox sandbox.toml --yes", None, 2, "The region eu-west-1 is not in the sandbox file"),
        ("run aws:sandbox --yes", None, 2, "aws:sandbox needs --sandbox FILE, which says"),
        ("run moto --sandbox sandbox.toml", None, 2, "--sandbox, --plan and --yes are for aws:PROFILE"),
        ("run aws:sandbox --sandbox none.toml --yes", None, 2, "none.toml cannot be read (no such file or directory)"),
        (f"run {LIVE}", None, 2, "nobody can be asked to accept this plan; add --yes to accept it."),
        (f"run {LIVE} --yes --instance-type p5.48xlarge", None, 2, "--instance-type p5.48xlarge is not in the sandbox"),
        (
            f"run {LIVE} --yes --zones us-east-1a",
            None,
            2,
            "account 123456789012 can use 1 Availability Zone in",
        ),
        (f"run {LIVE} --yes --zones us-east-1a,x", None, 2, "us-east-1 has no zone x; its zones are us-east-1a, us-"),
        (f"run {LIVE} --yes", one_zone, 2, "account 123456789012 can use 1 Availability Zone in us-east-1, and"),
        (
            f"run {LIVE} --yes",
            refusing("GetCallerIdentity", "ExpiredToken"),
            3,
            "AWS refuses the credentials of the profile sandbox (ExpiredToken: So it is.); renew them.",
        ),
        (
            f"smoke {LIVE} --yes",
            refusing("GetCallerIdentity", "AccessDenied"),
            3,
            "AWS does not allow the profile sandbox to call sts:GetCallerIdentity (AccessDenied).",
        ),
        (
            f"{REPLAY} --yes",
            refusing("DescribeAvailabilityZones", "UnauthorizedOperation"),
            3,
            "The account does not allow ec2:DescribeAvailabilityZones (UnauthorizedOperation)",
        ),
        (
            f"run {LIVE} --yes",
            refusing("DescribeAvailabilityZones", "RequestExpired", 400),
            3,
            "AWS refuses the credentials at ec2:DescribeAvailabilityZones (RequestExpired: So it is.); renew them.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_is_made(
    command: Command,
    bad: Callable[[str], None],
    tmp_path: Path,
    words: str,
    change: Change | None,
    code: int,
    sentence: str,
) -> None:
    with account(change or (lambda _, reply: reply)) as (url, live_request):
        bad(url)
        ran = command(words)
    assert ran.err.splitlines()[-1].startswith(f"ec2-lifecycle: {sentence}")
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert "s3cr3t" not in ran.err
    assert "RunInstances" not in live_request
    assert not (tmp_path / "sandbox.journals").exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('accounts = ["999999999999"]', f"The account {ACCOUNT} of the profile sandbox is not in the sandbox file; no"),
        ("cost-ceiling = 0.00001", "the sandbox file does not allow even one instance: the run may cost 0.0001"),
        ('time-to-live = "1x"', "sandbox.toml:7: time-to-live has a wrong value; write a time such as"),
        ("max-alive = many", 'sandbox.toml:5: this is not TOML ("max-alive = many" cannot be read)'),
    ],
)
def test_so_is_one_in_the_sandbox_file(
    command: Command, bad: Callable[[str], None], tmp_path: Path, line: str, sentence: str
) -> None:
    with account() as (url, live_request):
        bad(url)
        key = line.partition(" = ")[0]
        (tmp_path / "sandbox.toml").write_text(re.sub(rf"(?m)^{key} = .*$", line, SANDBOX))
        ran = command(f"run {LIVE} --yes")
    assert ran.sentence.startswith(sentence)
    assert ran.code == 2
    assert "RunInstances" not in live_request
    assert not (tmp_path / "sandbox.journals").exists()


def test_a_permission_to_launch_that_is_missing_is_said_and_nothing_is_left_to_reap(
    command: Command, bad: Callable[[str], None]
) -> None:
    with account(refusing("RunInstances", "UnauthorizedOperation")) as (url, live_request):
        bad(url)
        ran = command(f"smoke {LIVE} --yes")
        assert ran.err.splitlines()[-1].startswith("ec2-lifecycle: The account does not allow ec2:RunInstances (Unau")
        assert ran.code == 3
        assert live_request.count("RunInstances") == 1
        assert command("reap --sandbox sandbox.toml").out == "No run under sandbox.toml has left anything.\n"


# Reaping.


def test_reap_goes_on_after_a_journal_that_cannot_be_read(there: Place, reap: Reap) -> None:
    process = there.start(f"run {LIVE} --yes --clauses TERM-8")
    when_it_has_made(there, 2, process)
    kill(process, "-9 to all its processes")
    (there.folder / "sandbox.journals" / "a.ndjson").write_text('{"what":"lunch"}\n')
    (there.folder / "sandbox.journals" / "b.ndjson").write_text('{"what":"ru')
    code, said = reap(there)
    assert code == 3, said
    assert "sandbox.journals/a.ndjson:1: this is not an entry of a journal" in said
    assert said.count("ec2-lifecycle: ") == 1
    assert clean(there)


def test_reap_waits_for_no_run_and_ends_none(there: Place) -> None:
    process = there.start(f"run {LIVE} --yes --clauses TERM-8")
    when_it_has_made(there, 1, process)
    code, said = there.do("reap --sandbox sandbox.toml")
    assert code == 3, said
    assert said.endswith("still uses this journal; wait until it ends.\n")
    kill(process, "Ctrl-C")
    assert there.do("reap --sandbox sandbox.toml")[0] == 0
    assert clean(there)


def test_a_profile_that_leads_to_another_account_by_now_is_not_used(there: Place) -> None:
    process = there.start(f"run {LIVE} --yes --clauses TERM-8")
    when_it_has_made(there, 1, process)
    kill(process, "-9 to all its processes")
    [journal] = there.journals
    text = journal.read_text()
    journal.write_text(text.replace(ACCOUNT, "999999999999", 1))
    before = there.alive()
    code, said = there.do("reap --sandbox sandbox.toml")
    assert code == 3
    assert said.endswith(f"is of the account 999999999999, and its profile leads to {ACCOUNT}.\n")
    assert there.alive().keys() == before.keys()
