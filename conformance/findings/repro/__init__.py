"""Writes a scenario as a boto3 program that runs by itself, for the issue in which a finding is reported.

In: a scenario, and the target on which it diverged. Out: the text of a Python program.
`../build.py` attaches it to each finding. The arguments come from `adapter/arguments.py`, with variables for ids:
no second place knows how a request is sent.
Read `program.py` first.
"""

from .program import repro as repro
