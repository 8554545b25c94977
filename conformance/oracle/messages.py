"""Whether an error message is one that a fact gives."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from ...model.outcomes import Refusal, Rung
from ...model.world import Instance, Volume


@cache
def _pattern(wording: str) -> re.Pattern[str]:
    text = re.escape(wording)
    for slot in ("id", "ids", "volume", "holder"):
        text = text.replace(re.escape("{" + slot + "}"), f"(?P<{slot}>.*)")
    return re.compile(text, re.DOTALL)


def permitted(
    rung: Rung,
    message: str,
    possible: Collection[Instance],
    certain: Collection[Instance],
    volumes: Collection[Volume],
    holders: Collection[Instance],
) -> bool:
    """Tell whether a message is a wording of the rung about instances that the refusal may be about.

    `{id}` stands for one of them, alone where the wording has a plural; `{ids}` for all of them. `{holder}` stands for
    one of the instances that have the volumes.
    """
    if not rung.wordings or (rung.refusal is Refusal.MALFORMED and len(possible) > 1):
        return True  # no fact gives the words for several malformed ids
    plural = any("{ids}" in wording for wording in rung.wordings)
    for wording in rung.wordings:
        match = _pattern(wording).fullmatch(message)
        if match is None:
            continue
        found = match.groupdict()
        if "id" in found and (found["id"] not in possible or (plural and len(certain) > 1)):
            continue
        if "volume" in found and found["volume"] not in volumes:
            continue
        if "holder" in found and found["holder"] not in holders:
            continue
        if "ids" in found:
            listed = found["ids"].split(", ")
            if len(listed) < 2 or not set(certain) <= set(listed) <= set(possible):  # noqa: PLR2004
                continue
        return True
    return False


def named_by(rung: Rung, message: str) -> frozenset[str]:
    """Return what a message names in a wording of the rung; nothing where it is no such wording."""
    for wording in rung.wordings:
        match = _pattern(wording).fullmatch(message)
        if match is not None:
            found = match.groupdict()
            return frozenset(found["ids"].split(", ") if "ids" in found else _named(found))
    return frozenset()


def _named(found: Mapping[str, str]) -> Iterator[str]:
    return (found[slot] for slot in ("id", "holder") if slot in found)


def named_in(message: str, instances: Collection[Instance]) -> tuple[Instance, ...]:
    """Return the instances that a message names."""
    words = set(re.findall(r"[\w-]+", message))
    return tuple(i for i in instances if i in words)
