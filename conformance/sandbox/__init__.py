"""What makes a run against a live AWS account safe: limits, a journal, a gate for every request, and cleaning up.

In: a sandbox file, and a profile. Out: a target that changes only what the run itself made, and removes it.
The target `aws:PROFILE` and the commands `run`, `reap` and `policy` use it.
Read `gate.py` first, then `journal.py` and `limits.py`.
"""
