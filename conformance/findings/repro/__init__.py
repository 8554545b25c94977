"""Writes a scenario as a boto3 program that runs by itself, for the issue in which a finding is reported.

The arguments of its calls are those of `targets.arguments`, with variables in the place of ids:
there is no second place that knows how a request is sent.
"""

from .program import repro as repro
