"""Which theorems notice which mutants of the rules, some mutants at a time, in whichever process.

As a program it reads the ids of mutants from standard input, one on each line, and writes JSON: it keeps all terms of
all mutants that it saw, so that a process for a few hundred of them would need gigabytes.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from ...model.proof.adequacy import Baseline
from ...model.proof.mutants import Mutant, mutants
from ...model.proof.outcome_changes import changes_outcome
from ...model.proof.prover import Verdict
from ...model.proof.source import OutsideSubset
from ...model.specification import EC2, Specification
from ...model.theorems.catalogue import THEOREMS


@dataclass(frozen=True, slots=True)
class Noticed:
    """A mutant, the theorems that break on it or are no longer proved, and whether it changes an outcome."""

    mutant: str
    broken: tuple[str, ...]
    unknown: tuple[str, ...]
    changes_outcome: bool


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
        changed = self.mutants[name].specification()
        for theorem, verdict in self.baseline.verdicts(changed):
            by[verdict].append(theorem.id)
        broken, unknown = tuple(by[Verdict.BROKEN]), tuple(by[Verdict.UNKNOWN])
        return Noticed(name, broken, unknown, _changes_outcome(self.baseline.spec, changed))


def _changes_outcome(old: Specification, new: Specification) -> bool:
    try:
        return changes_outcome(old, new)
    except OutsideSubset:
        return True  # a rule in the place of one of another kind: it cannot be carried out


def noticed_apart(names: Sequence[str]) -> list[Noticed]:
    """Return the same from a process of its own, which gives its memory back; raises `CalledProcessError`."""
    command = [sys.executable, "-P", "-m", __name__]
    asked = "\n".join(names).encode()
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this module
    return msgspec.json.decode(done.stdout, type=list[Noticed])


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(Noticer().noticed(sys.stdin.read().split("\n"))))
