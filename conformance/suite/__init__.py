"""The conformance suite as pytest tests: `pytest --pyargs ec2_lifecycle.conformance.suite --ec2-target TARGET`.

One test for each clause and one for each file of the corpus. `ec2_lifecycle.conformance.pytest_plugin` has the options.
"""
