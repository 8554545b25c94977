"""Hypothesis strategies for scenarios, worlds and requests.

In: a specification and the features of a target. Out: what `@given` draws.
Users import them from `ec2_lifecycle.strategies`; the project's own tests use them too.
Read `scenarios.py` first.
"""
