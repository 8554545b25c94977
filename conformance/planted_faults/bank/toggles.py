"""Faults of a protection that is set, cleared and set again."""

from typing import Final

from ....model.requests import Attribute, AttributeRequest, Operation, Request
from ....model.world import Instance
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..handlers import FaultySimulation, named, only

STOP: Final = Operation.STOP
TERMINATE: Final = Operation.TERMINATE
MODIFY: Final = Operation.MODIFY
TERMINATION_PROTECTION: Final = Attribute.DISABLE_API_TERMINATION
STOP_PROTECTION: Final = Attribute.DISABLE_API_STOP


def set_again(ec2: FaultySimulation, request: Request, attribute: Attribute) -> list[Instance]:
    """Return the named instances whose protection is set, and was cleared before."""
    return [
        i
        for i in filter(ec2.knows, named(request))
        if (written := ec2.past.written(i, attribute)) and written[-1] and False in written
    ]


def clears_again(ec2: FaultySimulation, request: Request, attribute: Attribute) -> bool:
    """Tell whether a request clears a protection that was cleared before."""
    return (
        isinstance(request, AttributeRequest)
        and request.attribute is attribute
        and not request.value
        and False in ec2.past.written(request.instance, attribute)
    )


@bank_fault(
    "PROT-1",
    5,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A}
- modify: {id: A, DisableApiTermination: true}
- modify: {id: A, DisableApiTermination: false}
- modify: {id: A, DisableApiTermination: true}
- terminate: [A]
""",
)
def protected_again_it_can_be_terminated(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiTermination that was set, cleared and set again is shown, and not enforced."""
    twice = [
        i for i in set_again(ec2, request, TERMINATION_PROTECTION) if ec2.past.written(i, TERMINATION_PROTECTION)[0]
    ]
    with ec2.unprotected(twice):
        return ec2.really(request)


@bank_fault(
    "PROT-7",
    7,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=MODIFY,
    steps="""
- run: {name: A}
- describe: [A]
- modify: {id: A, DisableApiTermination: true}
- modify: {id: A, DisableApiTermination: false}
- modify: {id: A, DisableApiTermination: true}
- modify: {id: A, DisableApiTermination: false}
- describe-attribute: {id: A, attribute: DisableApiTermination}
""",
)
def cleared_again_it_stays(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiTermination that was set by a change cannot be cleared a second time, though EC2 says so."""
    answer = ec2.really(request)
    i = request.instance
    again = clears_again(ec2, request, TERMINATION_PROTECTION)
    if again and answer.refusal is None and ec2.past.written(i, TERMINATION_PROTECTION)[0]:
        ec2.change(i, disable_api_termination=answer.before.disable_api_termination(i), termination_settling=False)
    return answer


@bank_fault(
    "PROT-2",
    4,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=STOP,
    steps="""
- run: {name: A, DisableApiStop: true}
- modify: {id: A, DisableApiStop: false}
- modify: {id: A, DisableApiStop: true}
- stop: [A]
""",
)
def stop_protected_again_it_can_be_stopped(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiStop that was cleared and set again no longer keeps an instance from being stopped."""
    with ec2.unprotected(set_again(ec2, request, STOP_PROTECTION)):
        return ec2.really(request)


@bank_fault(
    "TERM-11",
    4,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, DisableApiStop: true}
- modify: {id: A, DisableApiStop: false}
- modify: {id: A, DisableApiStop: true}
- terminate: [A]
""",
)
def stop_protected_again_it_can_be_terminated(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiStop that was cleared and set again still blocks a stop, and no termination any more."""
    again = [i for i in set_again(ec2, request, STOP_PROTECTION) if not ec2.record(i).disable_api_termination]
    with ec2.unprotected(again):
        return ec2.really(request)


@bank_fault(
    "RUN-4",
    6,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=MODIFY,
    steps="""
- run: {name: A, DisableApiTermination: true, DisableApiStop: true}
- describe: [A]
- modify: {id: A, DisableApiStop: false}
- modify: {id: A, DisableApiStop: true}
- modify: {id: A, DisableApiStop: false}
- describe-attribute: {id: A, attribute: DisableApiTermination}
""",
)
def the_second_clearing_takes_the_other_along(ec2: FaultySimulation, request: Request) -> Answer:
    """DisableApiStop that is cleared a second time clears DisableApiTermination too."""
    again = clears_again(ec2, request, STOP_PROTECTION)
    answer = ec2.really(request)
    if again and answer.refusal is None and answer.before.disable_api_stop(request.instance):
        ec2.change(request.instance, disable_api_termination=False)
    return answer


@bank_fault(
    "TERM-4",
    6,
    Tag.SECOND_TOGGLE,
    Tag.PROTECTION,
    on=TERMINATE,
    steps="""
- run: {name: A, DisableApiTermination: true}
- run: {name: B}
- modify: {id: A, DisableApiTermination: false}
- modify: {id: A, DisableApiTermination: true}
- terminate: [A, B]
- describe: [B]
""",
)
def protected_again_it_shields_only_itself(ec2: FaultySimulation, request: Request) -> Answer:
    """An instance whose DisableApiTermination was set again is spared itself, and no longer shields its zone."""
    again = set_again(ec2, request, TERMINATION_PROTECTION)
    answer = ec2.really(request)
    if again and answer.refusal is not None and answer.refusal.by_zone:
        for i in named(request):
            if not ec2.protected(i) and any(ec2.record(i).zone == ec2.record(other).zone for other in again):
                ec2.really(only(request, (i,)))
    return answer


TOGGLES: Final[tuple[BankFault, ...]] = (
    protected_again_it_can_be_terminated,
    cleared_again_it_stays,
    stop_protected_again_it_can_be_stopped,
    stop_protected_again_it_can_be_terminated,
    the_second_clearing_takes_the_other_along,
    protected_again_it_shields_only_itself,
)
