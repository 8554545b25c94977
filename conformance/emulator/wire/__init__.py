"""EC2's Query protocol in both directions, driven by botocore's description of each operation.

In: form fields of a request, or the reply to it as a dictionary. Out: keyword arguments, or XML.
`../server` decodes requests and encodes replies with it.
Read `services.py` first, then `decode.py` and `encode.py`.
"""
