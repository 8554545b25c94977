"""What the oracle remembers: each answer is worked out once, whatever else is settled than what it reads."""

from typing import Any, Final

import pytest

from ec2_lifecycle.conformance.oracle.explore import NeedsChoice, Setting
from ec2_lifecycle.conformance.oracle.memory import Memory
from ec2_lifecycle.model.choices import DEAD_PROTECTED, Choice, DeadProtected, Scope

READ: Final[Choice[Any]] = DEAD_PROTECTED
ELSEWHERE: Final = ("elsewhere", Scope.ZONE)
ALSO_ELSEWHERE: Final = ("elsewhere", Scope.REQUEST)


def settled(alternative: DeadProtected) -> tuple[str, DeadProtected]:
    return (READ.id, alternative)


class Rule:
    """An answer that reads one choice, and counts how often it was worked out."""

    def __init__(self) -> None:
        self.times = 0

    def answer(self, setting: Setting) -> str:
        """Read the choice, or say that it is needed."""
        known = dict(setting)
        if READ.id not in known:
            raise NeedsChoice(READ)
        self.times += 1
        return str(known[READ.id].value)


def test_an_answer_is_worked_out_once_for_all_settings_of_what_it_does_not_read() -> None:
    memory, rule = Memory(), Rule()
    never = settled(DeadProtected.NEVER)
    answers = [
        memory.under(setting, "how long", rule.answer) for setting in ((never, ELSEWHERE), (ALSO_ELSEWHERE, never))
    ]
    assert answers == [DeadProtected.NEVER.value] * 2
    assert rule.times == 1


def test_an_answer_is_worked_out_for_each_alternative_of_what_it_reads() -> None:
    memory, rule = Memory(), Rule()
    for alternative in DeadProtected:
        assert memory.under((settled(alternative),), "how long", rule.answer) == alternative.value
    assert rule.times == len(DeadProtected)


def test_a_choice_that_is_not_settled_is_asked_for_each_time_anew() -> None:
    memory, rule = Memory(), Rule()
    raised: list[NeedsChoice] = []
    for _ in range(2):
        with pytest.raises(NeedsChoice) as needed:
            memory.under((ELSEWHERE,), "how long", rule.answer)
        raised.append(needed.value)
    assert all(need.choice is READ for need in raised)
    assert raised[0] is not raised[1], "it would keep alive all that was under way when it was raised first"
