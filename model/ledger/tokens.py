"""What a client token promises: a launch that is sent again launches nothing."""

from typing import Final

from ..clauses import Clause, Part, documented, reported

TOKENS: Final[tuple[Clause, ...]] = (
    Clause(
        id="TOKEN-1",
        sentence="A launch that is sent again with its ClientToken and the same parameters launches nothing, and "
        "answers with the same instances, in whatever state they are.",
        evidence={
            Part.OUTCOME: documented(
                "K-05", "K-01", note="or with IdempotentInstanceTerminated, once an instance is terminated"
            ),
        },
        effect="a client that repeats a launch after a lost reply launches twice, and pays twice",
    ),
    Clause(
        id="TOKEN-2",
        sentence="A ClientToken that is sent again with other parameters fails with IdempotentParameterMismatch.",
        evidence={
            Part.OUTCOME: documented("K-02"),
            Part.CODE: documented("K-02"),
            Part.MESSAGE: reported("K-02"),
        },
        effect="a client takes the instances of another launch for those that it asked for",
    ),
    Clause(
        id="TOKEN-3",
        sentence="A launch that names another Availability Zone is a new one, also with the same ClientToken.",
        evidence={Part.OUTCOME: documented("K-03")},
        effect="a launch that goes on in the next zone when one has no capacity launches nothing",
    ),
    Clause(
        id="TOKEN-4",
        sentence="A ClientToken is case-sensitive: one that differs only in case is another token.",
        evidence={Part.OUTCOME: documented("K-04")},
        effect="a launch is taken for another one, and launches nothing",
    ),
)
