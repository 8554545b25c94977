"""`waive`: writes a waiver for a known finding."""

from datetime import datetime
from pathlib import Path

import click

from ..waiver_file import add_waiver
from ..waivers import Waiver


@click.command(epilog='Example: ec2-lifecycle waive f1:0123abcdef --target moto --reason "moto ignores zones"')
@click.argument("finding")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is known; other people will read it.")
@click.option("--target", required=True, help="The target that shows it.")
@click.option("--versions", metavar="SPEC", help="The target's versions that show it, such as >=5.2,<6.")
@click.option("--link", metavar="URL", help="Where it is discussed.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which the waiver holds.")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("waivers.toml"),
    show_default=True,
    help="The waiver file; made when it does not exist.",
)
def waive(
    finding: str,
    reason: str,
    target: str,
    versions: str | None,
    link: str | None,
    expires: datetime | None,
    path: Path,
) -> int:
    """Add FINDING to the known ones; it still runs, and the run fails once it is gone."""
    expiry = None if expires is None else expires.date()
    add_waiver(path, Waiver(finding, target, reason, versions=versions, link=link, expires=expiry))
    click.echo(f"{path}: waived {finding} on {target}.")
    return 0
