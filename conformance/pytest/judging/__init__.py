"""The oracle around a user's own boto3 client: every call that the client makes is judged, none is changed.

    with judged(boto3.client("ec2")) as ec2:
        ...  # as before; what EC2 would not have answered raises `Diverged` at the end

`Judge` is the same for several clients, and says when to look; under pytest the fixture `ec2_judged` is one.
"""

from ..diverged import Diverged
from .judge import Judge, Judging, judged

__all__ = ["Diverged", "Judge", "Judging", "judged"]
