"""What the oracle costs: the time to judge a request of 1000 ids over 3 zones, and the memory of a belief.

Run it with the project installed: `python benchmarks/oracle.py`. It prints milliseconds and bytes.
"""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from typing import Final

from ec2_lifecycle.conformance.observation import Changes, Instances, InstanceSeen, Observation, Refused, StateChange, StateSeen
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.oracle.oracle import Oracle
from ec2_lifecycle.model.requests import BatchRequest, LaunchRequest, Operation, Request
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import CODES, InstanceState
from ec2_lifecycle.model.world import Instance, Zone

ZONES: Final = (Zone("1"), Zone("2"), Zone("3"))
ROUNDS: Final = 20
LIMIT_MS: Final = 100.0
"""What judging 1000 ids may take."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, the reply to it, and when."""

    request: Request
    observation: Observation
    at: float


def seen(state: InstanceState) -> StateSeen:
    """Return a state as EC2 sends it."""
    return StateSeen(CODES[state], state.value)


def described(i: Instance, zone: Zone, state: InstanceState) -> InstanceSeen:
    """Return the description of an instance that nobody did anything to."""
    reason = {InstanceState.PENDING: "pending"}.get(state, "")
    return InstanceSeen(i, seen(state), zone, "ebs", reason, "", frozenset({Shown.PRIVATE_IP}), ())


def beginning(count: int) -> list[Exchange]:
    """Return the launches of so many instances, evenly over the zones, one of them protected, and a look at them."""
    names = {zone: [Instance(f"{zone}-{n}") for n in range(count) if n % len(ZONES) == z] for z, zone in enumerate(ZONES)}
    exchanges: list[Exchange] = []
    for zone in ZONES:
        first, *others = names[zone]
        for protected, group in ((True, [first]), (False, others)):
            request = LaunchRequest(
                instances=tuple(group),
                zone=zone,
                disable_api_termination=protected and zone == ZONES[0],
                volumes=((),) * len(group),
            )
            shown = Instances(tuple(described(i, zone, InstanceState.PENDING) for i in group))
            exchanges.append(Exchange(request, shown, 0.0))
    everything = [(zone, i) for zone in ZONES for i in names[zone]]
    look = BatchRequest(Operation.DESCRIBE, instances=tuple(i for _, i in everything))
    running = Instances(tuple(described(i, zone, InstanceState.RUNNING) for zone, i in everything))
    return [*exchanges, Exchange(look, running, 100.0)]


def terminated(exchanges: list[Exchange], *, with_protected: bool) -> Exchange:
    """Return the request to terminate everything: refused in part where it names the protected instance."""
    launches = [e.request for e in exchanges if isinstance(e.request, LaunchRequest)]
    protected = next(r.instances[0] for r in launches if r.disable_api_termination)
    named = tuple(i for r in launches for i in r.instances if with_protected or i != protected)
    request = BatchRequest(Operation.TERMINATE, instances=named)
    if with_protected:
        message = (
            f"The instance '{protected}' may not be terminated. "
            "Modify its 'disableApiTermination' instance attribute and try again."
        )
        return Exchange(request, Refused("OperationNotPermitted", message, 400), 101.0)
    moved = (seen(InstanceState.RUNNING), seen(InstanceState.SHUTTING_DOWN))
    return Exchange(request, Changes(tuple(StateChange(i, *moved) for i in named)), 101.0)


def told(oracle: Oracle, exchanges: list[Exchange]) -> Oracle:
    """Let an oracle judge replies that are all permitted."""
    for exchange in exchanges:
        found = oracle.judge(0, exchange.request, exchange.observation, exchange.at, exchange.at)
        if found:
            raise AssertionError(found[0].title)
    return oracle


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that some work takes."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def milliseconds(before: list[Exchange], exchange: Exchange) -> tuple[float, float]:
    """Return how long it takes to judge one reply: with an engine that knows nothing yet, and the median afterwards."""
    cold = told(Oracle(Engine(EC2)), before)
    first = timed(lambda: told(cold, [exchange]))
    engine = Engine(EC2)
    oracles = [told(Oracle(engine), before) for _ in range(ROUNDS)]
    return first, median(timed(lambda oracle=oracle: told(oracle, [exchange])) for oracle in oracles)


def bytes_of_belief(count: int) -> tuple[float, float]:
    """Return the bytes per instance that an oracle keeps, after the first look and after a partly refused termination."""
    before = beginning(count)
    refused = terminated(before, with_protected=True)
    look = replace(before[-1], at=102.0)
    engine = Engine(EC2)
    told(Oracle(engine), [*beginning(3), terminated(beginning(3), with_protected=True)])  # what it asks for only once
    tracemalloc.start()
    oracle = told(Oracle(engine), before)
    quiet = tracemalloc.get_traced_memory()[0]
    told(oracle, [refused])
    split = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del look
    return quiet / count, split / count


def main() -> None:
    """Measure, and print what was measured."""
    before = beginning(1000)
    for what, exchange in (
        ("success (999 ids)", terminated(before, with_protected=False)),
        ("partly refused (1000 ids)", terminated(before, with_protected=True)),
    ):
        first, later = milliseconds(before[:-1] + before[-1:], exchange)
        verdict = "within" if max(first, later) <= LIMIT_MS else "MORE THAN"
        print(f"terminate over 3 zones, {what}: {first:.1f} ms the first time, {later:.1f} ms then", end="")
        print(f" ({verdict} {LIMIT_MS:.0f} ms)")
    first, later = milliseconds(before[:-1], before[-1])
    print(f"describe 1000 instances: {first:.1f} ms the first time, {later:.1f} ms then")
    for count in (100, 1000, 5000):
        quiet, split = bytes_of_belief(count)
        print(f"belief about {count} instances: {quiet:.0f} bytes each; {split:.0f} after a partly refused termination")


if __name__ == "__main__":
    main()
