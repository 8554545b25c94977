"""The README says what is so."""

import pytest
from readme import PARTS, written


@pytest.mark.parametrize("part", PARTS)
def test_what_is_made_of_the_specification_is_as_it_was_made(part: str) -> None:
    assert written(part) == PARTS[part](), "write it again with: nox -s readme"
