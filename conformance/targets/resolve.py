"""Resolves the text that a user writes for a target.

Each kind is imported only when it is used: moto alone takes a second.
"""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from ..adapter.target import Target, UnknownTarget
from .launch_options import NO_LAUNCH_OPTIONS, LaunchOptions

GROUP: Final = "ec2_lifecycle.targets"
"""The entry-point group in which other packages register target factories by name."""

KNOWN: Final = (
    ("model", "the specification itself, in process"),
    ("moto", "moto, in process"),
    ("moto-server", "moto's server, started and stopped by the run"),
    ("endpoint:URL", "any emulator, as endpoint:http://127.0.0.1:4566"),
    ("aws:PROFILE", "a live AWS account, as far as a sandbox file allows (--sandbox FILE)"),
    ("python:MODULE:FACTORY", "whatever returns a boto3-shaped EC2 client, as python:doubles:make"),
)
"""The forms in which a target can be written, and their meanings."""


def check(text: str) -> None:
    """Raise `UnknownTarget` if a text has no form of a target; starts and imports nothing."""
    kind, colon, _ = text.partition(":")
    whole, with_rest = _kinds(0, NO_LAUNCH_OPTIONS)
    if not (kind in with_rest if colon else kind in whole) and text not in registered_names():
        raise UnknownTarget(_unknown(text, [*whole, *with_rest]))


def takes_launch_options(text: str) -> bool:
    """Tell whether the user may set what a target launches, and where."""
    return text.startswith("endpoint:") or is_live(text)


def plays_in_parallel(text: str) -> bool:
    """Tell whether a target can play several scenarios at a time: whether it is reached over a network."""
    return text == "moto-server" or takes_launch_options(text)


def is_live(text: str) -> bool:
    """Tell whether a target is a live account, which requires a sandbox file."""
    return text.startswith("aws:")


def resolve(text: str, seed: int = 0, options: LaunchOptions = NO_LAUNCH_OPTIONS) -> Target:
    """Return the target that a text names, ready for use; `seed` is the random seed of the target `model`.

    `options` applies to an endpoint or a live account; other targets ignore it.

    Raises `UnknownTarget` if the text names none, `Unreachable` or `Broken` if it cannot be used.
    """
    kind, colon, rest = text.partition(":")
    whole, with_rest = _kinds(seed, options)
    if colon and kind in with_rest:
        return with_rest[kind](rest)
    if not colon and kind in whole:
        return whole[kind]()
    for registered in _registered():
        if registered.name == text:
            from .python import entry_point_target

            return entry_point_target(registered)
    raise UnknownTarget(_unknown(text, [*whole, *with_rest]))


def registered_names() -> tuple[str, ...]:
    """Return the names of targets that installed packages register."""
    return tuple(sorted({registered.name for registered in _registered()}))


def _kinds(
    seed: int, options: LaunchOptions
) -> tuple[dict[str, Callable[[], Target]], dict[str, Callable[[str], Target]]]:
    """Return the kinds that are written alone, and those that take a value after a colon."""
    return (
        {"model": lambda: _model(seed), "moto": _moto, "moto-server": _moto_server},
        {
            "endpoint": lambda url: _endpoint(url, options),
            "aws": lambda profile: _aws(profile, options),
            "python": _python,
        },
    )


def _model(seed: int) -> Target:
    from .model import model_target

    return model_target(seed=seed)


def _moto() -> Target:
    from .moto import moto_target

    return moto_target()


def _moto_server() -> Target:
    from .moto_server import moto_server_target

    return moto_server_target()


def _endpoint(url: str, options: LaunchOptions) -> Target:
    from .endpoint import endpoint_target

    return endpoint_target(url, options=options)


def _python(text: str) -> Target:
    from .python import python_target

    return python_target(text)


def _aws(profile: str, options: LaunchOptions) -> Target:
    from .aws import aws_target

    if options.live_session is None:
        raise UnknownTarget(f"aws:{profile} works only with run, smoke and replay, and needs --sandbox FILE.")
    return aws_target(profile, options, options.live_session)


def _registered() -> Iterator[EntryPoint]:
    yield from entry_points(group=GROUP)


def _unknown(text: str, kinds: list[str]) -> str:
    """Return the error message for an unknown target, with a suggestion."""
    forms = [form for form, _ in KNOWN]
    known = ", ".join([*forms, *registered_names()])
    kind = text.partition(":")[0]
    if text.startswith(("http://", "https://")):
        return f'There is no target "{text}"; write endpoint:{text}.'
    if kind in kinds:
        form = next(form for form in forms if form.partition(":")[0] == kind)
        return f'There is no target "{text}"; write {form}.'
    names = [*kinds, *registered_names()]
    nearest = get_close_matches(text, names, 1) or get_close_matches(kind, names, 1)
    if nearest:
        form = next((form for form in forms if form.partition(":")[0] == nearest[0]), nearest[0])
        return f'There is no target "{text}"; did you mean {form}? The targets are {known}.'
    return f'There is no target "{text}"; the targets are {known}.'
