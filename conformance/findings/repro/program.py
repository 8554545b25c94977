"""The program of a scenario, put together."""

from textwrap import wrap

from ....model.states import RootDevice
from ....strategies.scenario.scenario import Scenario
from ...adapter.arguments import Image, TargetContext
from ...adapter.devices import Devices
from .body import Body
from .environment import IMAGE, environment_of
from .helpers import Helpers
from .literals import WIDTH
from .plan import planned
from .preamble import preamble
from .templates import without_literals
from .variables import Variables


def repro(scenario: Scenario, target: str) -> str:
    """Return a Python program that makes the scenario's calls to a target with boto3, and prints what comes back.

    `target` is written as for `run`. What boto3 cannot do is a comment in the program.
    """
    environment = environment_of(target)
    variables = Variables({str(number): environment.zone(number) for number in scenario.zones})
    plan = planned(scenario, variables.identity)
    images = {
        RootDevice.EBS: Image(environment.image, environment.root_device or IMAGE.root_device),
        RootDevice.INSTANCE_STORE: Image(environment.store_image),
    }
    steps = Body(plan, environment, variables, TargetContext("a program", (), images, Devices()))
    body = "\n".join(steps.lines())
    helpers = "\n\n\n".join(Helpers(plan, environment, steps.launches).texts(without_literals(body)))
    start = f"{_docstring(scenario)}\n\n{preamble(environment, plan.fields, helpers, body)}"
    return f"{start}\n\n\n{helpers}\n\n\n{body}\n"


def _docstring(scenario: Scenario) -> str:
    clauses = f" ({', '.join(scenario.clauses)})" if scenario.clauses else ""
    safe = "".join(c if c.isprintable() and c != "\\" else repr(c)[1:-1] for c in f"{scenario.title}{clauses}")
    return '"""' + "\n".join(wrap(safe.replace('"""', '\\"' * 3), WIDTH - 6, break_on_hyphens=False)) + '."""'
