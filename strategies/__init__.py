"""How scenarios are made: the scenario type and its files, walks, the covering suite, minimisation on the model.

For others to import are the Hypothesis strategies `scenarios`, `worlds` and `requests`,
what a target can do (`Features`), and the scenario with its files.
Each is loaded when it is asked for, so that only who draws needs Hypothesis.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .drawn_requests import requests
    from .drawn_worlds import worlds
    from .features import Features
    from .format import ScenarioError, dump_scenario, load_scenario, read_scenario
    from .generate import scenarios
    from .scenario import Scenario

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
    "Features": "features",
    "Scenario": "scenario",
    "ScenarioError": "format",
    "dump_scenario": "format",
    "load_scenario": "format",
    "read_scenario": "format",
    "requests": "drawn_requests",
    "scenarios": "generate",
    "worlds": "drawn_worlds",
}
"""The module of each name."""


def __getattr__(name: str) -> object:
    """Load a public name; Python asks for it here the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
