"""The calls of a scenario as values: what the shortest programs, in Python or for a shell, write down."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ....model.requests import BatchRequest, Caller, LaunchRequest, Operation, Request, VolumeRequest
from ....model.states import RootDevice
from ....model.world import Instance, Volume
from ....strategies.building.guide import Guide
from ....strategies.scenario.scenario import Scenario
from ....strategies.scenario.steps import PushStep, RunStep, SettleStep, Step
from ...adapter.arguments import Arguments, Image, TargetContext, arguments_for
from ...adapter.devices import Devices
from ...adapter.target import Unsupported
from .environment import IMAGE, Environment
from .literals import Code, Member
from .plan import FEW, planned
from .variables import Variables

_METHODS: Final[Mapping[Operation, str]] = {
    each: re.sub(r"(?<!^)(?=[A-Z])", "_", each.value).lower() for each in Operation
}


_STORE_IMAGE: Final = Code("instance_store_image")
_LOOK_UP: Final = -1
"""The step of a call that no step of the scenario makes."""


class CannotWrite(Exception):
    """A finding has no program of this form; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a scenario; `binds` are the variables that keep the ids of what it makes."""

    step: int
    request: Request
    method: str
    """As boto3 spells it."""
    arguments: Arguments
    binds: tuple[Code, ...] = ()
    whole: bool = False
    """Whether one variable keeps the ids of all its instances, because they are many, or nobody knows how many."""
    kept: tuple[str | int, ...] = ()
    """The path from the reply to the id that `binds` keeps, if it keeps one."""
    refused: bool = False
    """Whether EC2 refuses it."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a scenario, and the variables of its instances."""

    calls: tuple[Call, ...]
    variables: Variables
    launched: tuple[Instance, ...]

    def variable(self, instance: str) -> str:
        """Return the variable of an instance; raises `CannotWrite` for an id that no call makes."""
        if Instance(instance) not in self.launched:
            raise CannotWrite(f"the finding is about {instance}, which its scenario does not launch.")
        return self.variables.names.id_of(Instance(instance))


def calls_of(scenario: Scenario, environment: Environment) -> Calls:
    """Return the calls of a scenario; raises `CannotWrite` where a call is not one of EC2's API, or names a lost id."""
    variables = Variables({str(number): environment.zone(number) for number in scenario.zones})
    root_device = environment.root_device or IMAGE.root_device
    images = {
        RootDevice.EBS: Image(environment.image, root_device),
        RootDevice.INSTANCE_STORE: Image(_STORE_IMAGE, root_device),
    }
    context = TargetContext("a program", (), images, Devices())
    steps = planned(scenario, variables.identity).steps
    named = {volume for _, requests in steps for each in requests if _names_volumes(each) for volume in each.volume_ids}
    guide = Guide()
    calls: list[Call] = []
    launched: list[Instance] = []
    for number, (step, requests) in enumerate(steps):
        if isinstance(step, PushStep):
            raise CannotWrite("the scenario needs something that no call of EC2's API causes.")
        guide.take(step)
        refused = any(rung is not None for _, rung in guide.last_requests)
        guide.take(SettleStep())
        for request in requests:
            if request.caller is Caller.NOBODY:
                raise CannotWrite("the scenario needs a caller without permission, with credentials of its own.")
            try:
                call = Call(number, request, _METHODS[request.operation], _arguments(request, variables, context))
            except (Unsupported, KeyError) as error:
                raise CannotWrite("the scenario names a volume whose id no call shows.") from error
            if call.arguments.get("ImageId") == _STORE_IMAGE and not any(_STORE_IMAGE in one.binds for one in calls):
                calls.append(_store_image())
            calls.append(replace(_binding(call, step, variables, launched), refused=refused))
            if isinstance(step, RunStep) and isinstance(request, LaunchRequest) and not request.dry_run:
                calls += _volumes_of(request, root_device, named, variables, context)
    return Calls(tuple(_without_lone_zone(calls)), variables, tuple(launched))


def _names_volumes(request: Request) -> bool:
    return isinstance(request, VolumeRequest) and request.operation is not Operation.CREATE_VOLUME


def _store_image() -> Call:
    """Return the call that looks an image with an instance store root device up."""
    filters = [{"Name": "root-device-type", "Values": ["instance-store"]}]
    return Call(
        _LOOK_UP,
        Request(Operation.DESCRIBE),
        "describe_images",
        {"Filters": filters},
        (_STORE_IMAGE,),
        kept=("Images", 0, "ImageId"),
    )


def _volumes_of(
    request: LaunchRequest, root_device: str, named: set[Volume], variables: Variables, context: TargetContext
) -> Iterator[Call]:
    """Yield the calls that look up those of a launch's volumes that a later call names."""
    for instance, volumes in zip(request.instances, request.volumes, strict=True):
        for volume in volumes:
            device = root_device if volume.root else variables.names.devices[volume.volume]
            instance_id = variables.names.id_of(instance)
            context.devices.put(instance_id, device, volume.volume)
            if volume.volume not in named:
                continue
            filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
            if len(volumes) > 1:
                filters.append({"Name": "attachment.device", "Values": [device]})
            variable = variables.new(volume.volume)
            variables.names.bind(volume.volume, variable)
            look_up = VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(volume.volume,))
            path = ("Volumes", 0, "VolumeId")
            yield Call(_LOOK_UP, look_up, "describe_volumes", {"Filters": filters}, (variable,), kept=path)


def _without_lone_zone(calls: list[Call]) -> Iterator[Call]:
    """Yield calls, without the zone of a launch with which nothing else shares it, and which no filter names."""
    placed = [call for call in calls if call.request.operation in (Operation.RUN, Operation.CREATE_VOLUME)]
    filtered = any(isinstance(call.request, BatchRequest) and call.request.zones for call in calls)
    for call in calls:
        lone = len(placed) == 1 and not filtered and isinstance(call.request, LaunchRequest)
        left = {key: value for key, value in call.arguments.items() if not lone or key != "Placement"}
        yield replace(call, arguments=left)


def _arguments(request: Request, variables: Variables, context: TargetContext) -> Arguments:
    arguments = arguments_for(request, variables.names, context)
    if request.operation is Operation.ATTACH and isinstance(request, VolumeRequest):
        context.devices.put(arguments["InstanceId"], request.device, request.volumes[0])
    arguments.pop("InstanceType", None)  # every target has a default one
    return arguments


def _binding(call: Call, step: Step, variables: Variables, launched: list[Instance]) -> Call:
    """Return a call with the variables for what it makes."""
    request = call.request
    if request.dry_run:
        return call
    if isinstance(request, LaunchRequest) and isinstance(step, RunStep):
        launched += request.instances
        if len(request.instances) > FEW or request.min_count not in (None, len(request.instances)):
            whole = variables.new(step.name)
            for number, instance in enumerate(request.instances):
                variables.names.bind(instance, _member(whole, number, len(request.instances)))
            return replace(call, binds=(whole,), whole=True)
        binds = tuple(variables.new(str(instance)) for instance in request.instances)
        for instance, variable in zip(request.instances, binds, strict=True):
            variables.names.bind(instance, variable)
        kept = ("Instances", 0, "InstanceId") if len(binds) == 1 else ()
        return replace(call, binds=binds, kept=kept)
    if request.operation is Operation.CREATE_VOLUME:
        (volume,) = request.volume_ids
        variable = variables.new(volume)
        variables.names.bind(volume, variable)
        return replace(call, binds=(variable,), kept=("VolumeId",))
    return call


def _member(whole: Code, number: int, count: int) -> Member:
    def together(first: int, after: int) -> str:
        return whole if after - first == count else f"{whole}[{first}:{after}]"

    return Member(f"{whole}[{number}]", number, together)


def common_launch(calls: Calls) -> Arguments:
    """Return the arguments that all launches share; none if there is only one launch."""
    launches = [call.arguments for call in calls.calls if isinstance(call.request, LaunchRequest)]
    first = launches[0] if len(launches) > 1 else {}
    return {key: value for key, value in first.items() if all(launch.get(key) == value for launch in launches)}
