"""The model client behind HTTP: an endpoint with regions, tags, a control endpoint and worlds in files.

In: HTTP requests, from a socket or from botocore in the same process. Out: HTTP replies.
The command `serve` and the double (`../double.py`) use it.
Read `endpoint.py` first, then `cloud.py` (one account over all regions).
"""
