"""A world in a file: everything that a served model holds, as JSON; one version's file loads in the next."""

from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec

from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ..played.client import ModelClient
from ..played.faces import Face, VolumeFace
from ..played.regions import Region
from .cloud import Cloud, is_region

FORMAT: Final = 1


class WrongWorld(ValueError):
    """A file that holds no world; the message is one sentence, with the place in it."""


@dataclass(frozen=True, slots=True)
class HeldInstance:
    """An instance: what the specification says of it, what else it shows, and when its state had its reason."""

    record: InstanceRecord
    face: Face
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class HeldVolume:
    """A volume: what the specification says of it, and what else it shows."""

    record: VolumeRecord
    face: VolumeFace


@dataclass(frozen=True, slots=True)
class HeldRegion:
    """What a region holds, in the order in which it was made."""

    instances: dict[str, HeldInstance] = field(default_factory=dict[str, HeldInstance])
    volumes: dict[str, HeldVolume] = field(default_factory=dict[str, HeldVolume])


@dataclass(frozen=True, slots=True)
class HeldWorld:
    """A whole account; `now` is the time of its clock, in seconds."""

    format: int
    now: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    regions: dict[str, HeldRegion] = field(default_factory=dict[str, HeldRegion])


def dump(cloud: Cloud) -> bytes:
    """Return the world of an account, after all that was due."""
    for client in cloud.regions.values():
        client.play.advance()
    held = HeldWorld(FORMAT, cloud.clock.now(), {name: _held(client) for name, client in cloud.regions.items()})
    return msgspec.json.format(msgspec.json.encode(held), indent=1)


def parse(text: bytes) -> HeldWorld:
    """Return the world that a file holds; raises `WrongWorld`."""
    try:
        held = msgspec.json.decode(text, type=HeldWorld)
    except msgspec.DecodeError as error:  # also where it is JSON, but not of this form
        raise WrongWorld(f"This is no world as the model dumps it: {str(error).rstrip('.')}.") from None
    if held.format != FORMAT:
        raise WrongWorld(f"The world has format {held.format}, and this version reads {FORMAT}; dump it again.")
    for name, region in held.regions.items():
        _check(name, region)
    return held


def _check(name: str, region: HeldRegion) -> None:
    """Raise `WrongWorld` where a region cannot be as it is written."""
    if not is_region(name):
        raise WrongWorld(f'The world has a region "{name}", which is no name of one; write one as us-east-1.')
    zones = Region(name).zones
    for one, record in (
        (one, each.record) for part in (region.instances, region.volumes) for one, each in part.items()
    ):
        if record.zone not in zones:
            raise WrongWorld(f"{one} is in {record.zone}, and {name} has the zones {', '.join(zones)}.")
    for v, volume in region.volumes.items():
        if volume.record.holder is not None and volume.record.holder not in region.instances:
            raise WrongWorld(f"The volume {v} is attached to {volume.record.holder}, which is not in {name}.")


def load(cloud: Cloud, held: HeldWorld) -> None:
    """Let an empty account, whose clock shows the time of the world, hold it."""
    for name, region in held.regions.items():
        client = cloud.region(name)
        client.show.faces.update({Instance(i): each.face for i, each in region.instances.items()})
        client.show.volume_faces.update({Volume(v): each.face for v, each in region.volumes.items()})
        client.play.hold(
            {Instance(i): each.record for i, each in region.instances.items()},
            {Volume(v): each.record for v, each in region.volumes.items()},
            {Instance(i): each.since for i, each in region.instances.items()},
        )


def _held(client: ModelClient) -> HeldRegion:
    account, show = client.play.account, client.show
    return HeldRegion(
        {i: HeldInstance(record, show.faces[i], account.since.get(i, 0.0)) for i, record in account.instances.items()},
        {v: HeldVolume(record, show.volume_faces[v]) for v, record in account.volumes.items()},
    )
