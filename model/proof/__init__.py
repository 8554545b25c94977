"""Proves theorems about the rules themselves: their source is read, given meaning in SMT, and handed to solvers.

In: a theorem, or two specifications. Out: a proof for any number of instances, or a small counterexample; and mutants.
`conformance/proving`, `conformance/covering` and `diff-spec` call it.
Read `prover.py` first, then `reading.py` (how a rule becomes a formula).
"""
