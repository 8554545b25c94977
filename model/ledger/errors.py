"""What is answered without being done: dry runs, refusals, and what a refusal leaves alone."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

ERRORS: Final[tuple[Clause, ...]] = (
    Clause(
        id="DRY-1",
        sentence="A dry run by a caller with permission fails with DryRunOperation, and changes nothing.",
        evidence={
            Part.OUTCOME: documented("R-002", "E-33"),
            Part.CODE: documented("R-002", "E-21"),
            Part.STATUS: reported("E-21"),
            Part.MESSAGE: reported("E-21"),
        },
        effect="a dry run deletes what it should only have checked",
    ),
    Clause(
        id="DRY-2",
        sentence="A dry run by a caller without permission fails with UnauthorizedOperation, and changes nothing.",
        evidence={
            Part.OUTCOME: documented("R-001", "E-33"),
            Part.CODE: documented("R-001"),
            Part.STATUS: reported("E-22", note="quoted for calls that were no dry runs"),
            Part.MESSAGE: assumed("E-33"),
        },
        effect="a check says that the caller has permission, although it has none",
    ),
    Clause(
        id="ERR-1",
        sentence="A request with an id that no instance has, or that EC2 has forgotten, is refused with "
        "InvalidInstanceID.NotFound. EC2 may call a made-up id of 17 digits malformed instead.",
        evidence={
            Part.OUTCOME: documented("R-044", "E-01", "B-01"),
            Part.CODE: documented("R-044", "E-01", "E-05"),
            Part.STATUS: reported("E-01"),
            Part.MESSAGE: reported("E-01", "E-02"),
        },
        effect="a tool believes that it has handled an instance that never existed",
    ),
    Clause(
        id="ERR-2",
        sentence="A text that is not an id is refused with InvalidInstanceID.Malformed. For a wrong prefix, "
        "ModifyInstanceAttribute answers InvalidParameterValue.",
        evidence={
            Part.OUTCOME: documented("R-043", "E-04", "B-01"),
            Part.CODE: documented(
                "R-043", "E-04", "E-07", note="the code for a wrong prefix in ModifyInstanceAttribute is reported"
            ),
            Part.STATUS: reported("E-04"),
            Part.MESSAGE: reported("E-04", "E-05", "E-07"),
        },
        effect="a client that sends malformed ids fails only in production",
    ),
    Clause(
        id="ERR-3",
        sentence="A termination reports a bad id before the protection of any instance.",
        evidence={Part.OUTCOME: documented("E-32", "B-01", "E-31", note="how states rank is open")},
        effect="EC2 carries out a part of a batch with a bad id",
    ),
    Clause(
        id="ERR-4",
        sentence="If EC2 refuses a request because of a mistake of the client, the HTTP status is from 400 to 499.",
        evidence={
            Part.OUTCOME: documented("E-24"),
            Part.STATUS: documented("E-24"),
        },
        effect="a client library retries a request that can never succeed",
    ),
    Clause(
        id="ERR-5",
        sentence="A caller without permission is refused with UnauthorizedOperation.",
        evidence={
            Part.OUTCOME: recorded("E-22", "E-30"),
            Part.CODE: recorded("E-22", "E-30"),
            Part.STATUS: reported("E-22"),
            Part.MESSAGE: recorded("E-22", note="the first sentence; more follows that varies"),
        },
        effect="a caller who has no permission ends other people's instances",
    ),
    Clause(
        id="ERR-6",
        sentence="If EC2 refuses a request because of named instances, the message names one of these instances.",
        evidence={
            Part.OUTCOME: reported("E-10", "E-14", "E-15", "E-17", "E-12", "B-03", note="which one is open"),
            Part.MESSAGE: reported("E-10", "E-14", "E-15", "E-17", "E-12"),
        },
        effect="a tool that drops the instance in the message and tries again never succeeds",
    ),
    Clause(
        id="ERR-7",
        sentence="EC2 reports missing permission before any mistake in the ids.",
        evidence={
            Part.OUTCOME: assumed("E-30", "E-31", note="recorded for two operations, carried over to the others"),
        },
        effect="a caller without permission can find out which ids exist",
    ),
    Clause(
        id="FRAME-1",
        sentence="A request changes no instance that it does not name. It changes a volume that it does not name "
        "only if the volume is attached to an instance that the request ends.",
        evidence={
            Part.OUTCOME: documented(
                "B-02",
                "B-12",
                "V-07",
                note="the specified instances, the one instance of an attribute, the attached volumes",
            ),
        },
        effect="an instance or a volume that no request named is changed or lost",
    ),
    Clause(
        id="FRAME-2",
        sentence="A refused request changes nothing. The only exception: a request that is refused because of "
        "protection may still act in other Availability Zones.",
        evidence={
            Part.OUTCOME: reported(
                "B-06", "B-07", "B-08", "B-01", note="documented for TerminateInstances only: TERM-3"
            ),
        },
        effect="a request that failed has done its work, or a part of it",
    ),
)
