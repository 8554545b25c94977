"""Documented refusals on which clauses rest, from AWS's page of error codes.

The page gives a code its condition, seldom an operation.
"""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, Fact

_PAGE: Final = ("aws:errors-overview",)

REFUSALS: Final[tuple[Fact, ...]] = (
    Fact(
        "R-001",
        "UnauthorizedOperation: the caller lacks permission.",
        DOCUMENTED,
        _PAGE,
    ),
    Fact(
        "R-002",
        "DryRunOperation: the caller has permission and the request was a dry run, so nothing was done.",
        DOCUMENTED,
        _PAGE,
    ),
    Fact(
        "R-043",
        "InvalidInstanceID.Malformed: the id does not have the form i- and 8 or 17 hexadecimal digits.",
        DOCUMENTED,
        _PAGE,
    ),
    Fact(
        "R-044",
        "InvalidInstanceID.NotFound: the Region has no such instance, or its id is not known everywhere in EC2 yet.",
        DOCUMENTED,
        _PAGE,
    ),
    Fact(
        "R-173",
        "DeleteOnTermination can be modified only for volumes that are attached to the instance. The page gives no "
        "code for any other volume.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute",),
        parts={Part.CODE: ASSUMED, Part.STATUS: ASSUMED, Part.MESSAGE: ASSUMED},
    ),
    Fact(
        "R-205",
        "IncorrectState: DeleteVolume names a volume that is not available.",
        DOCUMENTED,
        ("aws:API_DeleteVolume", "aws:errors-overview"),
    ),
)
