"""`report`: views of stored streams."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from ...reports.annotations import annotations
from ...reports.badge import badge
from ...reports.console import console_for
from ...reports.difference import difference
from ...reports.html import html
from ...reports.junit import junit_xml
from ...reports.markdown import markdown
from ...reports.proofs import read_proofs
from ...reports.short import print_short
from ...reports.stored_runs import read_runs
from ...reports.terminal import print_run
from .help_text import command, option
from .shell import FILE, WrongUsage, print_error, print_line
from .stored_findings import stream_of


@command(
    short_help="Make reports of stored runs: HTML, JUnit, Markdown and more.",
    epilog="""\b
Examples:
  ec2-lifecycle report out
  ec2-lifecycle report out --html report.html --junit junit.xml
  ec2-lifecycle report out --against before --html report.html
  ec2-lifecycle report moto/events.ndjson mine/events.ndjson --annotations""",
)
@click.argument("streams", nargs=-1, required=True, type=FILE, metavar="RUN...")
@option("--html", "html_file", type=FILE, metavar="FILE", help="One HTML file that needs no network.")
@option("--against", type=FILE, metavar="RUN", help="An earlier run; the HTML file shows what changed since.")
@option("--proofs", type=FILE, metavar="FILE", help="The output of `prove --json`, to show in the HTML file.")
@option("--junit", type=FILE, metavar="FILE", help="JUnit XML: a case for each clause and corpus file.")
@option("--markdown", "markdown_file", type=FILE, metavar="FILE", help="Markdown for a comment or a step summary.")
@option("--badge", "badge_file", type=FILE, metavar="FILE", help="JSON for a shields.io badge.")
@option("--annotations", "annotate", is_flag=True, help="Print annotations for a GitHub workflow.")
@option("--verbose", is_flag=True, help="Print all findings and clauses in full.")
def report(
    streams: tuple[Path, ...],
    html_file: Path | None,
    against: Path | None,
    proofs: Path | None,
    junit: Path | None,
    markdown_file: Path | None,
    badge_file: Path | None,
    annotate: bool,
    verbose: bool,
) -> int:
    """Make reports of stored runs. RUN is the folder of `run --output`, or its events.ndjson.

    Without options, the command prints what `run` printed. The exit code is 0 even if there are findings.
    """
    if html_file is None and (against or proofs):
        raise WrongUsage("--against and --proofs are for the HTML file; name it with --html (see also: diff).")
    runs = read_runs([stream_of(path) for path in streams])
    before = None if against is None else read_runs([stream_of(against)])
    for warning in (*runs.warnings, *(() if before is None else before.warnings)):
        print_error(warning)
    if html_file is not None:
        changed = None if before is None else difference(before, runs)
        proved = () if proofs is None else read_proofs(proofs)
        html_file.write_text(html(runs, changed, proved), encoding="utf-8", newline="\n")
    if junit is not None:
        junit.write_bytes(junit_xml(runs))
    if markdown_file is not None:
        markdown_file.write_text(markdown(runs), encoding="utf-8", newline="\n")
    if badge_file is not None:
        badge_file.write_text(badge(runs).json(), encoding="utf-8", newline="\n")
    if annotate:
        for line in annotations(runs):
            print_line(line)
    elif not (html_file or junit or markdown_file or badge_file):
        prints = print_run if verbose else print_short
        prints(
            console_for(sys.stdout),
            runs.clauses,
            [replace(target.done, target=target.label) for target in runs.targets],
        )
    return 0
