"""A boto3-shaped EC2 client as a target: requests go out as calls, answers come back as observations.

In: a request of the specification and the names of a scenario. Out: an `Observation`, in which names stand for ids.
The oracle reads observations; targets, the emulator, the sandbox and the recorder build on this package.
Read `target.py` first (what a target is), then `ec2_target.py` (how any client becomes one).
"""
