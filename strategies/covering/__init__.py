"""Finds candidates for the covering suite, and the cheapest set of them that kills every mutant.

In: a specification and named scopes; later, which candidate kills which mutant. Out: scenarios.
`conformance/covering` calls it: it plays the candidates in between.
Read `candidates.py` first, then `cover.py`.
"""
