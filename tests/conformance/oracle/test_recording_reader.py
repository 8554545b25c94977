"""The reader of recordings knows every form and every operation, and a recording that EC2 cannot have made is found.

The documents here are invented. What EC2 really sent is judged in test_recordings.py.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from recordings.events import Call, Event, Glimpse, Json, UnknownForm
from recordings.forms import events_of
from recordings.judge import Judge, Outcome
from recordings.seen import seen_in

from ec2_lifecycle.model.requests import Operation

ME: Final = "i-0123456789abcdef0"
OTHER: Final = "i-0fedcba9876543210"
V: Final = "vol-0123456789abcdef0"
ZONE: Final = "us-east-1a"
AT: Final = "2026-01-01T00:00:00Z"
LATER: Final = "2026-01-01T01:00:00Z"
PERMITTED: Final = Outcome.PERMITTED
EXCUSED: Final = Outcome.EXCUSED
DIVERGES: Final = Outcome.DIVERGES


# Documents.


def trail(
    name: str, sent: Json | None, response: Json | None = None, error: tuple[str, str] | None = None, at: str = AT
) -> Json:
    """Return an event of CloudTrail."""
    event = {
        "eventVersion": "1.08",
        "eventTime": at,
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "requestParameters": sent,
        "responseElements": response,
    }
    return event if error is None else {**event, "errorCode": error[0], "errorMessage": error[1]}


def named(*ids: str) -> Json:
    """Return instances as CloudTrail lists them."""
    return {"instancesSet": {"items": [{"instanceId": i} for i in ids]}}


def changed(before: tuple[int, str], after: tuple[int, str], i: str = ME) -> Json:
    """Return a change of state as CloudTrail records it."""
    states = {"previousState": before, "currentState": after}
    shown = {key: {"code": code, "name": name} for key, (code, name) in states.items()}
    return {"instancesSet": {"items": [{"instanceId": i, **shown}]}}


def state_change(state: str, at: str = LATER, i: str = ME) -> Json:
    """Return an event of EventBridge about the state of an instance."""
    return {
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "time": at,
        "detail": {"instance-id": i, "state": state},
    }


PENDING: Final = (0, "pending")
RUNNING: Final = (16, "running")
SHUTTING_DOWN: Final = (32, "shutting-down")
TERMINATED: Final = (48, "terminated")
STOPPING: Final = (64, "stopping")
STOPPED: Final = (80, "stopped")

SENT_TO_LAUNCH: Final = {
    "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": 1}]},
    "groupSet": {"items": [{"groupId": "sg-1"}]},
    "instanceType": "t3.micro",
    "blockDeviceMapping": {"items": [{"deviceName": "/dev/sdf", "ebs": {"volumeSize": 8}}]},
    "availabilityZone": ZONE,
    "monitoring": {"enabled": False},
    "disableApiTermination": False,
}


def launched(state: tuple[int, str] = PENDING, **more: object) -> Json:
    """Return a launched instance as CloudTrail records it."""
    item = {
        "instanceId": ME,
        "imageId": "ami-1",
        "instanceState": {"code": state[0], "name": state[1]},
        "privateDnsName": "ip-10-0-0-1.ec2.internal",
        "amiLaunchIndex": 0,
        "instanceType": "t3.micro",
        "placement": {"availabilityZone": ZONE, "tenancy": "default"},
        "subnetId": "subnet-1",
        "vpcId": "vpc-1",
        "privateIpAddress": "10.0.0.1",
        "stateReason": {"code": "pending", "message": "pending"},
        "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/xvda",
        "blockDeviceMapping": {},
        "groupSet": {"items": [{"groupId": "sg-1", "groupName": "default"}]},
        "sourceDestCheck": True,
        "networkInterfaceSet": {"items": [{"networkInterfaceId": "eni-1", "status": "in-use"}]},
        **more,
    }
    return {"reservationId": "r-1", "instancesSet": {"items": [item]}}


def launch(at: str = AT, **more: object) -> Json:
    return trail("RunInstances", {**SENT_TO_LAUNCH, **more}, launched(), at=at)


def in_boto3(state: tuple[int, str] = PENDING, **more: object) -> Json:
    """Return a reply to RunInstances as boto3 and the command-line tool show it."""
    item = {
        "InstanceId": ME,
        "State": {"Code": state[0], "Name": state[1]},
        "PrivateDnsName": "ip-10-0-0-1.ec2.internal",
        "AmiLaunchIndex": 0,
        "Placement": {"AvailabilityZone": ZONE},
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": "10.0.0.1",
        "StateReason": {"Code": "pending", "Message": "pending"},
        "StateTransitionReason": "",
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [],
        "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "default"}],
        "SourceDestCheck": True,
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}],
        **more,
    }
    return {"ReservationId": "r-1", "Instances": [item]}


def read(*documents: object, file: str = "recording.json") -> list[Event]:
    """Read documents one after the other."""
    texts = (one if isinstance(one, str) else json.dumps(one) for one in documents)
    return [event for text in texts for event in events_of(file, text)]


def outcomes(*documents: object, file: str = "recording.json", plain: bool = False) -> list[Outcome]:
    """Return the outcome of each thing that is judged."""
    judge = Judge(seen_in(read(*documents, file=file)), plain=plain)
    judge.broken()
    return judge.outcomes


# CloudTrail, each operation: what came back, and a refusal.

ATTACHMENT: Final = {"volumeId": V, "instanceId": ME, "device": "/dev/sdf"}
RETURNED: Final = {"requestId": "r", "_return": True}

SUCCESSES: Final[Mapping[Operation, tuple[Json, Json | None]]] = {
    Operation.RUN: (SENT_TO_LAUNCH, launched()),
    Operation.START: (named(ME), changed(STOPPED, PENDING)),
    Operation.STOP: ({**named(ME), "force": False}, changed(RUNNING, STOPPING)),
    Operation.REBOOT: (named(ME), RETURNED),
    Operation.TERMINATE: (named(ME), changed(RUNNING, SHUTTING_DOWN)),
    Operation.DESCRIBE: ({**named(ME), "filterSet": {}}, None),
    Operation.MODIFY: ({"instanceId": ME, "disableApiTermination": {"value": True}}, RETURNED),
    Operation.DESCRIBE_ATTRIBUTE: ({"instanceId": ME, "attribute": "disableApiTermination"}, None),
    Operation.CREATE_VOLUME: (
        {"size": "8", "zone": ZONE, "volumeType": "gp3"},
        {"volumeId": V, "size": "8", "zone": ZONE, "status": "creating", "createTime": 1, "encrypted": False},
    ),
    Operation.ATTACH: (ATTACHMENT, {**ATTACHMENT, "status": "attaching", "attachTime": 1}),
    Operation.DETACH: ({"volumeId": V, "force": False}, {**ATTACHMENT, "status": "detaching", "attachTime": 1}),
    Operation.DELETE_VOLUME: ({"volumeId": V}, RETURNED),
    Operation.DESCRIBE_VOLUMES: ({"volumeSet": {"items": [{"volumeId": V}]}, "filterSet": {}}, None),
}

NOT_STOPPABLE: Final = (
    "Client.IncorrectInstanceState",
    f"This instance '{ME}' is not in a state from which it can be stopped.",
)
NOT_FOUND: Final = ("Client.InvalidInstanceID.NotFound", f"The instance ID '{ME}' does not exist")
NO_VOLUME: Final = ("Client.InvalidVolume.NotFound", f"The volume '{V}' does not exist.")
REFUSALS: Final[Mapping[Operation, tuple[str, str]]] = {
    Operation.RUN: ("Server.InsufficientInstanceCapacity", "We currently do not have sufficient t3.micro capacity."),
    Operation.START: (
        "Client.IncorrectInstanceState",
        f"The instance '{ME}' is not in a state from which it can be started.",
    ),
    Operation.STOP: NOT_FOUND,
    Operation.REBOOT: NOT_FOUND,
    Operation.TERMINATE: (
        "Client.OperationNotPermitted",
        (
            f"The instance '{ME}' may not be terminated. "
            "Modify its 'disableApiTermination' instance attribute and try again."
        ),
    ),
    Operation.DESCRIBE: NOT_FOUND,
    Operation.MODIFY: (
        "Client.IncorrectInstanceState",
        f"The instance '{ME}' must be in a 'running', 'pending', 'stopping' or 'stopped' state for this operation.",
    ),
    Operation.DESCRIBE_ATTRIBUTE: NOT_FOUND,
    Operation.CREATE_VOLUME: ("Client.UnauthorizedOperation", "You are not authorized to perform this operation."),
    Operation.ATTACH: ("Client.VolumeInUse", f"{V} is already attached to an instance"),
    Operation.DETACH: ("Client.IncorrectState", f"Volume '{V}' is in the 'available' state."),
    Operation.DELETE_VOLUME: ("Client.VolumeInUse", f"Volume {V} is currently attached to {ME}"),
    Operation.DESCRIBE_VOLUMES: NO_VOLUME,
}

every_operation = pytest.mark.parametrize("operation", Operation, ids=lambda one: one.value)


@every_operation
def test_a_success_in_cloudtrail_is_judged(operation: Operation) -> None:
    event = trail(operation.value, *SUCCESSES[operation])
    [call] = read(event)
    assert isinstance(call, Call)
    assert (call.name, call.code) == (operation.value, "")
    assert {ME, V} & {*call.ids}
    assert outcomes(event) == [PERMITTED]


@every_operation
def test_a_refusal_in_cloudtrail_is_judged(operation: Operation) -> None:
    event = trail(operation.value, SUCCESSES[operation][0], error=REFUSALS[operation])
    [call] = read(event)
    assert isinstance(call, Call)
    assert (call.name, call.code, call.message) == (
        operation.value,
        REFUSALS[operation][0].split(".", 1)[1],
        REFUSALS[operation][1],
    )
    expected = EXCUSED if operation in (Operation.RUN, Operation.CREATE_VOLUME) else PERMITTED
    assert outcomes(event) == [expected]


@every_operation
def test_an_error_text_of_botocore_is_judged(operation: Operation) -> None:
    code = REFUSALS[operation][0].split(".", 1)[1]
    text = f"An error occurred ({code}) when calling the {operation.value} operation: {REFUSALS[operation][1]}"
    assert outcomes(text)[0] in (PERMITTED, EXCUSED)
    for document in (text, json.dumps(text), json.dumps({"error": text})):
        [call] = read(document)
        assert isinstance(call, Call)
        assert (call.name, call.code) == (operation.value, code)


@every_operation
def test_an_error_in_raw_xml_is_judged(operation: Operation) -> None:
    code, message = REFUSALS[operation][0].split(".", 1)[1], REFUSALS[operation][1]
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>r</RequestID></Response>"
    )
    for document, file in (
        (body, f"{operation.value}.xml"),
        ({"raw_xml": body, "operation": operation.value}, "e.json"),
    ):
        [call] = read(document, file=file)
        assert isinstance(call, Call)
        assert (call.name, call.code, call.message) == (operation.value, code, message)
    assert outcomes(body, file=f"{operation.value}.xml")[0] in (PERMITTED, EXCUSED)


# Replies as boto3 and the command-line tool show them, bare and as placebo keeps them.


def in_state(state: tuple[int, str]) -> Json:
    return {"Code": state[0], "Name": state[1]}


def change(key: str, before: tuple[int, str], after: tuple[int, str]) -> Json:
    return {key: [{"InstanceId": ME, "PreviousState": in_state(before), "CurrentState": in_state(after)}]}


VOLUME: Final = {"VolumeId": V, "AvailabilityZone": ZONE, "Size": 8}
ATTACHED: Final = {"VolumeId": V, "InstanceId": ME, "Device": "/dev/sdf"}
REPLIES: Final[Mapping[Operation, Json]] = {
    Operation.RUN: in_boto3(),
    Operation.START: change("StartingInstances", STOPPED, PENDING),
    Operation.STOP: change("StoppingInstances", RUNNING, STOPPING),
    Operation.REBOOT: {},
    Operation.TERMINATE: change("TerminatingInstances", STOPPED, TERMINATED),
    Operation.DESCRIBE: {"Reservations": [in_boto3()]},
    Operation.MODIFY: {},
    Operation.DESCRIBE_ATTRIBUTE: {"InstanceId": ME, "DisableApiStop": {"Value": False}},
    Operation.CREATE_VOLUME: {**VOLUME, "State": "creating"},
    Operation.ATTACH: {**ATTACHED, "State": "attaching"},
    Operation.DETACH: {**ATTACHED, "State": "detaching"},
    Operation.DELETE_VOLUME: {},
    Operation.DESCRIBE_VOLUMES: {
        "Volumes": [
            {
                **VOLUME,
                "State": "in-use",
                "Attachments": [{**ATTACHED, "State": "attached", "DeleteOnTermination": False}],
            }
        ]
    },
}


@every_operation
def test_a_reply_of_boto3_is_judged(operation: Operation) -> None:
    reply = REPLIES[operation]
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}}
    for document in (
        {"status_code": 200, "data": {**reply, "ResponseMetadata": metadata}},
        {"operation": operation.value, "response": reply},
        reply,
    ):
        [call] = read(document, file=f"some_test__ec2.{operation.value}_1.json")
        assert isinstance(call, Call)
        assert call.name == operation.value
    assert outcomes(reply, file=f"ec2.{operation.value}_1.json") == [PERMITTED]


@pytest.mark.parametrize("operation", [one for one in Operation if REPLIES[one]], ids=lambda one: one.value)
def test_the_parts_of_a_reply_name_its_operation(operation: Operation) -> None:
    [call] = read(REPLIES[operation])
    assert isinstance(call, Call)
    assert call.name == operation.value


def test_a_raw_reply_is_read() -> None:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<StopInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><instancesSet>'
        f"<item><instanceId>{ME}</instanceId><currentState><code>64</code><name>stopping</name></currentState>"
        "<previousState><code>%s</code><name>%s</name></previousState></item></instancesSet></StopInstancesResponse>"
    )
    assert outcomes(body % RUNNING) == [PERMITTED]
    assert outcomes(body % TERMINATED) == [DIVERGES]
    empty = '<RebootInstancesResponse xmlns="x"><requestId>r</requestId><return>true</return></RebootInstancesResponse>'
    assert outcomes(empty) == [PERMITTED]


def test_the_recorded_parameters_of_a_reply_count() -> None:
    missing = {
        "operation": "StopInstances",
        "request": {"InstanceIds": [ME, OTHER]},
        "response": REPLIES[Operation.STOP],
    }
    assert outcomes(missing) == [DIVERGES]


def test_a_log_is_judged_newest_first_too() -> None:
    # Stopping a terminated instance and a running one stops neither.
    both = trail("StopInstances", {**named(ME, OTHER), "force": True}, error=NOT_STOPPABLE)
    stopped = trail("StopInstances", {**named(OTHER), "force": True}, changed(RUNNING, STOPPING, OTHER), at=LATER)
    assert outcomes({"Records": [stopped, both]}) == [PERMITTED, PERMITTED]
    assert outcomes({"Records": [{**stopped, "eventTime": AT}, {**both, "eventTime": LATER}]})[0] is PERMITTED


def test_the_error_text_of_go_is_read() -> None:
    text = (
        "operation error EC2: StopInstances, https response error StatusCode: 400, RequestID: r, "
        f"api error IncorrectInstanceState: This instance '{ME}' is not in a state from which it can be stopped."
    )
    assert outcomes(text) == [PERMITTED]


# What wraps an event.


WRAPS: Final[tuple[Callable[[Json], object], ...]] = (
    lambda event: event,
    lambda event: [event],
    lambda event: {"Records": [event]},
    lambda event: {"Events": [{"EventName": "x", "CloudTrailEvent": json.dumps(event)}]},
    lambda event: {"detail-type": "AWS API Call via CloudTrail", "time": AT, "detail": event},
    lambda event: {
        "Type": "Notification",
        "Message": json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": event}),
    },
    lambda event: {"Records": [{"Sns": {"Message": json.dumps(event)}}]},
)


@pytest.mark.parametrize("wrap", WRAPS)
def test_an_event_of_cloudtrail_is_found_in_whatever_wraps_it(wrap: Callable[[Json], object]) -> None:
    [call] = read(wrap(trail("TerminateInstances", named(ME), changed(RUNNING, SHUTTING_DOWN))))
    assert isinstance(call, Call)
    assert call.ids == (ME,)


def test_events_are_judged_in_the_order_of_their_times() -> None:
    events = [
        trail("TerminateInstances", named(ME), changed(RUNNING, SHUTTING_DOWN), at="2026-01-01T00:00:02Z"),
        trail("StartInstances", named(ME), changed(STOPPED, PENDING), at="2026-01-01T00:00:01Z"),
        trail("StopInstances", named(ME), changed(RUNNING, STOPPING), at="2026-01-01 00:00:00.000000000"),
    ]
    for kept in (events, [*reversed(events)], [events[1], events[2], events[0]]):
        assert [call.name for call in read({"Records": kept}) if isinstance(call, Call)] == [
            "StopInstances",
            "StartInstances",
            "TerminateInstances",
        ]


def test_a_filter_proves_nothing() -> None:
    items = [{"name": "instance-id", "valueSet": {"items": [{"value": ME}]}}]
    described = trail("DescribeInstances", {"instancesSet": {}, "filterSet": {"items": items}})
    assert outcomes(described) == [Outcome.UNJUDGED]


def test_a_state_change_is_judged() -> None:
    [glimpse] = read(state_change("stopping"))
    assert isinstance(glimpse, Glimpse)
    assert (glimpse.instance, glimpse.state) == (ME, "stopping")
    assert outcomes(state_change("stopping")) == [PERMITTED]
    assert outcomes(state_change("rebooting")) == [DIVERGES]


# ModifyInstanceAttribute and DescribeInstanceAttribute.


def modified(**sent: object) -> Json:
    return trail("ModifyInstanceAttribute", {"instanceId": ME, **sent}, RETURNED)


def shows(*, protected: bool) -> Json:
    reply = {"InstanceId": ME, "DisableApiTermination": {"Value": protected}}
    return {"operation": "DescribeInstanceAttribute", "response": reply}


@pytest.mark.parametrize(
    "sent",
    [
        {"disableApiTermination": {"value": True}},
        {"disableApiTermination": {"value": "true"}},
        {"attribute": "disableApiTermination", "value": "true"},
    ],
)
def test_a_changed_attribute_keeps_its_value(sent: Json) -> None:
    running = state_change("running", AT)
    assert outcomes(running, modified(**sent), shows(protected=True)) == [PERMITTED] * 3
    assert outcomes(running, modified(**sent), shows(protected=False)) == [PERMITTED, PERMITTED, DIVERGES]


def test_a_value_that_cloudtrail_hides_may_be_any() -> None:
    change = modified(attribute="disableApiTermination", value="<sensitiveDataRemoved>")
    for before in (True, False):
        for after in (True, False):
            assert outcomes(shows(protected=before), change, shows(protected=after)) == [PERMITTED] * 3


def test_the_shutdown_behaviour_is_read() -> None:
    change = modified(instanceInitiatedShutdownBehavior={"value": "terminate"})
    for value, outcome in (("terminate", PERMITTED), ("stop", DIVERGES)):
        reply = {"InstanceId": ME, "InstanceInitiatedShutdownBehavior": {"Value": value}}
        shown = {"operation": "DescribeInstanceAttribute", "response": reply}
        assert outcomes(state_change("running", AT), change, shown) == [PERMITTED, PERMITTED, outcome]


@pytest.mark.parametrize("flag", [True, False])
def test_a_changed_delete_on_termination_keeps_its_value(*, flag: bool) -> None:
    def described(*, deleted: bool) -> Json:
        ebs = {"VolumeId": V, "Status": "attached", "DeleteOnTermination": deleted}
        mapping = {"DeviceName": "/dev/sdf", "Ebs": ebs}
        more: Json = {"StateReason": {}, "BlockDeviceMappings": [mapping]}
        return {"Reservations": [in_boto3(RUNNING, **more)]}

    change = modified(blockDeviceMapping={"items": [{"deviceName": "/dev/sdf", "ebs": {"deleteOnTermination": flag}}]})
    for after in (True, False):
        expected = PERMITTED if after is flag else DIVERGES
        assert outcomes(described(deleted=not flag), change, described(deleted=after)) == [
            PERMITTED,
            PERMITTED,
            expected,
        ]


def test_a_change_of_another_attribute_leaves_the_instance_alone_and_may_be_refused() -> None:
    assert outcomes(modified(instanceType={"value": "t3.large"}), state_change("running")) == [PERMITTED, PERMITTED]
    error = ("Client.IncorrectInstanceState", f"The instance '{ME}' is not in the 'stopped' state.")
    for sent in ({"instanceType": {"value": "t3.large"}}, {"attribute": "instanceType", "value": "t3.large"}):
        refused = trail("ModifyInstanceAttribute", {"instanceId": ME, **sent}, error=error)
        assert outcomes(state_change("running", AT), refused) == [PERMITTED, EXCUSED]
    refused = trail(
        "ModifyInstanceAttribute", {"instanceId": ME, "disableApiTermination": {"value": True}}, error=error
    )
    assert outcomes(state_change("running", AT), refused) == [PERMITTED, DIVERGES]


def test_a_description_of_another_attribute_is_read() -> None:
    assert outcomes({"InstanceId": ME, "InstanceType": {"Value": "t3.large"}}) == [PERMITTED]


# Launches.


def test_the_settings_of_a_launch_are_read() -> None:
    before = launch(disableApiTermination=True), state_change("running")
    assert outcomes(*before, shows(protected=True)) == [PERMITTED] * 3
    assert outcomes(*before, shows(protected=False)) == [PERMITTED, PERMITTED, DIVERGES]


@pytest.mark.parametrize("template", [{"launchTemplateId": "lt-1", "version": "1"}, None])
@pytest.mark.parametrize("protected", [True, False])
def test_settings_that_were_not_recorded_may_be_any(template: Json | None, *, protected: bool) -> None:
    made = in_boto3() if template is None else launch(launchTemplate=template)
    assert outcomes(made, state_change("running"), shows(protected=protected)) == [PERMITTED] * 3


def test_a_launch_that_shows_a_running_instance_is_found_unless_its_token_was_used_before() -> None:
    running: Json = {"stateReason": {}}
    assert outcomes(trail("RunInstances", SENT_TO_LAUNCH, launched(RUNNING, **running))) == [DIVERGES]
    assert outcomes(in_boto3(RUNNING, StateReason={})) == [DIVERGES]
    again = trail("RunInstances", {**SENT_TO_LAUNCH, "clientToken": "t"}, launched(RUNNING, **running))
    assert outcomes(again) == [PERMITTED]


def test_an_instance_is_launched_once() -> None:
    assert outcomes(launch(), launch()) == [PERMITTED, DIVERGES]


# Refusals that only the past or a parameter explains.

SPOT: Final = ("Client.UnsupportedOperation", f"You can't stop the Spot Instance '{ME}' because it is one-time.")
NO_ROOT: Final = ("Client.InvalidParameterValue", f"Invalid value '{ME}' for instanceId. No volume is attached at root")


@pytest.mark.parametrize(
    ("name", "error", "state"), [("StopInstances", SPOT, "running"), ("StartInstances", NO_ROOT, "stopped")]
)
def test_a_past_that_was_not_recorded_excuses_a_refusal(name: str, error: tuple[str, str], state: str) -> None:
    assert outcomes(state_change(state, AT), trail(name, named(ME), error=error))[-1] is EXCUSED


def test_a_plain_launch_that_was_recorded_excuses_none() -> None:
    refused = trail("StopInstances", named(ME), error=SPOT, at=LATER)
    assert outcomes(launch(), state_change("running"), refused)[-1] is DIVERGES
    spot = launch(instanceMarketOptions={"marketType": "spot"})
    assert outcomes(spot, state_change("running"), refused)[-1] is EXCUSED


def test_a_parameter_excuses_the_refusal_that_is_documented_for_it() -> None:
    error = ("Client.UnsupportedHibernationConfiguration", "The instance is not configured for hibernation.")
    for sent, outcome in (({**named(ME), "hibernate": True}, EXCUSED), (named(ME), DIVERGES)):
        refused = trail("StopInstances", sent, error=error)
        assert outcomes(state_change("running", AT), refused)[-1] is outcome


# Other operations.


def test_another_operation_shows_that_an_instance_exists() -> None:
    tagged = trail("CreateTags", {"resourcesSet": {"items": [{"resourceId": ME}]}, "tagSet": {}}, RETURNED, at=LATER)
    assert outcomes(tagged, state_change("running")) == [PERMITTED, PERMITTED]
    gone = trail("DescribeInstances", named(ME), error=NOT_FOUND, at=LATER)
    assert outcomes(launch(), state_change("terminated"), gone, tagged) == [PERMITTED, PERMITTED, PERMITTED, DIVERGES]


def test_a_deleted_volume_was_attached_to_nothing() -> None:
    deleted = trail("DeleteVolume", {"volumeId": V}, RETURNED, at=LATER)
    attach, detach = (trail(one.value, *SUCCESSES[one]) for one in (Operation.ATTACH, Operation.DETACH))
    assert outcomes(deleted) == [PERMITTED]
    assert outcomes(detach, deleted) == [PERMITTED, PERMITTED]
    available: Json = {"Volumes": [{**VOLUME, "State": "available", "Attachments": []}]}
    assert outcomes(deleted, available)[-1] is DIVERGES
    running = state_change("running", AT)
    assert outcomes(running, attach, state_change("running"), deleted)[-1] is DIVERGES


def test_a_refusal_of_another_operation_names_a_state() -> None:
    message = f"The terminated instance '{ME}' is not in a valid state for this operation."
    refused = trail("AssociateAddress", {"instanceId": ME}, error=("Client.InvalidInstanceID", message))
    assert outcomes(refused) == [Outcome.UNJUDGED, PERMITTED]
    assert outcomes(refused, state_change("running"))[-1] is DIVERGES


def test_an_operation_that_may_change_anything_ends_the_judgement_of_what_it_names() -> None:
    recovered = trail("ModifyInstancePlacement", {"instanceId": ME}, RETURNED)
    impossible = trail("TerminateInstances", named(ME), changed(TERMINATED, RUNNING))
    assert outcomes(recovered, impossible)[0] is Outcome.UNJUDGED


def test_an_event_of_another_service_proves_nothing() -> None:
    event = {**trail("AssumeRole", {"roleArn": "r"}, {}), "eventSource": "sts.amazonaws.com"}
    assert outcomes(event) == [Outcome.UNJUDGED]


# What EC2 cannot have done.


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("TerminateInstances", TERMINATED, RUNNING),
        ("TerminateInstances", RUNNING, TERMINATED),
        ("StopInstances", STOPPED, STOPPING),
        ("StopInstances", RUNNING, STOPPED),
        ("StartInstances", RUNNING, PENDING),
        ("StartInstances", TERMINATED, PENDING),
    ],
)
def test_a_change_of_state_that_ec2_does_not_make_is_found(
    name: str, before: tuple[int, str], after: tuple[int, str]
) -> None:
    assert outcomes(trail(name, named(ME), changed(before, after))) == [DIVERGES]


@pytest.mark.parametrize(
    "documents",
    [
        (trail("TerminateInstances", named(ME), changed(RUNNING, SHUTTING_DOWN)), state_change("running")),
        (state_change("stopped", AT), trail("StopInstances", named(ME), changed(RUNNING, STOPPING), at=LATER)),
        (
            launch(),
            state_change("running"),
            trail("StartInstances", named(ME), error=REFUSALS[Operation.START], at=LATER),
        ),
        (state_change("terminated", AT), trail("RebootInstances", named(ME), RETURNED, at=AT), state_change("running")),
        (
            trail("CreateVolume", *SUCCESSES[Operation.CREATE_VOLUME]),
            state_change("running", AT),
            trail("AttachVolume", ATTACHMENT, error=NO_VOLUME, at=LATER),
        ),
        (trail("TerminateInstances", named(ME), error=("Client.IncorrectInstanceState", "No.")),),
    ],
)
def test_what_ec2_cannot_have_done_is_found(documents: tuple[Json, ...]) -> None:
    *before, last = outcomes(*documents)
    assert set(before) <= {PERMITTED}
    assert last is DIVERGES


def test_a_request_that_names_nothing_may_be_refused() -> None:
    error = ("Client.InvalidParameterCombination", "No instances specified")
    assert outcomes(trail("TerminateInstances", {"instancesSet": {}}, error=error)) == [PERMITTED]


# Unknown forms.


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "is neither JSON nor XML"),
        ("Something went wrong.", "is neither JSON nor XML"),
        (17, "is in no form that the reader knows"),
        ({"colour": "red"}, "is in no form that the reader knows"),
        ({"Records": [{"colour": "red"}]}, r"the document\.Records\[0\] is in no form"),
        ({"detail-type": "EC2 Spot Instance Interruption Warning", "detail": {}}, "does not know: 'EC2 Spot"),
        ({"operation": "StopInstance", "response": {}}, "'StopInstance', which EC2 does not have"),
        ({"operation": "RebootInstances", "response": {"Colour": "red"}}, "has Colour, which EC2's reply"),
        ({"eventName": "StopInstances"}, "unexpected part .*eventTime"),
        (trail("StopInstances", {"instancesSet": {"items": [{"colour": "red"}]}}), "unexpected part"),
        ({"operation": "DescribeVolumes", "response": {}}, "unexpected part .*Volumes"),
        (
            {"operation": "StopInstances", "response": {"StoppingInstances": [{"Colour": "red"}]}},
            "unexpected part .*InstanceId",
        ),
        (trail("RunInstances", SENT_TO_LAUNCH, {"instancesSet": {"items": [{}]}}), "unexpected part"),
        ("<html><body>Bad Gateway</body></html>", "begins with <html>"),
        ("<StopInstancesResponse><broken></StopInstancesResponse>", "is not XML"),
    ],
)
def test_an_unknown_form_is_an_error_that_names_file_and_place(document: object, problem: str) -> None:
    with pytest.raises(UnknownForm, match=rf"^strange\.json: .*{problem}.*\.$"):
        read(document, file="strange.json")
