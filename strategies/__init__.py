"""How scenarios are made: their type and files, Hypothesis strategies, walks, and candidates for the covering suite.

In: a specification, and the features of a target. Out: scenarios, worlds and requests.
`conformance/` plays the scenarios. Users import the names in `__all__`. A name loads its module when it is first used,
so reading a scenario needs no Hypothesis. Read `scenario/steps.py` first, then `files/format.py`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .building.features import Features
    from .files.format import ScenarioError, dump_scenario, load_scenario, read_scenario
    from .generation.requests import requests
    from .generation.scenarios import scenarios
    from .generation.worlds import worlds
    from .scenario.scenario import Scenario

__all__ = [
    "Features",
    "Scenario",
    "ScenarioError",
    "dump_scenario",
    "load_scenario",
    "read_scenario",
    "requests",
    "scenarios",
    "worlds",
]

_HOMES: Final = {
    "Features": "building.features",
    "Scenario": "scenario.scenario",
    "ScenarioError": "files.format",
    "dump_scenario": "files.format",
    "load_scenario": "files.format",
    "read_scenario": "files.format",
    "requests": "generation.requests",
    "scenarios": "generation.scenarios",
    "worlds": "generation.worlds",
}
"""The module of each name."""


def __getattr__(name: str) -> object:
    """Load a public name; Python calls this when the name is used for the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
