"""Follows a world back to the empty world, and describes the way with stable names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from ..requests import LaunchRequest, VolumeRequest
from ..world import Instance, Volume
from .acts import Act, Taken
from .renaming import Renaming


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a world was first reached: the world before, the transition, and the renaming to the representative world."""

    origin: int
    taken: Taken
    renaming: Renaming


def path_to(arrivals: Sequence[Arrival | None], number: int) -> tuple[Taken, ...]:
    """Return the transitions that lead from the empty world to one, with names that stay the same all along."""
    return tuple(_with_lasting_names(_arrivals_to(arrivals, number)))


def _arrivals_to(arrivals: Sequence[Arrival | None], number: int) -> list[Arrival]:
    backwards: list[Arrival] = []
    while (arrival := arrivals[number]) is not None:
        backwards.append(arrival)
        number = arrival.origin
    return backwards[::-1]


def _with_lasting_names(arrivals: list[Arrival]) -> Iterator[Taken]:
    lasting = Renaming()
    for arrival in arrivals:
        taken = arrival.taken
        names = lasting.joined(_names_of_new(taken.act, lasting))
        yield Taken(
            names.world(taken.before),
            names.act(taken.act),
            names.choices(taken.choices),
            taken.answer,
            names.world(taken.after),
        )
        lasting = arrival.renaming.inverse().then(names)


def _names_of_new(act: Act, lasting: Renaming) -> Renaming:
    """Return names for what a request makes: A, B, … and, of volumes, what scenario files call them."""
    if isinstance(act, LaunchRequest):
        there = len(lasting.instances)
        instances = {i: Instance(ascii_uppercase[there + n]) for n, i in enumerate(act.instances)}
        volumes = {
            one.volume: Volume(f"{instances[i]}.{'root' if one.root else one.device}")
            for i, group in zip(act.instances, act.volumes, strict=False)
            for one in group
        }
        return Renaming(instances, volumes)
    if isinstance(act, VolumeRequest):
        made = [v for v in act.volumes if v not in lasting.volumes]
        return Renaming({}, {v: Volume(f"V{len(lasting.volumes) + n}") for n, v in enumerate(made, 1)})
    return Renaming()
