"""The options for what to launch on an endpoint, and where."""

from collections.abc import Callable, Iterable

import click

from ..targets.launch_options import LaunchOptions
from ..targets.resolve import takes_launch_options
from .shell import WrongUsage


def launch_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options; an endpoint discovers what they leave open."""
    for option in (
        click.option("--zones", metavar="NAMES", help="Zones of an endpoint to use, such as a,b."),
        click.option("--instance-type", metavar="TYPE", help="Launch this type on an endpoint."),
        click.option("--image-id", metavar="AMI", help="Launch this image on an endpoint."),
    ):
        command = option(command)
    return command


def launch_options_of(
    targets: Iterable[str], image_id: str | None, instance_type: str | None, zones: str | None
) -> LaunchOptions:
    """Return the values of the options; raises `WrongUsage` if no target is an endpoint."""
    names = tuple(dict.fromkeys(name.strip() for name in (zones or "").split(",") if name.strip()))
    if zones is not None and not names:
        raise WrongUsage("--zones is empty; name zones, such as us-east-1a,us-east-1b.")
    options = LaunchOptions(image_id or "", instance_type or "", names)
    if options and not any(map(takes_launch_options, targets)):
        raise WrongUsage(
            "--image-id, --instance-type and --zones are for endpoint:URL; the other targets have their own."
        )
    return options
