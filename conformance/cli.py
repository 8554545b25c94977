"""`ec2-lifecycle COMMAND`: finds the command, and turns every error of the user's into one sentence."""

import sys
from importlib.metadata import version
from typing import Final

import click

from ..reports.stream import StreamError
from ..strategies.yaml_nodes import ScenarioError
from .commands import explain, listing, replay, run, smoke, waive
from .targets.base import TargetError, UnknownTarget
from .waiver_file import WaiverError
from .worker import UnusableTarget

USAGE: Final = 2
BROKE: Final = 3


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  ec2-lifecycle run moto
  ec2-lifecycle run endpoint:http://127.0.0.1:4566 --output out
  ec2-lifecycle replay out/findings --target moto
  ec2-lifecycle explain TERM-4""",
)
@click.version_option(version("ec2-lifecycle"), message="%(prog)s %(version)s")
def cli() -> None:
    """How EC2 instances live and die: hold an implementation to the specification.

    Exit codes: 0 conforms, 1 an unwaived finding or a stale waiver,
    2 wrong usage or input file, 3 the target cannot be reached or broke.
    """


for command in (run.run, replay.replay, smoke.smoke, explain.explain, listing.list_, waive.waive):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command; return its exit code, after one sentence on standard error where it is wrong usage."""
    try:
        result = cli.main(arguments, prog_name="ec2-lifecycle", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error))
        return USAGE
    except click.ClickException as error:
        return _complain(error.format_message(), USAGE)
    except (ScenarioError, WaiverError, StreamError, UnknownTarget) as error:
        return _complain(str(error), USAGE)
    except UnusableTarget as error:
        return _complain(str(error), USAGE if error.wrong_usage else BROKE)
    except TargetError as error:
        return _complain(str(error), BROKE)
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted.", BROKE)
    except OSError as error:
        if error.filename is None:
            raise
        return _complain(f"{error.filename}: {error.strerror}.", USAGE)
    return result if isinstance(result, int) else 0


def _complain(message: str, code: int) -> int:
    click.echo(f"ec2-lifecycle: {message}", err=True)
    return code
