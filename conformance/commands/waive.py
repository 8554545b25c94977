"""`waive`: writes a waiver for a known finding."""

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import click

from ...model.ledger import CLAUSES
from ...reports.events import TargetFinished
from ...strategies.files.format import load_scenario
from ..diagnosis.defects import FINDING_ID
from ..findings.waiver_file import add_waiver
from ..findings.waivers import Waiver, of_target, operations_of
from ..targets.resolve import check
from .help_text import command, option
from .scenario_files import find_finding_file
from .shell import FILE, WrongUsage
from .stored_findings import newest_stream, read_streams


@command(
    short_help="Mark a finding as known, with a reason.",
    epilog="""\b
Examples:
  ec2-lifecycle waive out/findings/f2-0123456789.yaml --reason "see issue 7"
  ec2-lifecycle waive f2:0123456789 --target moto --reason "ignores zones\"""",
)
@click.argument("finding")
@option("--reason", required=True, metavar="TEXT", help="Why you accept the finding.")
@option("--flaky", is_flag=True, help="It comes and goes; runs pass with or without it.")
@option("--target", metavar="TARGET", help="The target; needed unless FINDING is a file.")
@option("--versions", metavar="SPEC", help="Only for these versions, such as >=5.2,<6.")
@option("--link", metavar="URL", help="A page that discusses the finding.")
@option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The waiver's last day, such as 2027-01-31.",
)
@option(
    "--file",
    "path",
    type=FILE,
    default=Path("waivers.toml"),
    show_default=True,
    metavar="FILE",
    help="The waiver file.",
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

    A run with this file still plays the scenario, and lists the finding as waived.
    Once the finding is gone, the run fails until you delete the waiver.
    If this folder has the run, the waiver names the operations in which the finding shows.
    """
    name, shown_by = _id_and_target(finding)
    target = target or shown_by
    if target is None:
        raise WrongUsage(f"the target is unknown; name it, as in: waive {finding} --target moto")
    check(target)
    stream, runs = _newest_run(target)
    found = [finding for done in runs for finding in done.findings if name in (finding.id, *finding.former)]
    if runs and not found and not flaky:
        raise WrongUsage(_not_shown(name, target, stream, runs))
    waiver = Waiver(
        name,
        target,
        reason,
        versions=versions,
        link=link,
        expires=None if expires is None else expires.date(),
        operations=tuple(sorted({each for finding in found for each in operations_of(finding)})) or None,
        flaky=flaky,
    )
    add_waiver(path, waiver)
    click.echo(f"{path}: waived {name} on {target}{', as flaky' if flaky else ''}.")
    return 0


def _newest_run(target: str) -> tuple[Path | None, tuple[TargetFinished, ...]]:
    """Return the event stream of the newest run of this folder, and what it says of the target."""
    stream = newest_stream()
    report = None if stream is None else read_streams([stream])
    targets = () if report is None else report.targets
    runs = (each.done for each in targets if of_target(target, each.done.target))
    return stream, tuple(done for done in runs if done.broken is None)


def _not_shown(name: str, target: str, stream: Path | None, runs: Iterable[TargetFinished]) -> str:
    """Return the sentence for an id that the newest run does not have."""
    ids = {known for done in runs for finding in done.findings for known in (finding.id, *finding.former)}
    nearest = get_close_matches(name, ids, 1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"see what it shows: ec2-lifecycle report {stream}"
    return f"the newest run ({stream}) does not show {name} on {target}; {hint}"


def _id_and_target(finding: str) -> tuple[str, str | None]:
    """Return the id of a finding, and the target that its file names, if any."""
    file = find_finding_file(finding)
    if file is None:
        if FINDING_ID.fullmatch(finding):
            return finding, None
        raise WrongUsage(f"{finding} is not a finding; write its id, such as f2:0123456789, or name its file.")
    facts = dict(load_scenario(file, CLAUSES).finding)
    if "id" not in facts:
        raise WrongUsage(f"{file} is not a finding's file: it has no id; name one that a run wrote.")
    return facts["id"], facts.get("target")
