"""The variables of a program, and the other expressions for ids."""

import builtins
import re
from collections.abc import Mapping
from keyword import kwlist
from typing import Final

from ....model.world import Instance
from ....strategies.scenario.steps import Malformed, SingleId, Unknown
from ...adapter.names import Names
from .literals import Code, Token, unknown

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
    | {
        "resolve_name",
        "root_device",
        "settle",
        "instance_store_image",
        "store_image",
        "time",
        "token",
        "uuid4",
        "virtual_time",
        "volume",
    }
    | {"zones"}
)
"""The names that no variable of a scenario may have."""


class _Names(Names):
    """Names whose client tokens are expressions, so that no two runs of a program send the same."""

    def client_token(self, name: str) -> str:
        """Return the expression of a client token."""
        return Token(name)


class Variables:
    """The bindings of the scenario's names; `zones` are the names of zones."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        self.names: Names = _Names()
        self.names.zones |= zones
        self._taken = {*_TAKEN}

    def identity(self, ref: SingleId) -> Instance:
        """Return the instance for an id of the scenario; an invented id is bound to the value that is sent."""
        match ref:
            case Unknown():
                name = Instance(f"unknown {ref.number} {ref.short}")  # names in scenarios have no spaces
                self.names.bind(name, unknown(ref))
            case Malformed():
                name = Instance(f"malformed {ref.text}")
                self.names.bind(name, ref.text)
            case _:
                name = Instance(ref.name)
        return name

    def new(self, name: str) -> Code:
        """Return an unused variable, named as similarly as Python permits."""
        variable = re.sub(r"\W+(?:dev/)?", "_", name, flags=re.ASCII)
        while variable in self._taken:
            variable += "_"
        self._taken.add(variable)
        return Code(variable)
