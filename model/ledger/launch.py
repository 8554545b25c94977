"""What a launch promises, and when its instances become known."""

from typing import Final

from ..clauses import Clause, Part, documented, recorded, reported

LAUNCH: Final[tuple[Clause, ...]] = (
    Clause(
        id="RUN-1",
        sentence="A successful launch answers with one item per instance asked for, each of them pending (0).",
        evidence={
            Part.OUTCOME: recorded(
                "S-02: rec:c7n__test_notify_region_var__ec2.RunInstances_1.json, idx:54235446935 (2026-03-03)"
            )
        },
        effect="a launched instance is missing from the reply and keeps running unnoticed",
    ),
    Clause(
        id="RUN-2",
        sentence="An instance lives in the Availability Zone that it was launched in all its life, and is shown there "
        "even when terminated.",
        evidence={
            Part.OUTCOME: recorded(
                "C-03: rec:cloudtrail__manageiq__RunInstances.json, the zone asked for is the zone answered; "
                "T-03: 38 recorded terminated instances keep their Placement"
            )
        },
        effect="instances spread over zones for safety sit together, and rules by zone reach the wrong ones",
    ),
    Clause(
        id="RUN-3",
        sentence="A launch ends with the instance running, or terminated for a reason of EC2's own, which StateReason "
        "tells.",
        evidence={
            Part.OUTCOME: documented(
                "S-03: user guide, troubleshooting-launch, and API model, StateReason; S-04: ec2-instance-lifecycle; "
                "T-09: the reasons"
            )
        },
        effect="a client that waits for its instance waits for ever",
    ),
    Clause(
        id="RUN-4",
        sentence="DisableApiTermination, DisableApiStop and InstanceInitiatedShutdownBehavior given at launch hold "
        "from the launch on.",
        evidence={
            Part.OUTCOME: documented(
                "P-01: API model and user guide, both flags at launch; S-24: API model, RunInstances"
            )
        },
        effect="an instance launched as protected is not, and the first cleaner deletes it",
    ),
    Clause(
        id="RUN-5",
        sentence="A new instance's StateReason has code and message pending, and its StateTransitionReason is empty.",
        evidence={
            Part.OUTCOME: recorded(
                "S-02: rec:c7n__test_notify_region_var__ec2.RunInstances_1.json, idx:54235446935 (2026-03-03)"
            )
        },
        effect="a tool takes a new instance for one that somebody stopped",
    ),
    Clause(
        id="VIS-1",
        sentence="For up to 30 seconds after a launch other operations may answer that they do not know the id; "
        "after that they know it.",
        evidence={
            Part.OUTCOME: reported(
                "E-25: six reports of NotFound right after a launch, and AWS on eventual consistency; "
                "the 30 seconds are this specification's own limit"
            ),
            Part.CODE: reported("E-25: InvalidInstanceID.NotFound"),
            Part.STATUS: reported("E-01: 400"),
            Part.MESSAGE: reported("E-01; E-25: rec:issue__describe_notfound_after_run_rawxml_2020.json"),
        },
        effect="a launched instance cannot be tagged, described or terminated",
    ),
)
