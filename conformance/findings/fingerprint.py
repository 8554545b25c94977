"""A name for a divergence that is the same in every run.

It is made of closed vocabularies only: no ids, no counts, no message text.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from ..oracle.divergence import ERROR_AS_SUCCESS, UNREADABLE, Divergence

FINDING_ID: Final = re.compile(r"f[0-9]+:[0-9a-z]+")
"""The ids of findings, in this and other versions."""
ALIASES: Final[Mapping[str, str]] = {}
"""Maps old fingerprints to current ones, so that waivers survive a renamed word of the vocabulary."""


def fingerprint(divergence: Divergence) -> str:
    """Return `f1:` and ten digits, of clause, operation, state of the blamed instance, expected and observed class.

    The operation does not count for an error under the status of a success: it is one fault of the whole server.
    Of a part of a reply that cannot be read, its place alone counts: a server misspells it in every reply.
    """
    if divergence.observed_class.startswith(UNREADABLE):
        return _named(divergence.observed_class)
    operation = "-" if divergence.observed_class == ERROR_AS_SUCCESS else divergence.operation.value
    return _named(
        divergence.clause,
        operation,
        divergence.state,
        divergence.expected_class,
        divergence.observed_class,
    )


def _named(*words: str) -> str:
    return "f1:" + hashlib.sha256("\0".join(words).encode()).hexdigest()[:10]
