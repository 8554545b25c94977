"""Facts and sources: every clause has the grade that its facts support, and every fact what a stranger can check."""

import re
from pathlib import Path
from typing import Final

import pytest

import ec2_lifecycle.model
from ec2_lifecycle.model.choices import CHOICES
from ec2_lifecycle.model.clauses import Clause, Evidence, EvidenceClass, Part, assumed, documented
from ec2_lifecycle.model.evidence import FACTS, SOURCES, TABLES, Fact, Source, facts_of, sources_of, uses
from ec2_lifecycle.model.evidence.without_clause import WITHOUT_CLAUSE
from ec2_lifecycle.model.ledger import CLAUSES

STRENGTH: Final = list(EvidenceClass)
PARTS: Final = [
    pytest.param(clause, part, evidence, id=f"{clause.id}-{part.value}")
    for clause in CLAUSES.values()
    for part, evidence in clause.evidence.items()
]
LOWER: Final = {
    ("STATE-1", Part.OUTCOME): "recorded are single replies; that there are no other states is documented",
    ("STATE-2", Part.OUTCOME): "recorded are zero high bytes only; that another one is to be ignored is documented",
    ("STATE-3", Part.OUTCOME): "recorded are single moves; that there are no others is documented",
    ("KIND-1", Part.OUTCOME): "recorded are single requests; that every EBS-backed instance takes them is documented",
    ("TERM-7", Part.OUTCOME): "recorded are instances that were still visible; how long they stay is documented",
    ("VIS-1", Part.OUTCOME): "documented is the lag, not when it ends",
    ("VIS-1", Part.CODE): "a code is never better known than the outcome",
    ("TERM-1", Part.OUTCOME): "the replies are recorded; that each instance ends terminated is documented",
    ("TERM-2", Part.OUTCOME): "recorded for two states; that each call succeeds is documented",
    ("STOP-7", Part.OUTCOME): "recorded once; that every stop ends is documented",
    ("STOP-9", Part.OUTCOME): "documented for TerminateInstances only",
    ("STOP-12", Part.OUTCOME): "the refusal is quoted without Force, and Force is documented without a first launch",
    ("START-8", Part.OUTCOME): "documented for TerminateInstances only",
    ("START-10", Part.OUTCOME): "quoted for stopping and terminated instances only",
    ("REBOOT-4", Part.OUTCOME): "documented for TerminateInstances only",
    ("VOL-2", Part.OUTCOME): "recorded is the flag after an attachment; that it decides is documented",
    ("VOL-11", Part.OUTCOME): "the facts tell the states of a volume, not these refusals",
    ("ERR-6", Part.OUTCOME): "the documentation has the refusals, not their texts; one text is recorded",
    ("ERR-6", Part.MESSAGE): "recorded for stop protection only",
    ("ERR-7", Part.OUTCOME): "recorded for GetPasswordData, and for unknown ids in DescribeInstanceAttribute",
    ("FRAME-2", Part.OUTCOME): "documented for TerminateInstances only, which is TERM-3",
}
"""The parts that a fact would support better, each with the reason why the clause does not claim it."""


def strength(grade: EvidenceClass) -> int:
    return STRENGTH.index(grade)


def best(evidence: Evidence, part: Part) -> EvidenceClass:
    """Return the best grade that a cited fact supports."""
    return min((FACTS[name].grade_of(part) for name in evidence.facts), key=strength)


@pytest.mark.parametrize(("clause", "part", "evidence"), PARTS)
def test_every_part_of_a_clause_names_facts_that_there_are(clause: Clause, part: Part, evidence: Evidence) -> None:
    assert evidence.facts, (clause.id, part)
    unknown = set(evidence.facts) - FACTS.keys()
    assert not unknown, f"add these facts to a table in model/evidence/: {unknown}"
    assert len(set(evidence.facts)) == len(evidence.facts)


@pytest.mark.parametrize(("clause", "part", "evidence"), PARTS)
def test_no_clause_claims_more_than_its_facts(clause: Clause, part: Part, evidence: Evidence) -> None:
    grade = best(evidence, part)
    assert strength(grade) <= strength(evidence.grade), f"the facts of {clause.id} support only {grade.value}"


@pytest.mark.parametrize(("clause", "part", "evidence"), PARTS)
def test_a_clause_that_claims_less_than_its_facts_says_why(clause: Clause, part: Part, evidence: Evidence) -> None:
    grade = best(evidence, part)
    lower = grade is not evidence.grade
    assert lower == ((clause.id, part) in LOWER), f"the facts of {clause.id} support {grade.value}: " + (
        f"write {grade.value}(…) in model/ledger, or its reason into LOWER" if lower else "delete its entry in LOWER"
    )


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS.keys())
def test_a_fact_that_is_more_than_assumed_has_a_source_that_a_stranger_can_check(fact: Fact) -> None:
    unknown = [key for key in fact.sources if key not in SOURCES]
    assert not unknown, f"add these to documentation.py, recordings.py or reports.py in model/evidence/: {unknown}"
    citable = any(SOURCES[key].citable for key in fact.sources)
    assert citable or fact.grade is EvidenceClass.ASSUMED, "cite a source with an address, or say `assumed`"


@pytest.mark.parametrize(("clause", "part", "evidence"), PARTS)
def test_what_makes_a_finding_has_an_address_among_its_first_sources(
    clause: Clause, part: Part, evidence: Evidence
) -> None:
    if evidence.grade is not EvidenceClass.ASSUMED:
        assert any(source.url for source in sources_of(evidence, part)[:4]), clause.id


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_a_source_opens_or_says_what_was_recorded(source: Source) -> None:
    assert source.citable
    assert source.url is None or re.fullmatch(r"https://[^\s\"'<>]+", source.url)
    assert (source.url is None) == bool(source.says)


def test_every_source_is_cited_by_a_fact() -> None:
    unused = SOURCES.keys() - {key for fact in FACTS.values() for key in fact.sources}
    assert not unused, f"cite these sources in a fact, or remove them: {unused}"


def test_facts_have_ids_of_their_own_and_statements_in_whole_sentences() -> None:
    facts = [fact for table in TABLES.values() for fact in table]
    assert len(facts) == len(FACTS)
    for fact in facts:
        assert re.fullmatch(r"[A-Z]{1,2}-\d{2,3}", fact.id)
        assert re.fullmatch(r"[A-Z0-9].*\.", fact.statement), fact.id


def test_every_open_point_names_a_fact() -> None:
    for choice in CHOICES:
        named = re.findall(r"\b[A-Z]{1,2}-\d\d\b", choice.source)
        assert named, choice.id
        assert set(named) <= FACTS.keys(), choice.id


def test_facts_that_support_the_grade_come_first() -> None:
    evidence = documented("S-05", "S-04")
    assert [fact.id for fact in facts_of(evidence, Part.OUTCOME)] == ["S-04", "S-05"]
    assert sources_of(evidence, Part.OUTCOME)[0].key == "ug23:ec2-instance-lifecycle"


def test_a_fact_of_another_revision_is_left_out() -> None:
    assert facts_of(assumed("S-99"), Part.OUTCOME) == ()


def test_the_clauses_that_rest_on_a_fact_are_found() -> None:
    assert ("TERM-4", Part.OUTCOME) in [(use.clause, use.part) for use in uses(FACTS["B-02"], CLAUSES.values())]


def test_the_ledger_does_without_the_tables_of_facts() -> None:
    folder = Path(ec2_lifecycle.model.__path__[0]) / "ledger"
    for file in folder.glob("*.py"):
        assert "evidence import" not in file.read_text(encoding="utf-8"), file.name


def test_no_key_of_an_index_is_left() -> None:
    root = Path(ec2_lifecycle.model.__path__[0])
    assert not [file for file in root.rglob("*.py") if "idx:" in file.read_text(encoding="utf-8")]


def test_a_fact_has_a_clause_or_a_reason_why_it_has_none() -> None:
    without = {fact.id for fact in FACTS.values() if not uses(fact, CLAUSES.values())}
    assert without == WITHOUT_CLAUSE.keys()
    assert all(reason.endswith(".") for reason in WITHOUT_CLAUSE.values())
