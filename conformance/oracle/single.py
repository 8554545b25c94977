"""The ways in which the specification permits a reply to a request about one instance and its volumes, exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ...model.choices import Choices
from ...model.outcomes import Move, Rung, VolumeMove
from ...model.requests import Request
from ...model.step import permitted_refusals
from ...model.world import IdForm, Instance, InstanceRecord, Volume, VolumeRecord, World
from .batch import Subjects, Wanted
from .belief import VolumeRecords
from .engine import Engine
from .explore import Setting, for_each_pick, for_each_setting
from .options import Fates

VolumeFates = tuple[tuple[VolumeRecord, VolumeMove], ...]


@dataclass(frozen=True, slots=True)
class SingleExplanation:
    """One way in which the request may have been answered, in one possible world."""

    rung: Rung | None
    fates: Mapping[Instance, Fates]
    volumes: Mapping[Volume, VolumeFates]
    around: Mapping[Instance, InstanceRecord]
    """What instances were that the request does not name: those that hold its volumes."""


def single_explanations(
    engine: Engine,
    request: Request,
    subjects: Mapping[Instance, Subjects],
    volumes: Mapping[Volume, VolumeRecords],
    wanted: Wanted,
) -> list[SingleExplanation]:
    """Return every permitted way in which the request was answered, one for each world that it may have met.

    `subjects` are the instances that the request names, and those that hold its volumes.
    """
    found: dict[tuple[object, ...], SingleExplanation] = {}
    for world in _worlds(subjects, volumes):
        for _, answers in for_each_setting(lambda setting, w=world: list(_answers(engine, request, w, setting))):
            for answer in answers:
                if wanted(answer.rung):
                    parts = (answer.fates, answer.volumes, answer.around)
                    key = (answer.rung, *(tuple(part.items()) for part in parts))
                    found[key] = answer
    return list(found.values())


def _worlds(subjects: Mapping[Instance, Subjects], volumes: Mapping[Volume, VolumeRecords]) -> Iterator[World]:
    names = list(subjects)
    # Sorted, so that whatever is named first is the same in every process.
    for chosen in product(*([s] if isinstance(s, IdForm) else sorted(s, key=repr) for s in subjects.values())):
        for records in product(*(sorted(v, key=repr) for v in volumes.values())):
            yield World(
                {i: r for i, r in zip(names, chosen, strict=True) if isinstance(r, InstanceRecord)},
                dict(zip(volumes, records, strict=True)),
                {i: r for i, r in zip(names, chosen, strict=True) if isinstance(r, IdForm)},
            )


def _answers(engine: Engine, request: Request, world: World, setting: Setting) -> Iterator[SingleExplanation]:
    rules = engine.spec.operations[request.operation]

    def answered(choices: Choices) -> list[SingleExplanation]:
        refusals = permitted_refusals(engine.spec, world, request, choices)
        if refusals:
            return [_unchanged(rung, request, world, rules.unchanged) for rung in refusals]
        fates: dict[Instance, Fates] = {}
        volume_fates: dict[Volume, VolumeFates] = {}
        for i in request.instances:
            if i in world.instances:
                move = (
                    rules.instance(world, request, choices, i)
                    if rules.instance is not None
                    else Move(world.record(i), row=rules.unmoved, because=rules.unmoved)
                )
                fates[i] = Fates([(world.record(i), move)])
        for v in request.volume_ids:
            if v in world.volumes:
                volume_move = (
                    rules.volume(world, request, choices, v)
                    if rules.volume is not None
                    else VolumeMove(world.volume_record(v), because="FRAME-1")
                )
                volume_fates[v] = ((world.volume_record(v), volume_move),)
        return [SingleExplanation(None, fates, volume_fates, _around(world, request))]

    for _, found in for_each_pick(setting, answered):
        yield from found


def _unchanged(rung: Rung, request: Request, world: World, unchanged: str) -> SingleExplanation:
    because = rung.unchanged or unchanged
    if request.dry_run and rung.clause_when_dry is not None:
        because = rung.clause_when_dry
    return SingleExplanation(
        rung,
        {
            i: Fates([(world.record(i), Move(world.record(i), because, because))])
            for i in request.instances
            if i in world.instances
        },
        {
            v: ((world.volume_record(v), VolumeMove(world.volume_record(v), because)),)
            for v in request.volume_ids
            if v in world.volumes
        },
        _around(world, request),
    )


def _around(world: World, request: Request) -> Mapping[Instance, InstanceRecord]:
    return {i: record for i, record in world.instances.items() if i not in request.instances}
