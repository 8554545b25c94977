"""Walks: scenarios that a run writes while it plays them, each step the least covered of a few sensible ones.

In: what is covered so far, and what each reply showed. Out: the next step, until the walk is over.
`conformance/execution/walker.py` plays them.
Read `walk.py` first, then `ideas.py` (the sensible steps) and `coverage.py`.
"""
