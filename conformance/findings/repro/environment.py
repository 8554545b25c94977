"""What differs between targets: how a program connects, and which images it launches."""

from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword
from string import ascii_lowercase
from typing import Final

from ...adapter.arguments import Image
from ...adapter.sessions import REGION
from ...emulator.images import EBS, INSTANCE_STORE
from ...emulator.regions import DEFAULT_REGION
from ...targets.moto import IMAGE as MOTO_IMAGE
from ...targets.resolve import GROUP
from .literals import Code, as_literal, call_lines, keyword_arguments

IMAGE: Final = Image()
"""The image for targets that list none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """How a program connects to its target, and which images it launches."""

    imports: tuple[str, ...]
    client: tuple[str, ...]
    zone: Callable[[int], str] = lambda number: f"{REGION}{ascii_lowercase[(number - 1) % 26]}"
    """The name of a zone by its number in the scenario."""
    image: str = Code("image")
    store_image: str = Code("store_image")
    root_device: str | None = None
    """The name of the image's root device, if known."""
    settles_at_once: bool = False
    """Whether the target is at rest after each call."""
    sleep: str = "time.sleep"
    beyond_boto3: bool = False
    """Whether its client has `push` and `for_nobody`."""


_BOTO3: Final = ("import boto3", "from botocore.exceptions import ClientError")
_IMAGE_ON_AWS: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def environment_of(target: str) -> Environment:
    """Return the environment for a target, named as for `run`."""
    match target.partition(":"):
        case ("moto" | "moto-server", "", _):
            return Environment(
                imports=(*_BOTO3, "from moto import mock_aws"),
                client=("mock_aws().start()", f'ec2 = boto3.client("ec2", region_name="{REGION}")'),
                image=MOTO_IMAGE,
                root_device=IMAGE.root_device,
                settles_at_once=True,
            )
        case ("model", "", _):
            return Environment(
                imports=(
                    _BOTO3[1],
                    "from ec2_lifecycle.testing import ModelClient, VirtualClock",
                ),
                client=("virtual_time = VirtualClock()", "ec2 = ModelClient(clock=virtual_time)"),
                zone=lambda number: DEFAULT_REGION.zones[(number - 1) % len(DEFAULT_REGION.zones)],
                image=EBS.id,
                store_image=INSTANCE_STORE.id,
                root_device=EBS.root_device_name,
                sleep="virtual_time.sleep",
                beyond_boto3=True,
            )
        case ("endpoint", ":", url):
            once = Code('Config(retries={"total_max_attempts": 1})')
            arguments = {"region_name": REGION, "endpoint_url": url, "config": once}
            return Environment(
                imports=(*_BOTO3, "from botocore.config import Config"),
                client=(
                    'os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")',
                    'os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")',
                    *call_lines("ec2 = boto3.client", '"ec2"', *keyword_arguments(arguments)),
                ),
            )
        case ("aws", ":", profile):
            return Environment(
                imports=_BOTO3,
                client=(
                    "# This launches real instances, which cost money until they are terminated.",
                    f'ec2 = boto3.Session(profile_name={as_literal(profile)}).client("ec2")',
                ),
                zone=_listed_zone,
                image=_IMAGE_ON_AWS,
            )
        case ("python", ":", path):
            return _of_factory(*_imported(path))
        case _:
            entry = f"(entry,) = entry_points(group={as_literal(GROUP)}, name={as_literal(target)})"
            return _of_factory((), (entry, "ec2 = entry.load()()"))


def _imported(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines that import the factory of `MODULE:FACTORY`, and those that create a client with it."""
    module, _, factory = path.partition(":")
    if all(part.isidentifier() and not iskeyword(part) for part in (*module.split("."), *factory.split("."))):
        return (f"from {module} import {factory.partition('.')[0]}",), (f"ec2 = {factory}()",)
    return (), (f"ec2 = resolve_name({as_literal(path)})()",)


def _of_factory(imports: tuple[str, ...], client: tuple[str, ...]) -> Environment:
    return Environment(
        imports=(_BOTO3[1], *imports), client=client, zone=_listed_zone, sleep="clock.sleep", beyond_boto3=True
    )


def _listed_zone(number: int) -> str:
    return Code(f"zones[{number - 1}]")
