"""Plain facts about single worlds and transitions, told without the rules: what an exploration is watched for."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ec2_lifecycle.model.lifecycle import TRANSITIONS
from ec2_lifecycle.model.reach.acts import InstanceEvent, Taken, VolumeEvent
from ec2_lifecycle.model.reach.explore import Reached
from ec2_lifecycle.model.requests import BatchRequest, Request
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.states import InstanceState, RootDevice, VolumeState
from ec2_lifecycle.model.world import World


def about_a_world(world: World) -> Iterator[str]:
    """Yield what is wrong with a world."""
    for i, record in world.instances.items():
        if record.root_device is RootDevice.INSTANCE_STORE and record.state in (
            InstanceState.STOPPING,
            InstanceState.STOPPED,
        ):
            yield f"{i} has an instance-store root and is {record.state.value} (KIND-2)"
        if record.state is InstanceState.RUNNING and not record.has_run:
            yield f"{i} is running and has never run"
    for v, record in world.volumes.items():
        if (record.state is VolumeState.IN_USE) != (record.holder is not None):
            yield f"{v} is {record.state.value}, and attached to {record.holder}"
        if record.holder is not None and record.zone != world.zone(record.holder):
            yield f"{v} is in zone {record.zone}, and attached to {record.holder} in zone {world.zone(record.holder)}"
        if record.detaching and record.holder is None:
            yield f"{v} is being detached from nothing"


def about_a_transition(spec: Specification, taken: Taken) -> Iterator[str]:
    """Yield what is wrong with a transition."""
    before, after, act = taken.before, taken.after, taken.act
    about = act.instances if isinstance(act, Request) else (act.instance,) if isinstance(act, InstanceEvent) else ()
    volumes = act.volume_ids if isinstance(act, Request) else (act.volume,) if isinstance(act, VolumeEvent) else ()
    for i, old in before.instances.items():
        new = after.record(i)
        if new.state is not old.state and new.state not in TRANSITIONS[old.state]:
            yield f"{i} goes from {old.state.value} to {new.state.value} (STATE-3)"
        if new != old and i not in about:
            yield f"{i} changes and is not named"
        if (new.zone, new.root_device) != (old.zone, old.root_device):
            yield f"{i} changes its zone or root device"
        if isinstance(act, BatchRequest) and i in about:
            told = spec.previous_state(before, after, i), spec.current_state(before, after, i)
            if told != (old.state, new.state):
                yield f"the reply about {i} tells of other states than there were and are (TERM-10)"
    for v, old in before.volumes.items():
        if after.volume_record(v) != old and v not in volumes:
            yield f"{v} changes and is not named"
    if isinstance(act, Request) and act.dry_run and after != before:
        yield "a dry run changes something (DRY-1)"


@dataclass(frozen=True)
class Watch:
    """Keeps every different sentence about what is wrong, with the first transition of which it was said."""

    spec: Specification
    wrong: dict[str, Taken] = field(default_factory=dict[str, Taken])

    def __call__(self, taken: Taken) -> None:
        """Look at a transition."""
        for sentence in about_a_transition(self.spec, taken):
            self.wrong.setdefault(sentence, taken)


def broken(watch: Watch, reached: Reached) -> list[str]:
    """Return what is wrong with what was reached, each with an example."""
    found = [f"{sentence}: {taken.act} in {taken.before}" for sentence, taken in watch.wrong.items()]
    found += [f"{sentence}: {world}" for world in reached.worlds for sentence in about_a_world(world)]
    return found
