"""Recordings: what was asked, what came back and when, kept as traces and judged again without the target."""
