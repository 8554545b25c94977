"""Many runs: the targets, seeds and tiers of one plan file, played in parallel, and one result of all.

In: a plan file. Out: the events of each run, and one result for each target and tier.
The command `campaign` calls it, with an executor of this machine or of a cluster.
Read `plan_file.py` first, then `one_run.py` and `together.py`.
"""
