"""The corpus: scenario files kept for regression."""
