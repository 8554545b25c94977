"""A pytest of its own, for the tests of the plugin that ask for `pytester` too."""

from importlib import import_module

import pytest
from pytests import PLUGIN, Run

for module in ("boto3", "moto.ec2", "moto.ec2.responses"):
    import_module(module)  # else every run of a test would import it again


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest with some arguments in an empty folder, with the plugin."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess("-p", PLUGIN, *arguments)

    return run
