"""What StartInstances and RebootInstances promise."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

START_REBOOT: Final[tuple[Clause, ...]] = (
    Clause(
        id="START-1",
        sentence="If a stopped instance is started, the reply shows pending (0) now and stopped (80) before.",
        evidence={Part.OUTCOME: recorded("S-17")},
        effect="a client uses an instance that has not booted yet",
    ),
    Clause(
        id="START-2",
        sentence="Starting a running instance succeeds. The reply shows running (16) now and before.",
        evidence={Part.OUTCOME: recorded("S-18")},
        effect="a scheduler that starts an instance twice fails, or believes that it restarted the instance",
    ),
    Clause(
        id="START-3",
        sentence="Starting a pending instance succeeds. The reply shows pending (0) now and before.",
        evidence={Part.OUTCOME: assumed("S-19")},
        effect="a repeated start fails half-way through",
    ),
    Clause(
        id="START-4",
        sentence="EC2 refuses to start a stopping instance, with IncorrectInstanceState.",
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
        sentence="EC2 refuses to start a terminated instance, with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-20"),
            Part.CODE: reported("S-20"),
            Part.STATUS: reported("S-20"),
            Part.MESSAGE: reported("S-20"),
        },
        effect="a terminated instance seems to come back",
    ),
    Clause(
        id="START-6",
        sentence="A start ends with the instance running, or stopped again if EC2 fails to start it. A stop or a "
        "termination may come first.",
        evidence={
            Part.OUTCOME: documented("S-03", "S-04", "S-14", "S-10", note="the reason of a failed start is open"),
        },
        effect="a client that waits for its instance waits forever",
    ),
    Clause(
        id="START-7",
        sentence="If EC2 refuses a start because of the state of one named instance, it starts none of them.",
        evidence={Part.OUTCOME: reported("B-07")},
        effect="a request that failed has started instances all the same",
    ),
    Clause(
        id="START-8",
        sentence="A start without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="START-9",
        sentence="The reply to a start has one item for each named instance, in any order. The item has the id, the "
        "current state, and the state when the request ran.",
        evidence={Part.OUTCOME: recorded("S-31", "B-10")},
        effect="a scheduler does not learn which instances it started",
    ),
    Clause(
        id="START-10",
        sentence="EC2 refuses to start a shutting-down instance, or accepts the request and does nothing. Either "
        "way the instance becomes terminated.",
        evidence={Part.OUTCOME: assumed("S-20")},
        effect="a tool believes that it saved an instance that is shutting down",
    ),
    Clause(
        id="START-11",
        sentence="A start of a stopped instance sets its LaunchTime to the time of the start.",
        evidence={Part.OUTCOME: documented("S-34")},
        effect="a tool that checks the age of instances believes that a restarted one has run all the time",
    ),
    Clause(
        id="START-12",
        sentence="A stopped instance without its root volume cannot start. EC2 refuses with InvalidParameterValue.",
        evidence={
            Part.OUTCOME: reported("E-19"),
            Part.CODE: reported("E-19"),
            Part.MESSAGE: reported("E-19"),
        },
        effect="a tool believes that an instance without a root volume can run",
    ),
    Clause(
        id="REBOOT-1",
        sentence="Rebooting a running instance succeeds, and it stays running.",
        evidence={Part.OUTCOME: recorded("S-21")},
        effect="a reboot looks like an outage to a tool that watches the state",
    ),
    Clause(
        id="REBOOT-2",
        sentence="A request to reboot a terminated instance succeeds, and EC2 ignores it.",
        evidence={Part.OUTCOME: documented("S-22")},
        effect="a terminated instance comes back, or a batch fails that EC2 accepts",
    ),
    Clause(
        id="REBOOT-3",
        sentence="EC2 may accept or refuse the reboot of an instance that is pending, stopping, stopped or "
        "shutting-down.",
        evidence={Part.OUTCOME: assumed("S-23", note="that the state stays is REBOOT-5")},
        effect="a tool that reboots an instance that is not running works in tests and fails in production",
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
