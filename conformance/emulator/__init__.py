"""The specification as an EC2 that clients talk to: a model client, an HTTP server, and an in-process double.

In: calls of a boto3-shaped client, or HTTP requests. Out: replies that EC2 may give; a behaviour picks among them.
The target `model`, the command `serve`, the fixture `ec2_double` and the covering suite use it.
Read `client.py` first, then `simulation.py` (one EC2 over time), `behaviour.py` and `call_log.py`.
"""
