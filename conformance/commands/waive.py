"""`waive`: writes a waiver for a known finding."""

from datetime import datetime
from pathlib import Path

import click

from ...model.ledger import CLAUSES
from ...strategies.files.format import load_scenario
from ..findings.fingerprint import FINDING_ID
from ..findings.waiver_file import add_waiver
from ..findings.waivers import Waiver
from ..targets.resolve import check
from .scenario_files import finding_file
from .shell import FILE, WrongUsage


@click.command(
    short_help="Note a finding as known, with the reason.",
    epilog="""\b
Examples:
  ec2-lifecycle waive out/findings/f1-0123456789.yaml --reason "moto ignores zones"
  ec2-lifecycle waive f1:0123456789 --target moto --reason "moto ignores zones"
  ec2-lifecycle waive f1:0123456789 --target moto --flaky --reason "the launch races, issue 7\"""",
)
@click.argument("finding")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is known; other people will read it.")
@click.option("--flaky", is_flag=True, help="It comes and goes: no run fails because it is not there.")
@click.option("--target", help="The target that shows it; needed where the finding's file is not at hand.")
@click.option("--versions", metavar="SPEC", help="The target's versions that show it, such as >=5.2,<6.")
@click.option("--link", metavar="URL", help="Where it is discussed.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The last day, as 2027-01-31, on which it holds.",
)
@click.option(
    "--file",
    "path",
    type=FILE,
    default=Path("waivers.toml"),
    show_default=True,
    metavar="FILE",
    help="The waiver file; made when it does not exist.",
)
def waive(
    finding: str,
    reason: str,
    flaky: bool,
    target: str | None,
    versions: str | None,
    link: str | None,
    expires: datetime | None,
    path: Path,
) -> int:
    """Add FINDING, an id or a finding's file, to the known ones.

    It still runs, and the run fails once it is gone, unless it is flaky.
    """
    name, shown_by = _told(finding)
    target = target or shown_by
    if target is None:
        raise WrongUsage(f"the target is not known; write --target, as in: waive {finding} --target moto")
    check(target)
    expiry = None if expires is None else expires.date()
    add_waiver(path, Waiver(name, target, reason, versions=versions, link=link, expires=expiry, flaky=flaky))
    click.echo(f"{path}: waived {name} on {target}{', as flaky' if flaky else ''}.")
    return 0


def _told(finding: str) -> tuple[str, str | None]:
    """Return the id of a finding, and the target that its file names where there is one."""
    file = finding_file(finding)
    if file is None:
        if FINDING_ID.fullmatch(finding):
            return finding, None
        raise WrongUsage(f"{finding} is no finding; write its id, such as f1:0123456789, or name its file.")
    facts = dict(load_scenario(file, CLAUSES).finding)
    if "id" not in facts:
        raise WrongUsage(f"{file} is no finding's file: it has no id; name one that a run wrote.")
    return facts["id"], facts.get("target")
