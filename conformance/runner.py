"""The old place of `Runner`, kept for one release."""

from warnings import warn

from .execution.runner import Runner

__all__ = ["Runner"]

warn(f"{__name__} is deprecated; import from ec2_lifecycle.testing instead.", DeprecationWarning, stacklevel=2)
