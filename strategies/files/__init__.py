"""Scenario files: YAML in and out, with the place of each mistake.

In: a text or a path. Out: a `Scenario`, or a `ScenarioError` that names file, line and the nearest valid key.
Everything that reads or writes scenarios calls it.
Read `format.py` first, then `forms.py` (the table of all steps).
"""
