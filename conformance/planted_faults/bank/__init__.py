"""The bank: faults that show only under one condition, as those of emulators do, each with its shortest scenario.

In: nothing. Out: faults by topic, which `catalogue.py` puts together. Apart from the fault, each is the plainest EC2.
The derivation of the covering suite counts them as mutants; `benchmarks/contest.py` measures what finds them.
Read `batches.py` first.
"""
