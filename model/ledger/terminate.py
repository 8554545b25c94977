"""What TerminateInstances promises: which named instances go, what is answered, and what is refused."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

TERMINATE: Final[tuple[Clause, ...]] = (
    Clause(
        id="TERM-1",
        sentence="A successful request shuts down every named instance, and each of them becomes terminated.",
        evidence={
            Part.OUTCOME: documented(
                "S-04", "B-01", "S-05", "S-06", "S-07", "S-08", "S-09", note="recorded replies from five states"
            ),
        },
        effect="an instance that the user believes gone keeps running, and costs money",
    ),
    Clause(
        id="TERM-2",
        sentence="Terminating is idempotent. A request that names instances again succeeds in every state, while "
        "EC2 knows their ids and no named instance is protected.",
        evidence={
            Part.OUTCOME: documented(
                "B-04", "S-08", "S-09", note="recorded for instances that are shutting down or terminated"
            ),
        },
        effect="a repeated cleanup fails on instances that it has already terminated",
    ),
    Clause(
        id="TERM-3",
        sentence="A request that fails for any reason other than protection, such as one bad id, terminates none of "
        "the named instances.",
        evidence={Part.OUTCOME: documented("B-01")},
        effect="a request that failed has deleted instances all the same",
    ),
    Clause(
        id="TERM-4",
        sentence="A named protected instance shields its Availability Zone: nothing named in that zone is terminated.",
        evidence={Part.OUTCOME: documented("B-02", "B-06", "B-14")},
        effect="instances that the protected one should have shielded are deleted",
    ),
    Clause(
        id="TERM-5",
        sentence="EC2 terminates the named instances in every Availability Zone where no named instance is "
        "protected, although the request fails.",
        evidence={Part.OUTCOME: documented("B-02", note="with an example")},
        effect="a cleanup leaves instances running that EC2 would have ended, or its tests pass for the wrong reason",
    ),
    Clause(
        id="TERM-6",
        sentence="A request that names a protected instance fails with OperationNotPermitted.",
        evidence={
            Part.OUTCOME: documented("B-02", "E-10"),
            Part.CODE: documented("E-10", "B-03", note="not recorded over several zones"),
            Part.STATUS: reported("E-10", "E-11"),
            Part.MESSAGE: reported("E-10", "E-11"),
        },
        effect="a tool believes that a refused termination succeeded",
    ),
    Clause(
        id="TERM-7",
        sentence="A terminated instance stays visible for at least a minute.",
        evidence={Part.OUTCOME: documented("T-01", "T-02", note="the minute is this specification's own limit")},
        effect="a client that waits for the state terminated gets the error for an unknown id instead",
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
        effect="an empty selection passes unnoticed, or selects every instance",
    ),
    Clause(
        id="TERM-9",
        sentence="One request takes at most 1000 instance ids. A request with more than 1000 different known ids "
        "never succeeds.",
        evidence={
            Part.OUTCOME: documented("E-09"),
            Part.CODE: assumed("E-09"),
            Part.STATUS: documented("E-24", note="no exact number is known for this refusal"),
            Part.MESSAGE: assumed("E-09"),
        },
        effect="a cleanup that never splits its batches works in tests and fails in production",
    ),
    Clause(
        id="TERM-10",
        sentence="The reply has one item for each named instance, in any order. The item has the id, the current "
        "state, and the state when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-13", "B-10")},
        effect="the reply does not show which instances the tool ended, and which were gone before",
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
        sentence="If a stopped instance is terminated, the reply shows terminated (48) now and stopped (80) before: "
        "the instance skips shutting-down.",
        evidence={
            Part.OUTCOME: recorded("S-05", "S-04", note="against the user guide: shutting-down, then terminated"),
        },
        effect="a client waits for a state that never comes, or misses the end of an instance",
    ),
    Clause(
        id="TERM-13",
        sentence="If a running instance is terminated, the reply shows shutting-down (32) now and running (16) before.",
        evidence={Part.OUTCOME: recorded("S-06")},
        effect="a client believes that the instance is gone, or still running, while it shuts down",
    ),
    Clause(
        id="TERM-14",
        sentence="Terminating a stopping instance succeeds. The reply shows shutting-down (32) now and stopping "
        "(64) before.",
        evidence={Part.OUTCOME: recorded("S-07")},
        effect="a stopping instance cannot be ended, or seems to have been running",
    ),
    Clause(
        id="TERM-15",
        sentence="Terminating a shutting-down instance succeeds. The reply shows shutting-down (32) now and before.",
        evidence={Part.OUTCOME: recorded("S-08")},
        effect="a second cleanup believes that it ended the instance itself",
    ),
    Clause(
        id="TERM-16",
        sentence="Terminating a terminated instance succeeds. The reply shows terminated (48) now and before.",
        evidence={Part.OUTCOME: recorded("S-09", note="batches only without request id")},
        effect="a terminated instance seems to be shutting down, and teardown waits for it again",
    ),
    Clause(
        id="TERM-17",
        sentence="Terminating a pending instance succeeds. The instance is then shutting-down or terminated.",
        evidence={Part.OUTCOME: reported("S-10", note="which of the two states is not recorded")},
        effect="a launch made by mistake cannot be undone before it has completed",
    ),
    Clause(
        id="TERM-18",
        sentence="A shutting-down instance becomes terminated.",
        evidence={Part.OUTCOME: documented("S-04", "S-26")},
        effect="teardown waits forever",
    ),
)
