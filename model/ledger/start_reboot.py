"""What StartInstances and RebootInstances promise."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

START_REBOOT: Final[tuple[Clause, ...]] = (
    Clause(
        id="START-1",
        sentence="Starting a stopped instance answers pending (0), previously stopped (80).",
        evidence={Part.OUTCOME: recorded("S-17")},
        effect="a client uses an instance that has not booted yet",
    ),
    Clause(
        id="START-2",
        sentence="Starting a running instance succeeds and answers running (16) twice.",
        evidence={Part.OUTCOME: recorded("S-18")},
        effect="a scheduler that starts twice fails, or believes that it restarted the instance",
    ),
    Clause(
        id="START-3",
        sentence="Starting a pending instance succeeds and answers pending (0) twice.",
        evidence={Part.OUTCOME: assumed("S-19")},
        effect="a repeated start fails half-way through",
    ),
    Clause(
        id="START-4",
        sentence="Starting a stopping instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-20"),
            Part.CODE: reported("S-20"),
            Part.STATUS: reported("S-20"),
            Part.MESSAGE: reported("S-20"),
        },
        effect="a tool that starts without waiting for the stop works in tests and fails in production",
    ),
    Clause(
        id="START-5",
        sentence="Starting a terminated instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-20"),
            Part.CODE: reported("S-20"),
            Part.STATUS: reported("S-20"),
            Part.MESSAGE: reported("S-20"),
        },
        effect="a dead instance seems to come back to life",
    ),
    Clause(
        id="START-6",
        sentence="A start ends with the instance running, or back in stopped for a reason of EC2's own, unless it is "
        "stopped or terminated first.",
        evidence={
            Part.OUTCOME: documented("S-03", "S-04", "S-14", "S-10", note="the reason of a failed start is open"),
        },
        effect="a client that waits for its instance waits for ever",
    ),
    Clause(
        id="START-7",
        sentence="A start that is refused for the state of one named instance starts none.",
        evidence={Part.OUTCOME: reported("B-07")},
        effect="a request that answered with an error has started instances nevertheless",
    ),
    Clause(
        id="START-8",
        sentence="A start without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="START-9",
        sentence="The reply to a start has one item per named instance, in any order: its id, its current state and "
        "the state that it was in when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-10")},
        effect="a scheduler cannot tell what it started",
    ),
    Clause(
        id="START-10",
        sentence="Starting a shutting-down instance is refused, or accepted without effect; either way it ends "
        "terminated.",
        evidence={Part.OUTCOME: assumed("S-20")},
        effect="a tool believes that it saved an instance which is going",
    ),
    Clause(
        id="START-11",
        sentence="A start of a stopped instance sets its LaunchTime to the time of the start.",
        evidence={Part.OUTCOME: documented("S-34")},
        effect="a tool that goes by the age of instances takes a restarted one for one that has run all the time",
    ),
    Clause(
        id="REBOOT-1",
        sentence="Rebooting a running instance succeeds, and it stays running.",
        evidence={Part.OUTCOME: recorded("S-21")},
        effect="a reboot looks like an outage to whatever watches the state",
    ),
    Clause(
        id="REBOOT-2",
        sentence="A request to reboot a terminated instance succeeds and is ignored.",
        evidence={Part.OUTCOME: documented("S-22")},
        effect="a dead instance comes back, or a batch fails that EC2 accepts",
    ),
    Clause(
        id="REBOOT-3",
        sentence="Rebooting an instance that is pending, stopping, stopped or shutting-down may be accepted or "
        "refused.",
        evidence={Part.OUTCOME: assumed("S-23", note="that the state stays is REBOOT-5")},
        effect="a tool that reboots what is not running works in tests and fails in production",
    ),
    Clause(
        id="REBOOT-4",
        sentence="A reboot without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="REBOOT-5",
        sentence="A reboot never starts a stopped instance, and never changes the state of one that is pending, "
        "stopping or shutting-down.",
        evidence={Part.OUTCOME: reported("S-39")},
        effect="a reboot starts an instance that was stopped on purpose",
    ),
)
