"""The old name of the pytest plugin, kept for one release: `-p ec2_lifecycle.conformance.pytest_plugin`."""

from warnings import warn

pytest_plugins = ["ec2_lifecycle.conformance.pytest.plugin"]

warn(
    f"{__name__} is deprecated; write -p ec2_lifecycle.conformance.pytest.plugin instead.",
    DeprecationWarning,
    stacklevel=2,
)
