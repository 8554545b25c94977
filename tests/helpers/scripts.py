"""Short scripts by chance: what is asked of a few instances and volumes, and how the model takes it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, TypeVar

from transcripts import STRANGERS, Ask, Script, Settle

from ec2_lifecycle.conformance.emulator.behaviour import DELAYS, Behaviour, ChoicePolicy
from ec2_lifecycle.model.background import StepName
from ec2_lifecycle.model.requests import (
    Attribute,
    AttributeRequest,
    BatchRequest,
    Caller,
    LaunchRequest,
    LaunchVolume,
    Operation,
    Request,
    VolumeRequest,
)
from ec2_lifecycle.model.states import RootDevice, ShutdownBehavior
from ec2_lifecycle.model.world import Instance, Volume, Zone
from ec2_lifecycle.strategies.building.dice import Dice

R = TypeVar("R", bound=Request)

ZONES: Final = (Zone("1"), Zone("2"))
WAITS: Final = ((6, 0.0), (2, 4.0), (1, 15.0), (1, 31.0), (1, 61.0), (1, 70.0))
"""Seconds before a request, with their weights: from at once to after each of the delays that the oracle grants."""
OPERATIONS: Final = (
    (6, Operation.TERMINATE),
    (3, Operation.STOP),
    (2, Operation.START),
    (1, Operation.REBOOT),
    (3, Operation.DESCRIBE),
)
ATTRIBUTES: Final = (
    (4, Attribute.DISABLE_API_TERMINATION),
    (3, Attribute.DISABLE_API_STOP),
    (1, Attribute.SHUTDOWN_BEHAVIOR),
)


def behaviour(seed: int) -> Behaviour:
    """Return a legal manner of the model: any alternative, any duration, instances forgotten as soon as may be."""
    return Behaviour(
        seed=seed,
        choice_policy=ChoicePolicy.RANDOM,
        delays={**DELAYS, StepName.FORGOTTEN: (60.0, 300.0)},
        failures=0.25,
        permute=True,
        high_byte=True,
    )


def instance_script(dice: Dice) -> Script:
    """Return one to three launches, one to four requests more, and a look in the end."""
    launched = launches(dice)
    instances = [i for launch in launched for i in launch.instances]
    script: list[Ask | Settle] = [Ask(launch) for launch in launched]
    if len(instances) > 2 or dice.chance(80):
        script.append(Settle())
    for _ in range(1 + dice.below(4)):
        script.append(asked(dice, attribute(dice, instances) if dice.chance(25) else batch(dice, instances)))
        if dice.chance(15):
            script.append(Settle())
    return (*script, Settle())


def directed_script(dice: Dice, operation: Operation) -> Script:
    """Return a script with one or two requests of an operation in it, in which nothing is wrong."""
    launched = launches(dice, least=3)
    instances = [i for launch in launched for i in launch.instances]
    script: list[Ask | Settle] = [*(Ask(launch) for launch in launched), Settle()]
    if operation is Operation.START:
        script += [Ask(BatchRequest(Operation.STOP, instances=tuple(instances))), Settle()]
    for _ in range(1 + dice.below(2)):
        if dice.chance(30):
            script.append(Ask(replace(attribute(dice, instances), dry_run=False, caller=Caller.OWNER)))
        named = tuple(instances) if dice.chance(50) else dice.some(instances)
        script += [Ask(BatchRequest(operation, instances=named), dice.weigh(WAITS)), Settle()]
    return tuple(script)


def volume_script(dice: Dice) -> Script:
    """Return a script about one or two instances and their volumes."""
    launched = launches(dice, most=2, volumes=True)
    instances = [i for launch in launched for i in launch.instances]
    volumes = [v for launch in launched for v in launch.volume_ids]
    script: list[Ask | Settle] = [*(Ask(launch) for launch in launched), Settle()]
    if dice.chance(50):
        extra = Volume("extra")
        volumes.append(extra)
        script.append(Ask(VolumeRequest(Operation.CREATE_VOLUME, volumes=(extra,), zone=dice.pick(ZONES))))
        script.append(asked(dice, attachment(extra, dice.pick(instances))))
    for _ in range(1 + dice.below(4)):
        request = batch(dice, instances) if dice.chance(50) else about_volume(dice, instances, dice.pick(volumes))
        script.append(asked(dice, request))
    return (*script, Settle())


def asked(dice: Dice, request: Request) -> Ask:
    """Return a request with a wait before it; sometimes it, or its answer, gets lost."""
    lost = dice.chance(6)
    return Ask(request, dice.weigh(WAITS), lost, not lost or dice.chance(50))


def launches(dice: Dice, *, least: int = 1, most: int = 4, volumes: bool = False) -> list[LaunchRequest]:
    """Return so many launches, up to three, of at most so many instances in two zones."""
    names = iter("ABCD"[:most])
    made: list[LaunchRequest] = []
    for _ in range(least + dice.below(4 - least)):
        instances = tuple(Instance(name) for name in islice(names, 1 + dice.below(2)))
        if not instances:
            break
        store = not volumes and dice.chance(10)
        made.append(
            LaunchRequest(
                instances=instances,
                zone=dice.pick(ZONES),
                root_device=RootDevice.INSTANCE_STORE if store else RootDevice.EBS,
                disable_api_termination=dice.chance(30),
                disable_api_stop=not store and dice.chance(20),
                shutdown_behavior=ShutdownBehavior.TERMINATE if dice.chance(10) else ShutdownBehavior.STOP,
                volumes=launched_volumes(dice, instances) if volumes else ((),) * len(instances),
            )
        )
    return made


def launched_volumes(dice: Dice, instances: Sequence[Instance]) -> tuple[tuple[LaunchVolume, ...], ...]:
    """Return the root of each instance, and perhaps one volume more; a launch gives all of them the same devices."""
    more = dice.chance(50)
    flag = dice.pick((None, True, False))
    return tuple(
        (
            LaunchVolume(Volume(f"{i}.root"), root=True),
            *([LaunchVolume(Volume(f"{i}-data"), "/dev/sdf", flag)] if more else []),
        )
        for i in instances
    )


def batch(dice: Dice, instances: Sequence[Instance]) -> BatchRequest:
    """Return a request about some of the instances, and sometimes about ids that lead nowhere or come twice."""
    operation = dice.weigh(OPERATIONS)
    # A description without ids is one of everything that anybody has: there is no such request here.
    none = operation is not Operation.DESCRIBE and dice.chance(3)
    named = [] if none else list(dice.some(instances))
    if dice.chance(8):
        named.append(dice.pick(tuple(STRANGERS)))
    if named and dice.chance(8):
        named.append(dice.pick(named))
    stops = operation is Operation.STOP
    request = BatchRequest(
        operation,
        instances=dice.arrange(named),
        force=stops and dice.chance(20),
        hibernate=stops and dice.chance(20),
    )
    return called(dice, request)


def attribute(dice: Dice, instances: Sequence[Instance]) -> AttributeRequest:
    """Return a change of an attribute of an instance, or a question about it."""
    request = AttributeRequest(
        Operation.MODIFY if dice.chance(75) else Operation.DESCRIBE_ATTRIBUTE,
        instances=(dice.pick(tuple(STRANGERS) if dice.chance(4) else instances),),
        attribute=dice.weigh(ATTRIBUTES),
        value=dice.chance(40),
        shutdown_behavior=dice.pick(tuple(ShutdownBehavior)),
    )
    return called(dice, request)


def about_volume(dice: Dice, instances: Sequence[Instance], v: Volume) -> Request:
    """Return a request about a volume."""
    i = dice.pick(instances)
    requests: tuple[Request, ...] = (
        VolumeRequest(Operation.DETACH, volumes=(v,)),
        VolumeRequest(Operation.DELETE_VOLUME, volumes=(v,)),
        VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(v,)),
        attachment(v, i),
        *(
            AttributeRequest(
                Operation.MODIFY, instances=(i,), attribute=Attribute.BLOCK_DEVICE_MAPPINGS, value=flag, volume=v
            )
            for flag in (True, False)
        ),
    )
    return called(dice, dice.pick(requests))


def attachment(v: Volume, i: Instance) -> VolumeRequest:
    """Return the request to attach a volume to an instance."""
    return VolumeRequest(Operation.ATTACH, volumes=(v,), instances=(i,), device=f"/dev/sd{v[0].lower()}")


def called(dice: Dice, request: R) -> R:
    """Return a request, sometimes as a dry run, sometimes from a caller without permission."""
    return replace(request, dry_run=dice.chance(8), caller=Caller.NOBODY if dice.chance(4) else Caller.OWNER)
