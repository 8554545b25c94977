"""Measures the oracle: the time to judge a request with 1000 ids in 3 zones, and the memory of a belief.

Run it with the project installed: `python benchmarks/oracle.py`. It prints milliseconds and bytes.
"""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

from ec2_lifecycle.conformance.adapter.observation import (
    Changes,
    Instances,
    InstanceSeen,
    Observation,
    Refused,
    StateChange,
    StateSeen,
)
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
"""The limit for judging 1000 ids."""


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
    """Return the description of an instance that no request has changed."""
    reason = {InstanceState.PENDING: "pending"}.get(state, "")
    return InstanceSeen(i, seen(state), zone, "ebs", reason, "", frozenset({Shown.PRIVATE_IP}), ())


def beginning(count: int, *, protected: bool) -> list[Exchange]:
    """Return the launches of so many instances, evenly over the zones, one of them protected, and a look at them."""
    exchanges: list[Exchange] = []
    shown: list[InstanceSeen] = []
    for z, zone in enumerate(ZONES):
        names = [Instance(f"{zone}-{n}") for n in range(z, count, len(ZONES))]
        for group in (names[:1], names[1:]):
            request = LaunchRequest(
                instances=tuple(group),
                zone=zone,
                disable_api_termination=protected and z == 0 and group == names[:1],
                volumes=((),) * len(group),
            )
            launched = Instances(tuple(described(i, zone, InstanceState.PENDING) for i in group))
            exchanges.append(Exchange(request, launched, 0.0))
            shown += [described(i, zone, InstanceState.RUNNING) for i in group]
    look = BatchRequest(Operation.DESCRIBE, instances=tuple(item.instance for item in shown))
    return [*exchanges, Exchange(look, Instances(tuple(shown)), 100.0)]


def terminated(exchanges: list[Exchange]) -> Exchange:
    """Return the request to terminate everything, and the reply: refused where an instance is protected."""
    launches = [e.request for e in exchanges if isinstance(e.request, LaunchRequest)]
    named = tuple(i for request in launches for i in request.instances)
    request = BatchRequest(Operation.TERMINATE, instances=named)
    protected = [request.instances[0] for request in launches if request.disable_api_termination]
    if protected:
        message = (
            f"The instance '{protected[0]}' may not be terminated. "
            "Modify its 'disableApiTermination' instance attribute and try again."
        )
        return Exchange(request, Refused("OperationNotPermitted", message, 400), 101.0)
    before, after = seen(InstanceState.RUNNING), seen(InstanceState.SHUTTING_DOWN)
    return Exchange(request, Changes(tuple(StateChange(i, before, after) for i in named)), 101.0)


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
    """Return the bytes kept per instance: after a first look, and after a partly refused termination."""
    engine = Engine(EC2)
    few = beginning(3, protected=True)
    told(Oracle(engine), [*few, terminated(few)])  # what the engine remembers does not grow with the instances
    exchanges = beginning(count, protected=True)
    refused = terminated(exchanges)
    tracemalloc.start()
    oracle = told(Oracle(engine), exchanges)
    quiet = tracemalloc.get_traced_memory()[0]
    told(oracle, [refused])
    split = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return quiet / count, split / count


def main() -> None:
    """Measure, and print what was measured."""
    for protected, what in ((False, "success"), (True, "partly refused")):
        exchanges = beginning(1000, protected=protected)
        first, later = milliseconds(exchanges, terminated(exchanges))
        verdict = "within" if max(first, later) <= LIMIT_MS else "MORE THAN"
        print(
            f"terminate 1000 ids over 3 zones, {what}: {first:.1f} ms the first time, {later:.1f} ms then "
            f"({verdict} {LIMIT_MS:.0f} ms)"
        )
    *launches, look = beginning(1000, protected=False)
    first, later = milliseconds(launches, look)
    print(f"describe 1000 ids: {first:.1f} ms the first time, {later:.1f} ms then")
    for count in (100, 1000, 5000):
        quiet, split = bytes_of_belief(count)
        print(f"belief about {count} instances: {quiet:.0f} bytes each, {split:.0f} after a partly refused termination")


if __name__ == "__main__":
    main()
