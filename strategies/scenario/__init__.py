"""The scenario: a finite program of steps over named instances and volumes.

In: steps. Out: a `Scenario`, its names, its requests, and copies with other names or fewer steps.
All that makes, stores or plays scenarios builds on it.
Read `scenario.py` first, then `steps.py`.
"""
