"""What StopInstances promises."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

STOP: Final[tuple[Clause, ...]] = (
    Clause(
        id="STOP-1",
        sentence="If a running instance is stopped, the reply shows stopping (64) now and running (16) before. The "
        "same holds for a stop with Hibernate that EC2 does not refuse.",
        evidence={
            Part.OUTCOME: recorded("S-11", note="Hibernate: recorded for an instance that was launched for it"),
        },
        effect="a scheduler believes that the instance is already stopped, or still running",
    ),
    Clause(
        id="STOP-2",
        sentence="Stopping a stopped instance succeeds. The reply shows stopped (80) now and before.",
        evidence={Part.OUTCOME: reported("S-12")},
        effect="a scheduler that stops an instance twice fails, or waits for a stop that is over",
    ),
    Clause(
        id="STOP-3",
        sentence="Stopping a stopping instance succeeds. The reply shows stopping (64) now and before.",
        evidence={Part.OUTCOME: assumed("S-13")},
        effect="a repeated stop fails half-way through",
    ),
    Clause(
        id="STOP-4",
        sentence="Stopping an instance that is pending after a restart succeeds. The reply shows stopping (64) now "
        "and pending (0) before.",
        evidence={Part.OUTCOME: reported("S-14", note="the picture of the lifecycle has no such move")},
        effect="a start made by mistake cannot be undone before it has completed",
    ),
    Clause(
        id="STOP-5",
        sentence="EC2 refuses to stop a pending instance that has never been running, with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-15"),
            Part.CODE: reported("S-15"),
            Part.STATUS: reported("E-14"),
            Part.MESSAGE: reported("S-15"),
        },
        effect="a tool that stops an instance right after its launch works in tests and fails in production",
    ),
    Clause(
        id="STOP-6",
        sentence="EC2 refuses to stop a shutting-down or terminated instance, with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: documented("S-16"),
            Part.CODE: reported("S-16", note="quoted for a terminated one"),
            Part.STATUS: reported("E-14"),
            Part.MESSAGE: reported("S-16"),
        },
        effect="a terminated instance comes back as a stopped one",
    ),
    Clause(
        id="STOP-7",
        sentence="A stopping instance becomes stopped, unless it is terminated first.",
        evidence={Part.OUTCOME: documented("S-04", "S-32", "S-07", note="recorded within 33 seconds")},
        effect="a scheduler waits forever",
    ),
    Clause(
        id="STOP-8",
        sentence="If EC2 refuses a stop because of the state of one named instance, it stops none of them.",
        evidence={Part.OUTCOME: reported("B-08")},
        effect="a request that failed has stopped instances all the same",
    ),
    Clause(
        id="STOP-9",
        sentence="A stop without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="STOP-10",
        sentence="The reply to a stop has one item for each named instance, in any order. The item has the id, the "
        "current state, and the state when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-10")},
        effect="a scheduler does not learn which instances it stopped, and later starts wrong ones",
    ),
    Clause(
        id="STOP-11",
        sentence="If EC2 refuses a stop because of stop protection, the other named instances in the zone of the "
        "protected one keep running.",
        evidence={Part.OUTCOME: assumed("B-09")},
        effect="only some instances of a batch stop, and the reply says only that the request failed",
    ),
    Clause(
        id="STOP-12",
        sentence="EC2 refuses a forced stop of an instance in its first launch, or stops the instance.",
        evidence={Part.OUTCOME: assumed("S-15", "S-16", note="the quotes are of stops without Force")},
        effect="a launch that hangs cannot be stopped",
    ),
    Clause(
        id="STOP-13",
        sentence="EC2 refuses a stop with Hibernate if a running instance was not launched for hibernation, with "
        "UnsupportedHibernationConfiguration. It then stops none of the named instances.",
        evidence={
            Part.OUTCOME: documented("S-33", note="seen for one running instance"),
            Part.CODE: documented("S-33"),
            Part.MESSAGE: reported("S-33"),
        },
        effect="a scheduler believes that an instance keeps its memory, and loses it",
    ),
)
