"""A name for a divergence that stays the same from run to run.

Made of closed vocabularies only: no ids, no counts, no message text.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from ..oracle.divergence import Divergence

FINDING_ID: Final = re.compile(r"f[0-9]+:[0-9a-z]+")
"""How a finding is named, in this version and in others."""
ALIASES: Final[Mapping[str, str]] = {}
"""From an old fingerprint to its present one, so that a waiver lives on when a word of the vocabulary is renamed."""


def fingerprint(divergence: Divergence) -> str:
    """Return `f1:` and ten digits, of clause, operation, state of the blamed instance, expected and observed class."""
    words = (
        divergence.clause,
        divergence.operation.value,
        divergence.state,
        divergence.expected_class,
        divergence.observed_class,
    )
    return "f1:" + hashlib.sha256("\0".join(words).encode()).hexdigest()[:10]
