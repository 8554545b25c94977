"""`ec2-lifecycle COMMAND`: finds the command, and turns every error of the user's into one sentence."""

import sys
from importlib.metadata import version

import click

from ..reports.stream import StreamError
from ..strategies.yaml_nodes import ScenarioError
from .commands import explain, listing, replay, run, smoke, waive
from .commands.common import BROKE, USAGE, complain, nobody_reads, put
from .targets.base import TargetError, UnknownTarget
from .waiver_file import WaiverError
from .worker import Interrupted, TargetFailed


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
    code = run_command(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run one command; return its exit code, after one sentence on standard error where something is wrong."""
    try:
        result = cli.main(arguments, prog_name="ec2-lifecycle", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        put(error.ctx.get_help() if error.ctx else str(error))
        return USAGE
    except click.ClickException as error:
        return _wrong(_sentence(error), USAGE)
    except (ScenarioError, WaiverError, StreamError) as error:
        return _wrong(str(error), USAGE)
    except TargetError as error:
        return _wrong(str(error), USAGE if isinstance(error, UnknownTarget) else BROKE)
    except TargetFailed as error:
        return _wrong(str(error), USAGE if error.wrong_usage else BROKE)
    except (Interrupted, click.Abort, KeyboardInterrupt):
        return _wrong("interrupted.", BROKE)
    except BrokenPipeError:
        nobody_reads()
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        return _wrong(f"{error.filename}: {(error.strerror or str(error)).lower()}.", USAGE)
    return result if isinstance(result, int) else 0


def _sentence(error: click.ClickException) -> str:
    """Return click's sentence; where it does not say what to write instead, with the place that does."""
    sentence = error.format_message()
    vague = isinstance(error, click.MissingParameter) or type(error) is click.UsageError
    if not vague or not isinstance(error, click.UsageError) or error.ctx is None:
        return sentence
    return f"{sentence.rstrip('.')}; see: {error.ctx.command_path} --help"


def _wrong(sentence: str, code: int) -> int:
    complain(sentence)
    return code
