"""The adapter over boto3-shaped clients: what each answer says, garbage included."""

import pytest
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from fake_ec2 import (
    DESCRIBE,
    EVERY_REQUEST,
    ID_A,
    ID_B,
    LAUNCH,
    ROOT,
    TERMINATE,
    VOL_A,
    VOL_D,
    VOL_V,
    A,
    B,
    Client,
    D,
    V,
    batch,
    error,
    named,
    seen,
    state,
    target_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_lifecycle.conformance.adapter.ec2_target import Ec2Target
from ec2_lifecycle.conformance.adapter.failures import is_unimplemented
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import (
    AttributeValue,
    Changes,
    DeviceSeen,
    Instances,
    NoAnswer,
    Observation,
    Refused,
    StateChange,
    StateSeen,
    Unreadable,
    Volumes,
    VolumeSeen,
)
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    LaunchRequest,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.rules.describe import Shown
from ec2_lifecycle.model.world import Instance, Volume


def launched(instance_id: str, index: int = 0, **more: object) -> dict[str, object]:
    return {
        "InstanceId": instance_id,
        "AmiLaunchIndex": index,
        "State": state(0, "pending"),
        "Placement": {"AvailabilityZone": "z-b"},
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [],
        **more,
    }


def device(name: str, volume_id: str) -> dict[str, object]:
    return {"DeviceName": name, "Ebs": {"VolumeId": volume_id, "Status": "attached", "DeleteOnTermination": True}}


def test_launched_instances_are_named_in_the_order_of_their_launch_index() -> None:
    names = Names()
    reply = {"Instances": [launched(ID_B, 1), launched(ID_A, 0)]}
    answer = seen(LaunchRequest(instances=(A, B)), reply, names=names)
    assert names.ids == {"A": ID_A, "B": ID_B}
    assert isinstance(answer, Instances)
    assert [item.instance for item in answer.items] == [B, A]


def test_volumes_are_named_by_the_first_reply_that_shows_them() -> None:
    client = Client(
        {"Instances": [launched(ID_A)]},
        {
            "Reservations": [
                {"Instances": [launched(ID_A, BlockDeviceMappings=[device("/dev/xvda", VOL_A)])]},
                {"Instances": [launched(ID_B, BlockDeviceMappings=[device("/dev/sdx", VOL_V)])]},
            ]
        },
        {"Reservations": [{"Instances": [launched(ID_A, BlockDeviceMappings=[device("/dev/sdf", VOL_D)])]}]},
    )
    target, names = target_of(client), Names()
    target.perform(LAUNCH, names)
    assert not names.knows(ROOT)
    target.perform(DESCRIBE, names)
    target.perform(DESCRIBE, names)
    assert names.ids == {"A": ID_A, "A.root": VOL_A, "d": VOL_D}
    assert names.devices == {"A.root": "/dev/xvda", "d": "/dev/sdf"}


def test_a_volume_that_takes_the_place_of_another_keeps_its_id() -> None:
    names = named()
    answers = [
        {"Reservations": [{"Instances": [launched(ID_A, BlockDeviceMappings=[device("/dev/xvda", volume)])]}]}
        for volume in (VOL_A, VOL_D)
    ]
    target = target_of(Client(*answers))
    target.perform(DESCRIBE, names)
    answer = target.perform(DESCRIBE, names)
    assert isinstance(answer, Instances)
    assert answer.items[0].devices == (DeviceSeen("/dev/xvda", Volume(VOL_D), delete_on_termination=True),)


def test_a_target_that_does_not_tell_its_zones_shows_them_at_launch() -> None:
    client = Client({"Instances": [launched(ID_A)]})
    names = Names()
    answer = Ec2Target(client, name="fake").perform(LaunchRequest(instances=(A,)), names)
    assert "Placement" not in client.asked[0][1]
    assert names.zones == {"1": "z-b"}
    assert isinstance(answer, Instances)
    assert answer.items[0].zone == "1"


def test_state_changes_carry_names_and_codes_as_they_came() -> None:
    item = {"InstanceId": ID_A, "PreviousState": state(16, "running"), "CurrentState": state(32 + 256, "shutting-down")}
    other = item | {"InstanceId": "i-stranger"}
    changed = StateSeen(16, "running"), StateSeen(288, "shutting-down")
    assert seen(TERMINATE, {"TerminatingInstances": [item, other]}) == Changes(
        (StateChange(A, *changed), StateChange(Instance("i-stranger"), *changed))
    )


def test_an_empty_field_is_not_shown_and_a_false_flag_is() -> None:
    item = launched(
        ID_A,
        PublicIpAddress="",
        PrivateIpAddress="10.0.0.1",
        SourceDestCheck=False,
        NetworkInterfaces=[],
        SecurityGroups=[{"GroupId": "sg-1"}],
        StateReason={"Code": "", "Message": ""},
    )
    answer = seen(DESCRIBE, {"Reservations": [{"Instances": [item]}]})
    assert isinstance(answer, Instances)
    assert answer.items[0].shown == {Shown.PRIVATE_IP, Shown.SOURCE_DEST_CHECK, Shown.SECURITY_GROUPS}


def test_described_pages_are_one_reply() -> None:
    pages = (
        {"Reservations": [{"Instances": [launched(ID_A)]}], "NextToken": "1"},
        {"Reservations": [{"Instances": [launched(ID_B)]}], "NextToken": ""},
    )
    client = Client(*pages)
    answer = target_of(client).perform(batch(Operation.DESCRIBE, "A", "B"), named())
    assert isinstance(answer, Instances)
    assert [item.instance for item in answer.items] == [A, B]
    assert client.asked[1] == ("describe_instances", {"InstanceIds": [ID_A, ID_B], "NextToken": "1"})


def test_pages_without_end_are_unreadable() -> None:
    answer = seen(DESCRIBE, {"Reservations": [], "NextToken": "again"})
    assert isinstance(answer, Unreadable)
    assert "NextToken leads in a circle" in answer.problem


def test_a_made_volume_is_named_and_described_by_its_name() -> None:
    names = Names(zones={"1": "z-a"})
    made = {"VolumeId": VOL_D, "State": "creating", "AvailabilityZone": "z-a"}
    answer = seen(VolumeRequest(Operation.CREATE_VOLUME, volumes=(D,)), made, names=names)
    assert answer == Volumes((VolumeSeen(D, "creating", "1", holder=None, delete_on_termination=None),))
    names.bind(A, ID_A)
    attached = made | {"State": "in-use", "Attachments": [{"InstanceId": ID_A, "DeleteOnTermination": False}]}
    answer = seen(VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(D,)), {"Volumes": [attached]}, names=names)
    assert answer == Volumes((VolumeSeen(D, "in-use", "1", holder=A, delete_on_termination=False),))


@pytest.mark.parametrize(
    ("attribute", "reply", "value"),
    [
        (Attribute.DISABLE_API_TERMINATION, {"DisableApiTermination": {"Value": True}}, True),
        (Attribute.DISABLE_API_STOP, {"DisableApiStop": {"Value": False}}, False),
        (Attribute.SHUTDOWN_BEHAVIOR, {"InstanceInitiatedShutdownBehavior": {"Value": "stop"}}, "stop"),
        (Attribute.BLOCK_DEVICE_MAPPINGS, {"BlockDeviceMappings": [device("/dev/sdf", VOL_V)]}, True),
        (Attribute.BLOCK_DEVICE_MAPPINGS, {"BlockDeviceMappings": [device("/dev/sdf", VOL_A)]}, None),
    ],
)
def test_an_attribute_is_read_by_its_own_name(attribute: Attribute, reply: object, value: object) -> None:
    request = AttributeRequest(Operation.DESCRIBE_ATTRIBUTE, instances=(A,), attribute=attribute, volume=V)
    answer = seen(request, reply)
    assert isinstance(answer, AttributeValue)
    assert answer.value == value


def test_a_refusal_keeps_its_code_and_status_and_has_names_for_ids() -> None:
    message = f"The instance '{ID_A}' may not be terminated. Modify its 'disableApiTermination' instance attribute"
    assert seen(TERMINATE, error("OperationNotPermitted", message)) == Refused(
        "OperationNotPermitted", message.replace(ID_A, "A"), 400
    )


def test_a_refusal_by_a_client_without_http_has_status_zero() -> None:
    assert seen(TERMINATE, error("OperationNotPermitted", status=None)) == Refused("OperationNotPermitted", "", 0)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (error("", status=302), "TerminateInstances was answered with HTTP 302 and no error code."),
        (ClientError({}, "X"), "TerminateInstances was answered with HTTP 0 and no error code."),
        (ReadTimeoutError(endpoint_url="http://x"), "TerminateInstances was not answered: ReadTimeoutError: "),
        (ResponseParserError(), "TerminateInstances was answered with a body that is not EC2's XML."),
        (ParamValidationError(report=f"bad\n {ID_A}"), "TerminateInstances was not answered: ParamValidationError: "),
    ],
)
def test_what_cannot_be_judged_is_no_answer(answer: Exception, problem: str) -> None:
    observation = seen(TERMINATE, answer)
    assert isinstance(observation, NoAnswer)
    assert observation.problem.startswith(problem)


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (error("InternalError", "oops", 500), Refused("InternalError", "oops", 500)),
        (ValueError(f"bad\n {ID_A}"), Refused("ValueError", "bad A", 500)),
        (KeyError("x"), Refused("KeyError", "'x'", 500)),
    ],
)
def test_a_server_and_a_client_that_fail_inside_are_alike(answer: Exception, refused: Refused) -> None:
    assert seen(TERMINATE, answer) == refused


@pytest.mark.parametrize("code", ["", " ", 5])
def test_a_refusal_without_a_code_is_one_whose_code_cannot_be_read(code: object) -> None:
    problem = "TerminateInstances was refused without an error code, with the message 'no A'."
    unread = (Unreadable(problem, "Error.Code"),)
    assert seen(TERMINATE, error(code, f"no {ID_A}")) == Refused("(no error code)", "no A", 400, unread=unread)


def test_ctrl_c_is_not_an_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        seen(TERMINATE, KeyboardInterrupt())


@pytest.mark.parametrize(
    "answer",
    [error("InvalidAction"), error("InternalFailure", "not yet", 501), NotImplementedError("soon")],
)
def test_a_target_can_say_that_it_does_not_implement_an_operation(answer: Exception) -> None:
    assert is_unimplemented(seen(TERMINATE, answer))


def test_a_client_without_a_method_does_not_implement_its_operation() -> None:
    assert is_unimplemented(target_of(object()).perform(TERMINATE, named()))
    for code in ("OperationNotPermitted", "UnsupportedOperation"):
        assert not is_unimplemented(seen(TERMINATE, error(code)))


UNREADABLE: list[tuple[Request, object, str]] = [
    (TERMINATE, None, "the reply is None, not a structure"),
    (TERMINATE, {"TerminatingInstances": "i-1"}, "TerminatingInstances of the reply is 'i-1', not a list"),
    (TERMINATE, {"TerminatingInstances": [3]}, "an item in TerminatingInstances of the reply is 3, not a str"),
    (TERMINATE, {"TerminatingInstances": [{"InstanceId": ID_A}]}, "an item has no PreviousState"),
    (
        TERMINATE,
        {"TerminatingInstances": [{"InstanceId": ID_A, "PreviousState": state("16", "running")}]},
        "Code of PreviousState is '16', not a number",
    ),
    (DESCRIBE, {"Reservations": [{"Instances": [{}]}]}, "an instance has no InstanceId"),
    (TERMINATE, {}, "the reply has no TerminatingInstances"),
    (DESCRIBE, {}, "the reply has no Reservations"),
    (DESCRIBE, {"Reservations": [{}]}, "a reservation has no Instances"),
    (LAUNCH, {}, "the reply has no Instances"),
]


@pytest.mark.parametrize(("request_", "reply", "problem"), UNREADABLE)
def test_a_success_that_lacks_a_part_or_has_a_wrong_one_is_unreadable(
    request_: Request, reply: object, problem: str
) -> None:
    answer = seen(request_, reply)
    assert isinstance(answer, Unreadable)
    assert answer.problem.startswith(f"{request_.operation.value} was answered without an error, but {problem}")


KEYS = (
    *("Reservations", "Instances", "InstanceId", "AmiLaunchIndex", "State", "Code", "Name", "Placement", "Volumes"),
    *("AvailabilityZone", "BlockDeviceMappings", "DeviceName", "Ebs", "VolumeId", "Attachments", "StateReason"),
    *("TerminatingInstances", "PreviousState", "CurrentState", "NextToken", "DisableApiStop", "Value", "VpcId"),
)
GARBAGE: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", ID_A, VOL_V]) | st.just(b"x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(request_=st.sampled_from(EVERY_REQUEST), reply=GARBAGE)
def test_no_reply_whatever_is_a_crash(request_: Request, reply: object) -> None:
    assert isinstance(seen(request_, reply), Observation)
