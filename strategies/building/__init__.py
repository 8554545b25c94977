"""Builds a scenario one step at a time: launches, batches of ids, and what the model expects so far.

In: a specification, the features of a target, and dice. Out: steps.
Hypothesis strategies (`generation/`) and walks (`walking/`) share it.
Read `guide.py` first (what the model expects), then `scenario_builder.py`.
"""
