"""The helper functions of a program, each reduced to what the scenario needs."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import indent
from typing import Final

from ....model.requests import Operation
from ...adapter.arguments import Arguments
from . import templates
from .environment import Environment
from .literals import BY_NAME, Code, as_literal, call_lines, keyword_arguments
from .plan import FEW, Plan
from .templates import fill, required_templates

_CHANGES: Final[Mapping[Operation, str]] = {
    Operation.START: "StartingInstances",
    Operation.STOP: "StoppingInstances",
    Operation.TERMINATE: "TerminatingInstances",
}


class Helpers:
    """The helper functions for a plan; `launches` are the arguments of all its launches."""

    def __init__(self, plan: Plan, environment: Environment, launches: Sequence[Arguments]) -> None:
        self._plan = plan
        self._environment = environment
        self._launches = launches

    def texts(self, body: str) -> Iterator[str]:
        """Yield the functions that a body needs; `body` has empty literals."""
        yield self._attempt_helper()
        if self._launches:
            yield self._launch_helper()
        others = {
            "settle": templates.SETTLE.replace("SLEEP", self._environment.sleep),
            "find_volume": templates.FIND_VOLUME,
            "root_device": templates.ROOT_DEVICE,
        }
        yield from required_templates({rf"\b{name}\(": text for name, text in others.items()}, body)

    def _attempt_helper(self) -> str:
        requests = self._plan.requests
        many = max([len(self._plan.scenario.instance_names), *(request.count for request in requests)]) > BY_NAME
        readings = "\n".join(self._readings({request.operation for request in requests}))
        return fill(
            templates.ATTEMPT,
            MESSAGE="message[:200]" if many else "message",
            READINGS=indent(readings, "    "),
            SAID=templates.COUNT if many else templates.LIST,
        )

    def _readings(self, operations: set[Operation]) -> Iterator[str]:
        """Yield the code that summarises the replies to these operations."""
        codes = self._plan.shows_codes
        if self._plan.fields:
            state = "{i['State']}" if codes else "{i['State']['Name']}"
            yield templates.READ_FIELDS.replace("{STATE}", state)
        elif self._launches or operations & {Operation.RUN, Operation.DESCRIBE}:
            yield fill(templates.READ_INSTANCES, STATE='str(i["State"])' if codes else 'i["State"]["Name"]')
        kinds = [kind for operation, kind in _CHANGES.items() if operation in operations]
        if kinds:
            kind = as_literal(kinds[0]) if len(kinds) == 1 else "kind"
            changes = fill(templates.READ_CHANGES, KIND=kind, STATE="str(i[key])" if codes else 'i[key]["Name"]')
            yield changes if len(kinds) == 1 else f"for kind in {as_literal(kinds)}:\n{indent(changes, '    ')}"
        on_one_volume = operations & {Operation.CREATE_VOLUME, Operation.ATTACH, Operation.DETACH}
        if on_one_volume:
            yield templates.READ_VOLUME
        if Operation.DESCRIBE_ATTRIBUTE in operations:
            yield f"el{templates.READ_ATTRIBUTE}" if on_one_volume else templates.READ_ATTRIBUTE
        if self._plan.volumes:
            yield templates.READ_VOLUMES

    def _launch_helper(self) -> str:
        first = self._launches[0]
        several = any(run["MaxCount"] > 1 for run in self._launches)
        ranges = any(run["MinCount"] != run["MaxCount"] for run in self._launches)
        options = ranges or any(own_options(run) for run in self._launches)
        many = any(run["MaxCount"] > FEW for run in self._launches)
        zone = ["zone"] if self._plan.differ_in_zone else []
        image = ["image_id"] if self._plan.differ_in_root else []
        count = Code("len(new)") if several else 1
        arguments = {
            "ImageId": Code("image_id") if image else first["ImageId"],
            "InstanceType": first["InstanceType"],
            "MinCount": count,
            "MaxCount": count,
            "Placement": {"AvailabilityZone": Code("zone")} if zone else first["Placement"],
        }
        if ranges:
            del arguments["MinCount"]
        rest = ["**options"] if options else []
        launch = call_lines("reply = attempt", "ec2.run_instances", *keyword_arguments(arguments), *rest)
        return fill(
            templates.LAUNCH_SEVERAL if several else templates.LAUNCH,
            PARAMETERS=", ".join(["*new" if several else "name", *zone, *image, *rest]),
            SHOWN='new[0], "..."' if many else '", ".join(new)',
            CALL="\n    ".join(launch),
        )


def own_options(launch: Arguments, *, ranges: bool = False) -> Arguments:
    """Return the arguments that a launch passes unchanged to the helper `launch`; `ranges`: also its MinCount."""
    fixed = {"ImageId", "InstanceType", "MaxCount", "Placement", *(() if ranges else ("MinCount",))}
    return {key: value for key, value in launch.items() if key not in fixed}
