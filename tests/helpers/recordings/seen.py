"""What is judged of events: requests with the observations that a target's adapter would make, and claims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ec2_lifecycle.conformance.adapter.devices import Devices
from ec2_lifecycle.conformance.adapter.failures import failed
from ec2_lifecycle.conformance.adapter.names import Names
from ec2_lifecycle.conformance.adapter.observation import Instances, Observation
from ec2_lifecycle.conformance.adapter.reply_reader import read_reply
from ec2_lifecycle.model.world import Instance, Volume

from .events import Event
from .exchanges import ANYWHERE, Asked, Exchange, asked_by


@dataclass(frozen=True, slots=True)
class Seen:
    """What is judged of an event; the observation is that of an exchange, as a target's adapter shows it."""

    event: Event
    asked: Asked
    observation: Observation | None = None


def seen_in(events: Iterable[Event]) -> list[Seen]:
    """Return what is to be judged of events that came one after the other."""
    names, devices = Names(zones={ANYWHERE: ""}), Devices()
    shown = dict[tuple[Instance, str], Volume]()
    found: list[Seen] = []
    for event in events:
        for asked in asked_by(event, lambda i, device: shown.get((i, device))):
            observation = _observation(asked, names, devices) if isinstance(asked, Exchange) else None
            found.append(Seen(event, asked, observation))
            for item in observation.items if isinstance(observation, Instances) else ():
                shown.update(((item.instance, one.device), one.volume) for one in item.devices)
    return found


def _observation(exchange: Exchange, names: Names, devices: Devices) -> Observation:
    request, reply = exchange.request, exchange.reply
    if "Error" in reply:
        error: Any = reply
        return failed(request.operation, ClientError(error, request.operation.value), names)
    return read_reply(request, reply, names, devices)
