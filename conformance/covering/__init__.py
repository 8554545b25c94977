"""The covering suite: which derived scenario kills which mutant, and why no scenario kills the others.

In: a specification, its mutants and planted faults.
Out: scenario files with a manifest, or whether the kept ones are still adequate.
The command `derive` calls it; nox session `covering` runs `derive --check`.
Read `derive.py` first, then `kills.py`.
"""
