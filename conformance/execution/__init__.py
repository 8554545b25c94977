"""Plays one scenario, or one walk, on one target, and lets the oracle judge every reply.

In: a target, an engine of the oracle, and a scenario or a walk. Out: an `Outcome` with the divergences.
Called by: a run, the search for shorter scenarios, the pytest suite and traces.
Read `play.py` first, then `runner.py` (scenarios) and `walker.py` (walks).
"""
