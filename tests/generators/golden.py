"""The golden numbers: what an exhaustive exploration of each named scope counts, kept in `golden.toml` beside this.

`nox -s golden` runs this file: it explores every scope and writes its numbers again, with `-- SCOPE...` only those.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

from ec2_lifecycle.model.choices import Choice
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.reach.explore import Mover, Reached, State, explore
from ec2_lifecycle.model.reach.scope import Scope
from ec2_lifecycle.model.reach.scopes import SCOPES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import World

FILE: Final = Path(__file__).with_suffix(".toml")
RENEW: Final = "nox -s golden"
HEAD: Final = f"""\
# What every named scope (model/reach/scopes.py) reaches, by exhaustive execution of the specification, up to renaming.
# Written by `{RENEW}` and compared by tests/model/test_golden.py. Counted are:
# - worlds, and those of them in which nothing that EC2 has begun is still on its way;
# - transitions: what is different of (world, request or background step, answer, world);
# - depth: the fewest requests and background steps to the farthest world;
# - for each answer, and each change of what a request or step names, the situations in which it may come:
#   a world, and a request or step in it.
# `picked` lists the alternatives of open choices that were picked.
"""


@dataclass(frozen=True)
class Numbers:
    """What an exploration counts, each with its name, and the alternatives that it picked."""

    counts: Mapping[str, int]
    picked: tuple[str, ...]


def answer(operation: Operation, rung: Rung | None) -> str:
    """Return the name of an answer to a request."""
    if rung is None:
        return f"{operation.value}: success"
    return f"{operation.value}: {rung.code.value} ({rung.status or '4xx'}), for {rung.refusal.value}"


def change(mover: Mover, before: State | None, after: State) -> str:
    """Return the name of a change of state."""
    return f"{mover.value}: {'nothing' if before is None else before.value} → {after.value}"


def alternative(choice: str, picked: Enum) -> str:
    """Return the name of one alternative of a choice, given by its id."""
    return f"{choice}: {picked.value}"


def alternatives(choice: Choice[Any]) -> tuple[str, ...]:
    """Return the name of each alternative of a choice."""
    return tuple(alternative(choice.id, one) for one in choice.alternatives)


def numbers_of(reached: Reached) -> Numbers:
    """Count what was reached."""
    totals = {
        "worlds": len(reached.worlds),
        "worlds at rest": sum(_at_rest(reached, world) for world in reached.worlds),
        "transitions": reached.transitions,
        "depth": reached.depth,
    }
    tally = reached.tally
    named = {
        **{answer(*one): count for one, count in tally.answers.items()},
        **{change(*one): count for one, count in tally.changes.items()},
    }
    picked = sorted(alternative(*one) for one in tally.picks)
    return Numbers({**totals, **dict(sorted(named.items()))}, tuple(picked))


def _at_rest(reached: Reached, world: World) -> bool:
    spec = reached.spec
    return all(spec.at_rest(world, i) for i in world.instances) and all(
        spec.volume_at_rest(world, v) for v in world.volumes
    )


def committed() -> dict[str, Numbers]:
    """Return the numbers of each scope as they were committed."""
    tables = cast("dict[str, dict[str, int | list[str]]]", tomllib.loads(FILE.read_text(encoding="utf-8")))
    return {
        name: Numbers(
            {key: value for key, value in table.items() if isinstance(value, int)},
            tuple(cast("list[str]", table["picked"])),
        )
        for name, table in tables.items()
    }


def write(numbers: Mapping[str, Numbers]) -> None:
    """Write the numbers of the named scopes, in their order."""
    tables = "".join("\n" + _table(scope, numbers[scope.name]) for scope in SCOPES if scope.name in numbers)
    FILE.write_text(HEAD + tables, encoding="utf-8")


def _table(scope: Scope, numbers: Numbers) -> str:
    # A basic string of TOML is written as one of JSON.
    quoted = [json.dumps(one, ensure_ascii=False) for one in numbers.picked]
    lines = [
        f"# {scope.about}",
        f"[{scope.name}]",
        *(f"{json.dumps(key, ensure_ascii=False)} = {count}" for key, count in numbers.counts.items()),
        *(["picked = [", *(f"    {one}," for one in quoted), "]"] if quoted else ["picked = []"]),
    ]
    return "\n".join(lines) + "\n"


def moved(before: Numbers, after: Numbers) -> Iterator[str]:
    """Yield a line for each number that is not what it was, in the order of the file."""
    for key in dict.fromkeys((*before.counts, *after.counts)):
        old, new = before.counts.get(key, 0), after.counts.get(key, 0)
        if old != new:
            yield f"{key}: {old} → {new}"
    for one in before.picked:
        if one not in after.picked:
            yield f"no longer picked: {one}"
    for one in after.picked:
        if one not in before.picked:
            yield f"newly picked: {one}"


def explored(scope: Scope) -> Numbers:
    """Explore a scope and count."""
    return numbers_of(explore(EC2, scope))


def main(names: list[str]) -> str | None:
    """Write the numbers of the scopes that are named, or of all; return what is wrong with the names."""
    scopes = [scope for scope in SCOPES if not names or scope.name in names]
    if unknown := set(names) - {scope.name for scope in scopes}:
        known = ", ".join(scope.name for scope in SCOPES)
        return f"no scope is called {', '.join(sorted(unknown))}; there are {known}"
    kept = committed() if names else {}
    with ProcessPoolExecutor() as pool:
        new = dict(zip((scope.name for scope in scopes), pool.map(explored, scopes), strict=True))
    write({**kept, **new})
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
