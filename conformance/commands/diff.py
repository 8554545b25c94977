"""`diff`: what changed between two stored runs."""

import sys
from pathlib import Path

import click

from ...reports.console import console_for
from ...reports.difference import difference
from ...reports.difference_text import difference_markdown, print_difference
from ...reports.stored_runs import read_runs
from .help_text import command, option
from .shell import FILE, print_error
from .stored_findings import stream_of


@command(
    short_help="Show what changed between two stored runs.",
    epilog="""\b
Examples:
  ec2-lifecycle diff before after
  ec2-lifecycle diff main.ndjson branch.ndjson --markdown comment.md""",
)
@click.argument("before", type=FILE, metavar="A")
@click.argument("after", type=FILE, metavar="B")
@option("--markdown", "markdown_file", type=FILE, metavar="FILE", help="Also write the result as Markdown.")
def diff(before: Path, after: Path, markdown_file: Path | None) -> int:
    """Compare the findings, verdicts, waivers and coverage of two runs.

    A and B are folders of `run --output`, or their events.ndjson.

    The exit code is 1 if anything got worse: a finding is new or no longer waived, a clause is no longer held,
    a waiver needs a fix, a run did not finish, or a target is gone.
    """
    old, new = read_runs([stream_of(before)]), read_runs([stream_of(after)])
    for warning in (*old.warnings, *new.warnings):
        print_error(warning)
    found = difference(old, new)
    if markdown_file is not None:
        markdown_file.write_text(difference_markdown(found), encoding="utf-8", newline="\n")
    print_difference(console_for(sys.stdout), found)
    return 1 if found.worse else 0
