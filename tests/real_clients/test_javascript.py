"""The AWS SDK for JavaScript against the served model: one tour of the lifecycle, the failed batch included."""

import json
import os
import shutil
from pathlib import Path

import pytest
from real_clients.programs import Place

NODE = shutil.which("node")
MODULES = os.environ.get("EC2_LIFECYCLE_NODE_MODULES", "")


@pytest.mark.skipif(not (NODE and MODULES), reason="node and npm are not here, so the JavaScript SDK cannot be tried")
def test_the_javascript_sdk_makes_the_tour_of_the_lifecycle(place: Place) -> None:
    ran = place.run(str(NODE), str(Path(__file__).with_name("tour.cjs")), NODE_PATH=MODULES, NODE_NO_WARNINGS="1")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == {
        "running": "SUCCESS",
        "batch": ["OperationNotPermitted", 400],
        "afterTheBatch": ["running", "running", "terminated"],
        "stop": ["running", "stopping"],
        "stopped": "SUCCESS",
        "dry": ["DryRunOperation", 412],
        "terminated": "SUCCESS",
        "unknown": ["InvalidInstanceID.NotFound", 400],
    }
