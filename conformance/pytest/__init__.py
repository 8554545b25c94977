"""The project inside pytest: the plugin, the installable suite, and the oracle around a user's own clients.

In: options of pytest, and clients or targets of the user's tests. Out: passed and failed tests.
pytest loads `plugin.py` through an entry point; `ec2_lifecycle.testing` is the public face of the rest.
Read `plugin.py` first, then `judging/judge.py`.
"""
