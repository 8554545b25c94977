"""At least one fault for each clause that a target can visibly break, by topic.

In: nothing. Out: faults by topic, which `catalogue.py` puts together.
The derivation of the covering suite counts them as mutants; tests see that the corpus finds them.
Read `terminate.py` first.
"""
