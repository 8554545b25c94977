"""Finds every world that a small scope can reach, by plain exhaustive execution of a specification.

In: a specification and a scope (how many instances, which requests). Out: its worlds, and the shortest way to each.
Counterexamples, the golden numbers and the derivation of the covering suite use it.
Read `explore.py` first, then `scopes.py` (the named scopes).
"""
