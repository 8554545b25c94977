"""The named scopes of the derivation: each says which features its scenarios use."""

from dataclasses import dataclass, replace
from enum import Flag, auto
from typing import Final

from ...model.requests import Attribute, Operation
from ...model.states import RootDevice, ShutdownBehavior
from ..scenario.steps import RunStep, VolumeSpec


class Oddities(Flag):
    """Unusual properties of the last request of a scenario."""

    NONE = 0
    FLAGS = auto()
    """Force, SkipOsShutdown, Hibernate."""
    DRY_RUN = auto()
    NOBODY = auto()
    """A caller without permission."""
    BAD_ID = auto()
    """An id of no instance: never issued, or malformed."""
    REPEAT = auto()
    """An id sent twice."""
    NO_IDS = auto()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the scenarios of one scope may contain; defaults are off.

    `launches` are unnamed runs, one of which launches every instance.
    `moves` lead from one world to another, at most `depth` of them after the launches; `asks` end a scenario.
    A `racy` scope omits settles, so that requests meet instances in transition.
    """

    name: str
    about: str
    launches: tuple[RunStep, ...]
    moves: tuple[Operation, ...] = ()
    asks: tuple[Operation, ...] = ()
    instances: int = 1
    zones: int = 1
    volumes: int = 0
    """The number of volumes created outside launches."""
    depth: int = 0
    attributes: tuple[Attribute, ...] = ()
    oddities: Oddities = Oddities.NONE
    racy: bool = False
    each_alone: bool = True
    """Whether a request may name only some of the instances."""


_PLAIN: Final = RunStep("")
_PROTECTED: Final = RunStep("", disable_api_termination=True)
_STOP_PROTECTED: Final = RunStep("", disable_api_stop=True)
_BOTH: Final = RunStep("", disable_api_termination=True, disable_api_stop=True)
_STORE: Final = RunStep("", root=RootDevice.INSTANCE_STORE)
_PROTECTIONS: Final = (Attribute.DISABLE_API_TERMINATION, Attribute.DISABLE_API_STOP)
_BATCHES: Final = (Operation.TERMINATE, Operation.STOP, Operation.START, Operation.REBOOT)
_CHANGES: Final = (Operation.TERMINATE, Operation.STOP, Operation.START)
_ODD: Final = Oddities.DRY_RUN | Oddities.NOBODY | Oddities.BAD_ID | Oddities.REPEAT | Oddities.NO_IDS
_SPARE: Final = (VolumeSpec("a"), VolumeSpec("a", delete_on_termination=False))

SCOPES: Final = (
    Scope(
        "one",
        "one instance with its attributes, from launch to its end",
        launches=(
            _PLAIN,
            _PROTECTED,
            _STOP_PROTECTED,
            _BOTH,
            RunStep("", shutdown_behavior=ShutdownBehavior.TERMINATE),
            RunStep("", hibernation=True),
        ),
        moves=(*_CHANGES, Operation.MODIFY),
        asks=(*_BATCHES, Operation.DESCRIBE, Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE, Operation.RUN),
        depth=2,
        attributes=(*_PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR),
        oddities=Oddities.FLAGS,
    ),
    Scope(
        "odd",
        "one instance, and requests that are unusual",
        launches=(_PLAIN, _PROTECTED),
        moves=(Operation.TERMINATE, Operation.STOP),
        asks=(
            *_BATCHES,
            Operation.DESCRIBE,
            Operation.MODIFY,
            Operation.DESCRIBE_ATTRIBUTE,
            Operation.RUN,
            Operation.CREATE_VOLUME,
        ),
        depth=1,
        attributes=_PROTECTIONS,
        oddities=_ODD,
    ),
    Scope(
        "store",
        "one instance that boots from instance store",
        launches=(_STORE, replace(_STORE, disable_api_termination=True), replace(_STORE, disable_api_stop=True)),
        moves=(Operation.TERMINATE, Operation.MODIFY),
        asks=(*_BATCHES, Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE, Operation.RUN),
        depth=1,
        attributes=(*_PROTECTIONS, Attribute.SHUTDOWN_BEHAVIOR),
        oddities=Oddities.FLAGS | Oddities.DRY_RUN | Oddities.NOBODY,
    ),
    Scope(
        "several",
        "two instances in two zones, some protected, some stopped or terminated",
        launches=(_PLAIN, _PROTECTED, _STOP_PROTECTED),
        moves=(Operation.TERMINATE, Operation.STOP),
        asks=(Operation.TERMINATE, Operation.STOP),
        instances=2,
        zones=2,
        depth=1,
        each_alone=False,
    ),
    Scope(
        "several kinds",
        "two instances, some that boot from instance store, some stopped or terminated",
        launches=(_PLAIN, _STORE),
        moves=(Operation.TERMINATE, Operation.STOP),
        asks=(*_BATCHES, Operation.DESCRIBE),
        instances=2,
        depth=1,
        each_alone=False,
    ),
    Scope(
        "several odd",
        "two instances in two zones, and requests that are unusual",
        launches=(_PLAIN, _PROTECTED),
        asks=(Operation.TERMINATE, Operation.STOP, Operation.DESCRIBE),
        instances=2,
        zones=2,
        oddities=Oddities.BAD_ID | Oddities.DRY_RUN | Oddities.NOBODY,
        each_alone=False,
    ),
    Scope(
        "shield",
        "three instances in two zones, some protected",
        launches=(_PLAIN, _PROTECTED, _STOP_PROTECTED),
        asks=(Operation.TERMINATE, Operation.STOP),
        instances=3,
        zones=2,
        each_alone=False,
    ),
    Scope(
        "volumes",
        "one instance, its volumes, and one that is attached later",
        launches=(_PLAIN, *(replace(_PLAIN, volumes=(spec,)) for spec in _SPARE)),
        moves=(
            Operation.TERMINATE,
            Operation.STOP,
            Operation.MODIFY,
            Operation.CREATE_VOLUME,
            Operation.ATTACH,
            Operation.DETACH,
        ),
        asks=(
            Operation.TERMINATE,
            Operation.MODIFY,
            Operation.DESCRIBE,
            Operation.DESCRIBE_ATTRIBUTE,
            Operation.CREATE_VOLUME,
            Operation.ATTACH,
            Operation.DETACH,
            Operation.DELETE_VOLUME,
            Operation.DESCRIBE_VOLUMES,
        ),
        volumes=1,
        zones=2,
        depth=3,
        attributes=(Attribute.BLOCK_DEVICE_MAPPINGS,),
    ),
    Scope(
        "odd volumes",
        "one instance and a volume, and requests about it that are unusual",
        launches=(_PLAIN,),
        moves=(Operation.CREATE_VOLUME, Operation.ATTACH),
        asks=(
            Operation.MODIFY,
            Operation.CREATE_VOLUME,
            Operation.ATTACH,
            Operation.DETACH,
            Operation.DELETE_VOLUME,
            Operation.DESCRIBE_VOLUMES,
        ),
        volumes=1,
        depth=2,
        attributes=(Attribute.BLOCK_DEVICE_MAPPINGS,),
        oddities=Oddities.DRY_RUN | Oddities.NOBODY | Oddities.BAD_ID,
    ),
    Scope(
        "passing",
        "one instance that is met on its way",
        launches=(_PLAIN, _PROTECTED, _STOP_PROTECTED),
        moves=(*_CHANGES, Operation.MODIFY),
        asks=(*_BATCHES, Operation.DESCRIBE, Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE),
        depth=2,
        attributes=_PROTECTIONS,
        racy=True,
    ),
    Scope(
        "passing with more",
        "one instance of any kind that is met on its way, with every flag and attribute",
        launches=(_PLAIN, _STORE, replace(_PLAIN, volumes=(VolumeSpec("a"),))),
        moves=_CHANGES,
        asks=(*_BATCHES, Operation.DESCRIBE, Operation.MODIFY, Operation.DESCRIBE_ATTRIBUTE),
        depth=2,
        attributes=(Attribute.SHUTDOWN_BEHAVIOR, Attribute.BLOCK_DEVICE_MAPPINGS),
        oddities=Oddities.FLAGS,
        racy=True,
    ),
    Scope(
        "two passing",
        "two instances that are met on their way",
        launches=(_PLAIN, _PROTECTED),
        moves=(Operation.TERMINATE, Operation.STOP),
        asks=_CHANGES,
        instances=2,
        zones=2,
        depth=1,
        racy=True,
        each_alone=False,
    ),
    Scope(
        "volumes passing",
        "one instance and a volume, met on their way",
        launches=(_PLAIN,),
        moves=(Operation.TERMINATE, Operation.STOP, Operation.CREATE_VOLUME, Operation.ATTACH, Operation.DETACH),
        asks=(
            Operation.MODIFY,
            Operation.ATTACH,
            Operation.DETACH,
            Operation.DELETE_VOLUME,
            Operation.DESCRIBE_VOLUMES,
        ),
        volumes=1,
        depth=3,
        attributes=(Attribute.BLOCK_DEVICE_MAPPINGS,),
        racy=True,
    ),
    Scope(
        "limit",
        "as many instances as a request may name, and one more",
        launches=(replace(_PLAIN, count=1000), replace(_PLAIN, count=1001)),
        asks=(Operation.TERMINATE,),
        each_alone=False,
    ),
)
"""Every scope, the smallest first."""
