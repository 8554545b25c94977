"""One run of one target: the plan, the lanes that play it, their processes, and the verdicts.

In: the label of a target and a `Plan`. Out: events, one after the other, as the run goes.
The command `run` calls it.
Read `campaign.py` first, then `lane.py` and `lane_process.py`.
"""
