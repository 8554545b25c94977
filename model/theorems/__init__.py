"""What is proved of the specification: one English sentence each, beside its formula.

In: worlds, requests and choices of which nothing is known. Out: a formula that must hold for all of them.
The prover proves them; the README, `explain` and the reports print their sentences.
Read `termination.py` first, then `catalogue.py` (all of them, in order).
"""
