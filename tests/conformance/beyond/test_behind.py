"""The EC2 behind: moto in this process, or an endpoint; and what is wrong as one."""

import re
import socket
from collections.abc import Generator

import pytest
from command_runs import Command
from in_front import client, interface_of, launched, network, refused, shown, state
from moto.server import ThreadedMotoServer
from served import ask

from ec2_lifecycle.conformance.emulator.beyond.behind import WrongBeyond, behind_of
from ec2_lifecycle.conformance.emulator.server.options import WrongSetting, settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.testing import ec2_double


@pytest.fixture(scope="module")
def endpoint() -> Generator[str]:
    """The URL of moto's server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mote", "write moto or endpoint:URL"),
        ("endpoint:", "is not the URL of an EC2"),
        ("endpoint:ftp://127.0.0.1", "is not the URL of an EC2"),
        ("endpoint:http://127.0.0.1:99999", "is not the URL of an EC2"),
        ("endpoint:https://ec2.us-east-1.amazonaws.com", "is AWS itself"),
    ],
)
def test_what_is_no_ec2_to_stand_in_front_of_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(WrongBeyond, match=re.escape(sentence)):
        behind_of(text)
    with pytest.raises(WrongSetting, match=re.escape(sentence)):
        ec2_double(beyond=text)


def test_an_endpoint_behind_is_asked_over_http(endpoint: str) -> None:
    with ec2_double(beyond=f"endpoint:{endpoint}"):
        vpc, subnet = network()
        (made,) = launched(SubnetId=subnet)
        assert (shown(made)["VpcId"], interface_of(made)["SubnetId"]) == (vpc, subnet)
        client().terminate_instances(InstanceIds=[made])
        assert state(made) == "terminated"
        client().delete_subnet(SubnetId=subnet)
        with refused("InvalidSubnetID.NotFound"):
            launched(SubnetId=subnet)


def test_a_served_model_stands_in_front_of_an_endpoint(endpoint: str) -> None:
    model = ServedModel(settings_of(beyond=f"endpoint:{endpoint}"))
    (vpc,) = set(ask(model, "CreateVpc", CidrBlock="10.9.0.0/16").found("vpcId"))
    (subnet,) = set(ask(model, "CreateSubnet", VpcId=vpc, CidrBlock="10.9.1.0/24").found("subnetId"))
    reply = ask(model, "RunInstances", ImageId="ami-12c6146b", MinCount="1", MaxCount="1", SubnetId=subnet)
    (made,) = reply.found("instanceId")
    assert set(ask(model, "DescribeInstances", InstanceId__1=made).found("vpcId")) == {vpc}
    assert ask(model, "DeleteSubnet", SubnetId=subnet).error[1] == "DependencyViolation"


def test_an_endpoint_that_does_not_answer_is_an_error_that_names_it() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        model = ServedModel(settings_of(beyond=f"endpoint:{url}"))
        status, code, message = ask(model, "DescribeVpcs").error
        assert (status, code) == (503, "Unavailable")
        assert url in message
        assert ask(model, "DescribeInstances").error[:2] == (503, "Unavailable")


def test_the_command_says_what_it_can_stand_in_front_of(command: Command) -> None:
    ran = command("serve --beyond mote")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'ec2-lifecycle: There is no EC2 "mote" to stand in front of; write moto or endpoint:URL.\n'
