"""What EC2 and the guest do without a request: shutdown from inside, and retirement."""

from typing import Final

from ..clauses import Clause, Part, documented

BACKGROUND: Final[tuple[Clause, ...]] = (
    Clause(
        id="SHUT-1",
        sentence="A shutdown from inside the guest stops or terminates an EBS-backed instance. Its "
        "InstanceInitiatedShutdownBehavior says which.",
        evidence={Part.OUTCOME: documented("S-24")},
        effect="a shutdown from inside deletes an instance that should have stopped, or keeps one that should end",
    ),
    Clause(
        id="SHUT-2",
        sentence="The default of InstanceInitiatedShutdownBehavior is stop. A shutdown from inside the guest always "
        "terminates an instance store-backed instance.",
        evidence={Part.OUTCOME: documented("S-24")},
        effect="a shutdown deletes an instance although its owner did not ask for that",
    ),
    Clause(
        id="SHUT-3",
        sentence="After a shutdown from inside the guest, StateReason is Client.InstanceInitiatedShutdown.",
        evidence={Part.OUTCOME: documented("T-09", "T-08")},
        effect="an audit blames a user for what the guest did",
    ),
    Clause(
        id="RETIRE-1",
        sentence="Retirement stops an EBS-backed instance and terminates an instance store-backed one.",
        evidence={Part.OUTCOME: documented("S-25")},
        effect="a user believes that an instance is lost, although a start would bring it back",
    ),
)
