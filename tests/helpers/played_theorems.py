"""Theorems by plain execution: in a situation that is known, for every answer that is permitted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from inspect import signature
from itertools import product
from typing import Any

from situations import Situation

from ec2_lifecycle.model.background import VolumeStep
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.proof.outcome_text import fresh
from ec2_lifecycle.model.requests import BatchRequest, Operation
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.theorems.happenings import Answerer, Happened, Sent, Standing, Zones, happened
from ec2_lifecycle.model.theorems.theorem import Formula, Theorem
from ec2_lifecycle.model.world import Instance, Volume, Zone

Happens = Callable[[Answerer], Sent | Happened | Standing]
PARTS = (frozenset({Zone("1")}), frozenset({Zone("2"), Zone("9")}))
"""The sets of zones that are tried."""


def sent(spec: Specification, situation: Situation, answerer: Answerer) -> Sent:
    """Return the request of a situation, sent."""
    return Sent(spec, fresh(situation.world), situation.request, situation.choices, answerer)


def happenings(spec: Specification, situation: Situation) -> Iterator[Happened]:
    """Yield every background step that can come in a world."""
    world = situation.world
    for step in (*spec.steps, *spec.volume_steps):
        if isinstance(step, VolumeStep):
            for v in world.volumes:
                if step.enabled(fresh(world), situation.choices, v):
                    yield happened(spec, world, step, v)
        else:
            for i in world.instances:
                if step.enabled(fresh(world), i):
                    yield happened(spec, world, step, i)


def results(formula: Formula, arguments: Callable[[Answerer], Mapping[str, Any]]) -> Iterator[bool]:
    """Yield what a formula comes to, for every way in which requests may be answered."""
    plans: list[tuple[int, ...]] = [()]
    while plans:
        plan = plans.pop()
        given: list[tuple[int, int]] = []

        def answerer(
            permitted: tuple[Rung, ...], plan: tuple[int, ...] = plan, given: list[tuple[int, int]] = given
        ) -> Rung:
            picked = plan[len(given)] if len(given) < len(plan) else 0
            given.append((picked, len(permitted)))
            return permitted[picked]

        yield formula(**arguments(answerer))
        for place in range(len(plan), len(given)):
            before = tuple(picked for picked, _ in given[:place])
            plans.extend((*before, other) for other in range(1, given[place][1]))


def violations(spec: Specification, theorem: Theorem, situation: Situation, *, of_request: bool) -> Iterator[str]:
    """Yield where a theorem does not hold of the request of a situation, or else of its world and what comes to it."""
    for happens in (_request if of_request else _background)(spec, theorem, situation):
        for others in _other_arguments(theorem, situation):

            def arguments(
                answerer: Answerer, happens: Happens = happens, others: dict[str, object] = others
            ) -> dict[str, object]:
                plain = {
                    name: sent(spec, other, answerer) if isinstance(other, Situation) else other
                    for name, other in others.items()
                }
                return {next(iter(signature(theorem.formula).parameters)): happens(answerer), **plain}

            for holds in results(theorem.formula, arguments):
                if not holds:
                    yield f"{theorem.name} of {happens(_any)}, with {others}"


def _any(permitted: tuple[Rung, ...]) -> Rung:
    return permitted[0]


def _request(spec: Specification, theorem: Theorem, situation: Situation) -> Iterator[Happens]:
    if situation.request.operation in theorem.over:
        yield lambda answerer: sent(spec, situation, answerer)


def _background(spec: Specification, theorem: Theorem, situation: Situation) -> Iterator[Happens]:
    for change in happenings(spec, situation):
        if change.name in theorem.over:
            yield lambda _, change=change: change
    if not theorem.over:
        yield lambda _: Standing(spec, situation.world, situation.choices)


def _other_arguments(theorem: Theorem, situation: Situation) -> Iterator[dict[str, object]]:
    world, request = situation.world, situation.request
    again = BatchRequest(Operation.TERMINATE, instances=request.instances or tuple(world.instances))
    values: dict[object, Iterable[object]] = {
        Instance: dict.fromkeys((*world.instances, *world.strangers, *request.instances)),
        Volume: dict.fromkeys((*world.volumes, *request.volume_ids)),
        Zones: PARTS,
        Sent: [replace(situation, request=again)],
    }
    _, *others = signature(theorem.formula).parameters.values()
    for picked in product(*(values[parameter.annotation] for parameter in others)):
        yield {parameter.name: value for parameter, value in zip(others, picked, strict=True)}
