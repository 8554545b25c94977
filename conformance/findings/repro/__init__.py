"""Writes a scenario as a self-contained boto3 program, for reporting a finding in an issue.

In: a scenario, and the target on which it diverged. Out: the text of a Python program.
`../build.py` attaches it to each finding. The arguments of its calls come from `adapter/arguments.py`, with variables
instead of ids, so that only one place knows how a request is sent.
Read `program.py` first, then `body.py`.
"""

from .program import repro as repro
