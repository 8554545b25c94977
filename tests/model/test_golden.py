"""The golden numbers: what the named scopes reach is what was committed, and together they reach all that there is."""

import pytest
from golden import RENEW, Numbers, alternatives, answer, committed, moved, numbers_of
from plain_facts import Watch, broken

from ec2_lifecycle.model import lifecycle
from ec2_lifecycle.model.choices import REPEATS
from ec2_lifecycle.model.reach.explore import explore
from ec2_lifecycle.model.reach.scope import Scope
from ec2_lifecycle.model.reach.scopes import SCOPES
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2

NUMBERS = committed()
COUNTED = {key for numbers in NUMBERS.values() for key, count in numbers.counts.items() if count}
PICKED = {one for numbers in NUMBERS.values() for one in numbers.picked}
TABLES = {
    Operation.TERMINATE: lifecycle.TERMINATE,
    Operation.STOP: lifecycle.STOP,
    Operation.START: lifecycle.START,
    Operation.REBOOT: lifecycle.REBOOT,
}


def explanation(scope: Scope, lines: list[str]) -> str:
    """Say what moved numbers mean, and what to do."""
    return "\n".join(
        [
            f"the scope {scope.name!r} is not what it was. {scope.about}",
            *(f"  {line}" for line in lines),
            "The specification permits something that it did not, or no longer permits something that it did.",
            f"If that is meant, `{RENEW} -- {scope.name}` writes the new numbers; commit both, and say why.",
            "If it is not, a rule or a table has changed by mistake: the lines above say for which requests.",
        ]
    )


# One test, not two: exploring a scope is what takes the time, and tests that run in parallel share nothing.
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_reaches_what_is_committed_and_keeps_to_the_plain_facts(scope: Scope) -> None:
    watch = Watch(EC2)
    reached = explore(EC2, scope, watch)
    assert not broken(watch, reached)
    lines = list(moved(NUMBERS.get(scope.name, Numbers({}, ())), numbers_of(reached)))
    assert not lines, explanation(scope, lines)


def test_every_scope_has_numbers_and_a_name_of_its_own() -> None:
    assert [*NUMBERS] == [scope.name for scope in SCOPES]


# The rest needs no exploration: the committed numbers say what each scope meets, and the test above keeps them true.


def test_every_rung_is_met_in_some_scope() -> None:
    rungs = {answer(o, rung) for o, rules in EC2.operations.items() for rung in (*rules.ladder, None)}
    unmet = rungs - COUNTED
    assert not unmet, f"no scope meets {unmet}: run `{RENEW}`; if it remains, add a scope to model/reach/scopes.py"


def test_every_background_step_is_taken_in_some_scope() -> None:
    taken = {key.partition(": ")[0] for key in COUNTED}
    assert {step.name.value for step in (*EC2.steps, *EC2.volume_steps)} - taken == set()


def test_every_row_of_the_lifecycle_is_used_in_some_scope() -> None:
    used = {key.partition(" → ")[0] for key in COUNTED if " → " in key}
    assert {f"{o.value}: {state.value}" for o, table in TABLES.items() for state in table} - used == set()


def test_every_transition_of_the_lifecycle_occurs_in_some_scope() -> None:
    occur = {key.partition(": ")[2] for key in COUNTED if " → " in key}
    assert {f"{a.value} → {b.value}" for a, to in lifecycle.TRANSITIONS.items() for b in to} - occur == set()


def test_every_alternative_of_every_choice_is_picked_in_some_scope() -> None:
    # What a reply lists where an id is sent twice changes no world: no rule reads it.
    of_rules = {one for choice in EC2.choices if choice is not REPEATS for one in alternatives(choice)}
    assert of_rules - PICKED == set()
    assert set(alternatives(REPEATS)).isdisjoint(PICKED)


def test_a_number_that_moved_is_told_with_both_values_and_what_to_do() -> None:
    before = Numbers({"worlds": 812, "gone": 3}, ("release: never",))
    after = Numbers({"worlds": 815, "StopInstances: success": 1}, ())
    lines = list(moved(before, after))
    assert lines == [
        "worlds: 812 → 815",
        "gone: 3 → 0",
        "StopInstances: success: 0 → 1",
        "no longer picked: release: never",
    ]
    told = explanation(SCOPES[0], lines)
    assert "worlds: 812 → 815" in told
    assert f"`{RENEW} -- {SCOPES[0].name}`" in told
