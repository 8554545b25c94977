"""The tutorial works: its commands are run in order, in a folder of its own, and print and return what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from docs import ROOT, text_of

PAGE: Final = "tutorial.md"
TOY: Final = Path("docs", "tutorial", "toy_ec2.py")
BASH: Final = shutil.which("bash") or "bash"
_BLOCK: Final = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Reader:
    """Whoever works through the tutorial: a shell that keeps its folder, and what it printed last."""

    home: Path
    folder: Path
    printed: str = ""
    lines: list[str] = field(default_factory=list[str])
    """The lines of the files that the page has the reader replace."""
    ran: int = 0

    def take(self, mark: str, language: str, text: str) -> None:
        """Do what a block says."""
        match language:
            case "sh":
                self._run(text, 1 if mark == "exit code 1" else 0)
            case "text":
                self._compare(text.splitlines())
            case "python" if mark == "before":
                self.lines.append(text)
            case "python" if mark == "after":
                self._edit(self.lines.pop(), text)
            case "yaml":
                self._save(yaml.safe_load(text))
            case _:
                pytest.fail(f"nobody knows what to do with this block: {language}, {mark}")

    def _run(self, script: str, code: int) -> None:
        assert "pip" not in script, "mark it: not run"
        environment = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath)),
            "HOME": str(self.home),
            "NO_COLOR": "1",
        }
        whole = f"{script}\ncode=$?\npwd > {self.home}/folder\nexit $code\n"
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-c", whole],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        self.printed = done.stdout
        assert done.returncode == code, f"{script}\n{done.stdout}{done.stderr}"
        self.folder = Path((self.home / "folder").read_text(encoding="utf-8").strip())
        self.ran += 1

    def _compare(self, lines: Sequence[str]) -> None:
        """The lines stand in what was printed last, in this order."""
        rest = self.printed
        for line in lines:
            _, found, rest = rest.partition(line)
            assert found, f"{line!r} was not printed, or not there:\n{self.printed}"

    def _edit(self, before: str, after: str) -> None:
        file = self.folder / TOY.name
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, "these lines are not in the toy"
        file.write_text(text.replace(before, after), encoding="utf-8")

    def _save(self, workflow: dict[str, Any]) -> None:
        """The workflow gives the action only inputs that it has, and files that are there by now."""
        [job] = workflow["jobs"].values()
        [given] = [step["with"] for step in job["steps"] if "/ec2-lifecycle@" in step.get("uses", "")]
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert set(given) <= set(action["inputs"])
        assert (self.folder / given["waivers"]).is_file()


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield the mark, the language and the text of every block of the page."""
    for found in _BLOCK.finditer(text_of(PAGE)):
        yield found["mark"] or "", found["language"], found["text"]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A reader at the top of something like a clone."""
    clone = tmp_path / "clone"
    (clone / TOY).parent.mkdir(parents=True)
    shutil.copy(ROOT / TOY, clone / TOY)
    return Reader(tmp_path, clone)


def test_whoever_works_through_the_tutorial_gets_what_it_says(reader: Reader) -> None:
    left_out = [text for mark, _, text in blocks() if mark.startswith("not run")]
    assert len(left_out) == 1, "only the installation is not run"
    for mark, language, text in blocks():
        if not mark.startswith("not run"):
            reader.take(mark, language, text)
    assert reader.ran >= 10
    assert reader.lines == []


def test_every_fence_of_the_tutorial_is_a_block() -> None:
    assert text_of(PAGE).count("```") == 2 * len([*blocks()])


def test_the_toy_has_the_two_defects_that_its_docstring_says(reader: Reader) -> None:
    reader.folder = (reader.folder / TOY).parent
    reader.take("exit code 1", "sh", "ec2-lifecycle run python:toy_ec2:ToyEc2 --max-calls 1000 --json")
    [target] = json.loads(reader.printed)["targets"]
    assert {finding["id"] for finding in target["findings"]} == {"f2:404ed33e2b", "f2:d7980e3e0b"}
