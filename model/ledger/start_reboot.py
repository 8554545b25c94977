"""What StartInstances and RebootInstances promise."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

START_REBOOT: Final[tuple[Clause, ...]] = (
    Clause(
        id="START-1",
        sentence="Starting a stopped instance answers pending (0), previously stopped (80).",
        evidence={
            Part.OUTCOME: recorded(
                "S-17: rec:c7n__test_ec2_start__ec2.StartInstances_1.json, "
                "rec:cloudtrail__manageiq__StartInstances.json and others"
            )
        },
        effect="a client uses an instance that has not booted yet",
    ),
    Clause(
        id="START-2",
        sentence="Starting a running instance succeeds and answers running (16) twice.",
        evidence={Part.OUTCOME: recorded("S-18: rec:transcript__start_running_2023-08-01.json and a second capture")},
        effect="a scheduler that starts twice fails, or believes that it restarted the instance",
    ),
    Clause(
        id="START-3",
        sentence="Starting a pending instance succeeds and answers pending (0) twice.",
        evidence={Part.OUTCOME: assumed("S-19: only a unit test's stub shows it, idx:60878219584")},
        effect="a repeated start fails half-way through",
    ),
    Clause(
        id="START-4",
        sentence="Starting a stopping instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-20: canonical/ubuntu-pro-client #1697, burstable #42, idx:26560646196"),
            Part.CODE: reported("S-20: IncorrectInstanceState"),
            Part.STATUS: reported("S-20: 400"),
            Part.MESSAGE: reported("S-20: is not in a state from which it can be started"),
        },
        effect="a tool that starts without waiting for the stop works in tests and fails in production",
    ),
    Clause(
        id="START-5",
        sentence="Starting a terminated instance is refused with IncorrectInstanceState.",
        evidence={
            Part.OUTCOME: reported("S-20: aws-solutions/instance-scheduler #281"),
            Part.CODE: reported("S-20: IncorrectInstanceState"),
            Part.STATUS: reported("S-20: 400; rec:issue__start_terminated_batch_2021.json"),
            Part.MESSAGE: reported("S-20: is not in a state from which it can be started"),
        },
        effect="a dead instance seems to come back to life",
    ),
    Clause(
        id="START-6",
        sentence="A start ends with the instance running, or back in stopped for a reason of EC2's own, unless it is "
        "stopped or terminated first.",
        evidence={
            Part.OUTCOME: documented(
                "S-03: API model, StateReason, whose codes for this case are open; S-04: user guide, "
                "ec2-instance-lifecycle; S-14, S-10: stopped or terminated first"
            )
        },
        effect="a client that waits for its instance waits for ever",
    ),
    Clause(
        id="START-7",
        sentence="A start that is refused for the state of one named instance starts none.",
        evidence={
            Part.OUTCOME: reported("B-07: aws-solutions/instance-scheduler #281 and #266, cloud-custodian #3143")
        },
        effect="a request that answered with an error has started instances nevertheless",
    ),
    Clause(
        id="START-8",
        sentence="A start without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08: known for TerminateInstances only; MissingParameter is probable")},
        effect="an empty selection passes unnoticed",
    ),
    Clause(
        id="START-9",
        sentence="The reply to a start has one item per named instance, in any order: its id, its current state and "
        "the state that it was in when the request ran.",
        evidence={
            Part.OUTCOME: recorded(
                "S-31: shape and meaning of the items; B-10: order differs from the request's, "
                "rec:c7n__test_asg_resume__ec2.StartInstances_1.json"
            )
        },
        effect="a scheduler cannot tell what it started",
    ),
    Clause(
        id="START-10",
        sentence="Starting a shutting-down instance is refused, or accepted without effect; either way it ends "
        "terminated.",
        evidence={Part.OUTCOME: assumed("S-20: not recorded; refused if the rule for terminated ones carries over")},
        effect="a tool believes that it saved an instance which is going",
    ),
    Clause(
        id="REBOOT-1",
        sentence="Rebooting a running instance succeeds, and it stays running.",
        evidence={
            Part.OUTCOME: recorded(
                "S-21: rec:cloudtrail__manageiq__RebootInstances.json; user guide, ec2-instance-reboot"
            )
        },
        effect="a reboot looks like an outage to whatever watches the state",
    ),
    Clause(
        id="REBOOT-2",
        sentence="A request to reboot a terminated instance succeeds and is ignored.",
        evidence={Part.OUTCOME: documented("S-22: API model, RebootInstances")},
        effect="a dead instance comes back, or a batch fails that EC2 accepts",
    ),
    Clause(
        id="REBOOT-3",
        sentence="Rebooting an instance that is pending, stopping, stopped or shutting-down may be accepted or "
        "refused; either way its state stays.",
        evidence={Part.OUTCOME: assumed("S-23: undocumented and not recorded")},
        effect="a reboot starts an instance that was stopped on purpose",
    ),
    Clause(
        id="REBOOT-4",
        sentence="A reboot without any instance id is refused.",
        evidence={Part.OUTCOME: assumed("E-08: known for TerminateInstances only; MissingParameter is probable")},
        effect="an empty selection passes unnoticed",
    ),
)
