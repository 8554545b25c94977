"""The calls of a scenario as values: what the shortest programs, in Python or for a shell, write down."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ....model.requests import Caller, LaunchRequest, Operation, Request, VolumeRequest
from ....model.states import RootDevice
from ....model.world import Instance
from ....strategies.scenario.scenario import Scenario
from ....strategies.scenario.steps import PushStep, RunStep, Step
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
    """Whether one variable keeps the ids of all its instances, because they are many."""


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
    images = {
        RootDevice.EBS: Image(environment.image, environment.root_device or IMAGE.root_device),
        RootDevice.INSTANCE_STORE: Image(environment.store_image),
    }
    context = TargetContext("a program", (), images, Devices())
    calls: list[Call] = []
    launched: list[Instance] = []
    for number, (step, requests) in enumerate(planned(scenario, variables.identity).steps):
        if isinstance(step, PushStep):
            raise CannotWrite("the scenario needs something that no call of EC2's API causes.")
        for request in requests:
            if request.caller is Caller.NOBODY:
                raise CannotWrite("the scenario needs a caller without permission, with credentials of its own.")
            try:
                call = Call(number, request, _METHODS[request.operation], _arguments(request, variables, context))
            except (Unsupported, KeyError) as error:
                raise CannotWrite("the scenario names a volume whose id only a description shows.") from error
            if call.arguments.get("ImageId") == "store_image":
                raise CannotWrite("the scenario needs an image with an instance store root device.")
            calls.append(_binding(call, step, variables, launched))
    return Calls(tuple(_without_lone_zone(calls)), variables, tuple(launched))


def _without_lone_zone(calls: list[Call]) -> Iterator[Call]:
    """Yield calls, without the zone of a launch with which nothing else shares it."""
    placed = [call for call in calls if isinstance(call.request, LaunchRequest) or call.request.volume_ids]
    for call in calls:
        lone = len(placed) == 1 and isinstance(call.request, LaunchRequest)
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
        if len(request.instances) > FEW:
            whole = variables.new(step.name)
            for number, instance in enumerate(request.instances):
                variables.names.bind(instance, _member(whole, number, len(request.instances)))
            return replace(call, binds=(whole,), whole=True)
        binds = tuple(variables.new(str(instance)) for instance in request.instances)
        for instance, variable in zip(request.instances, binds, strict=True):
            variables.names.bind(instance, variable)
        return replace(call, binds=binds)
    if request.operation is Operation.CREATE_VOLUME:
        (volume,) = request.volume_ids
        variable = variables.new(volume)
        variables.names.bind(volume, variable)
        return replace(call, binds=(variable,))
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
