"""The targets: everything that a scenario can run against, each made by one module.

In: what a user writes, such as `moto` or `endpoint:URL`. Out: a `Target` of `adapter/`.
Runs, replays, the pytest suite and `smoke` call `resolve`.
Read `resolve.py` first, then `endpoint.py`.
"""
