"""The target `model`: the specification itself, simulated as an EC2."""

from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from ...model.specification import EC2, Specification
from ..adapter import arguments
from ..adapter.clock import VirtualClock
from ..adapter.ec2_target import Client, Ec2Target
from ..adapter.target import Capability, Patience, Target, Unsupported
from ..emulator import images
from ..emulator.behaviour import Behaviour, ChoicePolicy
from ..emulator.client import ModelClient
from ..emulator.regions import DEFAULT_REGION

VARIED: Final = Behaviour(choice_policy=ChoicePolicy.RANDOM, permute=True)
"""Every alternative of every open point, all durations, any order: everything that EC2 may do happens at some time."""

PATIENCE: Final = Patience(polls=60, first_pause=0.5, factor=1.5, longest_pause=30.0)
"""About half an hour of virtual time, which costs nothing: no step takes longer than a minute."""


def model_target(spec: Specification = EC2, behaviour: Behaviour = VARIED, *, seed: int | None = None) -> Target:
    """Return the specification as a target; `seed` takes the place of the behaviour's own."""
    clock = VirtualClock()
    client = ModelClient(spec, behaviour if seed is None else replace(behaviour, seed=seed), clock)
    return client_target(client, clock, name="model")


def client_target(client: Client, clock: VirtualClock, *, name: str, patience: Patience = PATIENCE) -> Target:
    """Return a client of the model, or one that stands before it, as a target with the clock of the model."""

    def push(step: str, instance_id: str) -> None:
        try:
            client.push(step, instance_id)
        except ValueError as error:
            raise Unsupported(f"The target {name} cannot do {step} now: {error}.") from None

    return Ec2Target(
        client,
        name=name,
        version=_version(),
        clock=clock,
        capabilities=frozenset(Capability) - {Capability.PARALLEL},  # it has one clock
        patience=patience,
        zones=DEFAULT_REGION.zones,
        image=_offered(images.EBS),
        store_image=_offered(images.INSTANCE_STORE),
        nobody=client.for_nobody(),
        push=push,
    )


def _offered(image: images.Image) -> arguments.Image:
    return arguments.Image(image.id, image.root_device_name)


@cache
def _version() -> str:
    try:
        return version("ec2-lifecycle")
    except PackageNotFoundError:  # run from its source, not installed
        return ""
