"""What is answered without being done: dry runs, refusals, and what a refusal leaves alone."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

ERRORS: Final[tuple[Clause, ...]] = (
    Clause(
        id="DRY-1",
        sentence="A dry run by a caller with permission answers DryRunOperation and changes nothing.",
        evidence={
            Part.OUTCOME: documented("E-33: API model, DryRun; TerminateInstances page"),
            Part.CODE: documented("E-33: API model, DryRun; TerminateInstances page; E-21: quoted"),
            Part.STATUS: reported("E-21: 412 (2019)"),
            Part.MESSAGE: reported("E-21: Request would have succeeded, but DryRun flag is set."),
        },
        effect="a dry run deletes what it should only have checked",
    ),
    Clause(
        id="DRY-2",
        sentence="A dry run by a caller without permission answers UnauthorizedOperation and changes nothing.",
        evidence={
            Part.OUTCOME: documented("E-33: API model, DryRun; TerminateInstances page"),
            Part.CODE: documented("E-33: API model, DryRun; TerminateInstances page"),
            Part.STATUS: reported("E-22: 403, quoted for calls that were no dry runs"),
            Part.MESSAGE: assumed("E-22: recorded only for calls that were no dry runs"),
        },
        effect="a check of permissions says yes where the answer is no",
    ),
    Clause(
        id="ERR-1",
        sentence="An id that names no instance, or no longer does, is refused with InvalidInstanceID.NotFound; a "
        "made-up id of 17 digits may be called malformed instead.",
        evidence={
            Part.OUTCOME: reported("E-01: many quotes; documented for TerminateInstances only (B-01, E-32)"),
            Part.CODE: reported("E-01: InvalidInstanceID.NotFound; E-05: or Malformed, for 17 digits (2026-03-03)"),
            Part.STATUS: reported("E-01: 400"),
            Part.MESSAGE: reported(
                "E-01: one id; E-02: several ids in one pair of quotes, only those that are missing"
            ),
        },
        effect="a tool takes an instance that never was for one that it has handled",
    ),
    Clause(
        id="ERR-2",
        sentence="An id that is not one is refused with InvalidInstanceID.Malformed; ModifyInstanceAttribute calls a "
        "wrong prefix InvalidParameterValue.",
        evidence={
            Part.OUTCOME: reported("E-04: many quotes; documented for TerminateInstances only (B-01, E-32)"),
            Part.CODE: reported("E-04: aws-cli's integration test and quotes; E-07: aws-cli #2389 (2017)"),
            Part.STATUS: reported("E-04: 400"),
            Part.MESSAGE: reported("E-04: Invalid id, with the id in double quotes; E-05, E-07: other wordings"),
        },
        effect="a client that puts nonsense into its ids learns of it only in production",
    ),
    Clause(
        id="ERR-3",
        sentence="A termination reports a bad id before the protection of any instance.",
        evidence={
            Part.OUTCOME: documented(
                "E-32, B-01: one bad id fails the request before anything is done; E-31: states are open"
            )
        },
        effect="a batch with a bad id is carried out in part",
    ),
    Clause(
        id="ERR-4",
        sentence="A refusal for what the client did wrong has an HTTP status of the 400-series.",
        evidence={
            Part.OUTCOME: documented("E-24: errors overview"),
            Part.STATUS: documented("E-24: errors overview"),
        },
        effect="a client library retries what can never succeed",
    ),
    Clause(
        id="ERR-5",
        sentence="A caller without permission is refused with UnauthorizedOperation.",
        evidence={
            Part.OUTCOME: recorded("E-22: rec:cloudtrail__invictus__GetPasswordData__* and others; E-30"),
            Part.CODE: recorded("E-22, E-30: UnauthorizedOperation"),
            Part.STATUS: reported("E-22: 403, from quotes of the Java library"),
            Part.MESSAGE: recorded("E-22: You are not authorized to perform this operation., and more that varies"),
        },
        effect="a caller who has no permission ends other people's instances",
    ),
    Clause(
        id="ERR-6",
        sentence="A refusal for one instance names an instance that it is about.",
        evidence={
            Part.OUTCOME: reported(
                "E-10, E-14, E-15, E-17: quotes; E-12: recorded for stop protection; B-03: which one"
            ),
            Part.MESSAGE: reported("E-10, E-14, E-15, E-17: quotes; E-12: recorded for stop protection"),
        },
        effect="a tool that drops the named instance and tries again never gets through",
    ),
    Clause(
        id="ERR-7",
        sentence="A lack of permission is reported before anything that is wrong with the ids.",
        evidence={
            Part.OUTCOME: assumed(
                "E-30: recorded for GetPasswordData and DescribeInstanceAttribute, carried over to the others; "
                "E-31: open where permission depends on the instance"
            )
        },
        effect="a caller without permission can find out which ids exist",
    ),
    Clause(
        id="FRAME-1",
        sentence="A request changes nothing about instances that it does not name, nor about volumes that it does not "
        "name and that are not attached to an instance it ends.",
        evidence={
            Part.OUTCOME: documented(
                "B-02: TerminateInstances page, the specified instances; B-12: one instance for each change of an "
                "attribute; V-07: the volumes attached to it"
            )
        },
        effect="an instance or a volume that nobody asked about is changed or lost",
    ),
    Clause(
        id="FRAME-2",
        sentence="A refused request changes nothing, but for what a refusal for protection leaves to happen in other "
        "Availability Zones.",
        evidence={
            Part.OUTCOME: reported(
                "B-07, B-08: starts and stops; B-06: terminations in one zone; B-01: documented for TerminateInstances"
            )
        },
        effect="a request that answered with an error has done its work, or half of it",
    ),
)
