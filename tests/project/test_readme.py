"""The parts of README.md and ARCHITECTURE.md that follow from the source are as they were made."""

import architecture
import pytest
import readme
from marked import written


@pytest.mark.parametrize("part", readme.PARTS)
def test_what_the_readme_says_of_the_specification_is_as_it_was_made(part: str) -> None:
    assert written(readme.README, readme.SESSION, part) == readme.PARTS[part](), "write it again with: nox -s readme"


@pytest.mark.parametrize("part", architecture.PARTS)
def test_what_the_architecture_says_of_the_packages_is_as_it_was_made(part: str) -> None:
    made = architecture.PARTS[part]()
    assert written(architecture.PAGE, architecture.SESSION, part) == made, "write it again with: nox -s architecture"
