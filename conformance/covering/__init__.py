"""The covering suite: which derived scenario kills which mutant, and what the others are."""
