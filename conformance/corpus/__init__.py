"""The corpus: scenario files that are kept for regression, and the covering suite.

In: nothing; the files are written by hand, or by `ec2-lifecycle derive` (`covering/`). Out: scenarios.
`run`, `replay`, `derive --check` and the pytest suite read it as package data.
Read `terminate/shield-documented-example.yaml` first.
"""
