"""Reads the output of `prove --json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from .events import TheoremInfo
from .misfits import mistake_in
from .os_reasons import os_reason
from .safe_text import shortened
from .stream import StreamError
from .truncation import NAME

_WHAT: Final = "name the output of `ec2-lifecycle prove --json`"


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of a theorem."""

    id: str
    sentence: str
    verdict: Mapping[str, str]
    """By solver: proved, broken or unknown."""
    ms: Mapping[str, float]
    holds: bool


@dataclass(frozen=True, slots=True)
class _File:
    schema: int
    theorems: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class TheoremEntry:
    """A theorem for a report; `proof` is None unless one was given for this exact sentence."""

    info: TheoremInfo
    proof: Proof | None

    @property
    def results(self) -> tuple[str, ...]:
        """Each solver's verdict and time."""
        if self.proof is None:
            return ()
        ms = self.proof.ms
        return tuple(
            f"{verdict} by {solver}" + (f" in {ms[solver]:,.0f} ms" if solver in ms else "")
            for solver, verdict in self.proof.verdict.items()
        )


def read_proofs(path: Path) -> tuple[Proof, ...]:
    """Read a file of proofs; raises `StreamError`."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise StreamError(path, None, f"cannot be read ({os_reason(error)}); {_WHAT}") from error
    try:
        read = msgspec.json.decode(text, type=_File)
    except (ValueError, RecursionError) as error:
        told = f"this is not a file of proofs ({mistake_in(text, _File)}); {_WHAT}"
        raise StreamError(path, None, told) from error
    if read.schema != 1:
        raise StreamError(path, None, f"its schema is {read.schema}, not 1; read it with a newer ec2-lifecycle")
    return read.theorems


def theorem_entries(theorems: Mapping[str, TheoremInfo], proofs: tuple[Proof, ...]) -> tuple[TheoremEntry, ...]:
    """Return the theorems of the streams with their proofs, then those that only the proofs have.

    A different sentence under the same id is a different theorem, whose proof does not apply.
    """
    left = {(proof.id, proof.sentence): proof for proof in proofs}
    shown = [TheoremEntry(_truncated(info), left.pop((info.id, info.sentence), None)) for info in theorems.values()]
    shown.extend(TheoremEntry(_truncated(TheoremInfo(proof.id, proof.sentence, ())), proof) for proof in left.values())
    return tuple(shown)


def _truncated(info: TheoremInfo) -> TheoremInfo:
    return TheoremInfo(
        shortened(info.id, NAME), shortened(info.sentence), tuple(shortened(clause, NAME) for clause in info.clauses)
    )
