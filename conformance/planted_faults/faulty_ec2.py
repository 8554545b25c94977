"""The one way to start an EC2 with a planted fault: the model, with its rules, its handling or its replies changed."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from ...model.requests import Operation
from ...model.specification import EC2, Specification
from ...model.states import InstanceState
from ..adapter.clock import VirtualClock
from ..adapter.target import Patience, Target
from ..emulator.account import Account
from ..emulator.behaviour import AT_ONCE, DELAYS, Behaviour, Bounds, StepKind
from ..emulator.client import ModelClient
from ..targets.model import PATIENCE, client_target
from .handlers import FaultySimulation, Handler
from .replies import InterceptedClient, Interceptor, Original, Reply, instances_of

Interceptors = Mapping[Operation, Interceptor]
_CONFORMING: Final = (Behaviour(), Behaviour(delays=AT_ONCE))
"""Behaviours in which nothing goes wrong by itself."""


@dataclass(frozen=True, slots=True)
class FaultyEc2:
    """An EC2 that obeys `spec`, except where `handler` answers a request or an interceptor answers a call.

    `interceptors` is called for each new target, so that what it returns may remember what it saw.
    """

    spec: Specification = EC2
    behaviour: Behaviour = field(default_factory=Behaviour)
    handler: Handler | None = None
    interceptors: Callable[[], Interceptors] = dict[Operation, Interceptor]
    patience: Patience = PATIENCE

    @property
    def operations(self) -> frozenset[Operation] | None:
        """The only operations whose requests it may answer wrongly, or None if it may go wrong anywhere."""
        if self.behaviour not in _CONFORMING or replace(self.spec, operations=EC2.operations) != EC2:
            return None
        changed = {operation for operation, rules in self.spec.operations.items() if rules != EC2.operations[operation]}
        handled = frozenset[Operation]() if self.handler is None else self.handler.on
        return frozenset(changed | handled | self.interceptors().keys())

    def target(self) -> Target:
        """Start a fresh account of this EC2, as a target."""
        target, _ = self.started()
        return target

    def started(self) -> tuple[Target, Account]:
        """Start a fresh account of this EC2, as a target, with the records that it really keeps."""
        clock = VirtualClock()
        client = ModelClient(self.spec, self.behaviour, clock)
        if self.handler is not None:
            account = client.simulation.account
            client.simulation = FaultySimulation(self.spec, self.behaviour, clock, account, self.handler)
        intercepted = InterceptedClient(self.interceptors(), client, owner=client)
        return client_target(intercepted, clock, name="faulty", patience=self.patience), client.simulation.account


PLAIN_EC2: Final = FaultyEc2()
"""The model itself, with each open point as preferred."""
AT_ONCE_EC2: Final = FaultyEc2(behaviour=Behaviour(delays=AT_ONCE), patience=Patience())
"""The same, with no delays, as in most emulators: the base of the bank, which conforms."""


def obeying(
    spec: Specification = EC2,
    picks: Mapping[str, Enum] | None = None,
    delays: Mapping[StepKind, Bounds] | None = None,
) -> FaultyEc2:
    """Obey a specification, settle open points by `picks`, else as preferred, and take these delays."""
    return FaultyEc2(spec, Behaviour(picks=picks or {}, delays={**DELAYS, **(delays or {})}))


def intercepting(interceptors: Callable[[], Interceptors], base: FaultyEc2 = PLAIN_EC2) -> FaultyEc2:
    """Answer calls by functions; `interceptors` is called for each new target."""
    return replace(base, interceptors=interceptors)


def rewriting(operation: Operation, change: Callable[[Reply], object], base: FaultyEc2 = PLAIN_EC2) -> FaultyEc2:
    """Change every successful reply of one operation, in place."""

    def intercept(ec2: Original, sent: Reply) -> Reply:
        reply = deepcopy(ec2.call(**sent))
        change(reply)
        return reply

    return intercepting(lambda: {operation: intercept}, base)


def describing(change: Callable[[Reply], object], *states: InstanceState) -> FaultyEc2:
    """Change the description of every instance, or of those in some states."""
    names = [state.value for state in states]

    def change_all(reply: Reply) -> None:
        for instance in instances_of(reply):
            if not names or instance["State"]["Name"] in names:
                change(instance)

    return rewriting(Operation.DESCRIBE, change_all)
