"""The old place of `ec2_double`, kept for one release."""

from warnings import warn

from .emulator.double import Ec2Double, ec2_double

__all__ = ["Ec2Double", "ec2_double"]

warn(f"{__name__} is deprecated; import from ec2_lifecycle.testing instead.", DeprecationWarning, stacklevel=2)
