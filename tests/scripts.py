"""Strategies for short scripts: what is asked of a few instances and volumes, and how the model takes it.

Only small numbers are drawn: Hypothesis mixes numbers from the modules that it finds loaded into larger ones,
and what is measured over a run should not depend on the tests before it.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, TypeVar

from hypothesis import strategies as st
from tapes import STRANGERS, Ask, Script, Settle

from ec2_lifecycle.conformance.played.behaviour import DELAYS, Behaviour, Manner
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

T = TypeVar("T")
R = TypeVar("R", bound=Request)


def often(percent: int) -> st.SearchStrategy[bool]:
    """Return a decision that is true in so many of a hundred cases."""
    return st.integers(0, 99).map(lambda n: n >= 100 - percent)


def weighted(*options: tuple[int, T]) -> st.SearchStrategy[T]:
    """Return one of the options, as often as its weight says."""
    return st.sampled_from([option for weight, option in options for _ in range(weight)])


ZONES: Final = st.sampled_from([Zone("1"), Zone("2")])
WAITS: Final = weighted((6, 0.0), (2, 4.0), (1, 15.0), (1, 31.0), (1, 61.0), (1, 70.0))
"""Seconds before a request: from the next moment to after each of the delays that the oracle grants."""
OPERATIONS: Final = weighted(
    (6, Operation.TERMINATE),
    (3, Operation.STOP),
    (2, Operation.START),
    (1, Operation.REBOOT),
    (3, Operation.DESCRIBE),
)
ATTRIBUTES: Final = weighted(
    (4, Attribute.DISABLE_API_TERMINATION),
    (3, Attribute.DISABLE_API_STOP),
    (1, Attribute.SHUTDOWN_BEHAVIOR),
)


@st.composite
def behaviours(draw: st.DrawFn) -> Behaviour:
    """Return a legal manner of the model: any alternative, any duration, instances forgotten as soon as may be."""
    return Behaviour(
        seed=draw(st.integers(0, 99)) * 100 + draw(st.integers(0, 99)),
        manner=Manner.RANDOM,
        delays={**DELAYS, StepName.FORGOTTEN: (60.0, 300.0)},
        failures=0.25,
        permute=True,
        high_byte=True,
    )


@st.composite
def scripts(draw: st.DrawFn, mostly: Operation | None = None) -> Script:
    """Return one to three launches, one to four requests more, and a look in the end.

    With `mostly` most requests are of that operation, with nothing wrong in them.
    """
    launched = draw(launches())
    instances = [i for launch in launched for i in launch.instances]
    script: list[Ask | Settle] = [Ask(launch) for launch in launched]
    if len(instances) > 2 or draw(often(80)):
        script.append(Settle())
    for _ in range(draw(st.integers(1, 4))):
        if mostly is not None and draw(often(70)):
            named = tuple(i for i in instances if draw(often(75))) or tuple(instances)
            script.append(Ask(BatchRequest(mostly, instances=named), draw(WAITS)))
        else:
            script.append(draw(asked(draw(attributes(instances) if draw(often(25)) else batches(instances)))))
        if draw(often(15)):
            script.append(Settle())
    return (*script, Settle())


@st.composite
def volume_scripts(draw: st.DrawFn) -> Script:
    """Return a script about one or two instances and their volumes."""
    launched = draw(launches(most=2, volumes=True))
    instances = [i for launch in launched for i in launch.instances]
    volumes = [v for launch in launched for v in launch.volume_ids]
    script: list[Ask | Settle] = [*(Ask(launch) for launch in launched), Settle()]
    if draw(st.booleans()):
        extra = Volume("extra")
        volumes.append(extra)
        script.append(Ask(VolumeRequest(Operation.CREATE_VOLUME, volumes=(extra,), zone=draw(ZONES))))
        script.append(draw(asked(attachment(extra, draw(st.sampled_from(instances))))))
    for _ in range(draw(st.integers(1, 4))):
        request = draw(batches(instances) if draw(st.booleans()) else about_volumes(instances, volumes))
        script.append(draw(asked(request)))
    return (*script, Settle())


@st.composite
def asked(draw: st.DrawFn, request: Request) -> Ask:
    """Return a request with a wait before it; sometimes it, or its answer, gets lost."""
    lost = draw(often(6))
    return Ask(request, draw(WAITS), lost, not lost or draw(st.booleans()))


@st.composite
def launches(draw: st.DrawFn, *, most: int = 4, volumes: bool = False) -> list[LaunchRequest]:
    """Return one to three launches of at most so many instances in two zones."""
    names = iter("ABCD"[:most])
    made: list[LaunchRequest] = []
    for _ in range(draw(st.integers(1, 3))):
        instances = tuple(Instance(name) for name in islice(names, draw(st.integers(1, 2))))
        if not instances:
            break
        store = not volumes and draw(often(10))
        made.append(
            LaunchRequest(
                instances=instances,
                zone=draw(ZONES),
                root_device=RootDevice.INSTANCE_STORE if store else RootDevice.EBS,
                disable_api_termination=draw(often(30)),
                disable_api_stop=not store and draw(often(20)),
                shutdown_behavior=ShutdownBehavior.TERMINATE if draw(often(10)) else ShutdownBehavior.STOP,
                volumes=draw(launched_volumes(instances)) if volumes else ((),) * len(instances),
            )
        )
    return made


@st.composite
def launched_volumes(draw: st.DrawFn, instances: Sequence[Instance]) -> tuple[tuple[LaunchVolume, ...], ...]:
    """Return the root of each instance, and perhaps one volume more; a launch gives all of them the same devices."""
    more = draw(st.booleans())
    flag = draw(st.sampled_from([None, True, False]))
    return tuple(
        (
            LaunchVolume(Volume(f"{i}.root"), root=True),
            *([LaunchVolume(Volume(f"{i}-data"), "/dev/sdf", flag)] if more else []),
        )
        for i in instances
    )


@st.composite
def batches(draw: st.DrawFn, instances: Sequence[Instance]) -> BatchRequest:
    """Return a request about some of the instances, and sometimes about ids that lead nowhere or come twice."""
    operation = draw(OPERATIONS)
    named = [i for i in instances if draw(often(75))]
    if draw(often(8)):
        named.append(draw(st.sampled_from(list(STRANGERS))))
    if named and draw(often(8)):
        named.append(draw(st.sampled_from(named)))
    # A description without ids is one of everything that anybody has: there is no such request here.
    if not named and (operation is Operation.DESCRIBE or draw(often(90))):
        named = list(instances)
    stops = operation is Operation.STOP
    request = BatchRequest(
        operation,
        instances=tuple(draw(st.permutations(named))),
        force=stops and draw(often(20)),
        hibernate=stops and draw(often(20)),
    )
    return draw(called(request))


@st.composite
def attributes(draw: st.DrawFn, instances: Sequence[Instance]) -> AttributeRequest:
    """Return a change of an attribute of an instance, or a question about it."""
    request = AttributeRequest(
        Operation.MODIFY if draw(often(75)) else Operation.DESCRIBE_ATTRIBUTE,
        instances=(draw(st.sampled_from(list(STRANGERS) if draw(often(4)) else instances)),),
        attribute=draw(ATTRIBUTES),
        value=draw(often(40)),
        shutdown_behavior=draw(st.sampled_from(ShutdownBehavior)),
    )
    return draw(called(request))


@st.composite
def about_volumes(draw: st.DrawFn, instances: Sequence[Instance], volumes: Sequence[Volume]) -> Request:
    """Return a request about one volume."""
    i, v = draw(st.sampled_from(instances)), draw(st.sampled_from(volumes))
    mapped = Attribute.BLOCK_DEVICE_MAPPINGS
    request: Request = draw(
        weighted(
            (1, VolumeRequest(Operation.DETACH, volumes=(v,))),
            (1, VolumeRequest(Operation.DESCRIBE_VOLUMES, volumes=(v,))),
            (1, attachment(v, i)),
            (1, AttributeRequest(Operation.MODIFY, instances=(i,), attribute=mapped, value=True, volume=v)),
            (1, AttributeRequest(Operation.MODIFY, instances=(i,), attribute=mapped, value=False, volume=v)),
        )
    )
    return draw(called(request))


def attachment(v: Volume, i: Instance) -> VolumeRequest:
    """Return the request to attach a volume to an instance."""
    return VolumeRequest(Operation.ATTACH, volumes=(v,), instances=(i,), device=f"/dev/sd{v[0].lower()}")


@st.composite
def called(draw: st.DrawFn, request: R) -> R:
    """Return a request, sometimes as a dry run, sometimes from a caller without permission."""
    return replace(request, dry_run=draw(often(8)), caller=Caller.NOBODY if draw(often(4)) else Caller.OWNER)
