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
        "InvalidInstanceID.NotFound: no such instance in the Region, or its id has not spread through EC2 yet.",
        DOCUMENTED,
        _PAGE,
    ),
    Fact(
        "R-173",
        "DeleteOnTermination is modified for volumes that are currently attached to the instance; the page gives no "
        "code for another one.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute",),
        parts={Part.CODE: ASSUMED, Part.STATUS: ASSUMED, Part.MESSAGE: ASSUMED},
    ),
)
