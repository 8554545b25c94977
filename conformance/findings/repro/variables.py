"""The variables of a program, and what else stands in it for an id."""

import builtins
import re
from collections.abc import Mapping
from keyword import kwlist
from typing import Final

from ....model.world import Instance
from ....strategies.scenario.steps import Malformed, SingleId, Unknown
from ...adapter.names import Names
from .literals import Code, unknown

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


class Variables:
    """What the scenario's names are bound to, while the program is written; `zones` are the names of zones."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        self.names = Names()
        self.names.zones |= zones
        self._taken = {*_TAKEN}

    def identity(self, ref: SingleId) -> Instance:
        """Return the identity that a scenario's id stands for; one that is made up is bound to what is sent for it."""
        match ref:
            case Unknown():
                name = Instance(f"unknown {ref.number} {ref.short}")  # no name of a scenario has a space
                self.names.bind(name, unknown(ref))
            case Malformed():
                name = Instance(f"malformed {ref.text}")
                self.names.bind(name, ref.text)
            case _:
                name = Instance(ref.name)
        return name

    def new(self, name: str) -> Code:
        """Return a variable that is free, called as much like the name as Python permits."""
        variable = re.sub(r"\W+(?:dev/)?", "_", name, flags=re.ASCII)
        while variable in self._taken:
            variable += "_"
        self._taken.add(variable)
        return Code(variable)
