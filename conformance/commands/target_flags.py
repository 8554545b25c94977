"""The options of every command that calls a target: what to launch on an endpoint, live accounts, and silence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any, Final

from ..sandbox.limits import load_limits
from ..targets.launch_options import LaunchOptions
from ..targets.resolve import is_live, takes_launch_options
from .help_text import option
from .live_consent import LiveRequest, journals_of
from .shared_options import duration
from .shell import FILE, WrongUsage

HANG_AFTER: Final = 600.0
"""The least time in seconds before a silent live account counts as hung; AWS may throttle it for minutes."""


@dataclass(frozen=True, slots=True)
class TargetFlags:
    """What the user gave for these options, as click read it."""

    image_id: str | None
    instance_type: str | None
    zones: str | None
    sandbox: Path | None
    plan: bool
    yes: bool
    hang_after: float

    def launch_options(self, targets: Iterable[str]) -> LaunchOptions:
        """Return what to launch; raises `WrongUsage` if no target is an endpoint."""
        names = tuple(dict.fromkeys(name.strip() for name in (self.zones or "").split(",") if name.strip()))
        if self.zones is not None and not names:
            raise WrongUsage("--zones is empty; name zones, such as us-east-1a,us-east-1b.")
        options = LaunchOptions(self.image_id or "", self.instance_type or "", names)
        if options and not any(map(takes_launch_options, targets)):
            raise WrongUsage(
                "--image-id, --instance-type and --zones are for endpoint:URL; the other targets have their own."
            )
        return options

    def live_request(self, targets: Iterable[str]) -> LiveRequest:
        """Return what is asked of live accounts.

        Raises `WrongUsage` if the options do not fit the targets, and `SandboxError`.
        """
        live = next(filter(is_live, targets), None)
        if live is None and (self.sandbox is not None or self.plan or self.yes):
            raise WrongUsage("--sandbox, --plan and --yes are for aws:PROFILE; no other target needs them.")
        if live is not None and self.sandbox is None:
            raise WrongUsage(f"{live} needs --sandbox FILE, which says what may be used in which accounts.")
        if self.sandbox is None:
            return LiveRequest(None, Path(), Path(), self.plan, self.yes)
        return LiveRequest(load_limits(self.sandbox), self.sandbox, journals_of(self.sandbox), self.plan, self.yes)

    def hang_timeout(self, label: str) -> float:
        """Return how many seconds a target may be silent; AWS may throttle a live one for minutes."""
        return max(self.hang_after, HANG_AFTER) if is_live(label) else self.hang_after


_OPTIONS: Final = (
    option("--image-id", metavar="AMI", only_for="endpoint:", help="Launch this image."),
    option("--instance-type", metavar="TYPE", only_for="endpoint:", help="Launch this instance type."),
    option("--zones", metavar="NAMES", only_for="endpoint:", help="Use these zones, such as a,b."),
    option("--sandbox", type=FILE, metavar="FILE", only_for="aws:", help="What the run may use (TOML)."),
    option("--plan", is_flag=True, only_for="aws:", help="Only print what the run would do and cost."),
    option("--yes", is_flag=True, only_for="aws:", help="Accept the plan without being asked."),
    option(
        "--hang-after",
        callback=duration,
        default="60s",
        show_default=True,
        metavar="TIME",
        help="Stop after this long without a reply.",
    ),
)


def target_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options to a command, which takes them together as `flags`."""

    @wraps(command)
    def with_flags(**given: Any) -> object:  # noqa: ANN401 - what click read
        flags = {field.name: given.pop(field.name) for field in fields(TargetFlags)}
        return command(**given, flags=TargetFlags(**flags))

    for add in reversed(_OPTIONS):
        add(with_flags)
    return with_flags
