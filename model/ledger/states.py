"""The states of an instance, the transitions between them, and which kinds of instance can be stopped."""

from typing import Final

from ..clauses import Clause, Part, documented, reported

STATES: Final[tuple[Clause, ...]] = (
    Clause(
        id="STATE-1",
        sentence="An instance is in one of six states, each with its code: pending 0, running 16, shutting-down 32, "
        "terminated 48, stopping 64, stopped 80; wherever a state is shown, code and name agree.",
        evidence={
            Part.OUTCOME: documented(
                "S-01: API model, InstanceState; H-02: the one recorded pair that disagrees is a hand edit"
            )
        },
        effect="a client that compares codes and one that compares names see different states",
    ),
    Clause(
        id="STATE-2",
        sentence="Only the low byte of a state's code counts; the high byte is EC2's own.",
        evidence={Part.OUTCOME: documented("H-01: API model; H-02: the high byte is zero in all 326 recorded pairs")},
        effect="a client that masks the code, as it is told to, reads a wrong state",
    ),
    Clause(
        id="STATE-3",
        sentence="An instance moves only along the transitions of the lifecycle, and a terminated one never leaves "
        "that state.",
        evidence={
            Part.OUTCOME: documented(
                "S-04: user guide, ec2-instance-lifecycle; two moves that its picture lacks are allowed as well: "
                "stopped to terminated at once (S-05, recorded) and pending to stopping after a restart (S-14, "
                "captured without request id)"
            )
        },
        effect="an instance that was gone comes back, or one skips a state that waiters look for",
    ),
    Clause(
        id="KIND-1",
        sentence="An EBS-backed instance can be stopped, started again and terminated.",
        evidence={
            Part.OUTCOME: documented("S-29: API model; TerminateInstances page; S-11, S-17: recorded for EBS roots")
        },
        effect="stopping to save cost is refused where it should work",
    ),
    Clause(
        id="KIND-2",
        sentence="An instance store-backed instance can be terminated, but neither stopped nor started: both are "
        "refused.",
        evidence={
            Part.OUTCOME: documented("S-29: API model, start returns an error; TerminateInstances page; P-02"),
            Part.CODE: reported("E-17: UnsupportedOperation, one quote of a refused stop; no code is known for start"),
            Part.STATUS: documented("E-24: the 400-series; no exact number is known for this refusal"),
            Part.MESSAGE: reported("E-17: does not have an 'ebs' root device type and cannot be stopped"),
        },
        effect="a tool believes that it can stop an instance whose data a stop would lose",
    ),
)
