"""What differs from target to target: how a program reaches it, and what there is to launch from."""

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
from .literals import Code, call, named, written

IMAGE: Final = Image()
"""What to launch from where a target shows no image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a program reaches its target, and what there is to launch from."""

    imports: tuple[str, ...]
    client: tuple[str, ...]
    zone: Callable[[int], str] = lambda number: f"{REGION}{ascii_lowercase[(number - 1) % 26]}"
    """The name of a zone by the scenario's number."""
    image: str = Code("image")
    store_image: str = Code("store_image")
    root_device: str | None = None
    """The name of the image's root device, where it is known."""
    at_once: bool = False
    """Whether everything is at rest after each call."""
    sleep: str = "time.sleep"
    beyond_boto3: bool = False
    """Whether its client has `push` and `for_nobody`."""


_BOTO3: Final = ("import boto3", "from botocore.exceptions import ClientError")
_IMAGE_ON_AWS: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def setting_of(target: str) -> Setting:
    """Return the setting for a target, written as for `run`."""
    match target.partition(":"):
        case ("moto" | "moto-server", "", _):
            return Setting(
                imports=(*_BOTO3, "from moto import mock_aws"),
                client=("mock_aws().start()", f'ec2 = boto3.client("ec2", region_name="{REGION}")'),
                image=MOTO_IMAGE,
                root_device=IMAGE.root_device,
                at_once=True,
            )
        case ("model", "", _):
            return Setting(
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
            return Setting(
                imports=(*_BOTO3, "from botocore.config import Config"),
                client=(
                    'os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")',
                    'os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")',
                    *call("ec2 = boto3.client", '"ec2"', *named(arguments)),
                ),
            )
        case ("aws", ":", profile):
            return Setting(
                imports=_BOTO3,
                client=(
                    "# This launches real instances, which cost money until they are terminated.",
                    f'ec2 = boto3.Session(profile_name={written(profile)}).client("ec2")',
                ),
                zone=_asked_for,
                image=_IMAGE_ON_AWS,
            )
        case ("python", ":", path):
            return _of_factory(*_imported(path))
        case _:
            entry = f"(entry,) = entry_points(group={written(GROUP)}, name={written(target)})"
            return _of_factory((), (entry, "ec2 = entry.load()()"))


def _imported(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how to import the factory of `MODULE:FACTORY`, and how to make a client with it."""
    module, _, factory = path.partition(":")
    if all(part.isidentifier() and not iskeyword(part) for part in (*module.split("."), *factory.split("."))):
        return (f"from {module} import {factory.partition('.')[0]}",), (f"ec2 = {factory}()",)
    return (), (f"ec2 = resolve_name({written(path)})()",)


def _of_factory(imports: tuple[str, ...], client: tuple[str, ...]) -> Setting:
    return Setting(
        imports=(_BOTO3[1], *imports), client=client, zone=_asked_for, sleep="clock.sleep", beyond_boto3=True
    )


def _asked_for(number: int) -> str:
    return Code(f"zones[{number - 1}]")
