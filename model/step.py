"""Applies the rules, which describe one request and one instance, to a whole world.

Proofs rely on this module and on the prover's reading of the rules. Tests check both.
"""

from dataclasses import dataclass

from .choices import Choices
from .outcomes import Rung
from .requests import Request
from .specification import Specification
from .world import Instance, InstanceRecord, Volume, VolumeRecord, World


def offenders(rung: Rung, world: World, request: Request, choices: Choices) -> tuple[Instance, ...]:
    """Return the named instances for which a rung applies, each once."""
    if rung.trips is None:
        return ()
    trips = rung.trips
    return tuple(i for i in dict.fromkeys(request.instances) if trips(world, request, choices, i))


def applies(rung: Rung, world: World, request: Request, choices: Choices) -> bool:
    """Return whether the condition of a rung is true, whatever the other rungs of its ladder say."""
    if rung.holds is not None and rung.holds(world, request, choices):
        return True
    if rung.trips is None:
        return False
    trips = rung.trips
    return any(trips(world, request, choices, i) for i in request.instances)


def permitted_refusals(spec: Specification, world: World, request: Request, choices: Choices) -> tuple[Rung, ...]:
    """Return the refusals that EC2 may give to a request; if there is none, the request succeeds.

    A refusal is permitted if it applies, and no refusal that comes strictly earlier applies.
    """
    ladder = spec.operations[request.operation].ladder
    applying = tuple(rung for rung in ladder if applies(rung, world, request, choices))
    names = {rung.refusal for rung in applying}
    return tuple(rung for rung in applying if not rung.after & names)


@dataclass(frozen=True, slots=True)
class Step:
    """The effect of a request: the refusal (None: it succeeded), the world afterwards, and each change."""

    refusal: Rung | None
    world: World
    instances: dict[Instance, InstanceRecord]
    volumes: dict[Volume, VolumeRecord]


def execute(spec: Specification, world: World, request: Request, choices: Choices, refusal: Rung | None) -> Step:
    """Carry out a request that gets one of its permitted refusals, or succeeds (None)."""
    if refusal is not None and not refusal.by_zone:
        return Step(refusal, world, {}, {})
    rules = spec.operations[request.operation]
    instances: dict[Instance, InstanceRecord] = {}
    volumes: dict[Volume, VolumeRecord] = {}
    for i in dict.fromkeys(request.instances):
        if rules.created_instance is not None:
            instances[i] = rules.created_instance(request, i)
        elif rules.instance is not None:
            instances[i] = rules.instance(world, request, choices, i).after
    for v in request.volume_ids:
        if rules.created_volume is not None:
            volumes[v] = rules.created_volume(request, v)
        elif rules.volume is not None:
            volumes[v] = rules.volume(world, request, choices, v).after
    return Step(refusal, world.with_records(instances, volumes), instances, volumes)
