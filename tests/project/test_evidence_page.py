"""docs/evidence.md says what the tables of facts say."""

from evidence import PAGE, text


def test_the_page_of_evidence_is_as_the_facts_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "write it again with: nox -s evidence"


def test_nothing_in_the_page_is_an_address_of_an_index() -> None:
    assert "idx:" not in text()
