"""What termination protection and stop protection promise, and how they are set."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

PROTECTION: Final[tuple[Clause, ...]] = (
    Clause(
        id="PROT-1",
        sentence="A protected instance is never terminated through the API, whatever Force or SkipOsShutdown ask for.",
        evidence={
            Part.OUTCOME: documented(
                "P-02: API model and user guide; S-28: user guide, neither parameter bypasses it; "
                "E-10: ten reports of the refusal"
            )
        },
        effect="a protected instance is deleted",
    ),
    Clause(
        id="PROT-2",
        sentence="Stop protection blocks StopInstances: the request is refused with OperationNotPermitted.",
        evidence={
            Part.OUTCOME: recorded(
                "E-12: rec:c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json (2022-11-17); P-04"
            ),
            Part.CODE: recorded("E-12: OperationNotPermitted"),
            Part.STATUS: recorded("E-12: 400"),
            Part.MESSAGE: recorded("E-12: may not be stopped, modify its 'disableApiStop' attribute"),
        },
        effect="an instance that must stay up is stopped",
    ),
    Clause(
        id="PROT-3",
        sentence="DisableApiTermination and DisableApiStop are false unless set.",
        evidence={Part.OUTCOME: documented("P-01: API model and user guide")},
        effect="instances that nobody protected cannot be cleaned up",
    ),
    Clause(
        id="PROT-4",
        sentence="Protection can be changed while an instance is pending, running, stopping or stopped, and is refused "
        "with IncorrectInstanceState once it is shutting-down or terminated.",
        evidence={
            Part.OUTCOME: reported(
                "P-05: giantswarm/aws-operator #1521 (2019), EC2's message names the four states; "
                "P-01: documented only for running and stopped"
            ),
            Part.CODE: reported("P-05: IncorrectInstanceState, rec:issue__modify_protection_on_terminated_2019.json"),
            Part.STATUS: reported("P-05: 400"),
            Part.MESSAGE: reported("P-05: must be in a 'running', 'pending', 'stopping' or 'stopped' state"),
        },
        effect="protection cannot be lifted when it must be, or a tool believes that it protects what is gone",
    ),
    Clause(
        id="PROT-5",
        sentence="The two flags are independent: setting one does not set the other, and termination protection does "
        "not block a stop.",
        evidence={Part.OUTCOME: documented("P-04: user guide, ec2-stop-protection")},
        effect="an instance protected against termination cannot be stopped, or stays protected once cleared",
    ),
    Clause(
        id="PROT-6",
        sentence="Protection prevents neither a shutdown from inside the guest nor retirement.",
        evidence={Part.OUTCOME: documented("P-07: user guide")},
        effect="a user counts on protection where EC2 gives none",
    ),
    Clause(
        id="PROT-7",
        sentence="DescribeInstanceAttribute shows the value that the attribute was last set to.",
        evidence={
            Part.OUTCOME: recorded(
                "P-09: rec:c7n__test_ec2_termination-protected_filter__ec2.DescribeInstanceAttribute_1.json and _2; "
                "for DisableApiStop only a hand-edited recording; P-06 is read as a lag of what is enforced"
            )
        },
        effect="an audit of protection reports what is not so",
    ),
    Clause(
        id="PROT-8",
        sentence="Protection can be set and cleared while an instance is running or stopped: set, it protects; "
        "cleared, it no longer does, after a lag of seconds.",
        evidence={
            Part.OUTCOME: documented(
                "P-01: API model and user guide; P-06: user guide and two tools on the lag; the exact lag is open"
            )
        },
        effect="an instance that was protected just now is deleted, or one set free cannot be",
    ),
    Clause(
        id="PROT-9",
        sentence="Stop protection cannot be set on an instance store-backed instance.",
        evidence={
            Part.OUTCOME: documented("P-02: API model and user guide"),
            Part.CODE: assumed("P-02: no source gives the error"),
            Part.STATUS: documented("E-24: the 400-series; no exact number is known for this refusal"),
            Part.MESSAGE: assumed("P-02: no source gives the error"),
        },
        effect="a user believes that an instance is protected which EC2 would not protect",
    ),
)
