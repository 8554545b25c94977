"""A live account that is none: a served model or moto's server behind a faulty proxy, with others' instances in it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from faulty_proxy import Proxy, faulty_proxy
from transient_faults import Rates

from ec2_lifecycle.conformance.adapter.sessions import ec2_client, isolated_session
from ec2_lifecycle.conformance.emulator.behaviour import DELAYS, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.emulator.server.options import Settings
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.sandbox.journal import read
from ec2_lifecycle.conformance.sandbox.ownership import RUN, TOKEN

MAIN: Final = (sys.executable, "-c", "from ec2_lifecycle.conformance.cli import main; main()")
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
SANDBOX: Final = f"""
accounts = ["{ACCOUNT}"]
regions = ["{REGION}"]
instance-types = ["t3.nano"]
max-alive = 20
max-launches = 400
time-to-live = "1h"
price-per-instance-hour = 0.0052
cost-ceiling = 1.0
read-lag = "0.1s"
"""
QUICK: Final = {step: bounds if bounds[0] else (0.0, bounds[1] / 100) for step, bounds in DELAYS.items()}
"""Everything takes a hundredth of the time that it may take, but that terminated instances stay as long."""
BADLY: Final = Rates(
    throttled=0.03, reset_before=0.03, reset_after=0.02, cut_off=0.02, duplicated=0.05, latency=(0.0, 0.02)
)
"""A bad day: one request in seven is hit."""
NO_FAULTS: Final = Rates()
WAYS: Final = ("-9 to the run", "-9 to all its processes", "-9 to the target", "Ctrl-C", "SIGTERM")
"""How a run may be ended from outside."""


def model() -> ServedModel:
    """Return an EC2 that is as quick as tests need, and does all that EC2 may do."""
    behaviour = Behaviour(choice_policy=ChoicePolicy.RANDOM, delays=QUICK, permute=True)
    return ServedModel(Settings(behaviour))


@dataclass
class Place:
    """Where runs work: a folder with the user's files, and the account."""

    folder: Path
    url: str
    """Where the user's profile leads to: a proxy."""
    proxy: Proxy
    admin: Any
    """A client of the account that no proxy troubles."""
    foreign: dict[str, str] = field(default_factory=dict[str, str])
    """What others have there, each with its state."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the user's commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {"AWS_CONFIG_FILE": str(self.folder / "config"), "AWS_EC2_METADATA_DISABLED": "true"}

    @property
    def journals(self) -> list[Path]:
        """The journals of all runs so far."""
        return sorted((self.folder / "sandbox.journals").glob("*.ndjson"))

    def start(self, words: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [*MAIN, *words.split()],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def do(self, words: str) -> tuple[int, str]:
        """Run a command to its end; return its exit code and all that it printed."""
        process = self.start(words)
        said, _ = process.communicate(timeout=240.0)
        return process.returncode, said

    def others_come(self) -> None:
        """Let others have instances and a volume: plain, protected, and with tags like those of a run."""
        alike = {RUN: self._run(), TOKEN: "f" * 32, "Name": "production"}
        for protected, tags in ((False, {}), (True, {}), (False, alike), (True, alike)):
            each = [{"Key": key, "Value": value} for key, value in tags.items()]
            made = self.admin.run_instances(
                ImageId="ami-12345678",
                InstanceType="t3.nano",
                MinCount=1,
                MaxCount=1,
                DisableApiTermination=protected,
                **({"TagSpecifications": [{"ResourceType": "instance", "Tags": each}]} if each else {}),
            )
            self.foreign[made["Instances"][0]["InstanceId"]] = "running"
        volume = self.admin.create_volume(
            AvailabilityZone=f"{REGION}a",
            Size=1,
            TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": RUN, "Value": alike[RUN]}]}],
        )
        self.foreign[volume["VolumeId"]] = "available"

    def _run(self) -> str:
        """Return the id of a run that there was: the tags of others are copied from it."""
        return read(self.journals[-1]).began.run if self.journals else "20260101T000000Z-00000000"

    def alive(self) -> dict[str, str]:
        """Return every instance and volume that costs something, with its state."""
        instances = {
            each["InstanceId"]: each["State"]["Name"]
            for page in self.admin.get_paginator("describe_instances").paginate()
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
        }
        volumes = {each["VolumeId"]: each["State"] for each in self.admin.describe_volumes()["Volumes"]}
        attached = {
            mapping["Ebs"]["VolumeId"]
            for page in self.admin.get_paginator("describe_instances").paginate()
            for reservation in page["Reservations"]
            for each in reservation["Instances"]
            if each["InstanceId"] in self.foreign
            for mapping in each.get("BlockDeviceMappings", [])
        }
        over = {"terminated", "shutting-down", "deleting"}
        return {i: s for i, s in (instances | volumes).items() if s not in over and i not in attached}


@contextmanager
def place(folder: Path, upstream: str, rates: Rates = NO_FAULTS, seed: int = 0) -> Generator[Place]:
    """Make a profile, a sandbox file and others' instances for an account that answers at a URL."""
    with faulty_proxy(upstream, rates, seed=seed) as proxy:
        (folder / "config").write_text(
            f"[profile sandbox]\nregion = {REGION}\nendpoint_url = {proxy.url}\n"
            f"aws_access_key_id = AKIDSANDBOX\naws_secret_access_key = secret\n"
        )
        (folder / "sandbox.toml").write_text(SANDBOX)
        yield Place(folder, proxy.url, proxy, ec2_client(isolated_session(), upstream))


def killed(there: Place, seed: int) -> str:
    """Kill a run at some point, in one of several ways; return which."""
    numbers = random.Random(seed)  # noqa: S311 - so that it can be repeated
    way = numbers.choice(WAYS)
    before = len(there.journals)
    process = there.start("run aws:sandbox --sandbox sandbox.toml --yes")
    while len(there.journals) == before and process.poll() is None:
        time.sleep(0.01)
    time.sleep(numbers.uniform(0.5, 15))
    kill(process, way)
    return way


def kill(process: subprocess.Popen[str], way: str) -> None:
    """End a run in one of the `WAYS`, and wait for it."""
    match way:
        case "-9 to the run":
            process.kill()
        case "-9 to all its processes":
            for pid in (*_children(process.pid), process.pid):
                _kill(pid)
        case "-9 to the target":
            for pid in _children(process.pid):
                _kill(pid)
        case "Ctrl-C":
            process.send_signal(signal.SIGINT)
        case _:
            process.terminate()
    process.communicate(timeout=240)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return [int(line) for line in listed.stdout.split()]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have come to its end by itself
        os.kill(pid, signal.SIGKILL)
