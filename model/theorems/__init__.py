"""What is proved about the specification: an English statement of each theorem, above its formula.

In: unknown worlds, requests and choices. Out: a formula that must hold for all of them.
The prover proves them; the README, `explain` and the reports print their sentences.
Read `termination.py` first, then `catalogue.py` (all of them, in order).
"""
