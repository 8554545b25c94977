"""The requests that a scope sends in a world: each form, with each selection of instances and volumes."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

from ..requests import AttributeRequest, BatchRequest, LaunchRequest, Operation, Request, VolumeRequest
from ..world import Instance, Volume, World
from .renaming import Renaming
from .scope import EACH, Scope
from .symmetry import Marks, Unnamed

T = TypeVar("T")


class Selections:
    """What can be named in one world: of selections that differ in names only, one."""

    def __init__(self, scope: Scope, world: World) -> None:
        self._world = world
        key = Unnamed(world, scope.zone_names).key
        self._key = key
        self._pairs: dict[tuple[Instance, ...], tuple[tuple[Instance, Volume], ...]] = {}
        self.zones = _one_of_each((key(Marks(zone=zone)), zone) for zone in scope.zone_names)
        self.instances = _one_of_each((key(Marks((i,))), i) for i in world.instances)
        self.volumes = _one_of_each((key(Marks(volumes=(v,))), v) for v in world.volumes)
        self.batches = _one_of_each(
            (key(Marks(chosen)), chosen) for size in scope.batches for chosen in combinations(world.instances, size)
        )

    def pairs(self, ids: tuple[Instance, ...]) -> tuple[tuple[Instance, Volume], ...]:
        """Return each pair of an instance and a volume; `ids` of no instance, if given, replace the instances."""
        if ids not in self._pairs:
            self._pairs[ids] = _one_of_each(
                (self._key(Marks((i,), (v,))), (i, v))
                for i in ids or self._world.instances
                for v in self._world.volumes
            )
        return self._pairs[ids]


def _one_of_each(found: Iterable[tuple[Hashable, T]]) -> tuple[T, ...]:
    kept: dict[Hashable, T] = {}
    for key, thing in found:
        kept.setdefault(key, thing)
    return tuple(kept.values())


def requests_in(scope: Scope, world: World, named: Selections) -> Iterator[Request]:
    """Yield every request of a scope about a world, each once up to a renaming that leaves the world as it is."""
    for form in scope.requests:
        if isinstance(form, LaunchRequest):
            yield from _launches(scope, world, named, form)
        elif isinstance(form, BatchRequest):
            yield from (replace(form, instances=(*chosen, *form.instances)) for chosen in named.batches)
        elif isinstance(form, VolumeRequest):
            yield from _volume_requests(scope, world, named, form)
        elif isinstance(form, AttributeRequest) and form.volume is not None:
            yield from (replace(form, instances=(i,), volume=v) for i, v in named.pairs(form.instances))
        else:
            yield from (replace(form, instances=(i,)) for i in form.instances or named.instances)


def _launches(scope: Scope, world: World, named: Selections, form: LaunchRequest) -> Iterator[Request]:
    there, volumes = len(world.instances), len(world.volumes)
    if there + len(form.instances) > scope.instances or volumes + len(form.volume_ids) > scope.volumes:
        return
    new = Renaming(
        {i: Instance(f"i{there + n}") for n, i in enumerate(form.instances, 1)},
        {v: Volume(f"v{volumes + n}") for n, v in enumerate(form.volume_ids, 1)},
    )
    for zone in named.zones:
        yield new.request(replace(form, zone=zone))


def _volume_requests(scope: Scope, world: World, named: Selections, form: VolumeRequest) -> Iterator[Request]:
    if form.operation is Operation.CREATE_VOLUME:
        if len(world.volumes) < scope.volumes:
            new = (Volume(f"v{len(world.volumes) + 1}"),)
            yield from (replace(form, volumes=new, zone=zone) for zone in named.zones)
    elif form.operation is Operation.ATTACH:
        yield from (replace(form, instances=(i,), volumes=(v,)) for i, v in named.pairs(form.instances))
    elif form.operation is Operation.DETACH and form.instances:
        strangers = () if form.instances == (EACH,) else form.instances
        yield from (replace(form, instances=(i,), volumes=(v,)) for i, v in named.pairs(strangers))
    else:
        yield from (replace(form, volumes=(v,)) for v in named.volumes)
