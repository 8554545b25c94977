"""The templates of a program's helper functions, with placeholders in capitals, and how to select and fill them."""

import re
from collections.abc import Mapping
from typing import Final

ATTEMPT: Final = '''\
def attempt(call, **parameters):
    """Make a call, and print what came back."""
    try:
        reply = call(**parameters)
    except ClientError as error:
        code, message = error.response["Error"].get("Code"), error.response["Error"].get("Message")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        print(f"{call.__name__}: HTTP {status} {code}: {MESSAGE}")
        return {}
    said = []
READINGS
    print(f"{call.__name__}:", SAID or "done")
    return reply'''
READ_INSTANCES: Final = """\
for r in reply.get("Reservations", [reply]):
    said += [(i["InstanceId"], STATE) for i in r.get("Instances", [])]"""
READ_FIELDS: Final = """\
for r in reply.get("Reservations", [reply]):
    for i in r.get("Instances", []):
        fields = ", ".join(f"{key}={i.get(key)}" for key in FIELDS)
        said.append((i["InstanceId"], f"{STATE} ({fields})"))"""
READ_CHANGES: Final = """\
for i in reply.get(KIND, []):
    states = [STATE for key in ("PreviousState", "CurrentState") if key in i]
    said.append((i["InstanceId"], " -> ".join(states)))"""
READ_ATTRIBUTE: Final = """\
if "InstanceId" in reply:
    shown = {key: reply[key] for key in reply if key not in ("InstanceId", "ResponseMetadata")}
    said.append((reply["InstanceId"], shown))"""
READ_VOLUME: Final = """\
if "VolumeId" in reply:
    said.append((reply["VolumeId"], reply.get("State")))"""
READ_VOLUMES: Final = """\
for v in reply.get("Volumes", []):
    said.append((v["VolumeId"], v["State"]))
    for a in v.get("Attachments", []):
        what = f"has it with DeleteOnTermination={a.get('DeleteOnTermination')}"
        said.append((a["InstanceId"], what))"""
LIST: Final = '", ".join(f"{names.get(i, i)} {what}" for i, what in said)'
COUNT: Final = "dict(Counter(what for _, what in said))"

LAUNCH: Final = """\
def launch(PARAMETERS):
    print(name, end=" = ")
    CALL
    if not reply:
        raise SystemExit(1)
    i = reply["Instances"][0]["InstanceId"]
    names[i] = name
    return i"""
LAUNCH_SEVERAL: Final = """\
def launch(PARAMETERS):
    print(SHOWN, end=" = ")
    CALL
    if not reply:
        raise SystemExit(1)
    ids = [i["InstanceId"] for i in reply["Instances"]]
    names.update(zip(ids, new))
    return ids if len(new) > 1 else ids[0]"""
SETTLE: Final = '''\
def settle(instances):
    """Print the states until no instance is on its way to another one; give up after a minute."""
    for n in range(12):
        reply = attempt(ec2.describe_instances, InstanceIds=instances)
        states = {i["State"]["Name"] for r in reply.get("Reservations", []) for i in r["Instances"]}
        if not states & {"pending", "stopping", "shutting-down"}:
            break
        SLEEP(n)'''
FIND_VOLUME: Final = '''\
def find_volume(name, instance, device):
    """Look up which volume is at a device."""
    reply = ec2.describe_instances(InstanceIds=[instance])
    for mapping in reply["Reservations"][0]["Instances"][0].get("BlockDeviceMappings", []):
        if mapping["DeviceName"] == device:
            names[mapping["Ebs"]["VolumeId"]] = name
            return mapping["Ebs"]["VolumeId"]
    print(f"{name} is not shown")
    return name'''
ROOT_DEVICE: Final = '''\
def root_device(instance):
    """Look up what the root device is called."""
    reply = ec2.describe_instances(InstanceIds=[instance])
    return reply["Reservations"][0]["Instances"][0].get("RootDeviceName")'''


def fill(template: str, **parts: str) -> str:
    """Replace the placeholders of a template."""
    return re.sub("|".join(parts), lambda place: parts[place[0]], template)


def required_templates(texts: Mapping[str, str], program: str) -> list[str]:
    """Return the texts whose pattern occurs in a program."""
    return [text for sign, text in texts.items() if re.search(sign, program)]


def without_literals(program: str) -> str:
    """Empty the string literals of a program, because their content does not show what it needs."""
    return re.sub(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", "''", program)
