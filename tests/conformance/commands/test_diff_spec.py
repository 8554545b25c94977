"""`diff-spec`: another version, from a folder or a git revision, is compared with this one."""

import shutil
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from command_runs import Command

ROW = 'RUNNING: Row(SHUTTING_DOWN, "TERM-13")'
OTHER_ROW = 'RUNNING: Row(STOPPING, "TERM-13")'


@pytest.fixture(name="copy")
def copy_of_the_model(tmp_path: Path) -> Path:
    """A copy of the installed specification, in a folder model/."""
    with as_file(files("ec2_lifecycle.model")) as installed:
        return Path(shutil.copytree(installed, tmp_path / "copy" / "model"))


def squeezed(text: str) -> str:
    """Return a text without blanks and line breaks: these may come within a long path."""
    return "".join(text.split())


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(name="repository")
def repository_of_the_model(copy: Path) -> Path:
    """A git repository with the specification, and a change of it at its tip."""
    git = shutil.which("git") or pytest.skip("git is not installed")

    def run(*arguments: str) -> None:
        identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.com")
        subprocess.run([git, *identity, *arguments], cwd=copy.parent, check=True, capture_output=True)

    run("init")
    run("add", "model")
    run("commit", "-m", "as it is")
    change(copy / "lifecycle.py", ROW, OTHER_ROW)
    run("commit", "-a", "-m", "changed")
    return copy.parent


def test_a_version_that_says_the_same_is_equivalent(command: Command, copy: Path) -> None:
    for folder in (copy, copy.parent):
        ran = command(f"diff-spec {folder}")
        assert (ran.code, ran.err) == (0, "")


def test_comments_and_docstrings_make_no_difference(command: Command, copy: Path) -> None:
    change(copy / "rules" / "stop.py", "A stop would change the state.", "The stop is worth something.")
    assert command(f"diff-spec {copy}").code == 0


def test_a_rule_that_reads_otherwise_and_does_the_same_makes_no_difference(command: Command, copy: Path) -> None:
    states = "(InstanceState.PENDING, InstanceState.RUNNING)"
    change(copy / "rules" / "stop.py", states, "(InstanceState.RUNNING, InstanceState.PENDING)")
    ran = command(f"diff-spec {copy}")
    assert (ran.code, ran.err) == (0, "")
    assert "The rule moving of rules.stop: it changed." in ran.out
    assert "None: the rules do the same in every world, for every request and choice (proved)." in ran.out


def test_what_is_said_differently_is_told_in_sentences(command: Command, copy: Path) -> None:
    change(copy / "lifecycle.py", ROW, OTHER_ROW)
    change(copy / "states.py", '    STOPPED = "stopped"\n', '    STOPPED = "stopped"\n    LOST = "lost"\n')
    ran = command(f"diff-spec {copy}")
    assert (ran.code, ran.err) == (1, "")
    said = " ".join(ran.out.split())
    assert 'The member InstanceState.LOST is gone ("lost").' in said
    assert "The row TERMINATE[RUNNING] of lifecycle: its value was Row(STOPPING, 'TERM-13')," in said


def test_what_is_done_differently_is_shown_in_a_small_world(command: Command, copy: Path) -> None:
    change(copy / "lifecycle.py", ROW, OTHER_ROW)
    said = " ".join(command(f"diff-spec {copy}").out.split())
    assert "TerminateInstances: what becomes of a named instance, the states in a reply" in said
    assert "instance: A: running in zone 1 request: TerminateInstances of A" in said
    assert "request: TerminateInstances of A" in said
    assert squeezed(f"{copy}: success: the reply says of A: running → stopping; A: state stopping") in squeezed(said)
    assert "installed: success: the reply says of A: running → shutting-down; A: state shutting-down" in said


def test_a_background_step_that_does_something_else_is_shown(command: Command, copy: Path) -> None:
    change(copy / "background.py", "has_run=True, cause=Cause.NONE)", "has_run=True, cause=Cause.OPEN)")
    said = " ".join(command(f"diff-spec {copy}").out.split())
    assert "launch completes: what it makes instance: A: pending in zone 1" in said
    assert "step: launch completes: A" in said


def test_a_rule_outside_the_subset_is_told_with_its_place(command: Command, copy: Path) -> None:
    change(
        copy / "rules" / "stop.py",
        "    return world.state(i) in (InstanceState.PENDING",
        "    print(i)\n    return world.state(i) in (InstanceState.PENDING",
    )
    ran = command(f"diff-spec {copy}")
    assert ran.code == 2
    assert "model/rules/stop.py:37: " in ran.sentence
    assert "outside the subset" in ran.sentence


def test_a_revision_is_compared(command: Command, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    assert command("diff-spec HEAD~1").code == 0
    tip = command("diff-spec HEAD")
    assert tip.code == 1
    assert "TERMINATE[RUNNING]" in tip.out


def test_a_revision_is_found_from_any_folder_of_the_repository(
    command: Command, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "model" / "rules")
    assert command("diff-spec HEAD~1").code == 0
    assert command("diff-spec HEAD").code == 1


def test_two_versions_are_compared(command: Command, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    there, back = command("diff-spec HEAD~1 HEAD"), command("diff-spec HEAD HEAD~1")
    assert (there.code, back.code) == (1, 1)
    assert "was Row(SHUTTING_DOWN, 'TERM-13'), and is Row(STOPPING" in " ".join(there.out.split())
    assert "was Row(STOPPING, 'TERM-13'), and is Row(SHUTTING_DOWN" in " ".join(back.out.split())
    assert command("diff-spec HEAD model").code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "REV_OR_DIR is missing; see: ec2-lifecycle diff-spec --help"),
        ("nowhere", 'there is no folder "nowhere", and the current folder is not in a git repository'),
        (".", ". holds no specification; name a folder model/ (with a specification.py), or the one around it."),
    ],
)
def test_what_is_no_version_is_told(command: Command, words: str, sentence: str) -> None:
    ran = command(f"diff-spec {words}")
    assert ran.code == 2
    assert sentence in ran.sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("HEAD~7", '"HEAD~7" is neither a folder nor a git revision; name one, such as HEAD~1.'),
        ("HEAD:model", '"HEAD:model" is neither a folder nor a git revision; name one, such as HEAD~1.'),
        ("-- --all", '"--all" is neither a folder nor a git revision; name one, such as HEAD~1.'),
    ],
)
def test_what_is_no_revision_is_told(
    command: Command, repository: Path, monkeypatch: pytest.MonkeyPatch, words: str, sentence: str
) -> None:
    monkeypatch.chdir(repository)
    ran = command(f"diff-spec {words}")
    assert (ran.code, ran.sentence) == (2, sentence)


def test_a_revision_without_a_model_is_told(
    command: Command, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
    subprocess.run([*git, "rm", "-r", "-q", "--cached", "model"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "nothing"], check=True)
    ran = command("diff-spec HEAD")
    assert (ran.code, ran.sentence) == (
        2,
        "HEAD:model holds no specification; name a revision that has a model/specification.py.",
    )


def test_that_git_is_not_installed_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ran = command("diff-spec HEAD")
    assert ran.code == 2
    assert ran.sentence == ("git is not installed, so no revision can be read; name a folder that contains model/.")


@pytest.mark.parametrize(
    ("file", "before", "after", "sentence"),
    [
        (
            "lifecycle.py",
            "TERMINATE: Final = {",
            "TERMINATE: Final = {{",
            "lifecycle.py:28: no Python that can be read",
        ),
        ("lifecycle.py", ROW, "RUNNING: Row(SHUTTING_DOWN)", "lifecycle.py:30: TypeError: "),
        ("rules/stop.py", "from ..lifecycle import STOP", "from ..cycle import STOP", "there is no module cycle"),
        ("specification.py", "EC2: Final = ", "EC3: Final = ", "specification.py:1: there is no EC2"),
    ],
)
def test_a_version_that_does_not_load_is_told_with_file_and_line(
    command: Command, copy: Path, file: str, before: str, after: str, sentence: str
) -> None:
    change(copy / file, before, after)
    ran = command(f"diff-spec {copy}")
    assert ran.code == 2
    assert ran.sentence.startswith(f"{copy}/")
    assert sentence in ran.sentence


def test_a_version_that_is_not_in_utf_8_is_told(command: Command, copy: Path) -> None:
    (copy / "lifecycle.py").write_bytes(b"# \xff\n")
    ran = command(f"diff-spec {copy}")
    assert (ran.code, ran.sentence) == (2, f"{copy}/lifecycle.py: not in UTF-8; save it as UTF-8.")


def test_a_version_in_other_words_is_compared_as_far_as_can_be(command: Command, copy: Path) -> None:
    change(copy / "states.py", '    STOPPED = "stopped"\n', '    STOPPED = "stopped"\n    LOST = "lost"\n')
    change(copy / "lifecycle.py", "STOPPED = InstanceState.STOPPED\n", "STOPPED = InstanceState.LOST\n")
    ran = command(f"diff-spec {copy}")
    assert (ran.code, ran.err) == (1, "")
    said = " ".join(ran.out.split())
    assert 'The member InstanceState.LOST is gone ("lost").' in said
    reason = f"cannot be compared, because {copy} uses other definitions: {copy}/lifecycle.py:17: AttributeError"
    assert squeezed(reason) in squeezed(said)


def test_what_the_rules_stand_on_is_told_not_to_be_compared(command: Command, copy: Path) -> None:
    change(copy / "step.py", "if not rung.after & names)", "if rung.after & names)")
    ran = command(f"diff-spec {copy}")
    assert (ran.code, ran.err) == (1, "")
    assert "step.py: changed, but both versions of the rules ran on the installed one." in " ".join(ran.out.split())
