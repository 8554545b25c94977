"""Writes a scenario as a boto3 program that runs by itself, for the issue in which a finding is reported.

The arguments of its calls are those of `targets.arguments`, with variables in the place of ids:
there is no second place that knows how a request is sent.
"""

import builtins
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from keyword import iskeyword, kwlist
from string import ascii_lowercase
from textwrap import indent, wrap
from typing import Final, Self, TypeAlias, cast

from ..model.requests import Caller, LaunchRequest, Operation, Request, VolumeRequest
from ..model.states import RootDevice
from ..model.world import Instance, Volume
from ..strategies.names import ROOT, ids_used, split_volume
from ..strategies.scenario import Scenario
from ..strategies.steps import (
    BatchStep,
    CreateVolumeStep,
    Gone,
    Malformed,
    Push,
    PushStep,
    RequestStep,
    RunStep,
    SettleStep,
    SingleId,
    Step,
    Unknown,
    WaitStep,
)
from ..strategies.translate import Translator
from .names import Names
from .runner import FORGOTTEN_AFTER
from .targets.arguments import Arguments, Image, Site, arguments_for
from .targets.devices import Devices
from .targets.images import EBS, INSTANCE_STORE, ZONES
from .targets.moto import IMAGE as MOTO_IMAGE
from .targets.resolve import GROUP
from .targets.sessions import REGION

Lines: TypeAlias = Iterator[str]

_IMAGE: Final = Image()
_WIDTH: Final = 100
_FEW: Final = 6
"""So many instances of one launch get a variable each; more are a list."""
_IN_A_ROW: Final = 4
"""So many ids of a list are written together, where they can be."""
_BY_NAME: Final = 20
"""With more instances or ids than this the program counts states instead of listing them."""

_ADDRESSES: Final = ("PrivateIpAddress", "PublicIpAddress", "VpcId", "SubnetId", "PrivateDnsName", "PublicDnsName")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "KIND-1": ("RootDeviceType",),
    "KIND-2": ("RootDeviceType",),
    "RUN-2": ("Placement",),
    "RUN-3": ("StateReason",),
    "RUN-5": ("StateReason", "StateTransitionReason"),
    "SHAPE-1": (*_ADDRESSES, "SourceDestCheck"),
    "SHAPE-2": ("BlockDeviceMappings", "NetworkInterfaces", "SecurityGroups"),
    "SHAPE-3": ("StateReason",),
    "SHAPE-4": ("StateTransitionReason",),
    "SHAPE-5": (*_ADDRESSES, "SecurityGroups"),
    "SHAPE-6": ("StateReason", "StateTransitionReason"),
    "SHAPE-7": ("BlockDeviceMappings", "PrivateIpAddress"),
    "SHUT-1": ("StateReason",),
    "VOL-4": ("BlockDeviceMappings",),
    "VOL-5": ("BlockDeviceMappings",),
    "VOL-9": ("BlockDeviceMappings",),
}
"""What the program shows of an instance, beside its state, when it is about one of these clauses."""
_CODES: Final = frozenset({"STATE-1", "STATE-2"})
"""The clauses for which it shows the codes of states as well."""

_PUSHED: Final[Mapping[Push, str]] = {
    Push.GUEST_SHUTDOWN: "Here {} shuts down from within",
    Push.RETIRE: "Here EC2 retires {}",
    Push.LAUNCH_FAILURE: "Here the launch of {} fails",
}


def repro(scenario: Scenario, target: str) -> str:
    """Return a Python program that makes the scenario's calls to a target with boto3, and prints what comes back.

    `target` is written as for `run`. What boto3 cannot do is a comment in the program.
    """
    return _Program(scenario, _setting(target)).text()


# How values are written.


class _Code(str):
    """A piece of the program in the place of a value: a variable, or an expression."""

    __slots__ = ()


class _Member(_Code):
    """One of a numbered family; `together(first, after)` is the list of those from one number to before another."""

    __slots__ = ("number", "together")

    def __new__(cls, text: str, number: int, together: Callable[[int, int], str]) -> Self:
        member = super().__new__(cls, text)
        member.number = number
        member.together = together
        return member

    number: int
    together: Callable[[int, int], str]


def _written(value: object) -> str:
    match value:
        case _Code():
            return value
        case str():
            return f'"{value}"' if value.isprintable() and not {'"', "\\"} & {*value} else repr(value)
        case dict():
            items = cast("dict[str, object]", value).items()
            return "{" + ", ".join(f"{_written(key)}: {_written(item)}" for key, item in items) + "}"
        case list():
            return _list_written(cast("list[object]", value))
        case _:
            return repr(value)


def _list_written(values: Sequence[object]) -> str:
    parts: list[str] = []
    while values:
        part, length = _together(values)
        parts.append(part)
        values = values[length:]
    if len(parts) == 1 and parts[0].startswith("*"):
        return parts[0][1:]
    return f"[{', '.join(parts)}]"


def _together(values: Sequence[object]) -> tuple[str, int]:
    """Write as many values from the beginning of a list as go together; return how many they are as well."""
    first = values[0]
    same = _length(value == first for value in values)
    if same >= _IN_A_ROW:
        return f"*[{_written(first)}] * {same}", same
    if isinstance(first, _Member):
        row = _length(
            isinstance(value, _Member) and value.together == first.together and value.number == number
            for number, value in enumerate(values, first.number)
        )
        if row >= _IN_A_ROW:
            return f"*{first.together(first.number, first.number + row)}", row
    return _written(first), 1


def _length(belongs: Iterable[bool]) -> int:
    return sum(takewhile(bool, belongs))


def _named(arguments: Arguments) -> list[str]:
    return [f"{key}={_folded(value)}" for key, value in arguments.items()]


def _folded(value: object) -> str:
    """Write a value; a list that is too long for a line has one for each item."""
    text = _written(value)
    if len(text) < _WIDTH - 25 or not isinstance(value, list):
        return text
    items = cast("list[object]", value)
    return text if len(items) > _BY_NAME else "[\n" + "".join(f"    {_written(item)},\n" for item in items) + "]"


def _call(start: str, *parts: str) -> list[str]:
    """Write a call that starts so, on one line if it fits."""
    line = f"{start}({', '.join(parts)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return [line]
    return [f"{start}(", *indent(",\n".join(parts) + ",", "    ").split("\n"), ")"]


def _unknown(reference: Unknown) -> _Member:
    """Return a well-formed id that nobody will have issued."""
    number = reference.number
    if reference.short:
        return _Member(f'"i-{0xBAD00000 + number:08x}"', number, _short_unknowns)
    return _Member(f'"i-0bad{number:013x}"', number, _unknowns)


def _short_unknowns(first: int, after: int) -> str:
    return f'[f"i-{{0xBAD00000 + n:08x}}" for n in range({first}, {after})]'


def _unknowns(first: int, after: int) -> str:
    return f'[f"i-0bad{{n:013x}}" for n in range({first}, {after})]'


def _docstring(scenario: Scenario) -> str:
    clauses = f" ({', '.join(scenario.clauses)})" if scenario.clauses else ""
    safe = "".join(c if c.isprintable() and c != "\\" else repr(c)[1:-1] for c in f"{scenario.title}{clauses}")
    return '"""' + "\n".join(wrap(safe.replace('"""', '\\"' * 3), _WIDTH - 6, break_on_hyphens=False)) + '."""'


# What differs from target to target.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """How a program reaches its target, and what there is to launch from."""

    imports: tuple[str, ...]
    client: tuple[str, ...]
    zone: Callable[[int], str] = lambda number: f"{REGION}{ascii_lowercase[(number - 1) % 26]}"
    """The name of a zone by the scenario's number."""
    image: str = _Code("image")
    store_image: str = _Code("store_image")
    root_device: str | None = None
    """The name of the image's root device, where it is known."""
    at_once: bool = False
    """Whether everything is at rest after each call."""
    sleep: str = "time.sleep"
    beyond_boto3: bool = False
    """Whether its client has `push` and `for_nobody`."""


_BOTO3: Final = ("import boto3", "from botocore.exceptions import ClientError")
_IMAGE_ON_AWS: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def _setting(target: str) -> _Setting:
    match target.partition(":"):
        case ("moto" | "moto-server", "", _):
            return _Setting(
                imports=(*_BOTO3, "from moto import mock_aws"),
                client=("mock_aws().start()", f'ec2 = boto3.client("ec2", region_name="{REGION}")'),
                image=MOTO_IMAGE,
                root_device=_IMAGE.root_device,
                at_once=True,
            )
        case ("model", "", _):
            targets = "from ec2_lifecycle.conformance.targets"
            return _Setting(
                imports=(_BOTO3[1], f"{targets}.base import VirtualClock", f"{targets}.model import ModelClient"),
                client=("virtual_time = VirtualClock()", "ec2 = ModelClient(clock=virtual_time)"),
                zone=lambda number: ZONES[(number - 1) % len(ZONES)],
                image=EBS.id,
                store_image=INSTANCE_STORE.id,
                root_device=EBS.root_device_name,
                sleep="virtual_time.sleep",
                beyond_boto3=True,
            )
        case ("endpoint", ":", url):
            once = _Code('Config(retries={"total_max_attempts": 1})')
            arguments = {"region_name": REGION, "endpoint_url": url, "config": once}
            return _Setting(
                imports=(*_BOTO3, "from botocore.config import Config"),
                client=(
                    'os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")',
                    'os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")',
                    *_call("ec2 = boto3.client", '"ec2"', *_named(arguments)),
                ),
            )
        case ("aws", ":", profile):
            return _Setting(
                imports=_BOTO3,
                client=(
                    "# This launches real instances, which cost money until they are terminated.",
                    f'ec2 = boto3.Session(profile_name={_written(profile)}).client("ec2")',
                ),
                zone=_asked_for,
                image=_IMAGE_ON_AWS,
            )
        case ("python", ":", path):
            return _of_factory(*_imported(path))
        case _:
            entry = f"(entry,) = entry_points(group={_written(GROUP)}, name={_written(target)})"
            return _of_factory((), (entry, "ec2 = entry.load()()"))


def _imported(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how to import the factory of `MODULE:FACTORY`, and how to make a client with it."""
    module, _, factory = path.partition(":")
    if all(part.isidentifier() and not iskeyword(part) for part in (*module.split("."), *factory.split("."))):
        return (f"from {module} import {factory.partition('.')[0]}",), (f"ec2 = {factory}()",)
    return (), (f"ec2 = resolve_name({_written(path)})()",)


def _of_factory(imports: tuple[str, ...], client: tuple[str, ...]) -> _Setting:
    return _Setting(
        imports=(_BOTO3[1], *imports), client=client, zone=_asked_for, sleep="clock.sleep", beyond_boto3=True
    )


def _asked_for(number: int) -> str:
    return _Code(f"zones[{number - 1}]")


# The texts of a program, each only where it is used.

_DEFINITIONS: Final = {
    r"\bclock\b": 'clock = getattr(ec2, "clock", time)',
    r"\bzones\b": f"""\
try:
    zones = sorted(z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"])
except Exception:  # it tells none
    zones = [f"{REGION}{{letter}}" for letter in "abcdef"]""",
    r"\bimage\b": f"""\
try:
    image = ec2.describe_images()["Images"][0]["ImageId"]
except Exception:  # it shows none
    image = "{_IMAGE.id}\"""",
    r"\bstore_image\b": """\
images = ec2.describe_images()["Images"]
store_image = next(i["ImageId"] for i in images if i["RootDeviceType"] == "instance-store")""",
    r"\bnames\b": "names = {}",
}
"""Variables, each with what tells that it is needed."""

_IMPORTS: Final = {
    r"\bos\.": "import os",
    r"\btime\b": "import time",
    r"\bCounter\(": "from collections import Counter",
    r"\bentry_points\(": "from importlib.metadata import entry_points",
    r"\bresolve_name\(": "from pkgutil import resolve_name",
}
"""Imports from the standard library, the same way."""

_ATTEMPT: Final = '''\
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
_READ_INSTANCES: Final = """\
for r in reply.get("Reservations", [reply]):
    said += [(i["InstanceId"], STATE) for i in r.get("Instances", [])]"""
_READ_FIELDS: Final = """\
for r in reply.get("Reservations", [reply]):
    for i in r.get("Instances", []):
        fields = ", ".join(f"{key}={i.get(key)}" for key in FIELDS)
        said.append((i["InstanceId"], f"{STATE} ({fields})"))"""
_READ_CHANGES: Final = """\
for i in reply.get(KIND, []):
    states = [STATE for key in ("PreviousState", "CurrentState") if key in i]
    said.append((i["InstanceId"], " -> ".join(states)))"""
_READ_ATTRIBUTE: Final = """\
if "InstanceId" in reply:
    shown = {key: reply[key] for key in reply if key not in ("InstanceId", "ResponseMetadata")}
    said.append((reply["InstanceId"], shown))"""
_READ_VOLUME: Final = """\
if "VolumeId" in reply:
    said.append((reply["VolumeId"], reply.get("State")))"""
_READ_VOLUMES: Final = """\
for v in reply.get("Volumes", []):
    said.append((v["VolumeId"], v["State"]))
    for a in v.get("Attachments", []):
        what = f"has it with DeleteOnTermination={a.get('DeleteOnTermination')}"
        said.append((a["InstanceId"], what))"""
_LIST: Final = '", ".join(f"{names.get(i, i)} {what}" for i, what in said)'
_COUNT: Final = "dict(Counter(what for _, what in said))"

_LAUNCH: Final = """\
def launch(PARAMETERS):
    print(name, end=" = ")
    CALL
    if not reply:
        raise SystemExit(1)
    i = reply["Instances"][0]["InstanceId"]
    names[i] = name
    return i"""
_LAUNCH_SEVERAL: Final = """\
def launch(PARAMETERS):
    print(SHOWN, end=" = ")
    CALL
    if not reply:
        raise SystemExit(1)
    ids = [i["InstanceId"] for i in reply["Instances"]]
    names.update(zip(ids, new))
    return ids if len(new) > 1 else ids[0]"""
_SETTLE: Final = '''\
def settle(instances):
    """Print the states until no instance is on its way to another one; give up after a minute."""
    for n in range(12):
        reply = attempt(ec2.describe_instances, InstanceIds=instances)
        states = {i["State"]["Name"] for r in reply.get("Reservations", []) for i in r["Instances"]}
        if not states & {"pending", "stopping", "shutting-down"}:
            break
        SLEEP(n)'''
_FIND_VOLUME: Final = '''\
def find_volume(name, instance, device):
    """Look up which volume is at a device."""
    reply = ec2.describe_instances(InstanceIds=[instance])
    for mapping in reply["Reservations"][0]["Instances"][0].get("BlockDeviceMappings", []):
        if mapping["DeviceName"] == device:
            names[mapping["Ebs"]["VolumeId"]] = name
            return mapping["Ebs"]["VolumeId"]
    print(f"{name} is not shown")
    return name'''
_ROOT_DEVICE: Final = '''\
def root_device(instance):
    """Look up what the root device is called."""
    reply = ec2.describe_instances(InstanceIds=[instance])
    return reply["Reservations"][0]["Instances"][0].get("RootDeviceName")'''

_METHOD: Final = {each: re.sub(r"(?<!^)(?=[A-Z])", "_", each.value).lower() for each in Operation}
_CHANGES: Final[Mapping[Operation, str]] = {
    Operation.START: "StartingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.TERMINATE: "TerminatingInstances",
}
_TAKEN: Final = frozenset(
    {*dir(builtins), *kwlist, "ClientError", "Config", "Counter", "FIELDS", "ModelClient", "VirtualClock", "attempt"}
    | {
        "boto3",
        "clock",
        "ec2",
        "entry",
        "entry_points",
        "find_volume",
        "image",
        "images",
        "launch",
        "mock_aws",
        "names",
        "os",
    }
    | {"resolve_name", "root_device", "settle", "store_image", "time", "virtual_time", "volume"}
    | {"zones"}
)
"""What no variable of a scenario may be called."""


def _filled(template: str, **parts: str) -> str:
    """Put the parts of a text in the places of their names in capitals."""
    return re.sub("|".join(parts), lambda place: parts[place[0]], template)


def _needed(texts: Mapping[str, str], program: str) -> list[str]:
    """Return the texts that a program needs, each told by a sign."""
    return [text for sign, text in texts.items() if re.search(sign, program)]


def _bare(program: str) -> str:
    """Empty the literals of a program: what they say is no sign of what it needs."""
    return re.sub(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", "''", program)


# The program.


@dataclass(slots=True)
class _Program:
    """One program while it is written."""

    scenario: Scenario
    setting: _Setting
    _names: Names = field(default_factory=Names)
    _site: Site = field(init=False)
    _plan: list[tuple[Step, tuple[Request, ...]]] = field(init=False)
    _launched: list[Instance] = field(default_factory=list[Instance])
    _homes: dict[Volume, tuple[Instance, str]] = field(default_factory=dict[Volume, tuple[Instance, str]])
    """At which device of which instance a volume can be found."""
    _launches: list[Arguments] = field(default_factory=list[Arguments])
    _taken: set[str] = field(default_factory=lambda: {*_TAKEN})

    def __post_init__(self) -> None:
        self._names.zones |= {str(number): self.setting.zone(number) for number in self.scenario.zones}
        images = {
            RootDevice.EBS: Image(self.setting.image, self.setting.root_device or _IMAGE.root_device),
            RootDevice.INSTANCE_STORE: Image(self.setting.store_image),
        }
        self._site = Site("a program", (), images, Devices())
        translator = Translator(self._identity)
        self._plan = [
            (step, tuple(translator.requests(step)) if isinstance(step, RequestStep) else ())
            for step in self.scenario.steps
        ]

    def text(self) -> str:
        """Return the program."""
        body = "\n".join(self._body())
        helpers = "\n\n\n".join(self._helpers(_bare(body)))
        client = "\n".join(self.setting.client)
        variables = _needed(_DEFINITIONS, f"{helpers}\n{_bare(body)}")
        if self._fields:
            variables.append(f"FIELDS = {_folded(self._fields)}")
        opening = "\n".join([client, *variables])
        standard = _needed(_IMPORTS, "\n".join([_bare(client), *variables, helpers, _bare(body)]))
        kinds = [sorted(lines, key=_import_order) for lines in (standard, self.setting.imports) if lines]
        imports = "\n\n".join("\n".join(lines) for lines in kinds)
        return f"{_docstring(self.scenario)}\n\n{imports}\n\n{opening}\n\n\n{helpers}\n\n\n{body}\n"

    # What the steps do.

    def _body(self) -> Lines:
        launching: bool | None = None
        for step, lines in self._steps():
            if lines and launching is not isinstance(step, RunStep):
                if launching is not None:
                    yield ""
                launching = isinstance(step, RunStep)
            yield from lines

    def _steps(self) -> Iterator[tuple[Step, list[str]]]:
        """Yield each step with its lines, and at the end a look at what became of everything."""
        looked = True
        for number, (step, requests) in enumerate(self._plan):
            following = self._plan[number + 1 :][:1]
            if not (isinstance(step, SettleStep) and self.setting.at_once and self._all_described(following)):
                yield step, [*self._lines(step, requests)]
            if not isinstance(step, WaitStep):
                looked = isinstance(step, SettleStep) or _describes(step)
        yield SettleStep(), [*self._volumes_found(), *(() if looked else self._settle())]

    def _all_described(self, plan: Sequence[tuple[Step, tuple[Request, ...]]]) -> bool:
        """Tell whether the step is a description of everything, so that there is no need for another."""
        shows = [request.instances for step, requests in plan if _describes(step) for request in requests]
        return shows == [tuple(self._launched)] and not self._watched_volumes

    def _lines(self, step: Step, requests: tuple[Request, ...]) -> Lines:
        match step:
            case SettleStep():
                yield from self._settle()
            case WaitStep():
                yield f"{self.setting.sleep}({step.seconds})"
            case PushStep():
                yield from self._volumes_found()
                yield self._pushed(step)
            case RunStep() if step.in_earnest:
                yield from self._launch(step, requests)
            case _:
                yield from self._forgotten(step)
                if not _describes(step) and not isinstance(step, CreateVolumeStep):
                    yield from self._volumes_found()
                for request in requests:
                    yield from self._request(request)

    def _settle(self) -> Lines:
        if self._launched:
            ids = [self._names.id_of(i) for i in self._launched]
            if self.setting.at_once:
                yield from _call("attempt", "ec2.describe_instances", *_named({"InstanceIds": ids}))
            else:
                yield from _call("settle", _written(ids))
        variables = [self._names.id_of(volume) for volume in self._watched_volumes]
        if len(variables) > 1:
            yield f"for volume in {_written(variables)}:"
            yield "    attempt(ec2.describe_volumes, VolumeIds=[volume])"
        else:
            yield from (f"attempt(ec2.describe_volumes, VolumeIds=[{variable}])" for variable in variables)

    def _pushed(self, step: PushStep) -> str:
        variable = self._names.id_of(Instance(step.id))
        if self.setting.beyond_boto3:
            return f"ec2.push({_written(step.push.value)}, {variable})"
        return f"# {_PUSHED[step.push].format(variable)}, for which boto3 has no call."

    def _forgotten(self, step: Step) -> Lines:
        """Let EC2 forget the instances that a step calls gone."""
        for gone in (Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Gone)):
            told = f"forgets the terminated {self._names.id_of(gone)} after about an hour"
            if self.setting.beyond_boto3:
                yield f"{self.setting.sleep}({FORGOTTEN_AFTER:.0f})  # EC2 {told}"
            else:
                yield f"# EC2 {told}, which boto3 cannot hasten."
            self._launched = [i for i in self._launched if i != gone]

    def _launch(self, step: RunStep, requests: tuple[Request, ...]) -> Lines:
        for request in (request for request in requests if isinstance(request, LaunchRequest)):
            arguments = arguments_for(request, self._names, self._site)
            self._launches.append(arguments)
            variables = self._variables_of(step)
            self._launched += request.instances
            for i, volumes in zip(request.instances, request.volumes, strict=True):
                for volume in volumes:
                    device = self._root_device(i) if volume.root else self._names.devices[volume.volume]
                    self._homes[volume.volume] = (i, device)
                    self._site.devices.put(self._names.id_of(i), device, volume.volume)
            new = [_written(str(name)) for name in step.instance_names]
            if step.count > _FEW:
                new = [f'*[f"{step.name}{{n}}" for n in range(1, {step.count + 1})]']
            yield from _call(f"{variables} = launch", *new, *_named(self._options(arguments)))

    def _variables_of(self, step: RunStep) -> str:
        """Bind the names of a launch to variables, and return what to assign it to."""
        if step.count > _FEW:
            whole = self._variable(step.name)

            def together(first: int, after: int) -> str:
                return whole if after - first == step.count else f"{whole}[{first}:{after}]"

            for number, name in enumerate(step.instance_names):
                self._names.bind(Instance(name), _Member(f"{whole}[{number}]", number, together))
            return whole
        variables = [self._variable(name) for name in step.instance_names]
        for name, variable in zip(step.instance_names, variables, strict=True):
            self._names.bind(Instance(name), variable)
        return ", ".join(variables)

    def _options(self, arguments: Arguments) -> Arguments:
        """Return what a launch passes to the helper: what is not the same in all of them."""
        zone = {"zone": arguments["Placement"]["AvailabilityZone"]} if self._differ_in_zone else {}
        image = {"image_id": arguments["ImageId"]} if self._differ_in_root else {}
        return zone | image | _own_options(arguments)

    def _request(self, request: Request) -> Lines:
        arguments = arguments_for(request, self._names, self._site)
        method = _METHOD[request.operation]
        if request.caller is Caller.NOBODY and not self.setting.beyond_boto3:
            yield "# By a caller without permission, which takes credentials of its own:"
            for line in _call("attempt", f"ec2.{method}", *_named(arguments)):
                yield f"# {line}"
            return
        client = "ec2.for_nobody()" if request.caller is Caller.NOBODY else "ec2"
        parts = (f"{client}.{method}", *_named(arguments))
        if request.operation is Operation.CREATE_VOLUME and request.caller is Caller.OWNER and not request.dry_run:
            (volume,) = request.volume_ids
            variable = self._variable(volume)
            self._names.bind(volume, variable)
            *lines, last = _call(f"{variable} = attempt", *parts)
            yield from (*lines, f'{last}.get("VolumeId", {_written(str(volume))})')
            yield f"names[{variable}] = {_written(str(volume))}"
            return
        if request.operation is Operation.ATTACH and isinstance(request, VolumeRequest):
            self._site.devices.put(arguments["InstanceId"], request.device, request.volumes[0])
        yield from _call("attempt", *parts)

    # Names.

    def _identity(self, ref: SingleId) -> Instance:
        """Return the identity that a scenario's id stands for; one that is made up is bound to what is sent for it."""
        match ref:
            case Unknown():
                name = Instance(f"unknown {ref.number} {ref.short}")  # no name of a scenario has a space
                self._names.bind(name, _unknown(ref))
            case Malformed():
                name = Instance(f"malformed {ref.text}")
                self._names.bind(name, ref.text)
            case _:
                name = Instance(ref.name)
        return name

    def _variable(self, name: str) -> _Code:
        """Return a variable that is free, called as much like the name as Python permits."""
        variable = re.sub(r"\W+(?:dev/)?", "_", name, flags=re.ASCII)
        while variable in self._taken:
            variable += "_"
        self._taken.add(variable)
        return _Code(variable)

    # Volumes.

    @property
    def _volumes(self) -> tuple[Volume, ...]:
        """The volumes to look at, each once: those that a step uses or names, and what ends with an instance."""
        if not self.scenario.mentions_volumes:
            return ()
        about_volumes = any(clause.startswith("VOL-") for clause in self.scenario.clauses)
        found: dict[Volume, None] = {}
        for request in (request for _, requests in self._plan for request in requests):
            if not isinstance(request, LaunchRequest):
                found |= dict.fromkeys(request.volume_ids)
            elif len(request.instances) <= _FEW and _in_earnest(request):
                launched = (volume for group in request.volumes for volume in group)
                found |= {each.volume: None for each in launched if about_volumes or not each.root}
        return tuple(found)

    @property
    def _watched_volumes(self) -> tuple[Volume, ...]:
        return tuple(volume for volume in self._volumes if self._names.knows(volume))

    def _volumes_found(self) -> Lines:
        """Look up the volumes of instances: late, and yet before anything happens to them."""
        for volume in self._volumes:
            i, device = self._home(volume)
            if i in self._launched and not self._names.knows(volume):
                variable = self._variable(volume)
                self._names.bind(volume, variable)
                parts = (_written(str(volume)), self._names.id_of(i), _written(device))
                yield from _call(f"{variable} = find_volume", *parts)

    def _home(self, volume: Volume) -> tuple[Instance, str]:
        """Return the instance and the device at which a volume can be found; none for a volume without an instance."""
        instance, device = split_volume(volume) or ("", "")
        i = Instance(instance)
        known = self._homes.get(volume)
        if known is not None or i not in self._launched:
            return known or (Instance(""), "")
        return i, self._root_device(i) if device == ROOT else device

    def _root_device(self, i: Instance) -> str:
        return self.setting.root_device or _Code(f"root_device({self._names.id_of(i)})")

    # The helpers.

    def _helpers(self, body: str) -> Lines:
        yield self._attempt_helper()
        if self._launches:
            yield self._launch_helper()
        others = {
            "settle": _SETTLE.replace("SLEEP", self.setting.sleep),
            "find_volume": _FIND_VOLUME,
            "root_device": _ROOT_DEVICE,
        }
        yield from _needed({rf"\b{name}\(": text for name, text in others.items()}, body)

    def _attempt_helper(self) -> str:
        requests = [request for _, requests in self._plan for request in requests]
        many = max([len(self.scenario.instance_names), *(request.count for request in requests)]) > _BY_NAME
        readings = "\n".join(self._readings({request.operation for request in requests}))
        return _filled(
            _ATTEMPT,
            MESSAGE="message[:200]" if many else "message",
            READINGS=indent(readings, "    "),
            SAID=_COUNT if many else _LIST,
        )

    def _readings(self, operations: set[Operation]) -> Lines:
        """Yield what tells the replies to these operations in short."""
        codes = not _CODES.isdisjoint(self.scenario.clauses)
        if self._fields:
            state = "{i['State']}" if codes else "{i['State']['Name']}"
            yield _READ_FIELDS.replace("{STATE}", state)
        elif self._launches or operations & {Operation.RUN, Operation.DESCRIBE}:
            yield _filled(_READ_INSTANCES, STATE='str(i["State"])' if codes else 'i["State"]["Name"]')
        kinds = [kind for operation, kind in _CHANGES.items() if operation in operations]
        if kinds:
            kind = _written(kinds[0]) if len(kinds) == 1 else "kind"
            changes = _filled(_READ_CHANGES, KIND=kind, STATE="str(i[key])" if codes else 'i[key]["Name"]')
            yield changes if len(kinds) == 1 else f"for kind in {_written(kinds)}:\n{indent(changes, '    ')}"
        on_one_volume = operations & {Operation.CREATE_VOLUME, Operation.ATTACH, Operation.DETACH}
        if on_one_volume:
            yield _READ_VOLUME
        if Operation.DESCRIBE_ATTRIBUTE in operations:
            yield f"el{_READ_ATTRIBUTE}" if on_one_volume else _READ_ATTRIBUTE
        if self._volumes:
            yield _READ_VOLUMES

    def _launch_helper(self) -> str:
        first = self._launches[0]
        several = any(run["MaxCount"] > 1 for run in self._launches)
        options = any(_own_options(run) for run in self._launches)
        many = any(run["MaxCount"] > _FEW for run in self._launches)
        zone, image = (["zone"] if self._differ_in_zone else []), (["image_id"] if self._differ_in_root else [])
        count = _Code("len(new)") if several else 1
        arguments = {
            "ImageId": _Code("image_id") if image else first["ImageId"],
            "InstanceType": first["InstanceType"],
            "MinCount": count,
            "MaxCount": count,
            "Placement": {"AvailabilityZone": _Code("zone")} if zone else first["Placement"],
        }
        rest = ["**options"] if options else []
        call = _call("reply = attempt", "ec2.run_instances", *_named(arguments), *rest)
        return _filled(
            _LAUNCH_SEVERAL if several else _LAUNCH,
            PARAMETERS=", ".join(["*new" if several else "name", *zone, *image, *rest]),
            SHOWN='new[0], "..."' if many else '", ".join(new)',
            CALL="\n    ".join(call),
        )

    @property
    def _fields(self) -> list[str]:
        """What to show of an instance beside its state."""
        return [*dict.fromkeys(name for clause in self.scenario.clauses for name in _FIELDS.get(clause, ()))]

    @property
    def _differ_in_zone(self) -> bool:
        return len({run.zone for run in self._runs}) > 1

    @property
    def _differ_in_root(self) -> bool:
        return len({run.root for run in self._runs}) > 1

    @property
    def _runs(self) -> list[RunStep]:
        return [step for step in self.scenario.steps if isinstance(step, RunStep) and step.in_earnest]


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _describes(step: Step) -> bool:
    return isinstance(step, BatchStep) and step.operation is Operation.DESCRIBE and step.in_earnest


def _own_options(launch: Arguments) -> Arguments:
    fixed = {"ImageId", "InstanceType", "MinCount", "MaxCount", "Placement"}
    return {key: value for key, value in launch.items() if key not in fixed}


def _in_earnest(request: Request) -> bool:
    return request.caller is Caller.OWNER and not request.dry_run
