"""The double beside moto: tests that need a process of their own, which test_double.py runs in one."""

from typing import Any

import moto.backends
import pytest
from double_clients import EARLY, REGION, client, launched, terminated
from moto import mock_aws

from ec2_lifecycle.conformance.emulator.double import ec2_double


def test_a_client_made_before_talks_to_the_model_and_afterwards_as_before() -> None:
    with mock_aws():
        in_moto = launched(EARLY)
    with ec2_double():
        assert terminated(EARLY, in_moto) == "InvalidInstanceID.NotFound"
        launched(EARLY)
        assert len(EARLY.describe_instances()["Reservations"]) == 1
    with mock_aws():
        assert EARLY.describe_instances()["Reservations"] == []


@pytest.mark.parametrize("first", ["moto", "double"])
def test_beside_moto_ec2_and_sts_are_the_models_and_the_rest_is_motos(first: str) -> None:
    contexts = [mock_aws(), ec2_double()] if first == "moto" else [ec2_double(), mock_aws()]
    with contexts[0], contexts[1]:
        made_inside = client()
        for ec2 in (made_inside, EARLY):
            protected = launched(ec2, DisableApiTermination=True)
            # moto, by default, knows nobody by this message.
            assert terminated(ec2, protected) == "OperationNotPermitted"
        assert client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/owner"
        client("sqs").create_queue(QueueName="of-moto")
        assert len(client("sqs").list_queues()["QueueUrls"]) == 1
        backend: Any = moto.backends.get_backend("ec2")
        assert not backend["123456789012"][REGION].reservations, "moto has performed the launch too"


def test_after_the_double_moto_answers_again() -> None:
    with mock_aws():
        with ec2_double():
            launched(client())
        ec2 = client()
        assert ec2.describe_instances()["Reservations"] == []
        launched(ec2)
        assert len(ec2.describe_instances()["Reservations"]) == 1
