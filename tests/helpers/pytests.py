"""Runs of pytest of their own, as the fixture `run` of the tests of the plugin makes them."""

from collections.abc import Callable

import pytest

PLUGIN = "ec2_lifecycle.conformance.pytest.plugin"

Run = Callable[..., pytest.RunResult]
"""Takes the words after `pytest`."""
