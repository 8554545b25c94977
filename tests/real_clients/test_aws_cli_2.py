"""The AWS CLI 2 of Debian against the served model: one tour of the lifecycle, the failed batch included."""

import subprocess
from pathlib import Path

import pytest
from real_clients.programs import Place, Ran
from real_clients.worlds import launch, states

PROGRAM = Path("/usr/bin/aws")
"""Where Debian puts it; the AWS CLI 1 is installed beside this Python."""
FAILED = 254
"""What it ends with after an error of the service."""


def version() -> str:
    """Return what the program says of itself; empty if it is not there."""
    if not PROGRAM.exists():
        return ""
    return subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(not version().startswith("aws-cli/2"), reason="the AWS CLI 2 is not here; Debian has it as awscli")
def test_the_aws_cli_2_makes_the_tour_of_the_lifecycle(place: Place) -> None:
    ec2 = place.boto3()
    names = {"free": ("a", False), "guarded": ("b", True), "shielded": ("b", False)}
    ids = {name: launch(ec2, name, zone, protected=guarded)[0] for name, (zone, guarded) in names.items()}

    def aws(words: str) -> Ran:
        return place.run(str(PROGRAM), *words.split(), "--endpoint-url", place.url, "--output", "text")

    assert aws(f"ec2 wait instance-running --instance-ids {' '.join(ids.values())}").code == 0
    batch = aws(f"ec2 terminate-instances --instance-ids {' '.join(ids.values())}")
    assert batch.code == FAILED
    assert "An error occurred (OperationNotPermitted) when calling the TerminateInstances operation" in batch.err
    assert f"The instance '{ids['guarded']}' may not be terminated." in batch.err
    assert states(ec2) == {"free": "terminated", "guarded": "running", "shielded": "running"}
    query = "StoppingInstances[].[PreviousState.Name,CurrentState.Name]"
    stopped = aws(f"ec2 stop-instances --instance-ids {ids['shielded']} --query {query}")
    assert stopped.words == ["running", "stopping"]
    assert aws(f"ec2 start-instances --instance-ids {ids['shielded']}").code == 0
    assert aws(f"ec2 modify-instance-attribute --instance-id {ids['guarded']} --no-disable-api-termination").code == 0
    assert aws(f"ec2 terminate-instances --instance-ids {ids['guarded']} {ids['shielded']}").code == 0
    shown = aws("ec2 describe-instances --page-size 5 --query Reservations[].Instances[].State.Name")
    assert shown.words == ["terminated"] * 3
