"""The body of a program: the lines for each step of the scenario."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ....model.requests import Caller, LaunchRequest, Operation, Request, VolumeRequest
from ....model.world import Instance
from ....strategies.scenario.names import ids_used
from ....strategies.scenario.steps import CreateVolumeStep, Gone, Push, PushStep, RunStep, SettleStep, Step, WaitStep
from ...adapter.arguments import Arguments, TargetContext, arguments_for
from ...execution.play import FORGOTTEN_AFTER
from .environment import Environment
from .helpers import own_options
from .literals import Member, as_literal, call_lines, keyword_arguments
from .plan import FEW, Plan, PlannedStep, describes
from .variables import Variables
from .volumes import Volumes

_PUSHED: Final[Mapping[Push, str]] = {
    Push.GUEST_SHUTDOWN: "Here {} shuts down from within",
    Push.RETIRE: "Here EC2 retires {}",
    Push.LAUNCH_FAILURE: "Here the launch of {} fails",
}
_METHOD: Final = {each: re.sub(r"(?<!^)(?=[A-Z])", "_", each.value).lower() for each in Operation}


class Body:
    """Writes the steps of a plan; `launches` are the arguments of the launches so far."""

    def __init__(self, plan: Plan, environment: Environment, variables: Variables, context: TargetContext) -> None:
        self.launches: list[Arguments] = []
        self._plan = plan
        self._environment = environment
        self._variables = variables
        self._names = variables.names
        self._context = context
        self._volumes = Volumes(plan.volumes, environment, variables, context)
        self._launched: list[Instance] = []

    def lines(self) -> Iterator[str]:
        """Yield the body, with a blank line between launches and other steps."""
        launching: bool | None = None
        for step, lines in self._steps():
            if lines and launching is not isinstance(step, RunStep):
                if launching is not None:
                    yield ""
                launching = isinstance(step, RunStep)
            yield from lines

    def _steps(self) -> Iterator[tuple[Step, list[str]]]:
        """Yield each step with its lines, and at the end a description of everything."""
        looked = True
        for number, (step, requests) in enumerate(self._plan.steps):
            following = self._plan.steps[number + 1 :][:1]
            if not (
                isinstance(step, SettleStep) and self._environment.settles_at_once and self._all_described(following)
            ):
                yield step, [*self._lines(step, requests)]
            if not isinstance(step, WaitStep):
                looked = isinstance(step, SettleStep) or describes(step)
        yield SettleStep(), [*self._volumes.found(self._launched), *(() if looked else self._settle())]

    def _all_described(self, plan: Sequence[PlannedStep]) -> bool:
        """Tell whether the next step describes everything, so that no other description is needed."""
        shows = [request.instances for step, requests in plan if describes(step) for request in requests]
        return shows == [tuple(self._launched)] and not self._volumes.watched

    def _lines(self, step: Step, requests: tuple[Request, ...]) -> Iterator[str]:
        match step:
            case SettleStep():
                yield from self._settle()
            case WaitStep():
                yield f"{self._environment.sleep}({step.seconds})"
            case PushStep():
                yield from self._volumes.found(self._launched)
                yield self._pushed(step)
            case RunStep() if step.in_earnest:
                yield from self._launch(step, requests)
            case _:
                yield from self._forgotten(step)
                if not describes(step) and not isinstance(step, CreateVolumeStep):
                    yield from self._volumes.found(self._launched)
                for request in requests:
                    yield from self._request(request)

    def _settle(self) -> Iterator[str]:
        if self._launched:
            ids = [self._names.id_of(i) for i in self._launched]
            if self._environment.settles_at_once:
                yield from call_lines("attempt", "ec2.describe_instances", *keyword_arguments({"InstanceIds": ids}))
            else:
                yield from call_lines("settle", as_literal(ids))
        variables = [self._names.id_of(volume) for volume in self._volumes.watched]
        if len(variables) > 1:
            yield f"for volume in {as_literal(variables)}:"
            yield "    attempt(ec2.describe_volumes, VolumeIds=[volume])"
        else:
            yield from (f"attempt(ec2.describe_volumes, VolumeIds=[{variable}])" for variable in variables)

    def _pushed(self, step: PushStep) -> str:
        variable = self._names.id_of(Instance(step.id))
        if self._environment.beyond_boto3:
            return f"ec2.push({as_literal(step.push.value)}, {variable})"
        return f"# {_PUSHED[step.push].format(variable)}, for which boto3 has no call."

    def _forgotten(self, step: Step) -> Iterator[str]:
        """Wait until EC2 forgets the instances that a step names as gone."""
        for gone in (Instance(ref.name) for ref in ids_used(step) if isinstance(ref, Gone)):
            told = f"forgets the terminated {self._names.id_of(gone)} after about an hour"
            if self._environment.beyond_boto3:
                yield f"{self._environment.sleep}({FORGOTTEN_AFTER:.0f})  # EC2 {told}"
            else:
                yield f"# EC2 {told}, which boto3 cannot hasten."
            self._launched = [i for i in self._launched if i != gone]

    def _launch(self, step: RunStep, requests: tuple[Request, ...]) -> Iterator[str]:
        for request in (request for request in requests if isinstance(request, LaunchRequest)):
            arguments = arguments_for(request, self._names, self._context)
            self.launches.append(arguments)
            variables = self._variables_of(step)
            self._launched += request.instances[: request.min_count]
            self._volumes.launched(request)
            new = [as_literal(str(name)) for name in step.instance_names]
            if step.count > FEW:
                new = [f'*[f"{step.name}{{n}}" for n in range(1, {step.count + 1})]']
            yield from call_lines(f"{variables} = launch", *new, *keyword_arguments(self._options(arguments)))

    def _variables_of(self, step: RunStep) -> str:
        """Bind the names of a launch to variables, and return the assignment's left side."""
        if step.count > FEW or step.min_count is not None:  # it may make fewer
            whole = self._variables.new(step.name)

            def together(first: int, after: int) -> str:
                return whole if after - first == step.count else f"{whole}[{first}:{after}]"

            for number, name in enumerate(step.instance_names):
                self._names.bind(Instance(name), Member(f"{whole}[{number}]", number, together))
            return whole
        variables = [self._variables.new(name) for name in step.instance_names]
        for name, variable in zip(step.instance_names, variables, strict=True):
            self._names.bind(Instance(name), variable)
        return ", ".join(variables)

    def _options(self, arguments: Arguments) -> Arguments:
        """Return the arguments that differ between launches, for the helper."""
        zone = {"zone": arguments["Placement"]["AvailabilityZone"]} if self._plan.differ_in_zone else {}
        image = {"image_id": arguments["ImageId"]} if self._plan.differ_in_root else {}
        return zone | image | own_options(arguments, ranges=self._plan.has_ranges)

    def _request(self, request: Request) -> Iterator[str]:
        arguments = arguments_for(request, self._names, self._context)
        method = _METHOD[request.operation]
        if request.caller is Caller.NOBODY and not self._environment.beyond_boto3:
            yield "# By a caller without permission, which takes credentials of its own:"
            for line in call_lines("attempt", f"ec2.{method}", *keyword_arguments(arguments)):
                yield f"# {line}"
            return
        client = "ec2.for_nobody()" if request.caller is Caller.NOBODY else "ec2"
        parts = (f"{client}.{method}", *keyword_arguments(arguments))
        if request.operation is Operation.CREATE_VOLUME and request.caller is Caller.OWNER and not request.dry_run:
            (volume,) = request.volume_ids
            variable = self._variables.new(volume)
            self._names.bind(volume, variable)
            *lines, last = call_lines(f"{variable} = attempt", *parts)
            yield from (*lines, f'{last}.get("VolumeId", {as_literal(str(volume))})')
            yield f"names[{variable}] = {as_literal(str(volume))}"
            return
        if request.operation is Operation.ATTACH and isinstance(request, VolumeRequest):
            self._context.devices.put(arguments["InstanceId"], request.device, request.volumes[0])
        yield from call_lines("attempt", *parts)
