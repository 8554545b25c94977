"""The conformance suite as pytest tests: `pytest --pyargs ec2_lifecycle.conformance.pytest.suite --ec2-target TARGET`.

One test for each clause and one for each file of the corpus. `ec2_lifecycle.conformance.pytest.plugin` has the options.
"""
