"""One run of one target: the plan, its budget, rounds of walks, verdicts, and the process that the target lives in.

In: the label of a target and a `Plan`. Out: events, one after the other, as the run goes.
The command `run` calls it.
Read `campaign.py` first, then `campaign_process.py`.
"""
