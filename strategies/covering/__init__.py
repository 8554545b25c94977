"""The covering suite: derived scenarios that tell the specification from every mutant of it."""
