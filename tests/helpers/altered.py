"""The specification with one change of its text."""

from ec2_lifecycle.model.proof.variants import load, sources
from ec2_lifecycle.model.specification import Specification


def altered(module: str, before: str, after: str, *, times: int = 1) -> Specification:
    """Return the specification in which a text, which occurs so many times in a module, is another."""
    text = sources()[module]
    assert text.count(before) == times, f"{before!r} is not {times} times in {module}"
    return load({**sources(), module: text.replace(before, after)}, f"{module}: {before} as {after}/model")
