"""Sightings: which divergences of a play may come of an earlier one, and what it costs to tell."""

from collections import Counter
from dataclasses import replace
from typing import Final

import pytest
from divergence_samples import KILLED
from hypothesis import given
from hypothesis import strategies as st

from ec2_lifecycle.conformance.diagnosis import defects
from ec2_lifecycle.conformance.execution.play import Outcome
from ec2_lifecycle.conformance.findings import search
from ec2_lifecycle.conformance.oracle.divergence import Divergence
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.world import Instance, Volume
from ec2_lifecycle.strategies.scenario.scenario import Scenario

STOPPED: Final = replace(KILLED, clause="STOP-1", operation=Operation.STOP)
WORDS: Final = replace(KILLED, clause="ERR-6", expected_class="message:known", observed_class="message:other")
"""Only a text is wrong, and nothing is in doubt afterwards."""


def outcome(divergences: list[Divergence]) -> Outcome:
    """Return the outcome of a play that showed these."""
    seen_at = tuple(range(len(divergences)))
    return Outcome(Scenario("t", (), ()), 0, tuple(divergences), Counter(), seen_at=seen_at)


def may_cause(earlier: Divergence, later: Divergence) -> bool:
    """Tell whether the later divergence may come of the earlier one."""
    is_same = defects.defect_id(earlier) == defects.defect_id(later)
    return earlier.clause != WORDS.clause and not is_same and bool(earlier.about & later.about)


def about(one: Divergence, instance: Instance | None, volume: Volume | None) -> Divergence:
    """Return a divergence about an instance and a volume."""
    return replace(one, instance=instance, volume=volume)


divergences = st.builds(
    about,
    st.sampled_from([KILLED, STOPPED, WORDS]),
    st.sampled_from([None, Instance("A"), Instance("B")]),
    st.sampled_from([None, Volume("A.root"), Volume("A.data")]),
)


@given(st.lists(divergences, max_size=8))
def test_a_divergence_stands_first_if_no_earlier_one_of_the_play_may_cause_it(shown: list[Divergence]) -> None:
    expected = [not any(may_cause(earlier, each) for earlier in shown[:n]) for n, each in enumerate(shown)]
    assert [seen.stands_first for seen in search.sightings(outcome(shown))] == expected


def test_each_divergence_of_a_play_is_named_once_and_each_kind_of_them_is_diagnosed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named: list[Divergence] = []
    diagnosed: list[Divergence] = []

    def name(divergence: Divergence) -> str:
        named.append(divergence)
        return defects.defect_id(divergence)

    monkeypatch.setattr(search, "defect_id", name)
    monkeypatch.setattr(defects, "known_fault", diagnosed.append)
    kinds = [replace(KILLED, state=f"state {n}") for n in range(3)]  # no other test has such states
    shown = [replace(kind, instance=Instance(f"A{n}"), step=n) for n in range(100) for kind in kinds]
    assert all(seen.stands_first for seen in search.sightings(outcome(shown)))
    assert (len(named), len(diagnosed)) == (len(shown), len(kinds))
