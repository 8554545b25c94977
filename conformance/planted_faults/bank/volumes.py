"""Faults of volumes: which of them go with an instance, and which are attached."""

from typing import Final

from ....model.requests import LaunchRequest, Operation, Request
from ....model.states import InstanceState, VolumeState
from ...emulator.simulation import Answer
from ..fault import BankFault, Tag, bank_fault
from ..handlers import FaultySimulation, changed, named

RUN: Final = Operation.RUN
START: Final = Operation.START
STOP: Final = Operation.STOP
TERMINATE: Final = Operation.TERMINATE
MODIFY: Final = Operation.MODIFY
ATTACH: Final = Operation.ATTACH
DETACH: Final = Operation.DETACH
DELETE: Final = Operation.DELETE_VOLUME


@bank_fault(
    "VOL-1",
    4,
    Tag.VOLUMES,
    on=TERMINATE,
    steps="""
- run: {name: A, count: 2}
- describe: [A1, A2]
- terminate: [A1, A2]
- describe-volumes: [A2.root]
""",
)
def only_the_first_of_several_cleans_up(ec2: FaultySimulation, request: Request) -> Answer:
    """Of several instances that are terminated together only the first takes its volumes along."""
    alive = [i for i in named(request) if ec2.knows(i) and ec2.record(i).state is not InstanceState.TERMINATED]
    answer = ec2.really(request)
    for i in alive[1:]:
        if answer.refusal is None:
            for v in ec2.volumes_of(i):
                ec2.change_volume(v, delete_on_termination=False)
    return answer


@bank_fault(
    "VOL-5",
    4,
    Tag.VOLUMES,
    on=ATTACH,
    steps="""
- run: {name: A}
- create-volume: {name: v}
- attach: {volume: v, id: A, device: /dev/sdf}
- describe: [A]
""",
)
def what_is_attached_will_be_deleted(ec2: FaultySimulation, request: Request) -> Answer:
    """AttachVolume to a running instance sets DeleteOnTermination."""
    answer = ec2.really(request)
    if answer.refusal is None and ec2.record(request.instance).state is InstanceState.RUNNING:
        for v in request.volume_ids:
            ec2.change_volume(v, delete_on_termination=True)
    return answer


@bank_fault(
    "VOL-3",
    5,
    Tag.VOLUMES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- describe: [A]
- modify: {id: A, BlockDeviceMappings: {volume: A.root, DeleteOnTermination: false}}
- terminate: [A]
- describe-volumes: [A.root]
""",
)
def the_launch_alone_decides(ec2: FaultySimulation, request: Request) -> Answer:
    """DeleteOnTermination that was changed to false is shown so, and the volume is deleted with its instance."""
    for i in filter(ec2.knows, named(request)):
        if not ec2.protected(i) and ec2.record(i).state is not InstanceState.TERMINATED:
            for v in ec2.volumes_of(i):
                if ec2.past.done(v, MODIFY) and not ec2.past.done(v, ATTACH):
                    ec2.change_volume(v, delete_on_termination=True)
    return ec2.really(request)


@bank_fault(
    "VOL-3",
    6,
    Tag.VOLUMES,
    on=TERMINATE,
    steps="""
- run: {name: A}
- create-volume: {name: v}
- attach: {volume: v, id: A, device: /dev/sdf}
- modify: {id: A, BlockDeviceMappings: {volume: v, DeleteOnTermination: true}}
- terminate: [A]
- describe-volumes: [v]
""",
)
def what_was_attached_later_always_stays(ec2: FaultySimulation, request: Request) -> Answer:
    """A volume that was attached later survives its instance although DeleteOnTermination was set since."""
    later = [(i, v) for i in filter(ec2.knows, named(request)) for v in ec2.volumes_of(i) if ec2.past.done(v, ATTACH)]
    answer = ec2.really(request)
    for i, v in later:
        if i in changed(answer) and ec2.record(i).state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED):
            ec2.change_volume(v, delete_on_termination=False)
    return answer


@bank_fault(
    "VOL-5",
    6,
    Tag.VOLUMES,
    Tag.HISTORY,
    on=ATTACH,
    steps="""
- run: {name: A}
- create-volume: {name: v}
- attach: {volume: v, id: A, device: /dev/sdf}
- detach: {volume: v}
- attach: {volume: v, id: A, device: /dev/sdg}
- describe: [A]
""",
)
def attached_again_it_counts_as_launched(ec2: FaultySimulation, request: Request) -> Answer:
    """A volume that is attached again to the instance that held it before is deleted with it."""
    before = [d for v in request.volume_ids for d in ec2.past.of(v, ATTACH) if d.refusal is None]
    answer = ec2.really(request)
    if answer.refusal is None and any(d.request.instance == request.instance for d in before):
        for v in request.volume_ids:
            ec2.change_volume(v, delete_on_termination=True)
    return answer


@bank_fault(
    "VOL-10",
    8,
    Tag.VOLUMES,
    Tag.HISTORY,
    on=START,
    steps="""
- run: {name: A}
- create-volume: {name: v}
- attach: {volume: v, id: A, device: /dev/sdf}
- stop: [A]
- detach: {volume: v}
- describe-volumes: [v]
- start: [A]
- describe-volumes: [v]
""",
)
def detached_while_stopped_it_comes_back(ec2: FaultySimulation, request: Request) -> Answer:
    """A volume that was detached while its instance was stopped is attached again when that is started."""
    answer = ec2.really(request)
    for i in changed(answer):
        for attached in ec2.past.of(i, ATTACH):
            for v in attached.request.volume_ids:
                detached = [d for d in ec2.past.of(v, DETACH) if d.refusal is None and d.number > attached.number]
                if detached and ec2.volume(v).state is VolumeState.AVAILABLE:
                    holder = detached[-1].before.holder(v)
                    if holder == i and detached[-1].before.state(i) is InstanceState.STOPPED:
                        ec2.change_volume(v, state=VolumeState.IN_USE, holder=i)
    return answer


@bank_fault(
    "VOL-1",
    6,
    Tag.VOLUMES,
    Tag.HISTORY,
    on=START,
    steps="""
- run: {name: A}
- stop: [A]
- start: [A]
- stop: [A]
- start: [A]
- describe: [A]
""",
)
def the_second_restart_resets_the_root(ec2: FaultySimulation, request: Request) -> Answer:
    """The root device of an instance that is started again for the second time is no longer deleted with it."""
    answer = ec2.really(request)
    for i in changed(answer):
        if ec2.past.effective(i, START) == 1:
            for v in ec2.volumes_of(i):
                if ec2.volume(v).root:
                    ec2.change_volume(v, delete_on_termination=False)
    return answer


@bank_fault(
    "VOL-3",
    6,
    Tag.VOLUMES,
    Tag.HISTORY,
    on=START,
    steps="""
- run: {name: A}
- describe: [A]
- modify: {id: A, BlockDeviceMappings: {volume: A.root, DeleteOnTermination: false}}
- stop: [A]
- start: [A]
- describe: [A]
""",
)
def a_restart_forgets_what_was_changed(ec2: FaultySimulation, request: Request) -> Answer:
    """A restart sets DeleteOnTermination of the volumes of the launch to what it was at launch."""
    answer = ec2.really(request)
    for i in changed(answer):
        for launch in ec2.past.of(i, RUN):
            if isinstance(launch.request, LaunchRequest):
                for v in launch.request.volumes[launch.request.instances.index(i)]:
                    if v.volume in ec2.volumes_of(i):
                        kept = v.delete_on_termination is not False
                        ec2.change_volume(v.volume, delete_on_termination=kept)
    return answer


@bank_fault(
    "VOL-21",
    5,
    Tag.VOLUMES,
    on=DELETE,
    steps="""
- run: {name: A}
- create-volume: {name: v}
- attach: {volume: v, id: A, device: /dev/sdf}
- stop: [A]
- delete-volume: v
""",
)
def volumes_of_stopped_instances_can_be_deleted(ec2: FaultySimulation, request: Request) -> Answer:
    """A volume that is attached to a stopped instance is deleted, as if it were attached to none."""
    for v in request.volume_ids:
        holder = ec2.volume(v).holder
        if holder is not None and ec2.record(holder).state is InstanceState.STOPPED and not request.dry_run:
            ec2.change_volume(v, state=VolumeState.AVAILABLE, holder=None)
    return ec2.really(request)


VOLUMES: Final[tuple[BankFault, ...]] = (
    only_the_first_of_several_cleans_up,
    what_is_attached_will_be_deleted,
    the_launch_alone_decides,
    what_was_attached_later_always_stays,
    attached_again_it_counts_as_launched,
    detached_while_stopped_it_comes_back,
    the_second_restart_resets_the_root,
    a_restart_forgets_what_was_changed,
    volumes_of_stopped_instances_can_be_deleted,
)
