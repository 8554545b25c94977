"""Every source that a fact cites, by its key: what it is, where it opens, its date and region."""

from collections.abc import Mapping
from itertools import chain
from typing import Final

from .documentation import DOCUMENTATION
from .fact import Source
from .recordings import RECORDINGS
from .reports import REPORTS

SOURCES: Final[Mapping[str, Source]] = {source.key: source for source in chain(RECORDINGS, DOCUMENTATION, REPORTS)}
"""Every source by its key."""
