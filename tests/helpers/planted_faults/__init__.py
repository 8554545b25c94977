"""EC2s with a planted fault: targets that break a promise on purpose, to test whatever looks for divergences.

A fault is the model with one thing changed: its rules (`rules`), how it handles a request (`handlers`),
or the replies of its client (`replies`). Read `fault` first, then `faulty_ec2`, which starts the target.
`catalogue` lists all faults: those in `clauses` (at least one for each clause), those in `bank` (each shows only
under one condition, and comes with the shortest scenario that shows it), and those in `hidden`.
Tests and benchmarks use them; the product never imports them.
"""
