"""The sandbox file: what it says is what a run may do, and each mistake in it is one sentence that says where."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from ec2_lifecycle.conformance.sandbox.limits import KEYS, SandboxError, load_limits

GOOD: Final = """\
accounts = ["123456789012"]
regions = ["eu-west-1", "us-east-1"]
instance-types = ["t3.nano"]
max-alive = 5
max-launches = 100
time-to-live = "90m"
price-per-instance-hour = 0.0052
cost-ceiling = 1
"""
COUNT: Final = "a whole number above 0"
PRICE: Final = "a number above 0"


def mistake(folder: Path, text: str) -> str:
    """Return what is said of a file, without its folder."""
    path = folder / "sandbox.toml"
    path.write_text(text)
    with pytest.raises(SandboxError) as caught:
        load_limits(path)
    said = str(caught.value)
    assert said.count("\n") == 0
    assert said.endswith(".")
    return said.removeprefix(f"{folder}/")


def with_line(line: str) -> str:
    """Return the good file with one key said otherwise."""
    key = line.partition(" = ")[0]
    return "\n".join(line if each.startswith(f"{key} =") else each for each in GOOD.splitlines())


def test_a_good_file_says_what_a_run_may_do(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.toml"
    path.write_text("\ufeff" + GOOD + 'read-lag = "2.5s"\n')  # as some editors on Windows save it
    limits = load_limits(path)
    assert (limits.accounts, limits.regions) == (("123456789012",), ("eu-west-1", "us-east-1"))
    assert (limits.max_alive, limits.max_launches) == (5, 100)
    assert limits.lifetime == timedelta(minutes=90)
    assert limits.settings.read_lag == 2.5
    assert limits.cost_ceiling == 1.0


def test_what_a_file_may_leave_out_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.toml"
    path.write_text(GOOD)
    assert load_limits(path).settings.read_lag == 10
    assert not load_limits(path).image_id


@pytest.mark.parametrize(
    ("line", "at", "wanted"),
    [
        ("accounts = []", 1, "a list of account ids, 12 digits each, in quotes"),
        ("accounts = [123456789012]", 1, "a list of account ids, 12 digits each, in quotes"),
        ('accounts = ["12345678901"]', 1, "a list of account ids, 12 digits each, in quotes"),
        ('accounts = ["*"]', 1, "a list of account ids, 12 digits each, in quotes"),
        ('accounts = "123456789012"', 1, "a list of account ids, 12 digits each, in quotes"),
        ("regions = []", 2, "a list of names, in quotes"),
        ('regions = "eu-west-1"', 2, "a list of names, in quotes"),
        ('instance-types = [""]', 3, "a list of names, in quotes"),
        ("max-alive = 0", 4, COUNT),
        ("max-alive = true", 4, COUNT),
        ("max-alive = 2.5", 4, COUNT),
        ('max-launches = "100"', 5, COUNT),
        ("max-launches = -1", 5, COUNT),
        ("time-to-live = 90", 6, 'a time such as "90m"'),
        ('time-to-live = "90"', 6, 'a time such as "90m"'),
        ('time-to-live = "1d"', 6, 'a time such as "90m"'),
        ("price-per-instance-hour = 0", 7, PRICE),
        ("price-per-instance-hour = nan", 7, PRICE),
        ('price-per-instance-hour = "0.01"', 7, PRICE),
        ("cost-ceiling = -5", 8, PRICE),
        ("cost-ceiling = inf", 8, PRICE),
    ],
)
def test_a_value_that_cannot_be_is_said_with_its_line(tmp_path: Path, line: str, at: int, wanted: str) -> None:
    key = line.partition(" = ")[0]
    said = mistake(tmp_path, with_line(line))
    assert said == f"sandbox.toml:{at}: {key} has a wrong value; write {wanted}."


@pytest.mark.parametrize("time", ["0s", "0.0h", "169h", f"{'9' * 40}h", f"{'9' * 400}h"])
def test_a_time_that_no_run_may_take_is_a_mistake(tmp_path: Path, time: str) -> None:
    said = mistake(tmp_path, with_line(f'time-to-live = "{time}"'))
    assert said == "sandbox.toml:6: time-to-live must be over zero, and at most 7 days; write 90m, say."


@pytest.mark.parametrize("line", ['read-lag = "soon"', "read-lag = 3", "image-id = 3"])
def test_so_is_a_wrong_value_of_what_may_be_left_out(tmp_path: Path, line: str) -> None:
    key = line.partition(" = ")[0]
    wanted = 'a time such as "10s"' if key == "read-lag" else "a text in quotes"
    said = mistake(tmp_path, GOOD + line)
    assert said == f"sandbox.toml:9: {key} has a wrong value; write {wanted}."


@pytest.mark.parametrize("key", [key for key in KEYS if key not in {"read-lag", "image-id"}])
def test_a_key_that_is_missing_is_named(tmp_path: Path, key: str) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{key} ="))
    said = mistake(tmp_path, text)
    assert said.startswith(f"sandbox.toml: {key} is missing; a sandbox file has accounts, regions, ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("max-alives = 3", "max-alives is not a key of a sandbox file; write max-alive."),
        ("max_alive = 3", "max_alive is not a key of a sandbox file; write max-alive."),
    ],
)
def test_a_key_that_there_is_not_is_met_with_the_nearest(tmp_path: Path, line: str, said: str) -> None:
    assert mistake(tmp_path, GOOD + line) == f"sandbox.toml:9: {said}"


def test_a_table_is_no_key(tmp_path: Path) -> None:
    assert mistake(tmp_path, f"{GOOD}[limits]\nx = 1\n").startswith("sandbox.toml:9: limits is not a key of a sandbox")


@pytest.mark.parametrize(
    ("text", "at"),
    [(f"{GOOD}accounts", 9), (f'{GOOD}accounts = ["1"]\n', 9), ("accounts = [", 1), ("= 3\n", 1)],
)
def test_what_is_no_toml_is_said_with_its_line(tmp_path: Path, text: str, at: int) -> None:
    assert mistake(tmp_path, text).startswith(f"sandbox.toml:{at}: this is not TOML (")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.toml", "no such file or directory"), (tmp_path, "is a directory")):
        with pytest.raises(SandboxError) as caught:
            load_limits(path)
        assert str(caught.value) == f"{path} cannot be read ({said}); name a sandbox file."


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.toml"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(SandboxError, match="a byte is not UTF-8; write the file in that encoding"):
        load_limits(path)
