"""Walks: scenarios that are written while they are played, each step the least covered of a few that make sense.

In: what is covered so far, and what each reply showed. Out: the next step, until the walk is over.
`conformance/execution/walker.py` plays them.
Read `walk.py` first, then `ideas.py` (the steps that make sense) and `coverage.py`.
"""
