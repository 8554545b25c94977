"""What termination protection and stop protection promise, and how they are set."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

PROTECTION: Final[tuple[Clause, ...]] = (
    Clause(
        id="PROT-1",
        sentence="A protected instance is never terminated through the API, even with Force or SkipOsShutdown.",
        evidence={Part.OUTCOME: documented("P-02", "S-28", "E-10")},
        effect="a protected instance is deleted",
    ),
    Clause(
        id="PROT-2",
        sentence="Stop protection blocks StopInstances: the request is refused with OperationNotPermitted.",
        evidence={
            Part.OUTCOME: recorded(
                "E-12", "P-04", note="what becomes of the other instances of the request is STOP-11"
            ),
            Part.CODE: recorded("E-12"),
            Part.STATUS: recorded("E-12"),
            Part.MESSAGE: recorded("E-12"),
        },
        effect="an instance that must stay up is stopped",
    ),
    Clause(
        id="PROT-3",
        sentence="DisableApiTermination and DisableApiStop are false unless set.",
        evidence={Part.OUTCOME: documented("P-01")},
        effect="a cleaner cannot delete instances that nobody protected",
    ),
    Clause(
        id="PROT-4",
        sentence="Protection can be changed while an instance is pending, running, stopping or stopped. Once it is "
        "shutting-down or terminated, the change is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("P-05", note="documented only for running and stopped instances, PROT-8"),
            Part.CODE: reported("P-05"),
            Part.STATUS: reported("P-05"),
            Part.MESSAGE: reported("P-05"),
        },
        effect="a tool cannot clear protection when it must, or believes that it protects an instance that is gone",
    ),
    Clause(
        id="PROT-5",
        sentence="The two flags are independent: setting one does not set the other, and termination protection does "
        "not block a stop.",
        evidence={Part.OUTCOME: documented("P-04")},
        effect="an instance with termination protection cannot be stopped, or stays protected after the protection "
        "is cleared",
    ),
    Clause(
        id="PROT-6",
        sentence="Protection prevents neither a shutdown from inside the guest nor retirement.",
        evidence={Part.OUTCOME: documented("P-07")},
        effect="a user relies on protection that EC2 does not give",
    ),
    Clause(
        id="PROT-7",
        sentence="DescribeInstanceAttribute shows the value that a protection was last set to.",
        evidence={Part.OUTCOME: recorded("P-09", note="a lag is known of what is enforced, not of what is shown")},
        effect="an audit of protection reports wrong values",
    ),
    Clause(
        id="PROT-8",
        sentence="Protection can be set and cleared while an instance is running or stopped. Once set, it protects "
        "the instance. Once cleared, it stops protecting after a lag of seconds.",
        evidence={Part.OUTCOME: documented("P-01", "P-06", note="the exact lag is open")},
        effect="an instance is deleted right after it was protected, or cannot be deleted after protection was cleared",
    ),
    Clause(
        id="PROT-9",
        sentence="Stop protection cannot be set on an instance store-backed instance.",
        evidence={
            Part.OUTCOME: documented("P-02"),
            Part.CODE: assumed("P-02"),
            Part.STATUS: documented("E-24", note="no exact number is known for this refusal"),
            Part.MESSAGE: assumed("P-02"),
        },
        effect="a user believes that EC2 protects the instance, but EC2 would not",
    ),
    Clause(
        id="PROT-10",
        sentence="DescribeInstanceAttribute shows the value that InstanceInitiatedShutdownBehavior was last set to.",
        evidence={
            Part.OUTCOME: documented("S-24", "B-12", note="the API model lists the attribute; no recording shows it"),
        },
        effect="an audit cannot tell which instances a shutdown deletes",
    ),
)
