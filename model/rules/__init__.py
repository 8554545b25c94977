"""The rules of each operation: its refusal ladder, then its effect on each instance and volume.

In: a world, a request and the choices. Out: the rungs that refuse it, and the moves it makes.
The oracle executes the rules and the prover reads their source, so they keep to a small subset of Python:
and/or/not, comparisons, `in`, if/return, conditional expressions, any/all over the members of a request,
calls of other rules, enums, and literal tables keyed by enums. Read `terminate.py` first, then `common.py`.
"""
