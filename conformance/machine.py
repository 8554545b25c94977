"""The old place of `state_machine`, kept for one release."""

from warnings import warn

from .pytest.diverged import Diverged
from .pytest.state_machine import Lifecycle, state_machine

__all__ = ["Diverged", "Lifecycle", "state_machine"]

warn(f"{__name__} is deprecated; import from ec2_lifecycle.testing instead.", DeprecationWarning, stacklevel=2)
