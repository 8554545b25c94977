"""The bank: faults that show only under one condition, as those of emulators do, each with its shortest scenario.

Apart from the fault, each is the plainest EC2. `benchmarks/contest.py` measures what it takes to find them.
"""
