"""`serve`: the model as an EC2 endpoint."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ...reports.console import console_for, print_text, printable_text
from ..emulator.server.options import BEHAVIOURS, Settings, WrongSetting, settings_of
from ..emulator.server.served_model import ServedModel
from ..emulator.server.world_file import WrongWorld
from ..running.interrupts import Interrupts
from .shell import BROKE, FILE, WrongUsage, print_error


@click.command(
    short_help="Serve the specification as an EC2 endpoint.",
    epilog="""\b
Examples:
  ec2-lifecycle serve
  ec2-lifecycle serve --port 0 --delays 0..5 --behaviour adversarial
  ec2-lifecycle serve --choice free-zones=after-answer --delay fate-terminates=on-demand
  aws --endpoint-url http://127.0.0.1:5000 ec2 describe-instances""",
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    metavar="N",
    help="The port; 0 picks a free one.",
)
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option(
    "--behaviour",
    type=click.Choice(list(BEHAVIOURS)),
    default="preferred",
    show_default=True,
    help="How open points are settled: the most likely way, the way hardest on clients, or at random each time.",
)
@click.option(
    "--choice", "choices", multiple=True, metavar="ID=WORD", help="Settle one open point (see: list choices)."
)
@click.option(
    "--delays",
    default="none",
    show_default=True,
    metavar="TIME",
    help="How long background steps take: none, usual, slow, on-demand, seconds as 5, or bounds as 2..10.",
)
@click.option(
    "--delay",
    multiple=True,
    metavar="STEP=TIME",
    help="How long one step takes, such as stop-completes=5 (see: list steps).",
)
@click.option(
    "--failures", type=float, default=0.0, metavar="SHARE", help="The share of launches and starts that fail."
)
@click.option(
    "--clock",
    type=click.Choice(["runs", "stands"]),
    default="runs",
    show_default=True,
    help="Whether time passes by itself, or only when the control endpoint advances the clock.",
)
@click.option("--nobody", default="NOBODY", show_default=True, metavar="KEY", help="The access key without permission.")
@click.option("--world", type=FILE, metavar="FILE", help="Start with a dumped world.")
@click.option(
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
    world: Path | None,
    seed: int,
) -> int:
    """Serve the specification as an EC2 endpoint, until Ctrl-C.

    It speaks EC2's Query protocol, and GetCallerIdentity of STS, and accepts any credentials.
    Each region has its own world. Requests are answered one at a time.
    """
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
        )
    except WrongSetting as error:
        raise WrongUsage(str(error)) from None
    return _serve(_model(settings, world), host, port, allow_remote=allow_remote)


def _model(settings: Settings, world: Path | None) -> ServedModel:
    model = ServedModel(settings)
    if world is not None:
        try:
            model.load(world.read_bytes())
        except WrongWorld as error:
            raise WrongUsage(f"{world}: {error}") from None
    return model


def _serve(model: ServedModel, host: str, port: int, *, allow_remote: bool) -> int:
    try:
        from ..emulator.server.http_server import CannotListen, is_loopback, listen, url_of
        from ..emulator.server.http_server import serve as serve_on
    except ModuleNotFoundError as error:
        raise WrongUsage(
            f"serving needs {error.name}, which is not installed; write, in a clone: pip install '.[serve]'"
        ) from None
    try:
        if not is_loopback(host) and not allow_remote:
            raise WrongUsage(
                f"other machines reach {host}, and nobody needs credentials; write --allow-remote to mean it."
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


def _pairs(texts: Iterable[str], option: str, example: str) -> dict[str, str]:
    """Split each text at its equals sign."""
    pairs: dict[str, str] = {}
    for text in texts:
        left, equals, right = text.partition("=")
        if not (left and equals and right):
            raise WrongUsage(f'{option} is "{text}"; write it as {example}.')
        pairs[left] = right
    return pairs
