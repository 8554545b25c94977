"""What StopInstances promises."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

STOP: Final[tuple[Clause, ...]] = (
    Clause(
        id="STOP-1",
        sentence="Stopping a running instance answers stopping (64), previously running (16), with Hibernate as "
        "without.",
        evidence={
            Part.OUTCOME: recorded(
                "S-11: rec:c7n__test_ec2_stop__ec2.StopInstances_1.json, "
                "rec:c7n__test_ec2_stop_hibernate__ec2.StopInstances_1.json and others"
            )
        },
        effect="a scheduler takes an instance for stopped before it is, or for still running",
    ),
    Clause(
        id="STOP-2",
        sentence="Stopping a stopped instance succeeds and answers stopped (80) twice.",
        evidence={
            Part.OUTCOME: documented(
                "S-12: sample in an old AWS document, idx:48141071982; captured without request id, "
                "rec:transcript__stop_stopped.json"
            )
        },
        effect="a scheduler that stops twice fails, or waits for a stop that is done",
    ),
    Clause(
        id="STOP-3",
        sentence="Stopping a stopping instance succeeds and answers stopping (64) twice.",
        evidence={Part.OUTCOME: reported("S-13: captured without request id, rec:transcript__stop_stopping.json")},
        effect="a repeated stop fails half-way through",
    ),
    Clause(
        id="STOP-4",
        sentence="Stopping an instance that is pending after a restart succeeds and answers stopping (64), previously "
        "pending (0).",
        evidence={
            Part.OUTCOME: reported(
                "S-14: captured without request id, rec:transcript__start_running_stop_start_stop_pending.json (2026); "
                "awsdocs issue #67 (2019); the lifecycle picture has no such move"
            )
        },
        effect="a start made by mistake cannot be undone before it has completed",
    ),
    Clause(
        id="STOP-5",
        sentence="Stopping an instance that is pending and has never been running is refused with "
        "IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-15: four quotes, among them cloud-custodian #6014 and flatcar/mantle #315"),
            Part.CODE: reported("S-15: IncorrectInstanceState"),
            Part.STATUS: reported("E-14: 400"),
            Part.MESSAGE: reported("S-15: cannot be stopped as it has never reached the 'running' state"),
        },
        effect="a tool that stops what it has just launched works in tests and fails in production",
    ),
    Clause(
        id="STOP-6",
        sentence="Stopping a shutting-down or terminated instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: documented(
                "S-16: user guide, TroubleshootingInstancesStopping, which excepts these two states; reported of a "
                "terminated one, rec:issue__stop_terminated.json"
            ),
            Part.CODE: reported("S-16: IncorrectInstanceState, of a terminated one"),
            Part.STATUS: reported("E-14: 400"),
            Part.MESSAGE: reported("S-16: This instance is not in a state from which it can be stopped"),
        },
        effect="a dead instance comes back as a stopped one",
    ),
    Clause(
        id="STOP-7",
        sentence="A stopping instance ends stopped, unless it is terminated first.",
        evidence={
            Part.OUTCOME: documented(
                "S-04: user guide, ec2-instance-lifecycle; S-32: recorded within 33 seconds; S-07: terminated first"
            )
        },
        effect="a scheduler waits for ever",
    ),
    Clause(
        id="STOP-8",
        sentence="A stop that is refused for the state of one named instance stops none.",
        evidence={Part.OUTCOME: reported("B-08: rec:issue__stop_terminated.json, zenosslabs #6, agnosticd #1026")},
        effect="a request that answered with an error has stopped instances nevertheless",
    ),
    Clause(
        id="STOP-9",
        sentence="A stop without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08: known for TerminateInstances only; MissingParameter is probable")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="STOP-10",
        sentence="The reply to a stop has one item per named instance, in any order: its id, its current state and "
        "the state that it was in when the request ran.",
        evidence={
            Part.OUTCOME: recorded(
                "S-31: shape and meaning of the items; B-10: order differs from the request's, "
                "rec:c7n__test_asg_suspend__ec2.StopInstances_1.json"
            )
        },
        effect="a scheduler cannot tell what it stopped, and later starts what it should not",
    ),
    Clause(
        id="STOP-11",
        sentence="A stop that is refused for stop protection leaves the other instances of that zone running.",
        evidence={Part.OUTCOME: assumed("B-09: nothing tells what becomes of the rest of such a batch")},
        effect="a batch is stopped in part, and the reply says only that it failed",
    ),
    Clause(
        id="STOP-12",
        sentence="A forced stop of an instance in its first launch is refused, or stops it.",
        evidence={Part.OUTCOME: assumed("S-15: quotes of stops without Force; S-16: Force works in any living state")},
        effect="a launch that hangs cannot be stopped",
    ),
)
