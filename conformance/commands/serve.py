"""`serve`: the model as an EC2 endpoint."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ...reports.console import console_for, print_text, printable_text
from ...reports.os_reasons import os_reason
from ..emulator.planned_failures import SLOW_REPLY
from ..emulator.server.options import BEHAVIOURS, Settings, WrongSetting, settings_of
from ..emulator.server.served_model import ServedModel
from ..emulator.server.world_file import WrongWorld
from ..running.interrupts import Interrupts
from .help_text import command, option
from .shell import BROKE, FILE, WrongUsage, print_error


@command(
    short_help="Serve the specification as an EC2 endpoint.",
    epilog="""\b
Examples:
  ec2-lifecycle serve --port 0 --delays 0..5 --behaviour adversarial""",
)
@option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    metavar="N",
    help="The port; 0 picks a free one.",
)
@option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@option(
    "--behaviour",
    type=click.Choice(list(BEHAVIOURS)),
    default="preferred",
    metavar="HOW",
    help="preferred, adversarial or random.  [default: preferred]",
)
@option("--choice", "choices", multiple=True, metavar="ID=WORD", help="Answer one open point; see: list choices.")
@option(
    "--delays",
    default="none",
    metavar="TIME",
    help="none, usual, slow, on-demand, 5, 2..10.  [default: none]",
)
@option(
    "--delay",
    multiple=True,
    metavar="STEP=TIME",
    help="The delay of one step; see: list steps.",
)
@option(
    "--failures", type=float, default=0.0, metavar="SHARE", help="The share of launches and starts that fail, 0 to 1."
)
@option(
    "--clock",
    type=click.Choice(["runs", "stands"]),
    default="runs",
    metavar="HOW",
    help="runs, or stands until you advance it.  [default: runs]",
)
@option("--nobody", default="NOBODY", show_default=True, metavar="KEY", help="An access key without permission.")
@option("--beyond", metavar="EC2", help="The EC2 that answers the rest: moto, or endpoint:URL.")
@option("--lenient", is_flag=True, help="Accept launch parameters that are otherwise refused.")
@option(
    "--read-lag",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Descriptions and lists are this late.",
)
@option("--fail", multiple=True, metavar="HOW=SHARE", help="Make requests fail, such as throttled=0.1.")
@option(
    "--slow",
    type=click.FloatRange(min=0),
    default=SLOW_REPLY,
    metavar="SECONDS",
    help="How late a slow reply is.  [default: 10]",
)
@option("--declare", type=FILE, metavar="FILE", help="The zones, images, types, … that exist (TOML).")
@option("--world", type=FILE, metavar="FILE", help="Start with a dumped world.")
@option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Seed of ids and random choices.",
)
def serve(
    host: str,
    port: int,
    allow_remote: bool,
    behaviour: str,
    choices: tuple[str, ...],
    delays: str,
    delay: tuple[str, ...],
    failures: float,
    clock: str,
    nobody: str,
    beyond: str | None,
    lenient: bool,
    read_lag: float,
    fail: tuple[str, ...],
    slow: float,
    declare: Path | None,
    world: Path | None,
    seed: int,
) -> int:
    """Serve the specification as an EC2 endpoint, for any credentials."""
    try:
        settings = settings_of(
            behaviour=behaviour,
            choices=_pairs(choices, "--choice", "free-zones=after-answer"),
            delays=delays,
            delay=_pairs(delay, "--delay", "stop-completes=5"),
            failures=failures,
            seed=seed,
            clock=clock,
            nobody=nobody,
            beyond=beyond,
            lenient=lenient,
            read_lag=read_lag,
            fail=_shares(fail),
            slow=slow,
            declare=declare,
        )
    except WrongSetting as error:
        raise WrongUsage(str(error)) from None
    return _serve(_model(settings, world), host, port, allow_remote=allow_remote)


def _model(settings: Settings, world: Path | None) -> ServedModel:
    model = ServedModel(settings)
    if world is not None:
        try:
            model.load(world.read_bytes())
        except OSError as error:
            raise WrongUsage(f"{world}: cannot be read ({os_reason(error)}); name a dumped world.") from None
        except WrongWorld as error:
            raise WrongUsage(f"{world}: {error}") from None
    return model


def _serve(model: ServedModel, host: str, port: int, *, allow_remote: bool) -> int:
    try:
        from ..emulator.server.http_server import CannotListen, is_loopback, listen, url_of
        from ..emulator.server.http_server import serve as serve_on
    except ModuleNotFoundError as error:
        raise WrongUsage(
            f"serving needs {error.name}, which is not installed; in a clone, run: pip install '.[serve]'"
        ) from None
    try:
        if not is_loopback(host) and not allow_remote:
            raise WrongUsage(
                f"other machines can reach {host} without credentials; add --allow-remote if you want that."
            )
        listening = listen(host, port)
    except CannotListen as error:
        print_error(str(error))
        return BROKE
    with Interrupts(), listening:
        print_text(console_for(sys.stdout), printable_text(f"EC2 at {url_of(listening)}, until Ctrl-C"))
        sys.stdout.flush()
        serve_on(model, listening)
    return 0


def _shares(texts: Iterable[str]) -> dict[str, float]:
    """Return the share of requests that fail in each way."""
    example, shares = "throttled=0.1", dict[str, float]()
    for name, text in _pairs(texts, "--fail", example).items():
        try:
            shares[name] = float(text)
        except ValueError:
            raise WrongUsage(f'--fail is "{name}={text}"; write it as {example}.') from None
    return shares


def _pairs(texts: Iterable[str], option: str, example: str) -> dict[str, str]:
    """Split each text at its equals sign."""
    pairs: dict[str, str] = {}
    for text in texts:
        left, equals, right = text.partition("=")
        if not (left and equals and right):
            raise WrongUsage(f'{option} is "{text}"; write it as {example}.')
        pairs[left] = right
    return pairs
