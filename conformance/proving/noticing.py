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


def noticed_apart(names: Sequence[str]) -> list[Noticed]:
    """Return the same from a process of its own, which gives its memory back; raises `CalledProcessError`."""
    command = [sys.executable, "-P", "-m", __name__]
    asked = "\n".join(names).encode()
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this module
    return msgspec.json.decode(done.stdout, type=list[Noticed])


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(Noticer().noticed(sys.stdin.read().split("\n"))))
