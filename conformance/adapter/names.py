"""Maps the names of a scenario to real ids, and back."""

import re
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from ...model.world import Instance, Volume
from .answer import AnswerCallback, ignore_answer

_TOKEN: Final = re.compile(r"[\w-]+")


def _new_prefix() -> str:
    return f"{uuid4().hex}-"


@dataclass(slots=True)
class Names:
    """The real id of each name; grows while a scenario runs.

    Instances and volumes share one table of ids: no id of EC2 is both.
    `zones` maps a scenario's zone numbers to the target's zone names; `devices` says where a volume is attached.
    """

    zones: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    names: dict[str, str] = field(default_factory=dict[str, str])
    devices: dict[Volume, str] = field(default_factory=dict[Volume, str])
    on_answer: AnswerCallback = ignore_answer
    """Called by the target with every answer in this scenario."""
    token_prefix: str = field(default_factory=_new_prefix)
    """What makes the client tokens of this scenario its own: EC2 remembers a token for a day and more (fact K-04)."""

    def bind(self, name: Instance | Volume, real_id: str) -> None:
        """Bind a name to a real id."""
        self.ids[name] = real_id
        self.names[real_id] = name

    def id_of(self, name: Instance | Volume) -> str:
        """Return the real id of a name; KeyError if it was never bound."""
        return self.ids[name]

    def knows(self, name: Instance | Volume) -> bool:
        """Tell whether a name is bound."""
        return name in self.ids

    def client_token(self, name: str) -> str:
        """Return the client token of a name."""
        return f"{self.token_prefix}{name}"

    def bind_new(self, name: Instance, real_id: str) -> None:
        """Bind an id that has no name: to this one, or to another where this one has an id already."""
        if real_id in self.names:
            return
        while name in self.ids:
            name = Instance(f"{name} again")  # no name in a scenario has a space
        self.bind(name, real_id)

    def instance(self, real_id: str) -> Instance:
        """Return the name of an instance, or its id if it has no name."""
        return Instance(self.names.get(real_id, real_id))

    def volume(self, real_id: str) -> Volume:
        """Return the name of a volume, or its id if it has no name."""
        return Volume(self.names.get(real_id, real_id))

    def zone(self, name: str) -> str:
        """Return the scenario's number of a zone, or the zone's own name if it has none."""
        return next((number for number, zone in self.zones.items() if zone == name), name)

    def learn_zone(self, name: str) -> None:
        """Give a zone its name that a target showed without having listed its zones."""
        for number, zone in self.zones.items():
            if not zone:
                self.zones[number] = name

    def replace_ids(self, text: str) -> str:
        """Replace every bound id in a text with its name."""
        return _TOKEN.sub(lambda token: self.names.get(token[0], token[0]), text)
