"""Repairs of moto: each wraps its client, and puts exactly one of its defects right."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError

Ec2: TypeAlias = Any
"""A boto3 client, which has no static type."""
Reply = dict[str, Any]
Call = Callable[..., Reply]
Repair = Callable[[Ec2, Call, Reply], Reply]
"""Answers a call: it is given moto's client, moto's own method, and what was sent."""

WELL_FORMED: Final = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
CODES: Final = {"running": 16, "stopped": 80, "terminated": 48}


@dataclass(frozen=True, slots=True)
class Repaired:
    """A client of moto without one of its defects."""

    client: Ec2
    repairs: Mapping[str, Repair]
    """By the name of the method."""

    def __getattr__(self, method: str) -> Call:
        real: Call = getattr(self.client, method)
        repair = self.repairs.get(method)
        if repair is None:
            return real

        def called(**sent: object) -> Reply:
            return repair(self.client, real, sent)

        return called


def _refusal(operation: str, code: str, message: str) -> ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(error, operation)  # pyright: ignore[reportArgumentType] - moto fills in the rest


def _described(client: Ec2, ids: list[str]) -> list[Reply]:
    return _instances(client.describe_instances(InstanceIds=ids))


def _instances(described: Reply) -> list[Reply]:
    return [instance for reservation in described["Reservations"] for instance in reservation["Instances"]]


def _tells_that_it_is_pending(_: Ec2, real: Call, sent: Reply) -> Reply:
    reply = real(**sent)
    for instance in reply["Instances"]:
        instance["StateReason"] = {"Code": "pending", "Message": "pending"}
    return reply


def _protects_at_launch(client: Ec2, real: Call, sent: Reply) -> Reply:
    reply = real(**sent)
    if sent.get("DisableApiTermination"):
        for instance in reply["Instances"]:
            client.modify_instance_attribute(InstanceId=instance["InstanceId"], DisableApiTermination={"Value": True})
    return reply


def _in_descriptions(mend: Callable[[Reply], object]) -> Repair:
    def repair(_: Ec2, real: Call, sent: Reply) -> Reply:
        reply = real(**sent)
        for instance in _instances(reply):
            mend(instance)
        return reply

    return repair


def _without_interfaces(instance: Reply) -> None:
    if instance["State"]["Name"] == "terminated":
        instance.pop("NetworkInterfaces", None)


def _in_gmt(instance: Reply) -> None:
    instance["StateTransitionReason"] = instance["StateTransitionReason"].replace(" UTC)", " GMT)")


def _stays(state: str, listed: str) -> Repair:
    """Show what was in a state already as still in it."""

    def repair(_: Ec2, real: Call, sent: Reply) -> Reply:
        reply = real(**sent)
        for item in reply[listed]:
            if item["PreviousState"]["Name"] == state:
                item["CurrentState"] = {"Name": state, "Code": CODES[state]}
        return reply

    return repair


def _speaks_of_a_stop(_: Ec2, real: Call, sent: Reply) -> Reply:
    try:
        return real(**sent)
    except ClientError as error:
        response: Reply = {**error.response}
        told = response["Error"]
        if told["Code"] == "OperationNotPermitted":
            told["Message"] = (
                told["Message"]
                .replace("may not be terminated", "may not be stopped")
                .replace("'disableApiTermination'", "'disableApiStop'")
            )
        raise


def _shields_the_zone(client: Ec2, real: Call, sent: Reply) -> Reply:
    """Refuse for a protected instance only after everything in other zones is terminated."""

    def is_protected(name: str) -> bool:
        shown = client.describe_instance_attribute(InstanceId=name, Attribute="disableApiTermination")
        return shown["DisableApiTermination"]["Value"]

    ids = sent["InstanceIds"]
    zones = {each["InstanceId"]: each["Placement"]["AvailabilityZone"] for each in _described(client, ids)}
    protected = [name for name in ids if is_protected(name)]
    shielded = {zones[name] for name in protected}
    if not protected or sent.get("DryRun"):
        return real(**sent)
    if others := [name for name in dict.fromkeys(ids) if zones[name] not in shielded]:
        real(**{**sent, "InstanceIds": others})
    return real(**{**sent, "InstanceIds": protected[:1]})


def _checks_the_form(_: Ec2, real: Call, sent: Reply) -> Reply:
    ids = sent.get("InstanceIds", [sent["InstanceId"]] if "InstanceId" in sent else [])
    for name in ids:
        if WELL_FORMED.fullmatch(name) is None:
            raise _refusal(real.__name__, "InvalidInstanceID.Malformed", f'Invalid id: "{name}"')
    return real(**sent)


BY_ID: Final = (
    *("describe_instances", "start_instances", "stop_instances", "reboot_instances", "terminate_instances"),
    *("modify_instance_attribute", "describe_instance_attribute", "attach_volume"),
)
REPAIRS: Final[Mapping[str, Mapping[str, Repair]]] = {
    "f2:7a6bb724e9": {"run_instances": _tells_that_it_is_pending},
    "f2:322f4b4774": {"run_instances": _protects_at_launch},
    "f2:b26468139e": {"describe_instances": _in_descriptions(_without_interfaces)},
    "f2:fd534b0174": {"describe_instances": _in_descriptions(_in_gmt)},
    "f2:cbedbf5728": {"start_instances": _stays("running", "StartingInstances")},
    "f2:e647b41709": {"stop_instances": _stays("stopped", "StoppingInstances")},
    "f2:e0fb938d74": {"terminate_instances": _stays("terminated", "TerminatingInstances")},
    "f2:346c0e5198": {"stop_instances": _speaks_of_a_stop},
    "f2:404ed33e2b": {"terminate_instances": _shields_the_zone},
    "f2:768d389b4a": dict.fromkeys(BY_ID, _checks_the_form),
}
"""By the id of the finding that must disappear."""
