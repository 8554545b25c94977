"""Runs scenarios against targets, judges every reply by the specification, and turns divergences into findings.

In: a command line, a test session, or a client. Out: a stream of events, which `reports/` turns into reports.
Users call the command `ec2-lifecycle`, load the pytest plugin, or import `ec2_lifecycle.testing`.
Read `execution/play.py` first, then `oracle/oracle.py`; ARCHITECTURE.md follows one scenario through all packages.
"""
