"""The states of an instance, the transitions between them, and which kinds of instance can be stopped."""

from typing import Final

from ..clauses import Clause, Part, documented, reported

STATES: Final[tuple[Clause, ...]] = (
    Clause(
        id="STATE-1",
        sentence="An instance is in one of six states: pending (code 0), running (16), shutting-down (32), "
        "terminated (48), stopping (64), stopped (80). Wherever EC2 shows a state, its code and its name agree.",
        evidence={Part.OUTCOME: documented("S-01", "H-02", note="the recorded pairs of code and name agree")},
        effect="a client that compares codes and one that compares names see different states",
    ),
    Clause(
        id="STATE-2",
        sentence="Only the low byte of a state's code counts. The high byte is for EC2's internal use.",
        evidence={Part.OUTCOME: documented("H-01", "H-02", note="the high byte is zero in every recording")},
        effect="a client that masks the code, as AWS advises, reads a wrong state",
    ),
    Clause(
        id="STATE-3",
        sentence="An instance moves only along the transitions of the lifecycle, and a terminated instance stays "
        "terminated.",
        evidence={
            Part.OUTCOME: documented(
                "S-04",
                "S-05",
                "S-14",
                note="two moves that the picture of the user guide lacks are allowed as well: stopped to terminated "
                "at once (recorded), and pending to stopping after a restart (reported)",
            ),
        },
        effect="an instance that was gone comes back, or skips a state for which a waiter waits",
    ),
    Clause(
        id="KIND-1",
        sentence="An EBS-backed instance can be stopped, started again and terminated.",
        evidence={Part.OUTCOME: documented("S-29", "S-11", "S-17", note="recorded for EBS roots")},
        effect="a user who wants to save cost cannot stop the instance",
    ),
    Clause(
        id="KIND-2",
        sentence="An instance store-backed instance can be terminated. EC2 refuses to stop or start it.",
        evidence={
            Part.OUTCOME: documented("S-29", "P-02"),
            Part.CODE: documented("E-17", note="for a refused stop; no code is known for a start"),
            Part.STATUS: documented("E-24", note="no exact number is known for this refusal"),
            Part.MESSAGE: reported("E-17"),
        },
        effect="a tool believes that it can stop the instance, although a stop would lose its data",
    ),
    Clause(
        id="KIND-3",
        sentence="An instance has the root device type of its image.",
        evidence={Part.OUTCOME: documented("L-07")},
        effect="a user expects that a stop loses the data of the instance, but the instance keeps it, or the reverse",
    ),
)
