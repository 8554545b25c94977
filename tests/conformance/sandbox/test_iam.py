"""The small evaluator of IAM policies, held to what the IAM user guide says."""

from typing import Any

import pytest
from iam import Asked, Context, allowed


def statement(effect: str = "Allow", action: object = "ec2:Stop*", resource: object = "*", **more: object) -> Any:  # noqa: ANN401 - JSON
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def says(*statements: object, action: str = "ec2:StopInstances", resource: str = "*", **context: Any) -> bool:  # noqa: ANN401
    return allowed({"Statement": statements}, [Asked(action, resource, context)])


def holds(operator: str, value: object, context: Context) -> bool:
    condition = {operator: {"aws:Key": value}}
    return allowed({"Statement": [statement(Condition=condition)]}, [Asked("ec2:StopInstances", "*", context)])


def test_what_nothing_allows_is_denied() -> None:
    assert not says()
    assert not says(statement(action=["ec2:StartInstances", "s3:*"]))


def test_a_deny_wins_over_every_allow() -> None:
    assert says(statement())
    assert not says(statement(), statement("Deny", "*"), statement())
    assert says(statement(), statement("Deny", "ec2:Terminate*"))


def test_actions_are_the_same_in_capital_and_small_letters_and_resources_are_not() -> None:
    assert says(statement(action="EC2:stop*"))
    assert says(statement(resource="a:b/*"), resource="a:b/c/d")
    assert not says(statement(resource="A:b/*"), resource="a:b/c")
    assert says(statement(resource="a:?/*"), resource="a:b/c")
    assert not says(statement(resource="a.b"), resource="a:b")


def test_a_request_is_allowed_only_for_all_of_its_resources() -> None:
    policy = {"Statement": [statement(resource="a/*")]}
    mine, other = Asked("ec2:StopInstances", "a/1"), Asked("ec2:StopInstances", "b/1")
    assert allowed(policy, [mine, mine])
    assert not allowed(policy, [mine, other])


def test_all_conditions_must_hold_and_one_of_their_values() -> None:
    both = {"StringEquals": {"aws:A": ["1", "2"], "aws:B": "1"}}
    assert says(statement(Condition=both), **{"aws:A": "2", "aws:B": "1"})
    assert not says(statement(Condition=both), **{"aws:A": "2", "aws:B": "2"})


@pytest.mark.parametrize(
    ("operator", "value", "told", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "A", "a", False),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a*", "ba", False),
        ("Bool", "true", "True", True),
        ("Bool", "true", "false", False),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], None, True),
        ("ForAllValues:StringLike", ["a*"], [], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], None, False),
    ],
)
def test_an_operator_holds_as_the_guide_says(operator: str, value: object, told: Any, *, expected: bool) -> None:  # noqa: ANN401 - JSON
    assert holds(operator, value, {} if told is None else {"AWS:key": told}) is expected


def test_what_is_not_known_is_not_guessed() -> None:
    with pytest.raises(NotImplementedError, match="NumericLessThan"):
        holds("NumericLessThan", "1", {"aws:Key": "0"})
    with pytest.raises(NotImplementedError, match="several values"):
        holds("StringEquals", "a", {"aws:Key": ["a", "b"]})
    with pytest.raises(NotImplementedError, match="NotAction"):
        says(statement(NotAction="*"))
