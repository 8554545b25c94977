"""What a launch promises, and when its instances become known."""

from typing import Final

from ..clauses import Clause, Part, documented, recorded, reported

LAUNCH: Final[tuple[Clause, ...]] = (
    Clause(
        id="RUN-1",
        sentence="A successful launch answers with one item per instance asked for, each of them pending (0).",
        evidence={Part.OUTCOME: recorded("S-02", "L-01")},
        effect="a launched instance is missing from the reply and keeps running unnoticed",
    ),
    Clause(
        id="RUN-2",
        sentence="An instance lives in the Availability Zone that it was launched in all its life, and is shown there "
        "even when terminated.",
        evidence={
            Part.OUTCOME: recorded(
                "C-03", "T-03", note="the zone asked for is the zone answered, and terminated instances keep it"
            ),
        },
        effect="instances spread over zones for safety sit together, and rules by zone reach the wrong ones",
    ),
    Clause(
        id="RUN-3",
        sentence="A launch ends with the instance running, or terminated for a reason of EC2's own, which StateReason "
        "tells.",
        evidence={Part.OUTCOME: documented("S-03", "S-04", "T-09")},
        effect="a client that waits for its instance waits for ever",
    ),
    Clause(
        id="RUN-4",
        sentence="DisableApiTermination, DisableApiStop and InstanceInitiatedShutdownBehavior given at launch hold "
        "from the launch on.",
        evidence={Part.OUTCOME: documented("P-01", "S-24")},
        effect="an instance launched as protected is not, and the first cleaner deletes it",
    ),
    Clause(
        id="RUN-5",
        sentence="A new instance's StateReason has code and message pending, and its StateTransitionReason is empty.",
        evidence={Part.OUTCOME: recorded("S-02")},
        effect="a tool takes a new instance for one that somebody stopped",
    ),
    Clause(
        id="RUN-6",
        sentence="The launch's own reply and every description show the ImageId, InstanceType and KeyName that the "
        "launch gave, also when the instance is terminated.",
        evidence={
            Part.OUTCOME: recorded(
                "L-06", "T-03", note="the type only until it is modified; what the launch left out is shown as at first"
            ),
        },
        effect="a tool that selects instances by type, image or key selects the wrong ones",
    ),
    Clause(
        id="RUN-7",
        sentence="The instances of one launch share a reservation of their own, and are described under the same "
        "ReservationId each time.",
        evidence={Part.OUTCOME: recorded("F-06", "D-08")},
        effect="a tool that groups instances by launch finds other groups at each look",
    ),
    Clause(
        id="RUN-8",
        sentence="A launch makes at least MinCount and at most MaxCount instances, and as many of these as EC2 has "
        "capacity for.",
        evidence={Part.OUTCOME: documented("L-01")},
        effect="a fleet is smaller than it was asked to be, and nobody is told",
    ),
    Clause(
        id="VIS-1",
        sentence="For up to 30 seconds after a launch other operations may answer that they do not know the id; "
        "after that they know it.",
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
