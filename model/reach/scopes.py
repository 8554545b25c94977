"""The scopes that are explored completely. Each is small, for a few topics; together they cover the specification."""

from dataclasses import replace
from typing import Any, Final

from ..background import StepName
from ..choices import (
    ATTACH_STOPPING,
    BOTH_PROTECTIONS,
    CHOICES,
    CLEARED_PROTECTION,
    DEAD_ATTRIBUTE,
    DEAD_CHANGE,
    DEAD_PROTECTED,
    DELETE_UNREADY,
    DETACH_ROOT,
    FORCE_FIRST_LAUNCH,
    FORCE_STOP,
    FREE_ZONES,
    LIMIT_COUNTS,
    MALFORMED_ATTRIBUTE_ID,
    NEW_ID,
    PENDING_END,
    REBOOT_UNSETTLED,
    RELEASE,
    START_PENDING,
    START_SHUTTING_DOWN,
    STOP_AT_REST,
    STOP_BATCH,
    STOP_PROTECTION_SCOPE,
    UNKNOWN_ID,
    Choice,
)
from ..states import Hibernation, RootDevice, ShutdownBehavior
from ..world import Instance
from .forms import (
    ATTACH,
    CREATE_VOLUME,
    DATA,
    DELETE_VOLUME,
    DELETE_WITH_INSTANCE,
    DESCRIBE,
    DESCRIBE_VOLUME,
    DETACH,
    DETACH_FROM,
    FORCED_STOP,
    HIBERNATE,
    KEEP,
    PROTECT,
    PROTECT_FROM_STOP,
    READ_ATTRIBUTE,
    REBOOT,
    ROOT,
    START,
    STOP,
    STOP_ON_SHUTDOWN,
    TERMINATE,
    TERMINATE_ON_SHUTDOWN,
    UNPROTECT,
    UNPROTECT_FROM_STOP,
    in_each_way,
    launch,
    with_strangers,
)
from .scope import Scope


def _ids(*choices: Choice[Any]) -> frozenset[str]:
    return frozenset(choice.id for choice in choices)


_TERMINATES: Final = frozenset({StepName.LAUNCH_COMPLETES, StepName.SHUTDOWN_COMPLETES, StepName.FATE_TERMINATES})
"""What EC2 does by itself so that a launch ends in a running instance, and a termination in a terminated one."""
_ABOUT_INSTANCES: Final = (START, STOP, REBOOT, TERMINATE, DESCRIBE, READ_ATTRIBUTE, PROTECT, KEEP, ATTACH)
"""A request of each operation that names instances."""

ONE: Final = Scope(
    "one",
    "One EBS-backed instance: all that its owner can do with it, and all that EC2 does, but for volumes.",
    (
        launch(),
        replace(launch(), hibernation=Hibernation.CONFIGURED),
        *(START, STOP, FORCED_STOP, HIBERNATE, REBOOT, TERMINATE, DESCRIBE),
        *(PROTECT, UNPROTECT, PROTECT_FROM_STOP, UNPROTECT_FROM_STOP, STOP_ON_SHUTDOWN, TERMINATE_ON_SHUTDOWN),
        READ_ATTRIBUTE,
    ),
    # What becomes of ids that EC2 never gave out is for the scopes `ids` and `limit`.
    choices=_ids(*CHOICES) - _ids(LIMIT_COUNTS, MALFORMED_ATTRIBUTE_ID, UNKNOWN_ID),
)
STORE: Final = Scope(
    "store",
    "One instance-store-backed instance, with and without protection: it only terminates.",
    (
        *(replace(launch(), root_device=RootDevice.INSTANCE_STORE, disable_api_stop=flag) for flag in (False, True)),
        *(START, STOP, FORCED_STOP, REBOOT, TERMINATE, DESCRIBE),
        *(PROTECT, UNPROTECT, PROTECT_FROM_STOP, UNPROTECT_FROM_STOP, TERMINATE_ON_SHUTDOWN),
    ),
    choices=ONE.choices,
)
ZONES: Final = Scope(
    "zones",
    "Three instances in two zones, some protected: what shields what from termination, and what happens later.",
    (
        launch(),
        replace(launch(), disable_api_termination=True),
        replace(launch(), disable_api_stop=True),
        TERMINATE,
    ),
    instances=3,
    zones=2,
    batches=(1, 2, 3),
    choices=_ids(DEAD_PROTECTED, FREE_ZONES, STOP_PROTECTION_SCOPE),
    steps=_TERMINATES,
)
PROTECTED: Final = Scope(
    "protected",
    "Two instances in two zones, with either protection, both, or one just cleared, as they are terminated.",
    (
        launch(),
        replace(launch(), disable_api_termination=True, disable_api_stop=True),
        *(UNPROTECT, UNPROTECT_FROM_STOP, TERMINATE),
    ),
    instances=2,
    zones=2,
    batches=(1, 2),
    choices=_ids(FREE_ZONES, STOP_PROTECTION_SCOPE, BOTH_PROTECTIONS, CLEARED_PROTECTION),
    steps=_TERMINATES | {StepName.TERMINATION_CLEARS, StepName.STOP_CLEARS},
)
STOPS: Final = Scope(
    "stops",
    "Two instances in two zones, some protected against stopping: stopped, forced, hibernated and started, in batches.",
    (
        launch(),
        replace(launch(), disable_api_stop=True, hibernation=Hibernation.CONFIGURED),
        *(START, STOP, FORCED_STOP, HIBERNATE, TERMINATE),
    ),
    instances=2,
    zones=2,
    batches=(1, 2),
    choices=_ids(STOP_BATCH, FORCE_STOP, FREE_ZONES, STOP_AT_REST, FORCE_FIRST_LAUNCH),
    steps=_TERMINATES | {StepName.STOP_COMPLETES, StepName.FATE_STOPS},
)
FATES: Final = Scope(
    "fates",
    "Two instances in two zones, one protected: what a failed request does later to the other, whatever happens first.",
    (
        replace(launch(), shutdown_behavior=ShutdownBehavior.TERMINATE),
        replace(launch(), disable_api_termination=True, disable_api_stop=True),
        *(STOP, TERMINATE),
    ),
    instances=2,
    zones=2,
    batches=(1, 2),
    choices=_ids(STOP_BATCH, FREE_ZONES),
    steps=frozenset(StepName) - {StepName.BECOMES_VISIBLE},
)
PAIRS: Final = Scope(
    "pairs",
    "Two unprotected instances, each in any state, also forgotten, and every request that names both.",
    (launch(), launch(count=2), START, STOP, REBOOT, TERMINATE, DESCRIBE),
    instances=2,
    batches=(1, 2),
    choices=_ids(NEW_ID, START_PENDING, START_SHUTTING_DOWN, REBOOT_UNSETTLED, PENDING_END),
    steps=_TERMINATES | {StepName.STOP_COMPLETES, StepName.BECOMES_VISIBLE, StepName.FORGOTTEN},
)
VOLUMES: Final = Scope(
    "volumes",
    "One instance with its root, a data volume from its launch and one attached later: kept, deleted, detached.",
    (
        *(launch(ROOT, DATA), CREATE_VOLUME),
        *(ATTACH, DETACH, DELETE_VOLUME, DESCRIBE_VOLUME, KEEP, DELETE_WITH_INSTANCE),
        *(START, STOP, TERMINATE),
    ),
    volumes=3,
    choices=_ids(RELEASE, DEAD_CHANGE, ATTACH_STOPPING, DETACH_ROOT, DELETE_UNREADY),
    steps=_TERMINATES | {StepName.STOP_COMPLETES},
)
LENT: Final = Scope(
    "lent",
    "Two instances in two zones, one of them with a data volume that a launch keeps, and a volume that moves between.",
    (
        launch(),
        launch(replace(DATA, delete_on_termination=False)),
        *(CREATE_VOLUME, ATTACH, DETACH, DETACH_FROM, DELETE_WITH_INSTANCE, TERMINATE),
    ),
    instances=2,
    volumes=2,
    zones=2,
    choices=frozenset(),
    steps=_TERMINATES,
)
IDS: Final = Scope(
    "ids",
    "One instance, one volume: every request also as a dry run, without permission, and with ids never given out.",
    in_each_way(
        (
            *(launch(), replace(launch(), disable_api_stop=True)),
            *(CREATE_VOLUME, DETACH, DELETE_VOLUME, DESCRIBE_VOLUME),
            *_ABOUT_INSTANCES,
            *with_strangers((*_ABOUT_INSTANCES, DETACH)),
        )
    ),
    volumes=1,
    batches=(0, 1),
    choices=_ids(UNKNOWN_ID, MALFORMED_ATTRIBUTE_ID, NEW_ID, DEAD_ATTRIBUTE, STOP_BATCH),
    steps=_TERMINATES | {StepName.BECOMES_VISIBLE, StepName.FORGOTTEN},
)
LIMIT: Final = Scope(
    "limit",
    "One instance, terminated with as many ids as a request may name and with one more, repeated or not.",
    (
        launch(),
        *(
            replace(TERMINATE, instances=tuple(Instance(f"unknown{n % distinct}") for n in range(count)))
            for count in (999, 1000)
            for distinct in (1, count)
        ),
    ),
    choices=_ids(LIMIT_COUNTS),
    steps=_TERMINATES,
)
SCOPES: Final = (ONE, STORE, ZONES, PROTECTED, STOPS, FATES, PAIRS, VOLUMES, LENT, IDS, LIMIT)
"""Every named scope."""
