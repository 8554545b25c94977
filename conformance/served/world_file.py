"""A world in a file: everything that a served model holds, as JSON; one version's file loads in the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

import msgspec

from ...model.states import VolumeState
from ...model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ...reports.misfits import mistake_in
from ..played.behaviour import StepKind
from ..played.client import ModelClient
from ..played.descriptions import BEGINNING
from ..played.faces import Face, VolumeFace
from ..played.play import Held
from ..played.regions import Region
from .clock import LATEST
from .cloud import MOST_REGIONS, Cloud, is_region
from .settings import STEPS, word

FORMAT: Final = 1
_INSTANCE: Final = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_VOLUME: Final = re.compile(r"vol-[0-9a-f]{8}(?:[0-9a-f]{9})?")


class WrongWorld(ValueError):
    """A file that holds no world; the message is one sentence, with the place in it."""


Moment = Annotated[float, msgspec.Meta(ge=-LATEST, le=LATEST)]
"""A time of the clock, in seconds."""


@dataclass(frozen=True, slots=True)
class HeldInstance:
    """An instance: what the specification says of it, what else it shows, and when its state had its reason.

    `volumes` are those that it holds, in order of attachment; `due` tells the background steps that can come, and
    when (null: not by themselves); without it they begin to wait anew.
    `heard` are the operations that know its id already, `ending` the open points that its end has settled.
    """

    record: InstanceRecord
    face: Face
    since: Moment = 0.0
    volumes: tuple[str, ...] = ()
    due: dict[str, Moment | None] | None = None
    heard: tuple[str, ...] = ()
    ending: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class HeldVolume:
    """A volume: what the specification says of it, what else it shows, and the steps that can come."""

    record: VolumeRecord
    face: VolumeFace
    due: dict[str, Moment | None] | None = None


@dataclass(frozen=True, slots=True)
class HeldRegion:
    """What a region holds, in the order in which it was made; `launches` are those with a client token."""

    instances: dict[str, HeldInstance] = field(default_factory=dict[str, HeldInstance])
    volumes: dict[str, HeldVolume] = field(default_factory=dict[str, HeldVolume])
    launches: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict[str, "tuple[str, tuple[str, ...]]"])


@dataclass(frozen=True, slots=True)
class HeldWorld:
    """A whole account; `now` is the time of its clock, in seconds, and `beginning` the date when that showed 0.

    A world in a file stands still: whoever loads it goes on where it was dumped, at the date that it had.
    """

    format: int
    now: Annotated[float, msgspec.Meta(ge=0, le=LATEST)] = 0.0
    beginning: datetime = BEGINNING
    regions: dict[str, HeldRegion] = field(default_factory=dict[str, HeldRegion])


def dump(cloud: Cloud) -> bytes:
    """Return the world of an account, after all that was due."""
    for client in cloud.regions.values():
        client.play.advance()
    regions = {name: _held(client) for name, client in cloud.regions.items()}
    held = HeldWorld(FORMAT, cloud.clock.now(), cloud.beginning, regions)
    return msgspec.json.format(msgspec.json.encode(held), indent=1)


def parse(text: bytes) -> HeldWorld:
    """Return the world that a file holds; raises `WrongWorld`."""
    try:
        held = msgspec.json.decode(text, type=HeldWorld)
    except (ValueError, RecursionError):  # also where it is JSON, but not of this form
        raise WrongWorld(f"This is no world as the model dumps it: {mistake_in(text, HeldWorld)}.") from None
    if held.format != FORMAT:
        raise WrongWorld(f"The world has format {held.format}, and this version reads {FORMAT}; dump it again.")
    if len(held.regions) > MOST_REGIONS:
        raise WrongWorld(f"The world has {len(held.regions)} regions; an account has at most {MOST_REGIONS}.")
    for name, region in held.regions.items():
        _check(name, region)
    return held


def _check(name: str, region: HeldRegion) -> None:
    """Raise `WrongWorld` where a region cannot be as it is written."""
    if not is_region(name):
        raise WrongWorld(f'The world has a region "{name}", which is no name of one; write one as us-east-1.')
    zones = Region(name).zones
    for part, form in ((region.instances, _INSTANCE), (region.volumes, _VOLUME)):
        for one, held in part.items():
            if not form.fullmatch(one):
                raise WrongWorld(f'The world has "{one[:100]}", which is no id; write one as i-0123456789abcdef0.')
            if held.record.zone not in zones:
                raise WrongWorld(f"{one} is in {held.record.zone}, and {name} has the zones {', '.join(zones)}.")
            for step in held.due or ():
                if step not in STEPS:
                    raise WrongWorld(f'For {one} a step "{step[:100]}" is due; the steps are {", ".join(STEPS)}.')
    _check_holding(name, region)


def _check_holding(name: str, region: HeldRegion) -> None:
    """Raise `WrongWorld` where instances and volumes do not agree on what is attached."""
    for v, volume in region.volumes.items():
        holder = volume.record.holder
        if holder is not None and (
            holder not in region.instances or v not in region.instances[Instance(holder)].volumes
        ):
            raise WrongWorld(f"The volume {v} is attached to {holder}, which does not have it in {name}.")
        if (holder is not None) != (volume.record.state is VolumeState.IN_USE):
            raise WrongWorld(f"The volume {v} is {volume.record.state.value} and attached to {holder or 'nothing'}.")
    for i, instance in region.instances.items():
        for v in instance.volumes:
            if v not in region.volumes or region.volumes[v].record.holder != i:
                raise WrongWorld(f"{i} holds the volume {v}, which is not attached to it in {name}.")


def load(cloud: Cloud, held: HeldWorld) -> None:
    """Let an empty account, whose clock shows the time of the world, hold it."""
    for name, region in held.regions.items():
        client = cloud.region(name)
        client.show.faces.update({Instance(i): each.face for i, each in region.instances.items()})
        client.show.volume_faces.update({Volume(v): each.face for v, each in region.volumes.items()})
        client.launches.update(
            {token: (digest, tuple(map(Instance, ids))) for token, (digest, ids) in region.launches.items()}
        )
        client.play.hold(
            {
                Instance(i): Held(
                    each.record, each.since, tuple(map(Volume, each.volumes)), _steps(each.due), each.heard, each.ending
                )
                for i, each in region.instances.items()
            },
            {Volume(v): (each.record, _steps(each.due)) for v, each in region.volumes.items()},
        )


def _steps(due: dict[str, float | None] | None) -> dict[StepKind, float | None] | None:
    return None if due is None else {STEPS[step]: at for step, at in due.items()}


def _words(due: Mapping[StepKind, float | None]) -> dict[str, float | None]:
    return {word(step): at for step, at in due.items()}


def _held(client: ModelClient) -> HeldRegion:
    account, show, play = client.play.account, client.show, client.play
    dues = play.dues()
    return HeldRegion(
        {
            i: HeldInstance(
                record,
                show.faces[i],
                account.since.get(i, 0.0),
                tuple(account.held.get(i, ())),
                _words(dues.get(i, {})),
                play.heard_of(i),
                play.ending_of(i),
            )
            for i, record in account.instances.items()
        },
        {v: HeldVolume(record, show.volume_faces[v], _words(dues.get(v, {}))) for v, record in account.volumes.items()},
        {token: (digest, ids) for token, (digest, ids) in client.launches.items()},
    )
