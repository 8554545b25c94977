"""What `warm_processes` imports once, and starts processes from: all that a run and its targets need."""

import gc
from importlib import import_module

from ec2_lifecycle.conformance.targets.moto import moto_target

for module in (
    "ec2_lifecycle.conformance.running.lane_process",
    "ec2_lifecycle.conformance.targets.endpoint",
    "ec2_lifecycle.conformance.targets.model",
    "ec2_lifecycle.conformance.targets.python",
):
    import_module(module)
moto_target().close()
gc.freeze()  # the processes share this memory: none of them looks through it
