"""The old place of `judged` and `Judge`, kept for one release."""

from warnings import warn

from .pytest.judging import Diverged, Judge, Judging, judged

__all__ = ["Diverged", "Judge", "Judging", "judged"]

warn(f"{__name__} is deprecated; import from ec2_lifecycle.testing instead.", DeprecationWarning, stacklevel=2)
