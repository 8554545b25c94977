"""Builds a finding from a divergence: everything a reader needs, in one value."""

import shlex
from dataclasses import replace
from pathlib import Path

from ...model.clauses import Clause, Evidence, Part
from ...model.evidence import sources_of
from ...model.specification import Specification
from ...model.theorems.theorem import Theorem
from ...reports.events import ClauseInfo, Finding, SourceInfo, TheoremInfo
from ...reports.findings import file_name
from ...reports.terminal import text_of_finding
from ...strategies.files.format import dump_scenario, scenario_as_data
from ...strategies.scenario.scenario import Scenario
from ..diagnosis.deviations import deviation_of
from ..diagnosis.harm import effect_of, harm_of
from ..diagnosis.titles import title_of
from ..oracle.blame import phrase
from ..oracle.divergence import Divergence
from .repro import repro


def build_finding(
    spec: Specification, target: str, scenario: Scenario, divergence: Divergence, name: str, *, minimal: bool
) -> Finding:
    """Return the finding: promise, evidence, scenario, expected and observed results, and how to reproduce it."""
    file = Scenario(
        title=title_of(divergence),
        clauses=(divergence.clause,),
        steps=scenario.steps,
        finding=(("id", name), ("target", target), ("observed", divergence.observed)),
    )
    return replace(
        bare_finding(spec, divergence, name, dump_scenario(file)),
        scenario=scenario_as_data(file),
        repro=repro(file, target),
        replay=f"{replay_command(Path('out', 'findings', file_name(name)), target)}  # after a run with --output out",
        minimal=minimal,
    )


def bare_finding(spec: Specification, divergence: Divergence, name: str, scenario_text: str) -> Finding:
    """Return the finding of a divergence without a program and a replay command."""
    clause = spec.clauses[divergence.clause]
    evidence = clause.evidence.get(divergence.part, clause.evidence[Part.OUTCOME])
    level = clause.level_of(divergence.part)
    if level is None:
        raise ValueError(f"{divergence.clause} is only assumed in its {divergence.part.value}: no finding")
    return Finding(
        id=name,
        clause=divergence.clause,
        level=level.value,
        evidence=evidence.grade.value,
        source=evidence.source,
        title=title_of(divergence),
        part=divergence.part.value,
        operation=divergence.operation.value,
        step=divergence.step,
        expected=divergence.expected,
        observed=divergence.observed,
        effect=effect_of(divergence) or clause.effect,
        harm=harm_of(divergence).value,
        deviation=deviation_of(divergence).name.lower(),
        scenario={},
        scenario_text=scenario_text,
        repro="",
        replay="",
        minimal=True,
        instance=divergence.instance,
        expected_brief=phrase(divergence.expected_class),
        observed_brief=phrase(divergence.observed_class),
        observed_state=divergence.observed_state,
        expected_class=divergence.expected_class,
        observed_class=divergence.observed_class,
        sources=cited(evidence, divergence.part),
    )


def cited(evidence: Evidence, part: Part) -> tuple[SourceInfo, ...]:
    """Return where a part of a clause can be checked, each address once, the best source first."""
    cite: dict[str, SourceInfo] = {}
    for source in sources_of(evidence, part):
        cite.setdefault(source.url or source.key, SourceInfo(source.label, source.url or "", source.shows))
    return tuple(cite.values())


def clause_info(clause: Clause) -> ClauseInfo:
    """Return a clause for the header of a stream."""
    return ClauseInfo(
        clause.id,
        clause.sentence,
        {part.value: {"grade": e.grade.value, "source": e.source} for part, e in clause.evidence.items()},
        clause.effect,
        {part.value: cited(evidence, part) for part, evidence in clause.evidence.items()},
    )


def theorem_info(theorem: Theorem) -> TheoremInfo:
    """Return a theorem for the header of a stream."""
    return TheoremInfo(theorem.id, theorem.sentence, theorem.clauses)


def finding_text(spec: Specification, finding: Finding) -> str:
    """Return a finding as printed by `run`, without colours."""
    return text_of_finding(finding, clause_info(spec.clauses[finding.clause]))


def replay_command(file: Path, target: str) -> str:
    """Return the command that replays a finding's file on a target."""
    return f"ec2-lifecycle replay {shlex.quote(str(file))} --target {shlex.quote(target)}"
