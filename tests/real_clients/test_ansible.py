"""Ansible against the served model: a playbook takes an instance from its launch to its end, as on EC2."""

import os
import re
from pathlib import Path
from typing import Final

import pytest
from real_clients.programs import Place
from real_clients.worlds import states

PLAYBOOK: Final = Path(__file__).with_name("playbook.yml")
COLLECTIONS: Final = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
"""The folder with the collection for AWS; the session `clients` of nox puts it there."""


@pytest.mark.skipif(not COLLECTIONS, reason="ANSIBLE_COLLECTIONS_PATH does not name a folder with amazon.aws")
def test_every_task_of_the_playbook_does_what_it_does_on_ec2(place: Place) -> None:
    ran = place.playbook(PLAYBOOK, COLLECTIONS)
    assert ran.code == 0, ran.out[-3000:]
    tasks = re.findall(r"^TASK \[(.+?)\]", ran.out, re.MULTILINE)
    assert len(tasks) == PLAYBOOK.read_text(encoding="utf-8").count("    - name: ") == 11
    assert re.search(r"ok=11 +changed=8 +unreachable=0 +failed=0", ran.out)
    assert states(place.boto3()) == {"web": "terminated"}
