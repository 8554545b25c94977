"""The clauses: which there must be, what each must say, and how the level of a finding follows from the evidence."""

import re
from itertools import chain

import pytest

from ec2_lifecycle.model.clauses import (
    Clause,
    Evidence,
    EvidenceClass,
    Level,
    Part,
    assumed,
    clause,
    clauses_of,
    documented,
    recorded,
    reported,
)
from ec2_lifecycle.model.ledger import CLAUSES, TABLES, nearest


def ids(topic: str, last: int) -> list[str]:
    return [f"{topic}-{number}" for number in range(1, last + 1)]


FIXED = [
    *ids("STATE", 3),
    *ids("TERM", 12),
    *ids("PROT", 1),
    *ids("DRY", 2),
    *ids("VOL", 4),
    *ids("KIND", 2),
]
"""The ids that the design fixes; reports and waivers of users name them."""

every_clause = pytest.mark.parametrize("entry", CLAUSES.values(), ids=CLAUSES.keys())


@pytest.mark.parametrize("fixed", FIXED)
def test_every_clause_that_the_design_fixes_exists(fixed: str) -> None:
    assert fixed in CLAUSES


def test_no_id_is_given_to_two_clauses() -> None:
    given = [entry.id for entry in chain.from_iterable(TABLES)]
    assert given == list(CLAUSES)


def test_the_clauses_of_a_topic_stand_together_and_are_numbered_without_a_gap() -> None:
    topics = list(dict.fromkeys(entry.topic for entry in CLAUSES.values()))
    counts = {topic: sum(entry.topic == topic for entry in CLAUSES.values()) for topic in topics}
    assert list(CLAUSES) == [number for topic in topics for number in ids(topic, counts[topic])]


@every_clause
def test_a_clause_is_a_sentence_with_an_effect_on_the_user(entry: Clause) -> None:
    assert re.fullmatch(r"[A-Z]\S* .*\.", entry.sentence)
    assert entry.effect
    assert not entry.effect.endswith(".")


@every_clause
def test_a_clause_tells_how_its_outcome_is_known(entry: Clause) -> None:
    assert Part.OUTCOME in entry.evidence


@every_clause
def test_a_code_is_never_better_known_than_that_the_request_fails(entry: Clause) -> None:
    strength = list(EvidenceClass)
    code = entry.evidence.get(Part.CODE)
    assert code is None or strength.index(code.grade) >= strength.index(entry.evidence_class)


@pytest.mark.parametrize(
    ("known", "outcome", "code"),
    [
        ("TERM-6", EvidenceClass.DOCUMENTED, EvidenceClass.DOCUMENTED),
        ("TERM-11", EvidenceClass.DOCUMENTED, EvidenceClass.REPORTED),
        ("TERM-12", EvidenceClass.RECORDED, None),
        ("TERM-9", EvidenceClass.DOCUMENTED, EvidenceClass.ASSUMED),
        ("PROT-2", EvidenceClass.RECORDED, EvidenceClass.RECORDED),
        ("START-3", EvidenceClass.ASSUMED, None),
        ("STOP-5", EvidenceClass.REPORTED, EvidenceClass.REPORTED),
    ],
)
def test_outcome_and_code_are_graded_apart(known: str, outcome: EvidenceClass, code: EvidenceClass | None) -> None:
    entry = CLAUSES[known]
    assert entry.evidence_class is outcome
    assert (entry.evidence[Part.CODE].grade if Part.CODE in entry.evidence else None) is code


def test_where_a_recording_contradicts_the_documentation_both_are_cited() -> None:
    facts = CLAUSES["TERM-12"].evidence[Part.OUTCOME].facts
    assert "S-05" in facts
    assert "S-04" in facts


def test_the_level_of_a_finding_follows_the_evidence_of_the_part_that_it_breaks() -> None:
    entry = Clause(
        id="TEST-1",
        sentence="A clause may know each part differently.",
        evidence={
            Part.OUTCOME: recorded("S-01"),
            Part.CODE: documented("S-01"),
            Part.STATUS: reported("S-01"),
            Part.MESSAGE: assumed("S-01"),
        },
        effect="none",
    )
    assert entry.level_of(Part.OUTCOME) is Level.VIOLATION
    assert entry.level_of(Part.CODE) is Level.VIOLATION
    assert entry.level_of(Part.STATUS) is Level.DEVIATION
    assert entry.level_of(Part.MESSAGE) is None


def test_a_part_without_evidence_of_its_own_is_as_well_known_as_the_outcome() -> None:
    entry = Clause(id="TEST-1", sentence="S.", evidence={Part.OUTCOME: reported("S-01")}, effect="none")
    assert entry.level_of(Part.CODE) is Level.DEVIATION


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (recorded("E-40"), Level.DEVIATION),
        (documented("E-40"), None),
        (reported("E-40"), None),
        (assumed("E-40"), None),
    ],
)
def test_a_wording_is_judged_only_where_it_is_recorded_and_is_never_a_violation(
    evidence: Evidence, level: Level | None
) -> None:
    known = {Part.OUTCOME: recorded("S-01"), Part.MESSAGE: evidence}
    assert Clause(id="TEST-1", sentence="S.", evidence=known, effect="none").level_of(Part.MESSAGE) is level


def test_the_topic_of_a_clause_is_its_id_before_the_dash() -> None:
    assert CLAUSES["RETIRE-1"].topic == "RETIRE"


def test_a_marked_rule_is_the_same_function_and_knows_its_clauses() -> None:
    def rule() -> bool:
        return True

    assert clause("TERM-4", "TERM-5")(rule) is rule
    assert clauses_of(rule) == ("TERM-4", "TERM-5")


def test_a_function_that_is_not_marked_states_no_clause() -> None:
    assert clauses_of(ids) == ()


@pytest.mark.parametrize(
    ("mistyped", "meant"), [("TERM4", "TERM-4"), ("term-4", "TERM-4"), ("RETIER-1", "RETIRE-1"), ("zzz", None)]
)
def test_a_mistyped_id_is_answered_with_the_nearest_one(mistyped: str, meant: str | None) -> None:
    assert nearest(mistyped) == meant
