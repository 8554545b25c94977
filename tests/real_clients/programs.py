"""Clients of EC2 as programs of their own: the AWS CLI, Ansible and Custodian, with nothing of the user's settings."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

REGION: Final = "us-east-1"
PATIENCE: Final = 60
"""Seconds until a program counts as stuck; the slowest takes two, and a playbook ten times as long."""
PLAYBOOK_PATIENCE: Final = 300
PROGRAMS: Final = Path(sys.executable).parent


@dataclass(frozen=True)
class Ran:
    """What a program came to."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> list[str]:
        """What it printed, word by word."""
        return self.out.split()


@dataclass(frozen=True)
class Place:
    """Where programs run: what answers their calls, and the folder that is their home."""

    url: str
    home: Path

    def run(self, *command: str, access_key: str = "OWNER", patience: int = PATIENCE, **settings: str) -> Ran:
        """Run a program that is installed beside this Python, with more settings as environment variables."""
        environment = {
            **settings,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "HOME": str(self.home),
            "PATH": os.defpath,
        }
        ran = subprocess.run(
            [str(PROGRAMS / command[0]), *command[1:]],
            env=environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr.strip())

    def aws(self, words: str, *more: str, access_key: str = "OWNER") -> Ran:
        """Run the AWS CLI with words that have no spaces inside, and with text as its output."""
        return self.run("aws", *words.split(), *more, "--output", "text", access_key=access_key)

    def playbook(self, playbook: Path, collections: str) -> Ran:
        """Let Ansible play a playbook on this machine, with the collections in a folder."""
        return self.run(
            "ansible-playbook",
            *("--inventory", "localhost,", "--extra-vars", f"ansible_python_interpreter={sys.executable}"),
            str(playbook),
            patience=PLAYBOOK_PATIENCE,
            ANSIBLE_COLLECTIONS_PATH=collections,
            ANSIBLE_NOCOLOR="1",
            LC_ALL="C.UTF-8",
        )

    def custodian(self, policies: str, *options: str) -> Ran:
        """Let Cloud Custodian run the policies of a YAML text; what it writes goes into `out`."""
        (self.home / "policy.yml").write_text(policies, encoding="utf-8")
        return self.run("custodian", "run", "--output-dir", "out", *options, "policy.yml")

    def boto3(self) -> "EC2Client":
        """Return a client in this process, to make a world and to look at what became of it."""
        return boto3.client(
            "ec2",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="OWNER",
            aws_secret_access_key="none",  # noqa: S106 - any do
            config=Config(retries={"total_max_attempts": 1}),
        )
