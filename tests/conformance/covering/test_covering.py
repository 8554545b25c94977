"""The covering suite that is kept: it conforms, it kills what it says it kills, and nothing of it can be left out."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from known_mutants import all_mutants
from rehearsed import judge

from ec2_lifecycle.conformance.commands.scenario_files import covering_files
from ec2_lifecycle.conformance.covering.adversaries import PLAINEST, Adversary, shown
from ec2_lifecycle.conformance.covering.suite import MANIFEST, Kind, Suite, load
from ec2_lifecycle.conformance.diagnosis.catalogue import CATALOGUE, known_fault
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import EVERY_BY_ID
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.proof.mutants import Mutant
from ec2_lifecycle.model.requests import Caller
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.strategies.building.racy_scenarios import is_racy
from ec2_lifecycle.strategies.covering.candidates import calls_of
from ec2_lifecycle.strategies.covering.layers import PLAIN, Needs, name_of, needs_of
from ec2_lifecycle.strategies.covering.patterns import PATTERNS
from ec2_lifecycle.strategies.scenario.names import ids_used
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import Gone, WaitStep

FOLDER: Final = covering_files()[0].parent
SAMPLE: Final = 40
"""How many mutants are played: one of so many, spread over all of them."""
LARGE: Final = 100
CLAUSES_OF_DEFECTS: Final = frozenset(clause for known in CATALOGUE for clause in known.clauses)
OF_THE_PAGE: Final = (
    *(f"TERM-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 16)),
    *("PROT-1", "ERR-1", "ERR-2", "ERR-3", "VOL-1", "VOL-2", "VOL-3", "VOL-4", "FRAME-1"),
)
"""What the reference page promises, as far as a plain target can break it while everything is at rest."""


@cache
def suite() -> Suite:
    return load(FOLDER)


@cache
def every_mutant() -> dict[str, Mutant]:
    return {mutant.id: mutant for mutant in all_mutants()}


def small() -> list[Scenario]:
    """The scenarios without those of a thousand instances, which take seconds."""
    return [scenario for scenario in suite().scenarios.values() if len(scenario.instance_names) < LARGE]


@pytest.mark.parametrize(
    "playing",
    [
        PLAINEST,
        Adversary(slow=True),
        Adversary(hardest=True),
        Adversary(slow=True, lavish=True),
        Adversary(sparse=True),
        Adversary(slow=True, idle=True),
        Adversary(slow=True, seed=1),
    ],
    ids=str,
)
def test_the_suite_conforms_however_the_specification_is_played(playing: Adversary) -> None:
    found = {s.title: shown(EC2, judge(), s, playing) for s in small()}
    assert {title: result for title, result in found.items() if result != ((), None)} == {}


def test_a_sample_of_the_mutants_is_killed_as_the_manifest_says() -> None:
    killable = [v for v in suite().verdicts if v.kind is Kind.KILLABLE and v.mutant in every_mutant()]
    engine = Engine(EC2)
    survivors: list[str] = []
    for verdict in killable[:: max(1, len(killable) // SAMPLE)]:
        name, playing = verdict.killed_by[0]
        scenario = suite().scenarios[name]
        if len(scenario.instance_names) < LARGE:
            divergences, broken = shown(every_mutant()[verdict.mutant].specification(), engine, scenario, playing)
            if not divergences and broken is None:
                survivors.append(verdict.mutant)
    assert survivors == []


def test_the_manifest_speaks_of_the_files_beside_it_and_of_no_others() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(suite().scenarios)
    assert {path.name for path in FOLDER.iterdir() if path.suffix != ".yaml"} == {MANIFEST}


def test_every_scenario_is_a_pattern_or_needed_for_a_mutant_or_a_clause_that_no_other_is_there_for() -> None:
    alone = {names[0] for v in suite().verdicts if len(names := [name for name, _ in v.killed_by]) == 1}
    assert alone | suite().patterns | suite().exercises.keys() == set(suite().scenarios)


def test_the_rule_of_the_zones_comes_first_and_is_exercised_by_every_scenario_about_it() -> None:
    flagship = {pattern.scenario.title for pattern in PATTERNS if pattern.flagship}
    first = list(suite().scenarios.values())[: len(flagship)]
    assert {scenario.title for scenario in first} == flagship
    for scenario in first:
        outcome = Runner(model_target(EC2, PLAINEST.behaviour()), judge()).run(scenario)
        assert min(outcome.checks["TERM-4"], outcome.checks["TERM-5"]) > 0, scenario.title


def test_a_plain_target_is_put_to_every_promise_that_it_can_break() -> None:
    exercised = Counter[str]()
    for scenario in small():
        needs = needs_of(scenario.steps)
        if needs in PLAIN and Needs.TRANSITIONS not in needs:
            exercised.update(Runner(model_target(EC2, PLAINEST.behaviour()), judge()).run(scenario).checks)
    assert [clause for clause in OF_THE_PAGE if not exercised[clause]] == []


def test_half_of_what_is_killed_is_killed_within_the_first_fifth_of_the_calls() -> None:
    first, *_ = suite().curve
    assert first >= 50


def test_the_layers_add_up() -> None:
    layers = suite().layers
    assert sum(layer.calls for layer in layers.values()) == sum(suite().calls.values())
    assert sum(layer.scenarios for layer in layers.values()) == len(suite().scenarios)
    assert [name_of(needs_of(s.steps)) for s in suite().scenarios.values()] == list(suite().layer_of.values())


def test_every_killable_mutant_has_a_scenario_and_no_other_mutant_has_one() -> None:
    for verdict in suite().verdicts:
        assert bool(verdict.killed_by) is (verdict.kind is Kind.KILLABLE), verdict.mutant
        assert verdict.killed_by or verdict.why, verdict.mutant


def test_a_real_account_can_do_everything_in_it_but_the_steps_on_demand() -> None:
    for scenario in suite().scenarios.values():
        assert bool(scenario.pushes) is (Needs.PUSHES in needs_of(scenario.steps)), scenario.title
        assert not any(isinstance(ref, Gone) for step in scenario.steps for ref in ids_used(step)), scenario.title
        assert all(step.seconds < 120 for step in scenario.steps if isinstance(step, WaitStep)), scenario.title
        assert set(scenario.callers) <= set(Caller)


def test_the_manifest_counts_the_calls_and_says_which_scenarios_are_racy() -> None:
    for name, scenario in suite().scenarios.items():
        assert suite().calls[name] == calls_of(scenario.steps), scenario.title
        assert (name in suite().racy) is is_racy(scenario.steps), scenario.title


def test_the_suite_costs_no_less_than_the_bound_that_was_proved() -> None:
    assert suite().bound <= sum(suite().calls.values())


def test_a_plain_target_is_put_to_the_test_in_fewer_than_1000_calls() -> None:
    plain = [name for name, scenario in suite().scenarios.items() if needs_of(scenario.steps) in PLAIN]
    assert sum(suite().calls[name] for name in plain) < 1000


def test_no_layer_that_a_plain_target_can_play_takes_many_more_calls_than_its_bound() -> None:
    needs = {needs_of(scenario.steps) for scenario in suite().scenarios.values()}
    names = {name_of(one) for one in needs if one in PLAIN}
    dear = {name: (layer.calls, layer.bound) for name, layer in suite().layers.items() if name in names}
    assert len(dear) == len(names)
    assert {name: figures for name, figures in dear.items() if figures[0] > 1.15 * figures[1]} == {}


def test_only_this_folder_is_played_in_the_tier_covering() -> None:
    assert sorted(covering_files()) == sorted(Path(FOLDER).glob("*.yaml"))


def test_every_defect_of_the_catalogue_is_shown_by_a_planted_fault_that_the_suite_finds() -> None:
    by_id = {verdict.mutant: verdict for verdict in suite().verdicts if verdict.killed_by}
    shown_defects: set[str] = set()
    for name, fault in EVERY_BY_ID.items():
        if fault.clause not in CLAUSES_OF_DEFECTS or name not in by_id:
            continue
        scenario = suite().scenarios[by_id[name].killed_by[0][0]]
        if len(scenario.instance_names) < LARGE:
            divergences = Runner(fault.target(), judge()).run(scenario).divergences
            shown_defects |= {known.id for divergence in divergences if (known := known_fault(divergence)) is not None}
    assert {known.id for known in CATALOGUE} == shown_defects
