"""Diagnosis: what kind of fault a divergence is, and which divergences are one defect.

In: divergences, as the oracle reports them. Out: the id, the title and the harm of the defect that each belongs to.
Called by: `findings/`, to make one finding of each defect, and whatever compares runs.
Read `deviations.py` first, then `catalogue.py` (faults that emulators really have) and `defects.py`.
"""
