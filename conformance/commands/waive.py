"""`waive`: writes a waiver for a known finding."""

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import click

from ...model.ledger import CLAUSES
from ...strategies.files.format import load_scenario
from ..diagnosis.defects import FINDING_ID
from ..findings.waiver_file import add_waiver
from ..findings.waivers import Waiver
from ..targets.resolve import check
from .scenario_files import find_finding_file
from .shell import FILE, WrongUsage
from .stored_findings import newest_stream, read_streams


@click.command(
    short_help="Mark a finding as known, with a reason.",
    epilog="""\b
Examples:
  ec2-lifecycle waive out/findings/f1-0123456789.yaml --reason "moto ignores zones"
  ec2-lifecycle waive f2:0123456789 --target moto --reason "moto ignores zones"
  ec2-lifecycle waive f2:0123456789 --target moto --flaky --reason "the launch races, issue 7\"""",
)
@click.argument("finding")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is accepted; other people read it.")
@click.option("--flaky", is_flag=True, help="It is intermittent: no run fails when it is absent.")
@click.option("--target", help="The target that shows it; required without the finding's file.")
@click.option("--versions", metavar="SPEC", help="The target's versions that show it, such as >=5.2,<6.")
@click.option("--link", metavar="URL", help="Where it is discussed.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The last day on which the waiver holds, such as 2027-01-31.",
)
@click.option(
    "--file",
    "path",
    type=FILE,
    default=Path("waivers.toml"),
    show_default=True,
    metavar="FILE",
    help="The waiver file; created if it does not exist.",
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
    """Add FINDING, an id or a finding's file, to the waiver file.

    Its scenario still runs, and the run fails once the finding is gone, unless it is flaky.
    """
    name, shown_by = _id_and_target(finding)
    target = target or shown_by
    if target is None:
        raise WrongUsage(f"the target is not known; write --target, as in: waive {finding} --target moto")
    check(target)
    if not flaky:
        _check_known(name, target)
    expiry = None if expires is None else expires.date()
    add_waiver(path, Waiver(name, target, reason, versions=versions, link=link, expires=expiry, flaky=flaky))
    click.echo(f"{path}: waived {name} on {target}{', as flaky' if flaky else ''}.")
    return 0


def _check_known(name: str, target: str) -> None:
    """Raise `WrongUsage` for a finding that the newest run of this folder does not have, though it is of the target."""
    stream = newest_stream()
    report = None if stream is None else read_streams([stream])
    if report is None:
        return
    runs = [each.done for each in report.targets if each.done.target == target and each.done.broken is None]
    ids = {known for done in runs for finding in done.findings for known in (finding.id, *finding.former)}
    if runs and name not in ids:
        nearest = get_close_matches(name, ids, 1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"see what it shows: ec2-lifecycle report {stream}"
        raise WrongUsage(f"the newest run ({stream}) does not show {name} on {target}; {hint}")


def _id_and_target(finding: str) -> tuple[str, str | None]:
    """Return the id of a finding, and the target that its file names, if any."""
    file = find_finding_file(finding)
    if file is None:
        if FINDING_ID.fullmatch(finding):
            return finding, None
        raise WrongUsage(f"{finding} is no finding; write its id, such as f2:0123456789, or name its file.")
    facts = dict(load_scenario(file, CLAUSES).finding)
    if "id" not in facts:
        raise WrongUsage(f"{file} is no finding's file: it has no id; name one that a run wrote.")
    return facts["id"], facts.get("target")
