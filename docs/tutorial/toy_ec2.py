"""A toy emulator of EC2 for the tutorial: it launches, protects, describes and terminates instances, in memory.

It differs from EC2 in two ways. The tutorial fixes one defect and waives the other.
"""

import re
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

ZONES = ("us-east-1a", "us-east-1b")
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}
NEXT = {"pending": "running", "shutting-down": "terminated"}
ENDED = ("shutting-down", "terminated")
ROOT: dict[str, Any] = {"DeviceName": "/dev/xvda"}
MOST = 1000
PROTECTIONS = ("DisableApiTermination", "DisableApiStop")


class Clock:
    """Time that passes only when somebody sleeps, so that no run has to wait."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.time = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


class ToyEc2:
    """An object with some of the methods of a boto3 EC2 client."""

    def __init__(self) -> None:
        """Begin without instances."""
        self.clock = Clock()
        self.instances: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)
        self.launches: dict[tuple[Any, str], tuple[dict[str, Any], list[str]]] = {}

    def describe_availability_zones(self, **_: object) -> dict[str, Any]:
        """Return two zones."""
        return {"AvailabilityZones": [{"ZoneName": name, "State": "available"} for name in ZONES]}

    def run_instances(self, **options: Any) -> dict[str, Any]:
        """Launch instances, once for each client token in a zone; they are pending until they are described."""
        zone = options.get("Placement", {}).get("AvailabilityZone", ZONES[0])
        token = (options.get("ClientToken"), zone)
        asked, made = self.launches.get(token, (options, []))
        if token[0] and asked != options:
            raise refused("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent.")
        if made and token[0]:
            return {"Instances": [self._shown(i) for i in made]}
        made = [f"i-{next(self.numbers):017x}" for _ in range(options["MaxCount"])]
        for i in made:
            self.instances[i] = {
                "state": "pending",
                "image": options["ImageId"],
                "type": options.get("InstanceType", "m1.small"),
                "zone": zone,
                "protections": {name: options.get(name, False) for name in PROTECTIONS},
                "volumes": [self._volume(asked) for asked in (ROOT, *options.get("BlockDeviceMappings", ()))],
            }
        self.launches[token] = (options, made)
        return {"Instances": [self._shown(i) for i in made]}

    def describe_instances(self, InstanceIds: list[str] | None = None, **_: object) -> dict[str, Any]:
        """Describe instances; each moves on to its next state first."""
        named = self._known(InstanceIds) if InstanceIds else list(self.instances)
        for i in named:
            instance = self.instances[i]
            instance["state"] = NEXT.get(instance["state"], instance["state"])
        return {"Reservations": [{"Instances": [self._shown(i)]} for i in named]}

    def modify_instance_attribute(self, InstanceId: str, **change: Any) -> dict[str, Any]:
        """Set or clear a protection of an instance."""
        change.pop("DryRun", None)
        [(name, value)] = change.items()
        if name not in PROTECTIONS:
            raise NotImplementedError
        [i] = self._known([InstanceId])
        if self.instances[i]["state"] in ENDED:
            raise refused("IncorrectInstanceState", f"The instance '{i}' is not in a valid state.")
        self.instances[i]["protections"][name] = value["Value"]
        return {}

    def terminate_instances(self, InstanceIds: list[str], **_: object) -> dict[str, Any]:
        """Terminate instances."""
        if not InstanceIds:
            raise refused("InvalidParameterCombination", "No instances specified")
        if len(set(InstanceIds)) > MOST:
            raise refused("InvalidParameterValue", f"At most {MOST} instances can be terminated at once")
        items: list[dict[str, Any]] = []
        for i in self._known(InstanceIds):
            if self._is_protected(i):
                raise refused("OperationNotPermitted", f"The instance '{i}' may not be terminated.")
            items.append(self._end(i))
        return {"TerminatingInstances": items}

    def _is_protected(self, i: str) -> bool:
        instance = self.instances[i]
        return instance["state"] not in ENDED and any(instance["protections"].values())

    def _end(self, i: str) -> dict[str, Any]:
        before = self._state(i)
        if before["Name"] not in ENDED:
            self.instances[i]["state"] = "shutting-down"
        return {"InstanceId": i, "PreviousState": before, "CurrentState": self._state(i)}

    def _known(self, ids: list[str]) -> list[str]:
        """Return the ids without repetitions, or refuse the request."""
        for i in ids:
            if not re.fullmatch("i-([0-9a-f]{8}|[0-9a-f]{17})", i):
                raise refused("InvalidInstanceID.Malformed", f'Invalid id: "{i}"')
        for i in ids:
            if i not in self.instances:
                raise refused("InvalidInstanceID.NotFound", f"The instance ID '{i}' does not exist")
        return list(dict.fromkeys(ids))

    def _volume(self, asked: dict[str, Any]) -> dict[str, Any]:
        ebs = {"VolumeId": f"vol-{next(self.numbers):017x}", "Status": "attached"}
        ebs["DeleteOnTermination"] = asked.get("Ebs", {}).get("DeleteOnTermination", True)
        return {"DeviceName": asked["DeviceName"], "Ebs": ebs}

    def _state(self, i: str) -> dict[str, Any]:
        name = self.instances[i]["state"]
        return {"Code": CODES[name], "Name": name}

    def _shown(self, i: str) -> dict[str, Any]:
        instance = self.instances[i]
        shown: dict[str, Any] = {
            "InstanceId": i,
            "ImageId": instance["image"],
            "InstanceType": instance["type"],
            "State": self._state(i),
            "Placement": {"AvailabilityZone": instance["zone"]},
            "RootDeviceType": "ebs",
            "RootDeviceName": ROOT["DeviceName"],
            "BlockDeviceMappings": [],
            "StateTransitionReason": "",
        }
        if instance["state"] == "pending":
            shown["StateReason"] = {"Code": "pending", "Message": "pending"}
        if instance["state"] == "running":
            shown["BlockDeviceMappings"] = instance["volumes"]
        if instance["state"] in ENDED:
            reason = "Client.UserInitiatedShutdown"
            shown["StateReason"] = {"Code": reason, "Message": f"{reason}: User initiated shutdown"}
            shown["StateTransitionReason"] = "User initiated (2026-01-01 00:00:00 GMT)"
        return shown


def refused(code: str, message: str) -> ClientError:
    """Return the exception that boto3 raises for an error of EC2."""
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(reply, "Toy")
