"""Finds the instances and volumes that a call named, also where its parameters were not recorded."""

import re
from typing import Final

from ec2_lifecycle.conformance.pytest.judging.calls import ids_in
from ec2_lifecycle.model.requests import ErrorCode, Operation
from ec2_lifecycle.model.world import Instance, Volume

from .events import Call

UNTOLD: Final = Instance("(an instance that the recording does not name)")
UNTOLD_VOLUME: Final = Volume("(a volume that the recording does not name)")
_CHANGES: Final = {
    Operation.START.value: "StartingInstances",
    Operation.STOP.value: "StoppingInstances",
    Operation.TERMINATE.value: "TerminatingInstances",
}
_NOTHING_NAMED: Final = (ErrorCode.INVALID_COMBINATION.value, "MissingParameter")
"""The codes that may say that no id was sent."""

_MALFORMED: Final = re.compile(r'Invalid id: "([^"]*)"')
_QUOTED: Final = re.compile(r"'(i-[^']*)'")
_BARE: Final = re.compile(r"\bi-[0-9a-f]{8,17}\b")
_VOLUME: Final = re.compile(r"\bvol-\w+")


def is_dry(call: Call) -> bool:
    """Tell whether a call was a dry run."""
    return bool((call.sent or {}).get("DryRun")) or call.code == ErrorCode.DRY_RUN.value


def instances_of(call: Call) -> tuple[Instance, ...]:
    """Return the instances that a call named: those that were sent, or else those that its reply is about."""
    sent = call.sent or {}
    if "InstanceId" in sent or "InstanceIds" in sent:
        return tuple(map(Instance, [sent["InstanceId"]] if "InstanceId" in sent else sent["InstanceIds"]))
    if not call.code:
        reply = call.reply or {}
        listed = [item["InstanceId"] for item in reply.get(_CHANGES.get(call.name, ""), ())]
        shown = listed or [i for i in ids_in(reply) if i.startswith("i-")]
        return tuple(map(Instance, shown)) or (UNTOLD,)
    if malformed := _MALFORMED.match(call.message):
        return (Instance(malformed[1]),)
    quoted = [i for ids in _QUOTED.findall(call.message) for i in ids.split(", ")]
    named = tuple(map(Instance, dict.fromkeys(quoted or _BARE.findall(call.message))))
    return named or (() if call.code in _NOTHING_NAMED and call.name != Operation.MODIFY.value else (UNTOLD,))


def volumes_of(call: Call) -> tuple[Volume, ...]:
    """Return the volumes that a call named: those that were sent, or else those that its reply is about."""
    sent = call.sent or {}
    if "VolumeId" in sent or "VolumeIds" in sent:
        return tuple(map(Volume, [sent["VolumeId"]] if "VolumeId" in sent else sent["VolumeIds"]))
    found = _VOLUME.findall(call.message) if call.code else [v for v in ids_in(call.reply) if v.startswith("vol-")]
    return tuple(map(Volume, dict.fromkeys(found))) or (() if call.name == "DescribeVolumes" else (UNTOLD_VOLUME,))
