"""Which theorems notice which mutants of the rules, some mutants at a time, in whichever process."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...model.proof.adequacy import Baseline
from ...model.proof.mutants import Mutant, mutants
from ...model.proof.prover import Verdict
from ...model.specification import EC2
from ...model.theorems.catalogue import THEOREMS


@dataclass(frozen=True, slots=True)
class Noticed:
    """A mutant, and the theorems that break on it or are no longer proved."""

    mutant: str
    broken: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Noticer:
    """The theorems with their proofs about the specification, and every mutant by its id."""

    baseline: Baseline = field(default_factory=lambda: Baseline(EC2, THEOREMS))
    mutants: dict[str, Mutant] = field(default_factory=lambda: {mutant.id: mutant for mutant in mutants()})

    def noticed(self, names: Sequence[str]) -> list[Noticed]:
        """Return, for some mutants, the theorems that notice each."""
        return [self._noticed(name) for name in names]

    def _noticed(self, name: str) -> Noticed:
        by = {Verdict.BROKEN: list[str](), Verdict.UNKNOWN: list[str]()}
        for theorem, verdict in self.baseline.verdicts(self.mutants[name].specification()):
            by[verdict].append(theorem.id)
        return Noticed(name, tuple(by[Verdict.BROKEN]), tuple(by[Verdict.UNKNOWN]))
