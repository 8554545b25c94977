"""Views of what a run found: one event stream in, reports out."""
