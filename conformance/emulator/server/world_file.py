"""Saves and loads the world of a served model as JSON; the file of one version loads in the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final

import msgspec

from ....model.states import VolumeState
from ....model.world import Instance, InstanceRecord, Volume, VolumeRecord
from ....reports.misfits import mistake_in
from ..behaviour import StepKind
from ..client import ModelClient
from ..declared import NOTHING, Declared
from ..descriptions import BEGINNING
from ..extra_fields import ExtraFields, VolumeExtraFields
from ..regions import Region
from ..simulation import RestoredInstance
from .clock import LATEST
from .cloud import MOST_REGIONS, Cloud, is_region
from .options import STEPS, name_of

FORMAT: Final = 1
_INSTANCE: Final = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_VOLUME: Final = re.compile(r"vol-[0-9a-f]{8}(?:[0-9a-f]{9})?")


class WrongWorld(ValueError):
    """The file holds no valid world; the message is one sentence, with the place in it."""


Moment = Annotated[float, msgspec.Meta(ge=-LATEST, le=LATEST)]
"""A time of the clock, in seconds."""


@dataclass(frozen=True, slots=True)
class SavedInstance:
    """An instance: its record, its extra fields, and the time of the reason of its state.

    `volumes` are its attached volumes, in order of attachment. `due` has the possible background steps and their
    deadlines (null: only on demand); without it they are scheduled anew.
    `heard` are the operations that know its new id, `ending` the choices that its termination has settled.
    """

    record: InstanceRecord
    face: ExtraFields
    since: Moment = 0.0
    volumes: tuple[str, ...] = ()
    due: dict[str, Moment | None] | None = None
    heard: tuple[str, ...] = ()
    ending: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class SavedVolume:
    """A volume: its record, its extra fields, and its possible background steps."""

    record: VolumeRecord
    face: VolumeExtraFields
    due: dict[str, Moment | None] | None = None


@dataclass(frozen=True, slots=True)
class SavedRegion:
    """A region, in order of creation; `launches` are those with a client token."""

    instances: dict[str, SavedInstance] = field(default_factory=dict[str, SavedInstance])
    volumes: dict[str, SavedVolume] = field(default_factory=dict[str, SavedVolume])
    launches: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict[str, "tuple[str, tuple[str, ...]]"])


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """A whole account; `now` is its clock time in seconds, and `beginning` the date when the clock showed 0.

    A saved world stands still: a model that loads it continues at the time at which it was dumped.
    """

    format: int
    now: Annotated[float, msgspec.Meta(ge=0, le=LATEST)] = 0.0
    beginning: datetime = BEGINNING
    regions: dict[str, SavedRegion] = field(default_factory=dict[str, SavedRegion])


def dump(cloud: Cloud) -> bytes:
    """Return the world of an account, after running everything that was due."""
    for client in cloud.regions.values():
        client.simulation.advance()
    regions = {name: _saved_region(client) for name, client in cloud.regions.items()}
    saved = SavedWorld(FORMAT, cloud.clock.now(), cloud.since, regions)
    return msgspec.json.format(msgspec.json.encode(saved), indent=1)


def parse(text: bytes, declared: Declared = NOTHING) -> SavedWorld:
    """Return the world in a file, for an account with what is declared; raises `WrongWorld`."""
    try:
        saved = msgspec.json.decode(text, type=SavedWorld)
    except (ValueError, RecursionError):  # also for JSON of another form
        raise WrongWorld(f"This is not a dumped world: {mistake_in(text, SavedWorld)}.") from None
    if saved.format != FORMAT:
        raise WrongWorld(f"The world has format {saved.format}, and this version reads {FORMAT}; dump it again.")
    if len(saved.regions) > MOST_REGIONS:
        raise WrongWorld(f"The world has {len(saved.regions)} regions; an account has at most {MOST_REGIONS}.")
    for name, region in saved.regions.items():
        _check(name, region, declared)
    return saved


def _check(name: str, region: SavedRegion, declared: Declared) -> None:
    """Raise `WrongWorld` if a region is inconsistent."""
    if not is_region(name):
        raise WrongWorld(f'The world has a region "{name}", which is not the name of one; write one such as us-east-1.')
    zones = Region(name, declared=declared).zones
    for part, form in ((region.instances, _INSTANCE), (region.volumes, _VOLUME)):
        for one, saved in part.items():
            if not form.fullmatch(one):
                raise WrongWorld(f'The world has "{one[:100]}", which is not an id; an id is like i-0123456789abcdef0.')
            if saved.record.zone not in zones:
                raise WrongWorld(f"{one} is in {saved.record.zone}, and {name} has the zones {', '.join(zones)}.")
            for step in saved.due or ():
                if step not in STEPS:
                    raise WrongWorld(f'For {one} a step "{step[:100]}" is due; the steps are {", ".join(STEPS)}.')
    _check_attachments(name, region)


def _check_attachments(name: str, region: SavedRegion) -> None:
    """Raise `WrongWorld` if instances and volumes disagree on attachments."""
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


def load(cloud: Cloud, saved: SavedWorld) -> None:
    """Load a world into an empty account whose clock shows the time of the world."""
    for name, region in saved.regions.items():
        client = cloud.region(name)
        client.descriptions.extra_fields.update({Instance(i): each.face for i, each in region.instances.items()})
        client.descriptions.volume_extra_fields.update({Volume(v): each.face for v, each in region.volumes.items()})
        client.launches.update(
            {token: (digest, tuple(map(Instance, ids))) for token, (digest, ids) in region.launches.items()}
        )
        client.simulation.restore_state(
            {
                Instance(i): RestoredInstance(
                    each.record, each.since, tuple(map(Volume, each.volumes)), _steps(each.due), each.heard, each.ending
                )
                for i, each in region.instances.items()
            },
            {Volume(v): (each.record, _steps(each.due)) for v, each in region.volumes.items()},
        )


def _steps(due: dict[str, float | None] | None) -> dict[StepKind, float | None] | None:
    return None if due is None else {STEPS[step]: at for step, at in due.items()}


def _step_names(due: Mapping[StepKind, float | None]) -> dict[str, float | None]:
    return {name_of(step): at for step, at in due.items()}


def _saved_region(client: ModelClient) -> SavedRegion:
    account, descriptions, simulation = client.simulation.account, client.descriptions, client.simulation
    pending = simulation.pending_steps()
    return SavedRegion(
        {
            i: SavedInstance(
                record,
                descriptions.extra_fields[i],
                account.since.get(i, 0.0),
                tuple(account.attached.get(i, ())),
                _step_names(pending.get(i, {})),
                simulation.operations_aware_of(i),
                simulation.deletion_choices(i),
            )
            for i, record in account.instances.items()
        },
        {
            v: SavedVolume(record, descriptions.volume_extra_fields[v], _step_names(pending.get(v, {})))
            for v, record in account.volumes.items()
        },
        {token: (digest, ids) for token, (digest, ids) in client.launches.items()},
    )
