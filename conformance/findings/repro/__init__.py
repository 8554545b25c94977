"""Writes a scenario as a program, for reporting a finding in an issue: boto3, a pytest test, or AWS CLI commands.

In: a scenario, and the target on which it diverged. Out: the text of a Python program.
`../build.py` attaches it to each finding. The arguments of its calls come from `adapter/arguments.py`, with variables
instead of ids, so that only one place knows how a request is sent.
Read `program.py` first, then `body.py`; `short_programs.py` writes the test and the commands.
"""

from .calls import CannotWrite as CannotWrite
from .program import repro as repro
from .short_programs import cli_form as cli_form
from .short_programs import pytest_form as pytest_form
