"""What `prove --json` says of the theorems, read from a file."""

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
    """How a theorem fared."""

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
class ShownTheorem:
    """A theorem as a report shows it; `proof` where one was given for this very sentence."""

    info: TheoremInfo
    proof: Proof | None

    @property
    def fared(self) -> tuple[str, ...]:
        """What each solver said, and how long it took."""
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
        told = f"this is no file of proofs ({mistake_in(text, _File)}); {_WHAT}"
        raise StreamError(path, None, told) from error
    if read.schema != 1:
        raise StreamError(path, None, f"its schema is {read.schema}, not 1; read it with a newer ec2-lifecycle")
    return read.theorems


def shown_theorems(told: Mapping[str, TheoremInfo], proofs: tuple[Proof, ...]) -> tuple[ShownTheorem, ...]:
    """Return the theorems of the streams with their proofs, then those that only the proofs have.

    Another sentence under the same id is another theorem: a proof of it says nothing of this one.
    """
    left = {(proof.id, proof.sentence): proof for proof in proofs}
    shown = [ShownTheorem(_bounded(info), left.pop((info.id, info.sentence), None)) for info in told.values()]
    shown.extend(ShownTheorem(_bounded(TheoremInfo(proof.id, proof.sentence, ())), proof) for proof in left.values())
    return tuple(shown)


def _bounded(info: TheoremInfo) -> TheoremInfo:
    return TheoremInfo(
        shortened(info.id, NAME), shortened(info.sentence), tuple(shortened(clause, NAME) for clause in info.clauses)
    )
