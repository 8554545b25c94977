"""What users import for their own tests: `from ec2_lifecycle.testing import ec2_double, judged`.

In: a boto3 client, a target, or a scenario of the user's. Out: replies that EC2 may give, or what EC2 would not reply.
Every name is loaded when it is first used, so that importing this package costs nothing.
Installed, this folder is `ec2_lifecycle.testing`, and so it imports absolutely.
docs/testing.md describes each name; read `__init__.py` first, the only file.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ec2_lifecycle.conformance.adapter.clock import VirtualClock
    from ec2_lifecycle.conformance.emulator.client import ModelClient
    from ec2_lifecycle.conformance.emulator.declared import (
        Declared,
        DeclaredGroup,
        DeclaredImage,
        DeclaredSubnet,
    )
    from ec2_lifecycle.conformance.emulator.double import Ec2Double, ec2_double
    from ec2_lifecycle.conformance.execution.play import Outcome
    from ec2_lifecycle.conformance.execution.runner import Runner
    from ec2_lifecycle.conformance.oracle.engine import Engine
    from ec2_lifecycle.conformance.oracle.settings import Settings
    from ec2_lifecycle.conformance.pytest.diverged import CallsDiverged, Diverged, ScenarioDiverged
    from ec2_lifecycle.conformance.pytest.judging.judge import Judge, Judging, judged
    from ec2_lifecycle.conformance.pytest.state_machine import state_machine
    from ec2_lifecycle.conformance.targets.model import model_target
    from ec2_lifecycle.conformance.targets.python import factory_target

__all__ = [
    "CallsDiverged",
    "Declared",
    "DeclaredGroup",
    "DeclaredImage",
    "DeclaredSubnet",
    "Diverged",
    "Ec2Double",
    "Engine",
    "Judge",
    "Judging",
    "ModelClient",
    "Outcome",
    "Runner",
    "ScenarioDiverged",
    "Settings",
    "VirtualClock",
    "ec2_double",
    "factory_target",
    "judged",
    "model_target",
    "state_machine",
]

_HOMES: Final = {
    "CallsDiverged": "pytest.diverged",
    "Declared": "emulator.declared",
    "DeclaredGroup": "emulator.declared",
    "DeclaredImage": "emulator.declared",
    "DeclaredSubnet": "emulator.declared",
    "Diverged": "pytest.diverged",
    "Ec2Double": "emulator.double",
    "Engine": "oracle.engine",
    "Judge": "pytest.judging.judge",
    "Judging": "pytest.judging.judge",
    "ModelClient": "emulator.client",
    "Outcome": "execution.play",
    "Runner": "execution.runner",
    "ScenarioDiverged": "pytest.diverged",
    "Settings": "oracle.settings",
    "VirtualClock": "adapter.clock",
    "ec2_double": "emulator.double",
    "factory_target": "targets.python",
    "judged": "pytest.judging.judge",
    "model_target": "targets.model",
    "state_machine": "pytest.state_machine",
}
"""The module of each name, in `ec2_lifecycle.conformance`."""


def __getattr__(name: str) -> object:
    """Load a public name; Python asks for it here the first time."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ec2_lifecycle.conformance.{_HOMES[name]}"), name)
