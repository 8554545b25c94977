"""`ec2-lifecycle COMMAND`: finds the command, and reports every user error in one sentence."""

import importlib
import signal
import sys
from difflib import get_close_matches
from importlib.metadata import version
from typing import Final

import click

from .commands.shell import BROKE, USAGE, WrongUsage, discard_output, print_error, print_line

COMMANDS: Final = {
    "run": "run",
    "campaign": "campaign",
    "replay": "replay",
    "show": "show",
    "issue": "issue",
    "smoke": "smoke",
    "report": "report",
    "diff": "diff",
    "serve": "serve",
    "prove": "prove",
    "explain": "explain",
    "list": "list_contents",
    "waive": "waive",
    "diff-spec": "diff_spec",
    "derive": "derive",
    "reap": "reap",
    "policy": "policy",
}
"""The module of each command in `commands`; the function has the module's name."""


class _Commands(click.Group):
    """Imports a command only when it is called, to report a mistyped name without waiting for boto3."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; raises `WrongUsage`."""
        del ctx
        if cmd_name not in COMMANDS:
            nearest = get_close_matches(cmd_name, COMMANDS, 1)
            suggestion = f"did you mean {nearest[0]}?" if nearest else f"the commands are {', '.join(COMMANDS)}."
            raise WrongUsage(f'there is no command "{cmd_name}"; {suggestion}')
        name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"{__package__}.commands.{name}"), name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="""\b
Examples:
  ec2-lifecycle run moto
  ec2-lifecycle run endpoint:http://127.0.0.1:4566 --output out
  ec2-lifecycle show f2:0123456789
  ec2-lifecycle replay out/findings --target moto
  ec2-lifecycle explain TERM-4""",
)
@click.version_option(version("ec2-lifecycle"), message="%(prog)s %(version)s")
def cli() -> None:
    """Check EC2 implementations against a specification of the instance lifecycle.

    \b
    Exit codes: 0  conforms, or all proved
                1  an unwaived finding or a stale waiver, or something not proved
                2  wrong usage or input file
                3  the target is unreachable or broken, or nothing was judged
    """  # noqa: D301 - click wants the very character


def main() -> None:
    """Run the command line and exit with its code."""
    code = run_command(sys.argv[1:])
    try:
        click.echo(nl=False)  # flushes
    except BrokenPipeError:
        discard_output()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the result is final: a late Ctrl-C must not change it
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit code; print any error as one sentence on standard error."""
    try:
        result = cli.main(arguments, prog_name="ec2-lifecycle", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        print_line(error.ctx.get_help() if error.ctx else str(error))
        return USAGE
    except (BrokenPipeError, SystemExit):  # click turns one into the other
        discard_output()
        return 0
    except (click.Abort, KeyboardInterrupt):
        print_error("interrupted.")
        return BROKE
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        print_error(_sentence(error))
        return code
    return result if isinstance(result, int) else 0


def _code_of(error: Exception) -> int | None:
    """Return the exit code for an error of the user or the target; None for a bug, whose traceback should show."""
    # Imported here because a successful command needs few of them.
    from ..reports.stream import StreamError  # noqa: PLC0415
    from ..strategies.files.yaml_nodes import ScenarioError  # noqa: PLC0415
    from .adapter.target import TargetError, UnknownTarget  # noqa: PLC0415
    from .cluster.connection import ClusterError  # noqa: PLC0415
    from .findings.waiver_file import WaiverError  # noqa: PLC0415
    from .many_runs.plan_file import PlanError  # noqa: PLC0415
    from .recording.trace_format import TraceError  # noqa: PLC0415
    from .running.target_process import Interrupted, TargetFailed  # noqa: PLC0415
    from .sandbox.journal import JournalError  # noqa: PLC0415
    from .sandbox.limits import SandboxError  # noqa: PLC0415

    match error:
        case click.ClickException() | ScenarioError() | WaiverError() | StreamError() | TraceError() | UnknownTarget():
            return USAGE
        case SandboxError() | JournalError() | PlanError():
            return USAGE
        case TargetFailed() | ClusterError():
            return USAGE if error.wrong_usage else BROKE
        case TargetError() | Interrupted():
            return BROKE
        case OSError(filename=str()):
            return USAGE
        case _:
            return None


def _sentence(error: Exception) -> str:
    """Return the sentence for the user."""
    match error:
        case click.UsageError():
            from .commands.usage import usage_sentence  # noqa: PLC0415

            return usage_sentence(error)
        case click.ClickException():
            return error.format_message()
        case OSError(filename=str(file)):
            from ..reports.os_reasons import os_reason  # noqa: PLC0415

            return f"{file}: {os_reason(error)}."
        case _:
            return str(error)
