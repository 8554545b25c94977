"""DescribeInstances by id, and the shape of an instance in each state.

Only facts that hold for every recording are judged; `must` lists fields that have a value,
`must_not` fields that are absent or empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ..outcomes import OperationRules
from ..states import Cause, InstanceState
from .common import DRY_RUN, MALFORMED, NOT_FOUND, UNAUTHORIZED


class Shown(Enum):
    """The fields of a described instance whose presence a fact promises, by EC2's names."""

    PRIVATE_IP = "PrivateIpAddress"
    PUBLIC_IP = "PublicIpAddress"
    VPC = "VpcId"
    SUBNET = "SubnetId"
    SOURCE_DEST_CHECK = "SourceDestCheck"
    PRIVATE_DNS = "PrivateDnsName"
    PUBLIC_DNS = "PublicDnsName"
    BLOCK_DEVICES = "BlockDeviceMappings"
    NETWORK_INTERFACES = "NetworkInterfaces"
    SECURITY_GROUPS = "SecurityGroups"
    TRANSITION_REASON = "StateTransitionReason"
    STATE_REASON = "StateReason"


@dataclass(frozen=True, slots=True)
class Shape:
    """One promise about the fields of an instance in a state."""

    clause: str
    must: frozenset[Shown] = frozenset()
    must_not: frozenset[Shown] = frozenset()


_ADDRESSES: Final = frozenset({Shown.PRIVATE_IP, Shown.PUBLIC_IP, Shown.VPC, Shown.SUBNET, Shown.SOURCE_DEST_CHECK})
_NAMES: Final = frozenset({Shown.PRIVATE_DNS, Shown.PUBLIC_DNS})

SHAPES: Final[Mapping[InstanceState, tuple[Shape, ...]]] = {
    InstanceState.PENDING: (),
    InstanceState.RUNNING: (Shape("SHAPE-6", must_not=frozenset({Shown.TRANSITION_REASON, Shown.STATE_REASON})),),
    InstanceState.STOPPING: (),
    InstanceState.STOPPED: (Shape("SHAPE-7", must=frozenset({Shown.BLOCK_DEVICES, Shown.PRIVATE_IP})),),
    InstanceState.SHUTTING_DOWN: (
        Shape(
            "SHAPE-5",
            must_not=(_ADDRESSES - {Shown.PUBLIC_IP}) | _NAMES | {Shown.SECURITY_GROUPS},
        ),
    ),
    InstanceState.TERMINATED: (
        Shape("SHAPE-1", must_not=_ADDRESSES | _NAMES),
        Shape(
            "SHAPE-2",
            must_not=frozenset({Shown.BLOCK_DEVICES, Shown.NETWORK_INTERFACES, Shown.SECURITY_GROUPS}),
        ),
    ),
}
"""Facts T-03…T-07 and V-06. Absent and empty are not told apart: nobody's tool can depend on it."""

REASON_CLAUSE: Final[Mapping[Cause, str]] = {
    Cause.NONE: "SHAPE-6",
    Cause.LAUNCH: "RUN-5",
    Cause.USER_SHUTDOWN: "SHAPE-3",
    Cause.USER_HIBERNATE: "SHAPE-3",
    Cause.GUEST_SHUTDOWN: "SHUT-3",
    Cause.SERVICE: "RUN-3",
}
"""The clause that promises the reason an instance shows."""

SHOWS_VOLUMES: Final = (InstanceState.RUNNING, InstanceState.STOPPING, InstanceState.STOPPED)
"""The states whose description lists every attached volume (VOL-9)."""

RULES: Final = OperationRules(ladder=(UNAUTHORIZED, MALFORMED, replace(NOT_FOUND, clause="DESC-1"), DRY_RUN))
