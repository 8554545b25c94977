"""What a client token promises: a launch that is sent again launches nothing."""

from typing import Final

from ..clauses import Clause, Part, documented, reported

TOKENS: Final[tuple[Clause, ...]] = (
    Clause(
        id="TOKEN-1",
        sentence="A launch that is sent again with its ClientToken and the same parameters launches nothing. Its "
        "reply has the same instances, whatever their state is now.",
        evidence={
            Part.OUTCOME: documented(
                "K-05", "K-01", note="or with IdempotentInstanceTerminated, once an instance is terminated"
            ),
        },
        effect="a client that repeats a launch after a lost reply launches twice, and pays twice",
    ),
    Clause(
        id="TOKEN-2",
        sentence="A launch that reuses a ClientToken with other parameters fails with IdempotentParameterMismatch.",
        evidence={
            Part.OUTCOME: documented("K-02"),
            Part.CODE: documented("K-02"),
            Part.MESSAGE: reported("K-02"),
        },
        effect="a client believes that the instances of another launch are its own",
    ),
    Clause(
        id="TOKEN-3",
        sentence="A launch that names another Availability Zone is a new launch, even with the same ClientToken.",
        evidence={Part.OUTCOME: documented("K-03")},
        effect="a client that tries the next zone when one has no capacity launches nothing there",
    ),
    Clause(
        id="TOKEN-4",
        sentence="A ClientToken is case-sensitive: two tokens that differ only in case are different tokens.",
        evidence={Part.OUTCOME: documented("K-04")},
        effect="EC2 confuses a launch with another one, and launches nothing",
    ),
)
