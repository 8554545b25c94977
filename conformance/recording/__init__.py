"""Traces: requests and replies with their times, kept in files and judged again without the target.

In: a play while it runs, or a trace file. Out: a trace with pseudonyms for ids and accounts, or new verdicts on it.
`run --record` writes traces, `replay` judges them.
Read `trace_format.py` first, then `recorder.py` and `rejudge.py`.
"""
