"""The scenario: a finite program of steps over named instances and volumes.

In: steps. Out: a `Scenario`, its names, its requests, and copies with other names or fewer steps.
Everything that generates, stores or plays scenarios uses it.
Read `scenario.py` first, then `steps.py`.
"""
