"""The README says what is so."""

from readme import table, written


def test_the_table_of_what_is_proved_is_made_of_the_docstrings() -> None:
    assert written() == table(), "write it again with: nox -s readme"
