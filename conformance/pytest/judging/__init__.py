"""Puts the oracle around a user's own boto3 client: every call is judged, and none is changed.

In: a client or resource (`with judged(client) as ec2:`). Out: `CallsDiverged`, when EC2 would not have answered so.
The fixture `ec2_judged` and users' own tests call it, by way of `ec2_lifecycle.testing`.
Read `judge.py` first, then `account_judge.py` (one account and region) and `clients.py` (how calls are seen).
"""

from ..diverged import Diverged
from .judge import Judge, Judging, judged

__all__ = ["Diverged", "Judge", "Judging", "judged"]
