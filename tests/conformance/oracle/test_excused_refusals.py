"""A refusal is excused by what the specification does not hold, in the request or the history of what it names."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from excusable import Fields, Moody, refusal
from rehearsed import corpus, is_large, judge
from watched import watched_target

from ec2_lifecycle.conformance.adapter.arguments import METHODS
from ec2_lifecycle.conformance.adapter.clock import VirtualClock
from ec2_lifecycle.conformance.emulator import images
from ec2_lifecycle.conformance.emulator.client import ModelClient
from ec2_lifecycle.conformance.execution.runner import Runner
from ec2_lifecycle.conformance.oracle.settings import Settings
from ec2_lifecycle.conformance.pytest.judging import Judge, Judging
from ec2_lifecycle.conformance.pytest.judging.calls import Call
from ec2_lifecycle.conformance.running.campaign import run_here
from ec2_lifecycle.conformance.running.plan import Plan
from ec2_lifecycle.conformance.targets.model import VARIED, client_target
from ec2_lifecycle.model.evidence.documented_refusals import ROWS, Circumstance, Excuse, Row
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import EC2

OPERATIONS: Final = {operation.value: operation for operation in Operation}
ZONE: Final = "us-east-1a"


class Stage:
    """Watched calls to the model; `refuse` is the error that the next call of a method gets."""

    def __init__(self, read_lag: float = 0.0) -> None:
        self.clock = VirtualClock()
        self.model: Any = ModelClient(clock=self.clock)
        self.refuse: tuple[str, ClientError] | None = None
        self.judge = Judge(Judging(clock=self.clock, settings=Settings(read_lag=read_lag)))
        self.ec2: Any = self.judge(self)

    def __getattr__(self, name: str) -> Callable[..., Fields]:
        method = getattr(self.model, name)

        def called(**sent: object) -> Fields:
            if self.refuse is not None and self.refuse[0] == name:
                error, self.refuse = self.refuse[1], None
                raise error
            return method(**sent)

        return called

    def happened(self, name: str, reply: Fields | None = None, **sent: object) -> None:
        """Let the judge see a call, and its success, of which the model knows nothing."""
        ticket = self.judge.sent(None, name, sent)
        assert ticket is not None
        self.judge.returned(ticket, Call(name, sent, reply or {}))

    def rest(self, *instances: str) -> None:
        """Let everything come to rest, and have it described."""
        self.clock.sleep(120)
        for i in instances:
            self.ec2.describe_instances(InstanceIds=[i])

    def launch(self, **more: object) -> str:
        """Launch an instance and wait for it."""
        launched = {"ImageId": images.EBS.id, "MinCount": 1, "MaxCount": 1, "Placement": {"AvailabilityZone": ZONE}}
        [item] = self.ec2.run_instances(**{**launched, **more})["Instances"]
        self.rest(item["InstanceId"])
        return item["InstanceId"]

    def volume(self, **more: object) -> str:
        """Create a volume and wait for it."""
        v: str = self.ec2.create_volume(AvailabilityZone=ZONE, Size=1, **more)["VolumeId"]
        self.clock.sleep(120)
        self.ec2.describe_volumes(VolumeIds=[v])
        return v

    def is_refused(self, operation: Operation, error: ClientError, sent: Fields) -> set[str]:
        """Have a call refused; return the clauses that this breaks."""
        self.refuse = (METHODS[operation], error)
        with pytest.raises(ClientError):
            getattr(self.ec2, METHODS[operation])(**sent)
        return {finding.clause for finding in self.judge.findings}


def plain(stage: Stage, operation: Operation, launch: Fields, volume: Fields) -> Fields:
    """Bring about what a plain request needs, and return its parameters.

    `launch` and `volume` are more parameters of what makes the instance and the volume.
    """
    if operation is Operation.RUN:
        return {"ImageId": images.EBS.id, "MinCount": 1, "MaxCount": 1, "Placement": {"AvailabilityZone": ZONE}}
    if operation is Operation.CREATE_VOLUME:
        return {"AvailabilityZone": ZONE, "Size": 1}
    if operation is Operation.DESCRIBE_VOLUMES:
        return {"VolumeIds": [stage.volume(**volume)]}
    if operation is Operation.DELETE_VOLUME:
        return {"VolumeId": stage.volume(**volume)}
    i = stage.launch(**launch)
    match operation:
        case Operation.MODIFY:
            return {"InstanceId": i, "DisableApiTermination": {"Value": True}}
        case Operation.DESCRIBE_ATTRIBUTE:
            return {"InstanceId": i, "Attribute": "disableApiTermination"}
        case Operation.ATTACH | Operation.DETACH:
            v = stage.volume(**volume)
            sent: Fields = {"VolumeId": v, "InstanceId": i, "Device": "/dev/sdf"}
            if operation is Operation.ATTACH:
                return sent
            stage.ec2.attach_volume(**sent)
            stage.rest(i)
            return {"VolumeId": v}
        case Operation.START:
            stage.ec2.stop_instances(InstanceIds=[i])
            stage.rest(i)
        case _:
            pass
    return {"InstanceIds": [i]}


def nested(path: str) -> Fields:
    """Return parameters that hold just this path."""
    first, dot, rest = path.partition(".")
    return {first: nested(rest) if dot else "x"}


def meeting(stage: Stage, operation: Operation, need: Circumstance | str) -> Fields | None:
    """Return the parameters of a request of which a need may be met; None: the judge has no such request."""
    if isinstance(need, Circumstance):
        return in_circumstance(stage, operation, need)
    if ":" not in need:
        return {**plain(stage, operation, {}, {}), **nested(need)}
    return with_history(stage, operation, *need.split(":"))


def with_history(stage: Stage, operation: Operation, history: str, path: str) -> Fields | None:
    """Return a plain request about what was made or changed with a parameter."""
    if operation in (Operation.RUN, Operation.CREATE_VOLUME):
        return None  # what is new has no history
    if history == "ModifyInstanceAttribute":
        sent = plain(stage, operation, {}, {})
        i = sent.get("InstanceId") or sent["InstanceIds"][0]
        stage.happened(history, InstanceId=i, **{path: {"Value": "x"}})
        return sent
    if history == "DetachVolume":
        sent = plain(stage, operation, {}, {})
        stage.happened(history, {"InstanceId": sent["InstanceIds"][0]}, VolumeId="vol-0123456789abcdef0")
        return sent
    of_launch = history == "RunInstances"
    if path in ("LaunchTemplate", "InstanceMarketOptions", "MultiAttachEnabled", "ImageId"):
        return None  # what they make is not judged, or every launch has it
    return plain(stage, operation, nested(path) if of_launch else {}, {} if of_launch else nested(path))


def about_new_volume(stage: Stage, operation: Operation) -> Fields:
    """Return a request about a volume that was created just now."""
    sent = plain(stage, operation, {}, {}) if operation is Operation.ATTACH else {}
    v = stage.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]
    return {"VolumeIds": [v]} if operation is Operation.DESCRIBE_VOLUMES else {**sent, "VolumeId": v}


def in_circumstance(stage: Stage, operation: Operation, need: Circumstance) -> Fields | None:  # noqa: PLR0911, PLR0912
    """Return the parameters of a request in a circumstance."""
    match need:
        case Circumstance.ANY_PARAMETER | Circumstance.UNUSUAL_PARAMETER:
            return {**plain(stage, operation, {}, {}), "Unheard": "x"}
        case Circumstance.ANY_HISTORY if operation is Operation.START:
            return meeting(stage, operation, "ModifyInstanceAttribute:InstanceType")
        case Circumstance.NO_SUBNET | Circumstance.NO_PERMISSION:
            return plain(stage, operation, {}, {})
        case Circumstance.NO_SIZE:
            return {"AvailabilityZone": ZONE}
        case Circumstance.DEVICE_IN_USE | Circumstance.DEVICE_NAME | Circumstance.INSTANCE_STORE:
            store = need is Circumstance.INSTANCE_STORE
            sent = plain(stage, operation, {"ImageId": images.INSTANCE_STORE.id} if store else {}, {})
            if need is Circumstance.DEVICE_IN_USE:
                stage.ec2.attach_volume(**{**sent, "VolumeId": stage.volume()})
                return {**sent, "Device": "/dev/xvdf"}
            return {**sent, "Device": "/dev/sdi1"} if need is Circumstance.DEVICE_NAME else sent
        case Circumstance.MANY_VOLUMES if operation is Operation.ATTACH:
            mappings = [{"DeviceName": f"/dev/sd{letter}", "Ebs": {"VolumeSize": 1}} for letter in "gh"]
            return plain(stage, operation, {"BlockDeviceMappings": mappings}, {})
        case Circumstance.OTHER_HOLDER:
            return {**plain(stage, operation, {}, {}), "InstanceId": stage.launch()}
        case Circumstance.OTHER_DEVICE:
            return {**plain(stage, operation, {}, {}), "Device": "/dev/sdg"}
        case Circumstance.MAY_HAVE_FAILED:
            return plain(stage, operation, {}, {"Encrypted": True})
        case Circumstance.NEW_VOLUME:
            return about_new_volume(stage, operation)
        case Circumstance.HOLDER_ENDING:
            sent = plain(stage, operation, {}, {})
            described = stage.ec2.describe_volumes(VolumeIds=[sent["VolumeId"]])
            stage.ec2.terminate_instances(InstanceIds=[described["Volumes"][0]["Attachments"][0]["InstanceId"]])
            return sent
        case _:
            return None


def calls() -> Iterator[tuple[Row, Operation]]:
    for row in ROWS:
        for name in row.operations:
            if name in OPERATIONS:
                yield row, OPERATIONS[name]


def name_of(value: object) -> str:
    return value.id if isinstance(value, Row) else value.value if isinstance(value, Operation) else ""


def met_by_every(row: Row, operation: Operation) -> bool:
    """Tell whether even a plain request may meet the condition of a row, as launches have an image."""
    if not isinstance(row.needs, tuple):
        return row.needs is not Excuse.NEVER
    usual: set[Circumstance | str] = {Circumstance.NO_PERMISSION}
    if operation is Operation.RUN:
        usual |= {"ImageId", "InstanceType", "Placement.AvailabilityZone"}
        usual |= {Circumstance.ANY_PARAMETER, Circumstance.NO_SUBNET}
    if operation is Operation.CREATE_VOLUME:
        usual |= {"AvailabilityZone", Circumstance.ANY_PARAMETER}
    return bool(usual & set(row.needs))


@pytest.mark.parametrize(("row", "operation"), list(calls()), ids=name_of)
def test_a_documented_refusal_is_excused_where_its_condition_can_hold(row: Row, operation: Operation) -> None:
    cases: list[Circumstance | str | None] = list(row.needs) if isinstance(row.needs, tuple) else [None]
    if row.needs is Excuse.NEVER:
        pytest.skip("the specification can tell")
    met = 0
    for need in cases:
        stage = Stage(read_lag=10 if need is Circumstance.NEW_VOLUME else 0)
        sent = plain(stage, operation, {}, {}) if need is None else None
        with suppress(KeyError):  # a need of another operation
            sent = sent or (None if need is None else meeting(stage, operation, need))
        if sent is not None:
            met += 1
            found = stage.is_refused(operation, refusal(row.code), sent)
            assert not found, (need, found)
    assert met or row.id in UNMET


UNMET: Final = frozenset(
    {"R-035", "R-151", "R-154", "R-163", "R-169", "R-195", "R-198", "R-201", "R-202", "R-203", "R-204"}
)
"""Rows about Spot, managed or root devices: what they speak of is never judged."""


@pytest.mark.parametrize(("row", "operation"), list(calls()), ids=name_of)
def test_a_documented_refusal_of_a_plain_request_is_reported(row: Row, operation: Operation) -> None:
    stage = Stage()
    sent = plain(stage, operation, {}, {})
    same = [other for other, on in calls() if on is operation and other.code == row.code]
    found = stage.is_refused(operation, refusal(row.code), sent)
    assert bool(found) is not any(met_by_every(other, operation) for other in same), found


# Codes that are not on the page as they are.


@pytest.mark.parametrize(
    "code",
    [
        "Client.RequestLimitExceeded",
        "Client.UnauthorizedOperation",
        "Server.Unavailable",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
        "ExpiredTokenException",
        "NotAuthorized",
        "RequestTimeoutException",
        "BandwidthLimitExceeded",
        "EndpointLimitExceeded",
    ],
)
@pytest.mark.parametrize("operation", list(Operation))
def test_codes_about_the_caller_or_its_limits_excuse_every_request(operation: Operation, code: str) -> None:
    stage = Stage()
    assert not stage.is_refused(operation, refusal(code), plain(stage, operation, {}, {}))


@pytest.mark.parametrize(
    "code",
    [
        "Client.OperationNotPermitted",
        "VcpuLimitExceeded",
        "UnsupportedOperation.Other",
        "Server.IncorrectInstanceState",
    ],
)
def test_a_code_about_what_a_request_names_is_the_same_with_its_class(code: str) -> None:
    stage = Stage()
    assert stage.is_refused(Operation.TERMINATE, refusal(code), plain(stage, Operation.TERMINATE, {}, {}))


# A start does again what a launch does.

TYPE: Final = ("ModifyInstanceAttribute", {"InstanceType": {"Value": "t3.nano"}})
STARTS: Final[tuple[tuple[Fields, tuple[str, Fields] | None, tuple[str, ...]], ...]] = (
    (
        {},
        TYPE,
        (
            "AttachmentLimitExceeded",
            "EncryptedVolumesNotSupported",
            "InvalidInstanceType",
            "InvalidCpuCredits",
            "InstanceCreditSpecification.NotSupported",
            "UnsupportedTenancy",
        ),
    ),
    (
        {"Placement": {"AvailabilityZone": ZONE, "Tenancy": "host", "HostId": "h-1"}},
        None,
        ("InvalidHostID.NotFound", "InvalidHostState", "InvalidTenancy", "UnsupportedTenancy"),
    ),
    ({"Placement": {"AvailabilityZone": ZONE, "GroupName": "g"}}, None, ("InvalidPlacementGroup.Unknown",)),
    (
        {"NetworkInterfaces": [{"DeviceIndex": 0, "NetworkInterfaceId": "eni-1"}]},
        None,
        ("InvalidNetworkInterface.InUse", "InvalidNetworkInterfaceID.NotFound", "AttachmentLimitExceeded"),
    ),
    (
        {"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"Encrypted": True}}]},
        None,
        ("EncryptedVolumesNotSupported", "InvalidParameterValue"),
    ),
)


def start(launch: Fields, change: tuple[str, Fields] | None, code: str) -> set[str]:
    """Have a start refused, after a launch and a change; return the clauses that this breaks."""
    stage = Stage()
    sent = plain(stage, Operation.START, launch, {})
    if change is not None:
        name, changed = change
        stage.happened(name, InstanceId=sent["InstanceIds"][0], **changed)
    return stage.is_refused(Operation.START, refusal(code), sent)


@pytest.mark.parametrize(
    ("launch", "change", "code"), [(launch, change, code) for launch, change, codes in STARTS for code in codes]
)
def test_a_start_may_be_refused_as_the_launch_it_repeats(
    launch: Fields, change: tuple[str, Fields] | None, code: str
) -> None:
    assert not start(launch, change, code)
    assert start({}, None, code) == {"START-1"}


def test_a_start_is_not_refused_for_what_its_launch_did_not_have() -> None:
    assert start({}, TYPE, "InvalidHostID.NotFound") == {"START-1"}
    assert start({"CpuOptions": {"CoreCount": 1}}, None, "InvalidPlacementGroup.Unknown") == {"START-1"}


def test_a_start_may_be_refused_for_the_volumes_that_were_attached() -> None:
    stage = Stage()
    sent = plain(stage, Operation.START, {}, {})
    for letter in "fgh":
        stage.ec2.attach_volume(VolumeId=stage.volume(), InstanceId=sent["InstanceIds"][0], Device=f"/dev/sd{letter}")
    assert not stage.is_refused(Operation.START, refusal("AttachmentLimitExceeded"), sent)
    assert stage.is_refused(Operation.START, refusal("InvalidParameterValue"), sent)


# A right target.


def moody(seed: int) -> tuple[Moody, Any]:
    clock = VirtualClock()
    client = Moody(ModelClient(EC2, replace(VARIED, seed=seed), clock), seed)
    return client, client_target(client, clock, name="moody")


def test_a_right_target_that_gives_excusable_refusals_at_random_has_no_finding_in_a_full_run() -> None:
    client, target = moody(1)
    done = run_here(target, "moody", EC2, Plan(max_calls=3400), lambda _: None)
    assert done.findings == ()
    assert done.broken is None
    assert len({row for row, _ in client.given}) > 30
    [note] = [each for each in done.notes if "not judged" in each]
    assert re.match(r"[\d,]+ refusals not judged, because EC2 may refuse so too: \w+ [\w.]+ \(\d+\), ", note)
    assert re.search(r", and \d+ more kinds$", note)


def test_nor_in_the_corpus() -> None:
    client, target = moody(2)
    runner = Runner(target, judge())
    played = 0
    for scenario in corpus():
        if not is_large(scenario):
            outcome = runner.run(scenario)
            assert (outcome.divergences, outcome.broken) == ((), None), scenario.title
            played += outcome.skipped is None
    assert played > 100
    assert len({row for row, _ in client.given}) > 40


def test_nor_where_its_clients_are_judged() -> None:
    engine = judge()
    given: set[str] = set()
    for number, scenario in enumerate(corpus()):
        if is_large(scenario):
            continue
        clock = VirtualClock()
        judge_of_calls = Judge(Judging(clock=clock))
        client = Moody(ModelClient(EC2, replace(VARIED, seed=number), clock), number)
        target = watched_target(client, judge_of_calls, clock)
        Runner(target, engine).run(scenario)
        assert not judge_of_calls.findings, scenario.title
        given |= {row for row, _ in client.given}
    assert len(given) > 40
