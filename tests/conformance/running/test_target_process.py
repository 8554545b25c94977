"""The process of a target ends, whatever state it is in."""

import pytest
from jobs import SendsOne

from ec2_lifecycle.conformance.running.interrupts import Interrupts
from ec2_lifecycle.conformance.running.target_process import TargetFailed, TargetProcess


def test_a_job_sends_its_messages() -> None:
    with TargetProcess("model", SendsOne(), Interrupts(), hang_after=60) as process:
        process.ready()
        assert list(process.run()) == ["model"]


def test_a_process_that_was_killed_while_it_waited_for_its_start_blocks_nobody() -> None:
    with TargetProcess("model", SendsOne(), Interrupts(), hang_after=60) as process:
        process.ready()
        process.kill()
        with pytest.raises(TargetFailed, match="ended by the signal SIGKILL"):
            list(process.run())
