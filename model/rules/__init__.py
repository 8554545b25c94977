"""The rules of each request: its refusal ladder, then its effect on each instance and volume.

Every rule is a function of (world, request, choices) in a small subset of Python that the prover reads:
and/or/not, comparisons, `in`, if/return, conditional expressions, any/all over the members of a request,
calls of other rules, enums, and literal tables keyed by enums.
"""
