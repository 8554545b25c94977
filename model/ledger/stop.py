"""What StopInstances promises."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

STOP: Final[tuple[Clause, ...]] = (
    Clause(
        id="STOP-1",
        sentence="Stopping a running instance answers stopping (64), previously running (16); so does a stop with "
        "Hibernate that EC2 does not refuse.",
        evidence={
            Part.OUTCOME: recorded(
                "S-11", "S-33", note="Hibernate: recorded for an instance configured for it, refused for others"
            ),
        },
        effect="a scheduler takes an instance for stopped before it is, or for still running",
    ),
    Clause(
        id="STOP-2",
        sentence="Stopping a stopped instance succeeds and answers stopped (80) twice.",
        evidence={Part.OUTCOME: reported("S-12")},
        effect="a scheduler that stops twice fails, or waits for a stop that is done",
    ),
    Clause(
        id="STOP-3",
        sentence="Stopping a stopping instance succeeds and answers stopping (64) twice.",
        evidence={Part.OUTCOME: assumed("S-13")},
        effect="a repeated stop fails half-way through",
    ),
    Clause(
        id="STOP-4",
        sentence="Stopping an instance that is pending after a restart succeeds and answers stopping (64), previously "
        "pending (0).",
        evidence={Part.OUTCOME: reported("S-14", note="the picture of the lifecycle has no such move")},
        effect="a start made by mistake cannot be undone before it has completed",
    ),
    Clause(
        id="STOP-5",
        sentence="Stopping an instance that is pending and has never been running is refused with "
        "IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-15"),
            Part.CODE: reported("S-15"),
            Part.STATUS: reported("E-14"),
            Part.MESSAGE: reported("S-15"),
        },
        effect="a tool that stops what it has just launched works in tests and fails in production",
    ),
    Clause(
        id="STOP-6",
        sentence="Stopping a shutting-down or terminated instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: documented("S-16"),
            Part.CODE: reported("S-16", note="quoted for a terminated one"),
            Part.STATUS: reported("E-14"),
            Part.MESSAGE: reported("S-16"),
        },
        effect="a dead instance comes back as a stopped one",
    ),
    Clause(
        id="STOP-7",
        sentence="A stopping instance ends stopped, unless it is terminated first.",
        evidence={Part.OUTCOME: documented("S-04", "S-32", "S-07", note="recorded within 33 seconds")},
        effect="a scheduler waits for ever",
    ),
    Clause(
        id="STOP-8",
        sentence="A stop that is refused for the state of one named instance stops none.",
        evidence={Part.OUTCOME: reported("B-08")},
        effect="a request that answered with an error has stopped instances nevertheless",
    ),
    Clause(
        id="STOP-9",
        sentence="A stop without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="STOP-10",
        sentence="The reply to a stop has one item per named instance, in any order: its id, its current state and "
        "the state that it was in when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-10")},
        effect="a scheduler cannot tell what it stopped, and later starts what it should not",
    ),
    Clause(
        id="STOP-11",
        sentence="A stop that is refused for stop protection leaves the other instances of that zone running.",
        evidence={Part.OUTCOME: assumed("B-09")},
        effect="a batch is stopped in part, and the reply says only that it failed",
    ),
    Clause(
        id="STOP-12",
        sentence="A forced stop of an instance in its first launch is refused, or stops it.",
        evidence={Part.OUTCOME: assumed("S-15", "S-16", note="the quotes are of stops without Force")},
        effect="a launch that hangs cannot be stopped",
    ),
)
