"""Views of what a run found: one event stream in, reports out.

In: the events of a run, while it goes or from a stored `events.ndjson`. Out: terminal text, HTML, JUnit XML,
Markdown, annotations, a badge, and the difference of two runs.
The commands call it; it imports none of the other layers, and owns the types of the events.
Read `events.py` first, then `stored_runs.py` and `terminal.py`.
"""
