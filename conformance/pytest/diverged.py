"""The exceptions of tests for replies that EC2 would not have given."""

from ...model.specification import Specification
from ...reports.events import Finding
from ...strategies.files.format import dump_scenario
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import Step
from ..diagnosis.titles import title_of
from ..findings.build import finding_text
from ..oracle.divergence import Divergence


class Diverged(AssertionError):
    """A reply that EC2 would not have given."""


class CallsDiverged(Diverged):
    """A watched client got replies that EC2 would not have given; the text describes each finding."""

    def __init__(self, spec: Specification, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n\n".join(finding_text(spec, finding) for finding in findings))


class ScenarioDiverged(Diverged):
    """A target answered a scenario as EC2 would not.

    The text gives the broken promise, what was expected, and the scenario as a file that can be replayed.
    """

    def __init__(self, spec: Specification, divergences: tuple[Divergence, ...], steps: tuple[Step, ...] = ()) -> None:
        self.divergences = divergences
        self.scenario = Scenario(title_of(divergences[0]), tuple(dict.fromkeys(d.clause for d in divergences)), steps)
        texts = [_text(spec, divergence) for divergence in divergences]
        super().__init__("\n\n".join([*texts, *([dump_scenario(self.scenario).rstrip()] if steps else [])]))


def _text(spec: Specification, divergence: Divergence) -> str:
    return "\n".join(
        (
            f"{divergence.clause}: {title_of(divergence)}",
            f"  promised: {spec.clauses[divergence.clause].sentence}",
            *(f"  expected: {expected}" for expected in divergence.expected),
            f"  observed: {divergence.observed}",
        )
    )
