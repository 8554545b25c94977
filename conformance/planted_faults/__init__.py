"""EC2s with a planted fault: targets that break a promise on purpose.

In: a fault, which is the model with its rules, its handling of a request or its replies changed. Out: a target.
The derivation of the covering suite counts them as mutants. Tests and benchmarks see who finds them.
`catalogue` lists all faults: those in `clauses` (at least one for each clause), those in `bank` (each shows only
under one condition, and comes with the shortest scenario that shows it), and those in `hidden`.
Read `fault.py` first, then `faulty_ec2.py`, which starts the target.
"""
