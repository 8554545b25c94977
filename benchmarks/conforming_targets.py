"""Runs the guided walk on conforming targets, in process and served; it must find nothing.

Run by `nox -s bench`, or with the project installed: `python benchmarks/conforming_targets.py`.
"""

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from os import cpu_count
from typing import Final

from contenders import Counted
from guided import guided_walk
from over_the_wire import served_target

from ec2_lifecycle.conformance.adapter.target import Target
from ec2_lifecycle.conformance.emulator.behaviour import AT_ONCE, FORGETFUL, SLOW, Behaviour, ChoicePolicy
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.targets.model import VARIED, model_target
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.specification import EC2

BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "as preferred, at once": Behaviour(delays=AT_ONCE),
    "as is hardest on clients, as slowly as may be": Behaviour(choice_policy=ChoicePolicy.HARDEST, delays=SLOW),
    "any order, high bytes, unknown fields": Behaviour(permute=True, high_byte=True, extra_fields=True),
    "shows whatever it may": Behaviour(choice_policy=ChoicePolicy.RANDOM, lavish=True),
    "shows no more than it must": Behaviour(choice_policy=ChoicePolicy.RANDOM, sparse=True),
    "launches and starts that fail": Behaviour(failures=0.5),
    "forgets early": Behaviour(choice_policy=ChoicePolicy.RANDOM, delays=FORGETFUL),
    "as varied as the target model": VARIED,
    "all at random, slow, with failures": Behaviour(
        choice_policy=ChoicePolicy.RANDOM,
        permute=True,
        high_byte=True,
        extra_fields=True,
        lavish=True,
        failures=0.2,
        delays=SLOW,
    ),
    "all at random, at once, forgetting early": Behaviour(
        choice_policy=ChoicePolicy.RANDOM,
        permute=True,
        high_byte=True,
        extra_fields=True,
        sparse=True,
        failures=0.2,
        delays={**AT_ONCE, StepName.FORGOTTEN: FORGETFUL[StepName.FORGOTTEN]},
    ),
}
"""Together, all permitted variations; each gets the same share of the calls."""


@contextmanager
def in_process(behaviour: Behaviour) -> Generator[Target]:
    """Yield the target `model`."""
    yield model_target(EC2, behaviour)


PLACES: Final[Mapping[str, tuple[Callable[[Behaviour], AbstractContextManager[Target]], int]]] = {
    "in process": (in_process, 100_000),
    "over HTTP": (served_target, 20_000),
}
"""The kinds of conforming targets, and the calls made to each."""


def walked(place: str, name: str) -> tuple[int, int]:
    """Walk on one target, starting anew after each finding; return the numbers of calls and findings.

    Raises `AssertionError` if a walk makes no call.
    """
    engine = Engine(EC2)
    started, goal = PLACES[place]
    share = goal // len(BEHAVIOURS)
    calls = findings = walks = 0
    while calls < share:
        walks += 1
        with started(replace(BEHAVIOURS[name], seed=walks)) as target:
            counted = Counted(target, share - calls)
            found = guided_walk(counted, engine, walks, share - calls)
        findings += found is not None
        if counted.calls == 0:
            raise AssertionError(f"the walk made no call on the target that is {name}")
        calls += counted.calls
    return calls, findings


def main() -> None:
    """Walk on all targets, and print the findings."""
    for place, (_, goal) in PLACES.items():
        total = findings = 0
        with ProcessPoolExecutor(cpu_count()) as pool:
            for name, (made, found) in zip(BEHAVIOURS, pool.map(partial(walked, place), BEHAVIOURS), strict=True):
                print(f"{made:>7,} calls {place}, {found} findings: {name}")
                total, findings = total + made, findings + found
        met = "met" if total >= goal and findings == 0 else "MISSED"
        print(f"goal: no finding on conforming targets {place} in {goal:,} calls: {met} ({findings} in {total:,})")


if __name__ == "__main__":
    main()
