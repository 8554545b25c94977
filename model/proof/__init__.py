"""Proves theorems about the rules: reads their source, translates it to SMT, and asks solvers.

In: a theorem, or two specifications. Out: a proof for any number of instances, or a small counterexample; and mutants.
`conformance/proving`, `conformance/covering` and `diff-spec` call it.
Read `prover.py` first, then `reading.py` (how a rule becomes a formula).
"""
