"""What TerminateInstances promises: which named instances go, what is answered, and what is refused."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

TERMINATE: Final[tuple[Clause, ...]] = (
    Clause(
        id="TERM-1",
        sentence="A successful request shuts every named instance down, and each of them ends terminated.",
        evidence={
            Part.OUTCOME: documented(
                "S-04", "B-01", "S-05", "S-06", "S-07", "S-08", "S-09", note="recorded replies from five states"
            ),
        },
        effect="an instance that the user believes gone keeps running, and costing",
    ),
    Clause(
        id="TERM-2",
        sentence="Terminating is idempotent: naming instances again, whatever state they have reached, succeeds while "
        "their ids are known and nothing named is protected.",
        evidence={
            Part.OUTCOME: documented(
                "B-04", "S-08", "S-09", note="recorded for instances that are shutting down or terminated"
            ),
        },
        effect="a repeated clean-up fails on what it has already cleaned",
    ),
    Clause(
        id="TERM-3",
        sentence="A request that fails for another reason than protection, such as one bad id, terminates none of the "
        "named instances.",
        evidence={Part.OUTCOME: documented("B-01")},
        effect="a request that answered with an error has deleted instances nevertheless",
    ),
    Clause(
        id="TERM-4",
        sentence="A named protected instance shields its Availability Zone: nothing named in that zone is terminated.",
        evidence={Part.OUTCOME: documented("B-02", "B-06", "B-14")},
        effect="instances that the protected one should have shielded are deleted",
    ),
    Clause(
        id="TERM-5",
        sentence="Instances named in Availability Zones that hold no named protected one are terminated, although the "
        "request fails.",
        evidence={Part.OUTCOME: documented("B-02", note="with an example")},
        effect="a clean-up leaves instances running that EC2 would have ended, or tests of it pass without cause",
    ),
    Clause(
        id="TERM-6",
        sentence="A request that names a protected instance reports failure, with OperationNotPermitted.",
        evidence={
            Part.OUTCOME: documented("B-02", "E-10"),
            Part.CODE: documented("E-10", "B-03", note="not recorded over several zones"),
            Part.STATUS: reported("E-10", "E-11"),
            Part.MESSAGE: reported("E-10", "E-11"),
        },
        effect="a tool takes a refused termination for a done one",
    ),
    Clause(
        id="TERM-7",
        sentence="A terminated instance stays visible for a while: it does not vanish within a minute.",
        evidence={Part.OUTCOME: documented("T-01", "T-02", note="the minute is this specification's own limit")},
        effect="a client that waits for terminated gets an unknown id instead",
    ),
    Clause(
        id="TERM-8",
        sentence="A request without any instance id is refused.",
        evidence={
            Part.OUTCOME: documented("E-08"),
            Part.CODE: documented("E-08"),
            Part.STATUS: reported("E-08"),
            Part.MESSAGE: reported("E-08"),
        },
        effect="an empty selection passes unnoticed, or is taken for every instance",
    ),
    Clause(
        id="TERM-9",
        sentence="One request takes at most 1000 instance ids: naming more than 1000 distinct known ones never "
        "succeeds.",
        evidence={
            Part.OUTCOME: documented("E-09"),
            Part.CODE: assumed("E-09"),
            Part.STATUS: documented("E-24", note="no exact number is known for this refusal"),
            Part.MESSAGE: assumed("E-09"),
        },
        effect="a clean-up that never splits its batches works in tests and fails in production",
    ),
    Clause(
        id="TERM-10",
        sentence="The reply has one item per named instance, in any order: its id, its current state and the state "
        "that it was in when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-13", "B-10")},
        effect="a tool cannot tell from the reply what it ended and what was gone before",
    ),
    Clause(
        id="TERM-11",
        sentence="Stop protection blocks termination too.",
        evidence={
            Part.OUTCOME: documented("P-04", "E-11", note="the page of TerminateInstances is silent about it"),
            Part.CODE: reported("E-11"),
            Part.STATUS: reported("E-11"),
            Part.MESSAGE: reported("E-11"),
        },
        effect="an instance protected against stopping is deleted",
    ),
    Clause(
        id="TERM-12",
        sentence="Terminating a stopped instance answers terminated (48), previously stopped (80): it skips "
        "shutting-down.",
        evidence={
            Part.OUTCOME: recorded("S-05", "S-04", note="against the user guide: shutting-down, then terminated"),
        },
        effect="a client waits for a state that never comes, or misses the end of an instance",
    ),
    Clause(
        id="TERM-13",
        sentence="Terminating a running instance answers shutting-down (32), previously running (16).",
        evidence={Part.OUTCOME: recorded("S-06")},
        effect="a client takes an instance for gone that is still shutting down, or for running",
    ),
    Clause(
        id="TERM-14",
        sentence="Terminating a stopping instance succeeds and answers shutting-down (32), previously stopping (64).",
        evidence={Part.OUTCOME: recorded("S-07")},
        effect="an instance on its way to stopped cannot be ended, or seems to have been running",
    ),
    Clause(
        id="TERM-15",
        sentence="Terminating a shutting-down instance succeeds and answers shutting-down (32) twice.",
        evidence={Part.OUTCOME: recorded("S-08")},
        effect="a second clean-up believes that it ended the instance itself",
    ),
    Clause(
        id="TERM-16",
        sentence="Terminating a terminated instance succeeds and answers terminated (48) twice.",
        evidence={Part.OUTCOME: recorded("S-09", note="batches only without request id")},
        effect="a dead instance seems to be shutting down, and teardown waits for it again",
    ),
    Clause(
        id="TERM-17",
        sentence="Terminating a pending instance succeeds; it is then shutting-down or terminated.",
        evidence={Part.OUTCOME: reported("S-10", note="which of the two states is not recorded")},
        effect="a launch made by mistake cannot be undone before it has completed",
    ),
    Clause(
        id="TERM-18",
        sentence="A shutting-down instance ends terminated.",
        evidence={Part.OUTCOME: documented("S-04", "S-26")},
        effect="teardown waits for ever",
    ),
)
