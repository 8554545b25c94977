"""What a launch promises, and when its instances become known."""

from typing import Final

from ..clauses import Clause, Part, documented, recorded, reported

LAUNCH: Final[tuple[Clause, ...]] = (
    Clause(
        id="RUN-1",
        sentence="The reply to a successful launch has one item for each launched instance, and each is pending (0).",
        evidence={Part.OUTCOME: recorded("S-02", "L-01")},
        effect="a launched instance is missing from the reply and keeps running unnoticed",
    ),
    Clause(
        id="RUN-2",
        sentence="An instance stays in the Availability Zone that it was launched in. Descriptions show this zone "
        "even when the instance is terminated.",
        evidence={
            Part.OUTCOME: recorded(
                "C-03", "T-03", note="the zone asked for is the zone answered, and terminated instances keep it"
            ),
        },
        effect="instances that should be in different zones are in one, and rules about zones affect the wrong "
        "instances",
    ),
    Clause(
        id="RUN-3",
        sentence="A launch ends with the instance running. If it fails, EC2 terminates the instance, and "
        "StateReason says why.",
        evidence={Part.OUTCOME: documented("S-03", "S-04", "T-09")},
        effect="a client that waits for its instance waits forever",
    ),
    Clause(
        id="RUN-4",
        sentence="If a launch sets DisableApiTermination, DisableApiStop or InstanceInitiatedShutdownBehavior, the "
        "value holds from the launch on.",
        evidence={Part.OUTCOME: documented("P-01", "S-24")},
        effect="an instance that was launched with protection is unprotected, and a cleaner deletes it",
    ),
    Clause(
        id="RUN-5",
        sentence="The StateReason of a new instance has the code and the message pending. Its StateTransitionReason "
        "is empty.",
        evidence={Part.OUTCOME: recorded("S-02")},
        effect="a tool believes that somebody stopped the new instance",
    ),
    Clause(
        id="RUN-6",
        sentence="The reply to a launch and every description show the ImageId, InstanceType and KeyName of the "
        "launch, even when the instance is terminated.",
        evidence={
            Part.OUTCOME: recorded(
                "L-06", "T-03", note="the type only until it is modified; what the launch left out is shown as at first"
            ),
        },
        effect="a tool that selects instances by type, image or key selects the wrong ones",
    ),
    Clause(
        id="RUN-7",
        sentence="The instances of one launch share a reservation with no others. Every description shows them "
        "under the same ReservationId.",
        evidence={Part.OUTCOME: recorded("F-06", "D-08")},
        effect="a tool that groups instances by launch finds different groups each time",
    ),
    Clause(
        id="RUN-8",
        sentence="A successful launch makes as many instances as EC2 has capacity for: at least MinCount, and at "
        "most MaxCount.",
        evidence={Part.OUTCOME: documented("L-01")},
        effect="a fleet is smaller than requested, and nobody notices",
    ),
    Clause(
        id="VIS-1",
        sentence="For up to 30 seconds after a launch, other operations may not know the id. After that they know it.",
        evidence={
            Part.OUTCOME: reported(
                "E-25",
                note="the lag is documented and its end is not; the 30 seconds are this specification's own limit",
            ),
            Part.CODE: reported("E-25", "R-044"),
            Part.STATUS: reported("E-01"),
            Part.MESSAGE: reported("E-01", "E-25"),
        },
        effect="a launched instance cannot be tagged, described or terminated",
    ),
)
