"""What EC2 promises about the lifecycle of instances and volumes: an executable, provable specification.

In: a world, a request and the choices. Out: every outcome that EC2 may give, and its effect on the world.
All other layers take the specification as one value, `specification.EC2`, and pass it on as an argument.
Read `lifecycle.py` first, then `rules/terminate.py`, then `step.py`. This layer does no I/O and has no clock.
"""
