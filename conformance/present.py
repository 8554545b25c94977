"""Makes a finding of a divergence: everything a reader needs, in one value."""

import shlex
from pathlib import Path

from ..model.clauses import Part
from ..model.specification import Specification
from ..reports.events import Finding
from ..reports.findings import file_name
from ..strategies.format import dump_scenario, scenario_as_data
from ..strategies.scenario import Scenario
from .oracle.divergence import Divergence
from .repro import repro


def present(
    spec: Specification, target: str, scenario: Scenario, divergence: Divergence, name: str, *, minimal: bool
) -> Finding:
    """Return the finding: promise, evidence, scenario, what was expected and observed, and how to see it again."""
    clause = spec.clauses[divergence.clause]
    evidence = clause.evidence.get(divergence.part, clause.evidence[Part.OUTCOME])
    level = clause.level_of(divergence.part)
    if level is None:
        raise ValueError(f"{divergence.clause} is only assumed in its {divergence.part.value}: no finding")
    told = Scenario(
        title=divergence.title,
        clauses=(divergence.clause,),
        steps=scenario.steps,
        finding=(("id", name), ("target", target), ("observed", divergence.observed)),
    )
    return Finding(
        id=name,
        clause=divergence.clause,
        level=level.value,
        evidence=evidence.grade.value,
        source=evidence.source,
        title=divergence.title,
        part=divergence.part.value,
        operation=divergence.operation.value,
        step=divergence.step,
        expected=divergence.expected,
        observed=divergence.observed,
        effect=clause.effect,
        scenario=scenario_as_data(told),
        scenario_text=dump_scenario(told),
        repro=repro(told, target),
        replay=f"{replay_command(Path('out', 'findings', file_name(name)), target)}  # after a run with --output out",
        minimal=minimal,
    )


def replay_command(file: Path, target: str) -> str:
    """Return the command that replays a finding's file on a target."""
    return f"ec2-lifecycle replay {shlex.quote(str(file))} --target {shlex.quote(target)}"
