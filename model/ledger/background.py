"""What EC2 and the guest do without a request: shutdown from inside, and retirement."""

from typing import Final

from ..clauses import Clause, Part, documented

BACKGROUND: Final[tuple[Clause, ...]] = (
    Clause(
        id="SHUT-1",
        sentence="An EBS-backed instance that is shut down from inside its guest stops or is terminated, as its "
        "InstanceInitiatedShutdownBehavior says.",
        evidence={Part.OUTCOME: documented("S-24")},
        effect="a shutdown from inside deletes an instance that should have stopped, or keeps one that should go",
    ),
    Clause(
        id="SHUT-2",
        sentence="The shutdown behavior is stop unless set; an instance store-backed instance is always terminated by "
        "a shutdown from inside its guest.",
        evidence={Part.OUTCOME: documented("S-24")},
        effect="an instance whose owner set nothing is deleted by a shutdown",
    ),
    Clause(
        id="SHUT-3",
        sentence="After a shutdown from inside the guest StateReason is Client.InstanceInitiatedShutdown.",
        evidence={Part.OUTCOME: documented("T-09", "T-08")},
        effect="an audit blames a user for what the guest did",
    ),
    Clause(
        id="RETIRE-1",
        sentence="Retirement stops an EBS-backed instance and terminates an instance store-backed one.",
        evidence={Part.OUTCOME: documented("S-25")},
        effect="an instance that would come back with a start is taken for lost",
    ),
)
