"""Control of a served model: its clock, its background steps, and its world in a file."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from served import ask, launch, states

from ec2_lifecycle.conformance.emulator.server.control import PREFIX, control
from ec2_lifecycle.conformance.emulator.server.options import VISIBLE_WITH, WrongSetting, name_of, settings_of
from ec2_lifecycle.conformance.emulator.server.served_model import ServedModel
from ec2_lifecycle.conformance.emulator.wire.http import HttpRequest

JSON = {"content-type": "application/json"}


def told(model: ServedModel, method: str, path: str, said: object = None) -> tuple[int, Any]:
    body = b"" if said is None else said if isinstance(said, bytes) else json.dumps(said).encode()
    reply = control(model, HttpRequest(method, PREFIX + path, "", JSON, body))
    return reply.status, json.loads(reply.body)


def test_time_passes_when_it_is_put_forward() -> None:
    model = ServedModel(settings_of(delays="10", clock="stands"))
    (i,) = launch(model)
    assert states(model, i) == ["pending"]
    assert told(model, "POST", "clock", {"advance": 9.5})[1]["now"] == 9.5
    assert states(model, i) == ["pending"]
    told(model, "POST", "clock", {"advance": 0.5})
    assert states(model, i) == ["running"]


def test_a_running_clock_can_be_put_forward_too() -> None:
    model = ServedModel(settings_of(delays="600"))
    (i,) = launch(model)
    model.advance(600)
    assert states(model, i) == ["running"]


def test_a_terminated_instance_is_forgotten_after_an_hour() -> None:
    model = ServedModel(settings_of(clock="stands"))
    (i,) = launch(model)
    ask(model, "TerminateInstances", InstanceId__1=i)
    model.advance(3599)
    assert states(model, i) == ["terminated"]
    model.advance(2)
    assert ask(model, "DescribeInstances", InstanceId__1=i).error[1] == "InvalidInstanceID.NotFound"
    assert ask(model, "DescribeInstances").found("instanceId") == []


def test_steps_on_demand_come_when_they_are_asked_for() -> None:
    model = ServedModel(settings_of(delays="on-demand"))
    (i,) = launch(model)
    model.advance(10**6)
    assert states(model, i) == ["pending"]
    assert told(model, "POST", "steps", {"step": "launch-completes", "of": i})[0] == 200
    assert states(model, i) == ["running"]
    told(model, "POST", "steps", {"step": "guest-shutdown", "of": i})
    assert states(model, i) == ["stopping"]
    told(model, "POST", "steps", {"step": "stop-completes", "of": i})
    assert states(model, i) == ["stopped"]


def test_steps_of_volumes_come_on_demand_too() -> None:
    model = ServedModel(settings_of(delay={"created": "on-demand"}))
    (volume,) = ask(model, "CreateVolume", AvailabilityZone="us-east-1a", Size="1").found("volumeId")
    assert ask(model, "DescribeVolumes").found("status") == ["creating"]
    model.happen("created", volume)
    assert ask(model, "DescribeVolumes").found("status") == ["available"]


def test_an_instance_of_another_region_is_found() -> None:
    model = ServedModel(settings_of(delays="on-demand"))
    (there,) = launch(model, region="eu-west-1")
    model.happen("launch-completes", there)


@pytest.mark.parametrize(
    ("method", "path", "said", "status", "sentence"),
    [
        ("POST", "clock", {"advance": "x"}, 400, 'The body is wrong: advance must be a number, not "x".'),
        ("POST", "clock", {"advance": -1}, 400, "it only goes forward"),
        ("POST", "clock", {"advance": 1e13}, 400, "it only goes forward, up to 1,000,000,000 seconds in all"),
        ("POST", "clock", b"[" * 100_000, 400, "The body is wrong"),
        (
            "PUT",
            "world",
            {"format": 1, "now": 1e300},
            400,
            "now must be at least 0 and at most 1,000,000,000, not",
        ),
        ("PUT", "world", b'{"format": 1, "x": ' + b"[" * 100_000, 400, "This is not a dumped world"),
        ("POST", "clock", b"{", 400, "The body is wrong"),
        (
            "POST",
            "steps",
            {"step": "explode", "of": "i-1"},
            400,
            'There is no background step "explode"; the steps are',
        ),
        (
            "POST",
            "steps",
            {"step": "retirement", "of": "i-1"},
            400,
            "retirement cannot happen to i-1 now: there is no such instance.",
        ),
        ("POST", "steps", {"step": "created", "of": "vol-1"}, 400, "there is no such volume"),
        ("DELETE", "world", None, 404, "There is no DELETE /_ec2-lifecycle/world; there are GET /_ec2-lifecycle/,"),
        ("PUT", "world", b"{}", 400, "This is not a dumped world: format is missing."),
        ("PUT", "world", {"format": 2}, 400, "The world has format 2, and this version reads 1"),
        ("PUT", "world", {"format": 1, "regions": {"mars": {}}}, 400, 'The world has a region "mars"'),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(method: str, path: str, said: object, status: int, sentence: str) -> None:
    model = ServedModel()
    found, answer = told(model, method, path, said)
    assert found == status
    assert sentence in answer["error"]


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; json", "application/x-www-form-urlencoded", ""])
def test_no_page_of_a_browser_controls(kind: str) -> None:
    form = HttpRequest("POST", f"{PREFIX}reset", "", {"content-type": kind}, b"{}")
    assert control(ServedModel(), form).status == 415


def test_a_world_goes_through_a_file() -> None:
    settings = settings_of(delays="10", clock="stands")
    first = ServedModel(settings)
    a, b = launch(
        first,
        2,
        DisableApiTermination="true",
        TagSpecification__1__ResourceType="instance",
        TagSpecification__1__Tag__1__Key="k",
    )
    first.advance(10)
    ask(first, "StopInstances", InstanceId__1=b)
    first.advance(5)
    second = ServedModel(settings)
    second.load(first.dump())
    assert states(second, a, b) == ["running", "stopping"]
    assert second.endpoint.answer(described(a)).body[200:] == first.endpoint.answer(described(a)).body[200:]
    assert ask(second, "TerminateInstances", InstanceId__1=a).error[1] == "OperationNotPermitted"
    second.advance(10)
    assert states(second, b) == ["stopped"]
    again = ServedModel(settings)
    again.load(second.dump())
    assert json.loads(again.dump())["regions"] == json.loads(second.dump())["regions"]


def described(i: str) -> HttpRequest:
    return HttpRequest(body=f"Action=DescribeInstances&InstanceId.1={i}".encode())


def test_a_wrong_world_changes_nothing() -> None:
    model = ServedModel()
    (i,) = launch(model)
    world = json.loads(model.dump())
    (volume,) = world["regions"]["us-east-1"]["volumes"]
    wrong = json.loads(model.dump())
    held = wrong["regions"]["us-east-1"]["volumes"][volume]["record"]
    held["holder"] = "i-gone"
    _, answer = told(model, "PUT", "world", wrong)
    assert answer["error"] == f"The volume {volume} is attached to i-gone, which does not have it in us-east-1."
    held["holder"], held["state"] = i, "available"
    _, answer = told(model, "PUT", "world", wrong)
    assert answer["error"] == f"The volume {volume} is available and attached to {i}."
    held["holder"] = None
    _, answer = told(model, "PUT", "world", wrong)
    assert answer["error"] == f"{i} holds the volume {volume}, which is not attached to it in us-east-1."
    wrong["regions"]["us-east-1"]["instances"][i]["record"]["zone"] = "us-east-1z"
    _, answer = told(model, "PUT", "world", wrong)
    assert answer["error"] == f"{i} is in us-east-1z, and us-east-1 has the zones us-east-1a, us-east-1b, us-east-1c."
    wrong["regions"]["us-east-1"]["instances"][i]["record"]["state"] = "sleeping"
    _, answer = told(model, "PUT", "world", wrong)
    assert f"regions.us-east-1.instances.{i}.record.state must be one of " in answer["error"]
    assert answer["error"].endswith('not "sleeping".')
    assert states(model, i) == ["running"]
    assert told(model, "POST", "reset")[0] == 200
    assert ask(model, "DescribeInstances").found("instanceId") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"behaviour": "nice"}, 'There is no behaviour "nice"; write one of preferred, adversarial, random.'),
        ({"behaviour": "adverserial"}, 'There is no behaviour "adverserial"; write adversarial.'),
        ({"choices": {"free-zone": "after-answer"}}, 'There is no choice "free-zone"; write free-zones.'),
        (
            {"choices": {"free-zones": "after-answers"}},
            'There is no alternative of free-zones "after-answers"; write after-answer.',
        ),
        (
            {"delays": "fast"},
            '"fast" is not a delay; write 5 (seconds), 2..10 (bounds), or one of none, usual, slow,',
        ),
        ({"delays": "5..2"}, '"5..2" is not a delay'),
        ({"delays": "nan"}, '"nan" is not a delay'),
        ({"delay": {"stop": "5"}}, 'There is no background step "stop"; write'),
        (
            {"delay": {"stop-completes": "soon"}},
            '"soon" is not a delay; write 5 (seconds), 2..10 (bounds), or on-demand.',
        ),
        ({"failures": 2.0}, "The share of failures is 2.0; write one from 0 to 1."),
        ({"delay": {"guest-shutdown": "5"}}, "guest-shutdown happens only on demand, and takes no delay."),
        ({"choices": ["a"]}, "choices is ['a']; give one of type Mapping."),
        ({"delays": -1}, '"-1" is not a delay'),
        ({"failures": "0.1"}, "failures is '0.1'; give one of type int or float."),
        ({"seed": "x"}, "seed is 'x'; give one of type int."),
        ({"nobody": ""}, "nobody is empty; give an access key that no other caller uses."),
        ({"behaviour": 7}, 'There is no behaviour "7"'),
        ({"clock": "back"}, 'There is no setting of the clock "back"'),
    ],
)
def test_a_setting_that_there_is_not_is_said(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        settings_of(**words)
    assert sentence in str(wrong.value)


def test_a_delay_may_be_a_number() -> None:
    model = ServedModel(settings_of(delays=10, delay={"stop-completes": 2.5}, clock="stands"))
    (i,) = launch(model)
    model.advance(10)
    assert states(model, i) == ["running"]


def test_what_is_due_for_one_delay_keeps_its_own() -> None:
    model = ServedModel(settings_of(delays="10", delay={"stop-completes": "2..2"}, clock="stands"))
    (i,) = launch(model)
    model.advance(10)
    ask(model, "StopInstances", InstanceId__1=i)
    model.advance(2)
    assert states(model, i) == ["stopped"]


def test_a_step_that_shows_only_with_a_choice_names_one_that_there_is() -> None:
    for step, choice in VISIBLE_WITH.items():
        identity, _, alternative = choice.partition("=")
        settings_of(choices={identity: alternative}, delay={name_of(step): "5"})


def test_a_cleared_protection_holds_as_long_as_it_is_said_to() -> None:
    settings = settings_of(
        choices={"cleared-protection": "still-enforced"}, delay={"termination-clears": "20"}, clock="stands"
    )
    model = ServedModel(settings)
    (i,) = launch(model, DisableApiTermination="true")
    ask(model, "ModifyInstanceAttribute", InstanceId=i, DisableApiTermination__Value="false")
    assert ask(model, "TerminateInstances", InstanceId__1=i).error[1] == "OperationNotPermitted"
    model.advance(20)
    assert ask(model, "TerminateInstances", InstanceId__1=i).status == 200


def after_a_file(model: ServedModel) -> ServedModel:
    """Return a model of the same settings that holds what this one holds."""
    other = ServedModel(model.settings)
    other.load(model.dump())
    return other


def test_no_id_is_given_out_twice_after_a_load() -> None:
    model = ServedModel()
    (first,) = launch(model, DisableApiTermination="true")
    loaded = after_a_file(model)
    (second,) = launch(loaded)
    assert first != second
    assert ask(loaded, "DescribeInstances").found("instanceId") == [first, second]
    assert ask(loaded, "TerminateInstances", InstanceId__1=first).error[1] == "OperationNotPermitted"


def test_what_is_to_come_comes_when_it_would_have_come() -> None:
    model = ServedModel(settings_of(delays="10", clock="stands"))
    (i,) = launch(model)
    for _ in range(3):
        model.advance(3)
        model = after_a_file(model)
    assert states(model, i) == ["pending"]
    model.advance(1)
    assert states(model, i) == ["running"]
    ask(model, "TerminateInstances", InstanceId__1=i)
    model.advance(10 + 3500)
    loaded = after_a_file(model)
    assert states(loaded, i) == ["terminated"]
    loaded.advance(101)
    assert ask(loaded, "DescribeInstances").found("instanceId") == []


def test_a_client_token_goes_through_a_file() -> None:
    model = ServedModel()
    first = launch(model, ClientToken="T")
    loaded = after_a_file(model)
    assert launch(loaded, ClientToken="T") == first
    changed = ask(loaded, "RunInstances", ImageId="ami-2", MinCount="1", MaxCount="1", ClientToken="T")
    assert changed.error[1] == "IdempotentParameterMismatch"


def test_an_operation_that_knew_an_id_knows_it_after_a_load() -> None:
    settings = settings_of(choices={"new-id": "not-yet"}, delay={"becomes-visible": "30"}, clock="stands")
    model = ServedModel(settings)
    (i,) = launch(model)
    world = json.loads(model.dump())
    world["regions"]["us-east-1"]["instances"][i]["heard"] = ["DescribeInstances"]
    model.load(json.dumps(world).encode())
    assert states(model, i) == ["running"]
    loaded = after_a_file(model)
    assert states(loaded, i) == ["running"]
    assert ask(loaded, "TerminateInstances", InstanceId__1=i).error[1] == "InvalidInstanceID.NotFound"


def test_volumes_keep_their_order_of_attachment() -> None:
    model = ServedModel()
    (volume,) = ask(model, "CreateVolume", AvailabilityZone="us-east-1a", Size="1").found("volumeId")
    (i,) = launch(model)
    ask(model, "AttachVolume", VolumeId=volume, InstanceId=i, Device="/dev/sdf")
    assert ask(model, "DescribeInstances").found("deviceName") == ["/dev/xvda", "/dev/sdf"]
    assert ask(after_a_file(model), "DescribeInstances").found("deviceName") == ["/dev/xvda", "/dev/sdf"]


def test_dates_go_through_a_file_also_where_the_clock_runs() -> None:
    model = ServedModel()
    (i,) = launch(model)
    model.advance(86_400)
    world = model.dump()
    model.load(world)
    assert ask(model, "DescribeInstances").found("launchTime") == launch_times(world, i)
    assert model.now >= 86_400


def launch_times(world: bytes, i: str) -> list[str]:
    held = json.loads(world)
    launched = held["regions"]["us-east-1"]["instances"][i]["face"]["launched"]
    moment = datetime.fromisoformat(held["beginning"]) + timedelta(seconds=int(launched))
    return [f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"]
