"""What `replay` plays of a folder: every scenario file in it, and what it cannot play it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_runs import Command

from ec2_lifecycle.conformance.commands.scenario_files import yaml_files
from ec2_lifecycle.conformance.commands.shell import WrongUsage

SCENARIO = "title: Settle alone\nsteps: [run: {name: A}, settle]\n"


def write(path: Path, text: str = SCENARIO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def found(*paths: Path) -> list[str]:
    return [path.relative_to(paths[0]).as_posix() for path in yaml_files(paths)]


def test_every_file_in_a_folder_and_below_that_ends_as_yaml_files_do_is_played(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "C.YAML", "deep/er/d.yaml", ".hidden/e.yaml", "notes.txt", "f.yaml.bak"):
        write(tmp_path / name)
    assert found(tmp_path) == [".hidden/e.yaml", "C.YAML", "a.yml", "b.yaml", "deep/er/d.yaml"]


def test_links_are_followed_and_one_that_leads_back_up_ends_there(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "a.yaml").parent
    inside = write(tmp_path / "inside" / "b.yaml").parent
    (inside / "linked").symlink_to(outside)
    (inside / "linked.yaml").symlink_to(outside / "a.yaml")
    (outside / "back").symlink_to(inside)
    assert found(inside) == ["b.yaml", "linked/a.yaml", "linked.yaml"]


def test_a_link_to_nothing_is_told(tmp_path: Path, command: Command) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    ran = command("replay s --target model")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("s/gone.yaml: cannot be read (no such file or directory); name a scenario file")


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.yaml")
    (tmp_path / "closed").mkdir()
    iterdir = Path.iterdir

    def refused(folder: Path) -> Iterator[Path]:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(WrongUsage, match=r"closed cannot be read \(permission denied\); name folders that can"):
        found(tmp_path)


def test_a_folder_without_scenario_files_is_told(tmp_path: Path, command: Command) -> None:
    write(tmp_path / "empty" / "notes.txt")
    ran = command("replay empty --target model")
    assert (ran.code, ran.sentence) == (2, "empty has no scenario files; name a folder with .yaml files.")


def test_one_unreadable_file_among_others_is_told_before_anything_is_played(tmp_path: Path, command: Command) -> None:
    write(tmp_path / "s" / "good.yaml")
    write(tmp_path / "s" / "newer.yml", "format: 2\n" + SCENARIO)
    ran = command("replay s --target model")
    assert (ran.code, ran.out) == (2, "")
    assert ran.sentence.startswith("s/newer.yml:1: format 2 is unknown to this version; write format: 1, or update")


def test_what_a_target_cannot_play_is_counted_with_its_reason(tmp_path: Path, command: Command) -> None:
    write(tmp_path / "s" / "a.yaml")
    write(tmp_path / "s" / "b.yml", "title: Two zones\nsteps: [run: {name: A}, run: {name: B, zone: 2}]\n")
    ran = command("replay s --target python:clients:one_zone")
    assert (ran.code, ran.err) == (0, "")
    assert "needs 2 Availability Zones, the target has 1" in ran.out
    assert ran.out.splitlines()[-1] == "1 conforms, 1 skipped"
