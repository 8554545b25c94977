"""Faults of attributes that a request changes although it is not about them."""

from typing import Final

from ....model.requests import Operation, Request
from ....model.states import ShutdownBehavior
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..handlers import FaultySimulation, changed, named


@bank_fault(
    "RUN-4",
    4,
    Tag.HISTORY,
    Tag.PROTECTION,
    on=Operation.START,
    steps="""
- run: {name: A, DisableApiTermination: true}
- stop: [A]
- start: [A]
- describe-attribute: {id: A, attribute: DisableApiTermination}
""",
    also=("PROT-7",),
)
def a_start_clears_the_protection(ec2: FaultySimulation, request: Request) -> Answer:
    """A start clears DisableApiTermination."""
    answer = ec2.really(request)
    for i in changed(answer):
        ec2.change(i, disable_api_termination=False)
    return answer


@bank_fault(
    "RUN-4",
    3,
    Tag.HISTORY,
    Tag.STATES,
    on=Operation.STOP,
    steps="""
- run: {name: A, InstanceInitiatedShutdownBehavior: terminate}
- stop: [A]
- describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}
""",
    also=("PROT-10",),
)
def a_stop_resets_the_shutdown_behavior(ec2: FaultySimulation, request: Request) -> Answer:
    """A stop sets InstanceInitiatedShutdownBehavior to stop."""
    answer = ec2.really(request)
    for i in named(request) if answer.refusal is None else ():
        ec2.change(i, shutdown_behavior=ShutdownBehavior.STOP)
    return answer


@bank_fault(
    "RUN-4",
    3,
    Tag.PROTECTION,
    on=Operation.RUN,
    steps="""
- run: {name: A, count: 2, DisableApiTermination: true}
- describe: [A2]
- describe-attribute: {id: A2, attribute: DisableApiTermination}
""",
)
def only_the_first_of_a_launch_is_protected(ec2: FaultySimulation, request: Request) -> Answer:
    """A launch of several protects only the first of its instances."""
    answer = ec2.really(request)
    for i in named(request)[1:] if answer.refusal is None else ():
        ec2.change(i, disable_api_termination=False)
    return answer


ATTRIBUTES: Final[tuple[BankFault, ...]] = (
    a_start_clears_the_protection,
    a_stop_resets_the_shutdown_behavior,
    only_the_first_of_a_launch_is_protected,
)
