"""The conformance suite as pytest tests: one for each clause, and one for each file of the corpus.

In: `pytest --pyargs ec2_lifecycle.conformance.pytest.suite --ec2-target TARGET`. Out: passed and failed tests.
Users run it; `../plugin.py` has its options.
Read `test_corpus.py` first, then `session.py` (plays each scenario once).
"""
