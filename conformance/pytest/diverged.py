"""What a test raises when a target answers as EC2 does not."""

from ...model.specification import Specification
from ...strategies.files.format import dump_scenario
from ...strategies.scenario.scenario import Scenario
from ...strategies.scenario.steps import Step
from ..oracle.divergence import Divergence


class Diverged(AssertionError):
    """A target answered as EC2 does not.

    The text says what was expected, which promise was broken, and by which scenario: a file that can be replayed.
    """

    def __init__(self, spec: Specification, divergences: tuple[Divergence, ...], steps: tuple[Step, ...] = ()) -> None:
        self.divergences = divergences
        self.scenario = Scenario(divergences[0].title, tuple(dict.fromkeys(d.clause for d in divergences)), steps)
        told = [_told(spec, divergence) for divergence in divergences]
        super().__init__("\n\n".join([*told, *([dump_scenario(self.scenario).rstrip()] if steps else [])]))


def _told(spec: Specification, divergence: Divergence) -> str:
    return "\n".join(
        (
            f"{divergence.clause}: {divergence.title}",
            f"  promised: {spec.clauses[divergence.clause].sentence}",
            *(f"  expected: {expected}" for expected in divergence.expected),
            f"  observed: {divergence.observed}",
        )
    )
