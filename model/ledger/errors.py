"""What is answered without being done: dry runs, refusals, and what a refusal leaves alone."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

ERRORS: Final[tuple[Clause, ...]] = (
    Clause(
        id="DRY-1",
        sentence="A dry run by a caller with permission answers DryRunOperation and changes nothing.",
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
        sentence="A dry run by a caller without permission answers UnauthorizedOperation and changes nothing.",
        evidence={
            Part.OUTCOME: documented("R-001", "E-33"),
            Part.CODE: documented("R-001"),
            Part.STATUS: reported("E-22", note="quoted for calls that were no dry runs"),
            Part.MESSAGE: assumed("E-33"),
        },
        effect="a check of permissions says yes where the answer is no",
    ),
    Clause(
        id="ERR-1",
        sentence="An id that names no instance, or no longer does, is refused with InvalidInstanceID.NotFound; a "
        "made-up id of 17 digits may be called malformed instead.",
        evidence={
            Part.OUTCOME: documented("R-044", "E-01", "B-01"),
            Part.CODE: documented("R-044", "E-01", "E-05"),
            Part.STATUS: reported("E-01"),
            Part.MESSAGE: reported("E-01", "E-02"),
        },
        effect="a tool takes an instance that never was for one that it has handled",
    ),
    Clause(
        id="ERR-2",
        sentence="An id that is not one is refused with InvalidInstanceID.Malformed; ModifyInstanceAttribute calls a "
        "wrong prefix InvalidParameterValue.",
        evidence={
            Part.OUTCOME: documented("R-043", "E-04", "B-01"),
            Part.CODE: documented(
                "R-043", "E-04", "E-07", note="the code for a wrong prefix in ModifyInstanceAttribute is reported"
            ),
            Part.STATUS: reported("E-04"),
            Part.MESSAGE: reported("E-04", "E-05", "E-07"),
        },
        effect="a client that puts nonsense into its ids learns of it only in production",
    ),
    Clause(
        id="ERR-3",
        sentence="A termination reports a bad id before the protection of any instance.",
        evidence={Part.OUTCOME: documented("E-32", "B-01", "E-31", note="how states rank is open")},
        effect="a batch with a bad id is carried out in part",
    ),
    Clause(
        id="ERR-4",
        sentence="A refusal for what the client did wrong has an HTTP status of the 400-series.",
        evidence={
            Part.OUTCOME: documented("E-24"),
            Part.STATUS: documented("E-24"),
        },
        effect="a client library retries what can never succeed",
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
        sentence="A refusal for one instance names an instance that it is about.",
        evidence={
            Part.OUTCOME: reported("E-10", "E-14", "E-15", "E-17", "E-12", "B-03", note="which one is open"),
            Part.MESSAGE: reported("E-10", "E-14", "E-15", "E-17", "E-12"),
        },
        effect="a tool that drops the named instance and tries again never gets through",
    ),
    Clause(
        id="ERR-7",
        sentence="A lack of permission is reported before anything that is wrong with the ids.",
        evidence={
            Part.OUTCOME: assumed("E-30", "E-31", note="recorded for two operations, carried over to the others"),
        },
        effect="a caller without permission can find out which ids exist",
    ),
    Clause(
        id="FRAME-1",
        sentence="A request changes nothing about instances that it does not name, nor about volumes that it does not "
        "name and that are not attached to an instance it ends.",
        evidence={
            Part.OUTCOME: documented(
                "B-02",
                "B-12",
                "V-07",
                note="the specified instances, the one instance of an attribute, the attached volumes",
            ),
        },
        effect="an instance or a volume that nobody asked about is changed or lost",
    ),
    Clause(
        id="FRAME-2",
        sentence="A refused request changes nothing, but for what a refusal for protection leaves to happen in other "
        "Availability Zones.",
        evidence={
            Part.OUTCOME: reported(
                "B-06", "B-07", "B-08", "B-01", note="documented for TerminateInstances only: TERM-3"
            ),
        },
        effect="a request that answered with an error has done its work, or half of it",
    ),
)
