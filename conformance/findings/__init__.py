"""From a divergence to a finding: the shortest scenario, the words, the id, the waivers and the boto3 program.

In: divergences of scenarios that were played. Out: `Finding` events for the report, and what waivers say of them.
Runs, the pytest suite, the judge of users' clients and the commands use it.
Read `collector.py` first, then `search.py` and `build.py`.
"""
