"""`derive`: the suite is derived for a few mutants, kept, and found wanting when it no longer fits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from command_runs import Command
from known_mutants import all_mutants

from ec2_lifecycle.conformance.covering.adequacy import Replayer, digest_of, shortcomings
from ec2_lifecycle.conformance.covering.derive import choose
from ec2_lifecycle.conformance.covering.examiner import Examiner
from ec2_lifecycle.conformance.covering.gathering import Material, gather
from ec2_lifecycle.conformance.covering.suite import MANIFEST, Kind, Suite, Verdict, load, save, stored_verdicts
from ec2_lifecycle.conformance.covering.worker_pool import WorkerPool
from ec2_lifecycle.conformance.emulator.behaviour import Behaviour
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.engine import Engine
from ec2_lifecycle.conformance.planted_faults.catalogue import BANK, fault_of
from ec2_lifecycle.conformance.planted_faults.fault import Fault
from ec2_lifecycle.conformance.planted_faults.faulty_ec2 import FaultyEc2
from ec2_lifecycle.conformance.targets.model import model_target
from ec2_lifecycle.model.clauses import Part, assumed
from ec2_lifecycle.model.proof.mutants import Mutant
from ec2_lifecycle.model.proof.variants import sources
from ec2_lifecycle.model.requests import Caller, Operation
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.states import RootDevice
from ec2_lifecycle.strategies.building.racy_scenarios import is_racy
from ec2_lifecycle.strategies.covering import cover
from ec2_lifecycle.strategies.covering.cover import NoSolver, Question, Trunk, cheapest_cover
from ec2_lifecycle.strategies.covering.derivation_scopes import Scope
from ec2_lifecycle.strategies.covering.layers import PLAIN, Needs, in_order, name_of, needs_of
from ec2_lifecycle.strategies.covering.pattern_texts import AT_ONCE
from ec2_lifecycle.strategies.covering.patterns import PATTERNS, Pattern
from ec2_lifecycle.strategies.scenario.scenario import Scenario
from ec2_lifecycle.strategies.scenario.steps import (
    BatchStep,
    DescribeAttributeStep,
    Named,
    RunStep,
    SettleStep,
    Unknown,
)

FEW: Final = (
    "lifecycle/TRANSITIONS/drop-key/1",
    "rules.start/shutting_down/negate/4",
    "rules.terminate/shielded/any-all/1",
    "rules.terminate/shielded/and-or/1",
    "rules.terminate/shielded/drop-operand/1",
    "rules.terminate/partly_refused/any-all/1",
)
"""Some that can be killed, and some that cannot."""
SMALL: Final = (
    Scope(
        "small",
        "two instances in two zones, one of them protected",
        launches=(RunStep(""), RunStep("", disable_api_termination=True)),
        asks=(Operation.TERMINATE,),
        instances=2,
        zones=2,
        each_alone=False,
    ),
)


FAULTS: Final = (
    fault_of("TERM-10", "an item is missing"),
    next(fault for fault in BANK if fault.name == "the loop ends at the bad id"),
    next(fault for fault in BANK if fault.name == "the third restart unprotects"),
)
"""One that a request of a small scope shows, one that takes a bad id, and one that takes a history."""


RESTARTS: Final = next(p for p in PATTERNS if p.scenario.title.startswith("Three restarts change nothing"))
"""It finds the last of them."""


@pytest.fixture(name="few", scope="module")
def few_mutants() -> tuple[Mutant, ...]:
    return tuple(mutant for mutant in all_mutants() if mutant.id in FEW)


@pytest.fixture(name="suite", scope="module")
def derived_suite(few: tuple[Mutant, ...]) -> Suite:
    return derived(few)


def derived(
    few: tuple[Mutant, ...],
    known: Mapping[str, Verdict] | None = None,
    patterns: Sequence[Pattern] = PATTERNS[:1],
    unknown: frozenset[str] = frozenset(),
) -> Suite:
    """Derive a suite of the small scope, one pattern and some faults, of which some may be unknown."""
    with WorkerPool(lambda: Examiner(EC2, few, SMALL, FAULTS), 1) as workers:
        gathered = gather(workers, EC2, few, silent, Material(SMALL, patterns, FAULTS, known or {}))
        return choose(workers, gathered.without_faults(unknown), "digest", silent)


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody of the progress."""
    del stage, done, total


def wanting(
    suite: Suite, few: tuple[Mutant, ...], digest: str = "digest", faults: Sequence[Fault] = FAULTS
) -> list[str]:
    by_id = {fault.id: fault for fault in faults}
    with WorkerPool(lambda: Replayer(EC2, few, by_id), 1) as workers:
        return list(shortcomings(workers, EC2, few, suite, digest, silent, by_id))


def test_every_mutant_gets_a_verdict(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert [verdict.mutant for verdict in suite.verdicts] == [one.id for one in (*few, *FAULTS)]
    assert suite.totals["mutants"] == len(few)
    assert suite.totals["planted faults"] == len(FAULTS)
    assert {verdict.kind for verdict in suite.verdicts} >= {Kind.KILLABLE, Kind.TIGHTER}


def test_a_shield_that_is_no_more_is_noticed_where_a_protected_instance_has_a_neighbour(suite: Suite) -> None:
    [verdict] = [v for v in suite.verdicts if v.mutant == "rules.terminate/shielded/any-all/1"]
    clauses = {clause for name, _ in verdict.killed_by for clause in suite.scenarios[name].clauses}
    # The protected one is terminated too: whichever of the two is looked at first is blamed.
    assert clauses & {"TERM-4", "TERM-5", "PROT-1"}


def test_a_fault_that_no_candidate_finds_stays_open(suite: Suite) -> None:
    found = {verdict.mutant: verdict.kind for verdict in suite.verdicts}
    assert [found[fault.id] for fault in FAULTS] == [Kind.KILLABLE, Kind.OPEN, Kind.OPEN]


def test_a_pattern_about_the_zones_is_in_the_suite_whatever_it_kills_and_comes_first(suite: Suite) -> None:
    first = next(iter(suite.scenarios))
    assert suite.scenarios[first].steps == PATTERNS[0].scenario.steps
    assert suite.patterns == {first}


def test_of_two_patterns_that_show_the_same_only_the_cheaper_one_is_in_the_suite(few: tuple[Mutant, ...]) -> None:
    steps = RESTARTS.scenario.steps
    again = next(step for step in steps if isinstance(step, DescribeAttributeStep))
    longer = Pattern(Scenario("It asks once more", (), (*steps, again)))
    chosen = derived(few, patterns=(PATTERNS[0], longer, RESTARTS))
    assert {chosen.scenarios[name].steps for name in chosen.patterns} == {PATTERNS[0].scenario.steps, steps}
    [verdict] = [verdict for verdict in chosen.verdicts if verdict.mutant == FAULTS[2].id]
    assert [chosen.scenarios[name].steps for name, _ in verdict.killed_by] == [steps]


def test_a_fault_that_is_unknown_when_the_suite_is_chosen_has_no_say_in_it(few: tuple[Mutant, ...]) -> None:
    chosen = derived(few, patterns=(PATTERNS[0], RESTARTS), unknown=frozenset({FAULTS[2].id}))
    assert [chosen.verdicts[len(few) + number].kind for number in range(3)] == [Kind.KILLABLE, Kind.OPEN, Kind.OPEN]


def test_the_clauses_of_the_zones_are_exercised(suite: Suite) -> None:
    exercised = {clause for clauses in suite.exercises.values() for clause in clauses}
    assert exercised >= {"TERM-4", "TERM-5", "TERM-6", "PROT-1"}


def test_a_suite_is_not_adequate_where_a_planted_fault_is_new_or_gone_or_not_found(
    suite: Suite, few: tuple[Mutant, ...]
) -> None:
    first, second, third = FAULTS
    [gone] = wanting(suite, few, faults=(first, second))
    assert gone == f"the planted {third.id} is no more"
    [new] = wanting(suite, few, faults=(*FAULTS, replace(first, sentence="another one")))
    assert "is new" in new
    [missed] = wanting(suite, few, faults=(replace(first, ec2=third.ec2), second, third))
    assert f"does not find the planted {first.id} now" in missed


def test_a_derivation_comes_out_the_same_again(suite: Suite, few: tuple[Mutant, ...], tmp_path: Path) -> None:
    again = derived(few)
    save(suite, tmp_path / "one")
    save(again, tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert [f for f in files if (tmp_path / "one" / f).read_bytes() != (tmp_path / "two" / f).read_bytes()] == []


def test_what_is_kept_reads_back_the_same_and_leaves_nothing_of_an_earlier_suite(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "earlier.yaml").write_text("title: an earlier scenario\n", encoding="utf-8")
    save(suite, tmp_path)
    assert load(tmp_path) == suite
    assert not (tmp_path / "earlier.yaml").exists()


def test_a_suite_is_adequate_for_what_it_was_derived_from(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert wanting(suite, few) == []


def test_a_suite_is_not_adequate_where_a_mutant_is_new_or_gone(suite: Suite, few: tuple[Mutant, ...]) -> None:
    first, *others = few
    assert any(first.id in sentence and "no more" in sentence for sentence in wanting(suite, tuple(others)))
    new = replace(first, id="rules.terminate/shielded/new/1")
    assert any(new.id in sentence and new.change in sentence for sentence in wanting(suite, (*few, new)))


def test_a_suite_is_not_adequate_where_a_mutant_survives(suite: Suite, few: tuple[Mutant, ...]) -> None:
    killable = next(verdict for verdict in suite.verdicts if verdict.kind is Kind.KILLABLE)
    harmless = next(mutant for mutant in few if mutant.module == "lifecycle")
    changed = tuple(
        replace(m, module=harmless.module, source=harmless.source) if m.id == killable.mutant else m for m in few
    )
    [sentence] = wanting(suite, changed)
    assert killable.mutant in sentence
    assert "survives" in sentence


def test_a_suite_is_not_adequate_for_a_specification_of_another_text(suite: Suite, few: tuple[Mutant, ...]) -> None:
    assert wanting(suite, few, "another digest") == ["the specification is not the one that the suite was derived from"]


def test_comments_and_docstrings_do_not_make_another_specification() -> None:
    plain = digest_of({"rules": 'def rule():\n    """Says so."""\n    return 1\n'})
    assert digest_of({"rules": "def rule():  # why\n    return 1\n"}) == plain
    assert digest_of({"rules": "def rule():\n    return 2\n"}) != plain


def test_of_the_clauses_only_the_evidence_counts_of_those_that_a_rule_names() -> None:
    texts = {"rules": '@clause("TERM-1")\ndef rule():\n    return 1\n', "ledger.terminate": "TERMINATE = ()\n"}
    plain = digest_of(texts, EC2.clauses)
    assert digest_of({**texts, "ledger.terminate": "TERMINATE = 1\n"}, EC2.clauses) == plain
    named, other = EC2.clauses["TERM-1"], EC2.clauses["RUN-8"]
    unknown = {Part.OUTCOME: assumed("L-01")}
    assert digest_of(texts, {**EC2.clauses, "TERM-1": replace(named, effect="none")}) == plain
    assert digest_of(texts, {**EC2.clauses, "RUN-8": replace(other, evidence=unknown)}) == plain
    assert digest_of(texts, {**EC2.clauses, "TERM-1": replace(named, evidence=unknown)}) != plain


def test_the_stored_suite_was_derived_from_this_specification() -> None:
    digest, _ = stored_verdicts(Path(str(files("ec2_lifecycle.conformance.corpus"))) / "covering")
    assert digest == digest_of(sources(), EC2.clauses)


# The command.


def test_outside_a_clone_the_command_says_where_to_derive(command: Command) -> None:
    ran = command("derive")
    assert ran.code == 2
    assert "conformance/corpus here; derive in a clone of the repository, or name --into DIR" in ran.err


def test_a_suite_that_is_not_there_cannot_be_checked(command: Command) -> None:
    ran = command("derive --check --into nowhere --jobs 1")
    assert ran.code == 2
    assert "nowhere/manifest.json: no such file or directory; derive the suite again" in ran.err


def test_verdicts_are_kept_only_for_the_same_specification(command: Command, suite: Suite, tmp_path: Path) -> None:
    save(suite, tmp_path)
    ran = command("derive --keep-verdicts --into . --jobs 1")
    assert ran.code == 2
    assert "the specification has changed since the suite was derived; write no --keep-verdicts" in ran.err


def test_a_verdict_that_is_kept_is_in_the_suite_as_it_was(suite: Suite, few: tuple[Mutant, ...]) -> None:
    known = {v.mutant: v for v in suite.verdicts if v.kind in (Kind.TIGHTER, Kind.EQUIVALENT)}
    known = {name: replace(verdict, why="kept") for name, verdict in known.items()}
    again = derived(few, known)
    assert {v.mutant for v in again.verdicts if v.why == "kept"} == set(known)
    assert again.scenarios == suite.scenarios


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"specification": 1}', "\x00"])
def test_a_manifest_that_is_none_is_refused_in_a_sentence(command: Command, tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    ran = command("derive --check --into . --jobs 1")
    assert ran.code == 2
    assert "this is not the manifest of a covering suite" in ran.err


def test_a_manifest_that_names_a_file_that_is_not_there_is_refused(
    command: Command, suite: Suite, tmp_path: Path
) -> None:
    save(suite, tmp_path)
    name = next(iter(suite.scenarios))
    (tmp_path / f"{name}.yaml").unlink()
    ran = command("derive --check --into . --jobs 1")
    assert ran.code == 2
    assert f"there is no file {name}.yaml beside it" in ran.err


def test_the_manifest_has_a_line_for_every_scenario_and_every_mutant(suite: Suite, tmp_path: Path) -> None:
    save(suite, tmp_path)
    text = (tmp_path / MANIFEST).read_text(encoding="utf-8")
    assert set(json.loads(text)["mutants"]) == {verdict.mutant for verdict in suite.verdicts}
    assert all(text.count(f'\n  "{verdict.mutant}": ') == 1 for verdict in suite.verdicts)


def test_without_a_solver_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(cover, "import_module", missing)
    with pytest.raises(NoSolver, match=r"pip install '\.\[derive\]'"):
        cheapest_cover([Trunk((RunStep("A"),), 1, frozenset({(0, 1)}))], [])


def test_a_planted_fault_says_which_requests_it_may_answer_wrongly() -> None:
    assert FAULTS[0].ec2.operations == {Operation.TERMINATE}
    assert FAULTS[2].ec2.operations == {Operation.START}
    assert FaultyEc2(behaviour=Behaviour(failures=1.0)).operations is None
    assert FaultyEc2(replace(EC2, steps=EC2.steps[1:])).operations is None


# The cover.

RUN: Final = RunStep("A")
SETTLE: Final = SettleStep()
STOP: Final = BatchStep(Operation.STOP, (Named("A"),))
TERMINATE: Final = BatchStep(Operation.TERMINATE, (Named("A"),))


def asked(number: int) -> Question:
    """A question at a running instance that kills the mutant of this number."""
    return Question((RUN, SETTLE), BatchStep(Operation.REBOOT, (Named("A"),) * number), 1, frozenset({(0, number)}))


def test_a_question_rides_on_a_trunk_that_passes_its_place() -> None:
    stop = Trunk((RUN, SETTLE, STOP), 4, frozenset({(0, 1)}))
    bare = Trunk((RUN, SETTLE), 3, frozenset(), open=True)
    found = cheapest_cover([bare, stop], [asked(2)])
    assert (found.calls, found.bound) == (5, 5)
    assert found.scenarios == ((stop, (asked(2),)),)


def test_a_trunk_takes_so_many_questions_and_no_more() -> None:
    bare = Trunk((RUN, SETTLE), 3, frozenset(), open=True)
    questions = [asked(number) for number in range(1, cover.MOST_QUESTIONS + 2)]
    found = cheapest_cover([bare], questions)
    assert found.calls == 2 * 3 + len(questions)
    assert max(len(asked) for _, asked in found.scenarios) <= cover.MOST_QUESTIONS


def test_a_question_about_an_unknown_id_rides_only_where_the_trunk_is_about_one_or_there_for_questions() -> None:
    stop = Trunk((RUN, SETTLE, STOP), 4, frozenset({(0, 1)}))
    bare = Trunk((RUN, SETTLE), 3, frozenset(), open=True)
    about_one = Question((RUN, SETTLE), BatchStep(Operation.REBOOT, (Unknown(),)), 1, frozenset({(0, 2)}))
    found = cheapest_cover([bare, stop], [about_one])
    assert dict(found.scenarios) == {stop: (), bare: (about_one,)}
    asking = Trunk((*stop.steps, BatchStep(Operation.STOP, (Unknown(),))), 5, frozenset({(0, 1)}))
    assert cheapest_cover([bare, asking], [about_one]).scenarios == ((asking, (about_one,)),)


def test_at_equal_price_a_trunk_is_taken_that_is_not_racy() -> None:
    racy = Trunk((RUN, TERMINATE), 3, frozenset({(0, 1)}), racy=True)
    steady = Trunk((RUN, SETTLE, TERMINATE), 3, frozenset({(0, 1)}))
    assert cheapest_cover([racy, steady], []).scenarios == ((steady, ()),)


# What is racy.


def test_a_request_about_something_on_its_way_is_racy() -> None:
    assert is_racy((RUN, STOP))
    assert is_racy((RUN, SETTLE, STOP, TERMINATE))


def test_a_request_about_something_at_rest_is_not_racy() -> None:
    assert not is_racy((RUN, SETTLE, STOP, SETTLE, TERMINATE))
    assert not is_racy((RUN, RunStep("B"), SETTLE, TERMINATE))


# The layers.


def test_a_scenario_belongs_to_the_layer_of_what_it_needs() -> None:
    assert needs_of((RUN, SETTLE, STOP)) is Needs.NOTHING
    assert needs_of((RUN, STOP)) is Needs.TRANSITIONS
    assert needs_of((RUN, RunStep("B", zone=2), SETTLE, STOP)) is Needs.TWO_ZONES
    assert needs_of((RunStep("A", root=RootDevice.INSTANCE_STORE),)) is Needs.STORE
    assert needs_of((RunStep("A", count=50),)) is Needs.MANY
    assert name_of(needs_of((RUN, SETTLE, BatchStep(Operation.STOP, (Named("A"),), caller=Caller.NOBODY)))) == (
        "a second caller"
    )


def test_a_layer_comes_after_all_that_need_less() -> None:
    layers = in_order([Needs.STORE, PLAIN, Needs.STORE | Needs.TWO_ZONES, Needs.NOTHING, Needs.NOBODY])
    assert not any(later in earlier for n, earlier in enumerate(layers) for later in layers[n + 1 :])
    assert layers[0] is Needs.NOTHING


def test_every_pattern_that_is_not_about_transitions_lets_everything_come_to_rest() -> None:
    hasty = {p.scenario.title for p in PATTERNS if Needs.TRANSITIONS in needs_of(p.scenario.steps)}
    assert hasty == AT_ONCE.keys()


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("A reboot of an instance that is stopping leaves it stopping", ("REBOOT-5", "stopping goes to running")),
        ("A volume is attached to no instance that is pending", ("VOL-8", "a pending instance takes a volume")),
    ],
)
def test_a_pattern_about_a_transition_finds_its_fault(title: str, fault: tuple[str, str]) -> None:
    scenario = next(p.scenario for p in PATTERNS if p.scenario.title == title)
    found = Runner(fault_of(*fault).target(), Engine(EC2)).run(scenario)
    assert {divergence.clause for divergence in found.divergences} == {fault[0]}
    assert not Runner(model_target(EC2, fault_of(*fault).ec2.behaviour), Engine(EC2)).run(scenario).divergences


def test_the_example_of_the_documentation_is_there_with_the_protected_instance_in_either_zone_and_at_every_place() -> (
    None
):
    seen = set[tuple[int, str]]()
    for pattern in (p for p in PATTERNS if p.flagship):
        zones = {step.name: step.zone for step in pattern.scenario.steps if isinstance(step, RunStep)}
        batch = next(
            step
            for step in pattern.scenario.steps
            if isinstance(step, BatchStep) and step.operation is Operation.TERMINATE
        )
        place = [ref.name for ref in batch.ids if isinstance(ref, Named)].index("C")
        seen.add((zones["C"], "first" if place == 0 else "last" if place == 3 else "between"))
    assert seen == {(zone, place) for zone in (1, 2) for place in ("first", "last", "between")}
