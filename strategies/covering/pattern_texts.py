"""The steps of the patterns that are written one by one, under their titles, as in scenario files."""

from collections.abc import Mapping
from typing import Final

SHIELDS: Final[Mapping[str, str]] = {
    "A stop-protected instance shields its zone, also when it is stopped by its owner": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 1, DisableApiStop: true}
- run: {name: C, zone: 2}
- run: {name: D, zone: 2, DisableApiTermination: true}
- settle
- stop: [A, B]
- stop: [B, A]
- stop: [D]
- settle
- terminate: [A, B, C]
- settle
- terminate: [A, D]
""",
}
"""About the zone rule, as the patterns that are made from the example of the documentation."""

BATCHES: Final[Mapping[str, str]] = {
    "Protected instances in both zones shield everything": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 1, DisableApiTermination: true}
- run: {name: C, zone: 2, DisableApiTermination: true}
- run: {name: D, zone: 2}
- settle
- terminate: [A, B, C, D]
- settle
- terminate: [D, A]
""",
    "A protected instance in the only zone keeps every batch alive": """
- run: {name: A}
- run: {name: B, DisableApiTermination: true}
- run: {name: C}
- settle
- terminate: [A, B, C]
- terminate: [B, A]
- terminate: [A, A, B]
- stop: [A]
- settle
- terminate: [A, B]
- settle
- terminate: [C, A]
- settle
- terminate: [C, B]
""",
    "A batch with a bad id at any place stops, reboots and starts nothing": """
- run: {name: A}
- run: {name: B}
- settle
- stop: [{malformed: "foo"}, A, B]
- stop: [A, {unknown: 1}, B]
- stop: [A, B, {malformed: "foo"}]
- settle
- reboot: [A, {unknown: 1}, B]
- reboot: [{malformed: "foo"}, A]
- describe: [A, {unknown: 1}]
- describe: [{malformed: "foo"}, A]
- stop: [A, B]
- settle
- start: [{unknown: 1}, A, B]
- start: [A, {malformed: "foo"}, B]
- start: [A, B, {unknown: 1}]
- settle
""",
    "A batch with a bad id at any place terminates nothing": """
- run: {name: A}
- run: {name: B}
- run: {name: C, DisableApiTermination: true}
- settle
- terminate: [{unknown: 1}, A, B]
- terminate: [A, {unknown: 1}, B]
- terminate: [A, B, {unknown: 1}]
- terminate: [{malformed: "foo"}, A, B]
- terminate: [A, {malformed: "foo"}, B]
- terminate: [A, B, {malformed: "foo"}]
- terminate: [C, {unknown: 1}]
- terminate: [{malformed: "foo"}, C]
- settle
""",
    "An id that is repeated counts once, and what follows it counts too": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 1}
- run: {name: C, zone: 2}
- settle
- describe: [A, A, B]
- reboot: [A, A, C]
- stop: [A, A, B]
- settle
- start: [A, B, A]
- settle
- terminate: [A, B, A, C, C]
- settle
- terminate: [B, B]
""",
    "Instances in different states are stopped, started and terminated together": """
- run: {name: A}
- run: {name: B}
- run: {name: C}
- run: {name: D}
- settle
- terminate: [C]
- settle
- stop: [A, C]
- stop: [C, B]
- settle
- stop: [A]
- settle
- stop: [B, A, D]
- settle
- start: [A, C]
- start: [C, A]
- settle
- start: [D]
- settle
- start: [D, A]
- settle
- reboot: [A, C]
- reboot: [B, A]
- settle
- terminate: [C, A]
- settle
- terminate: [B, C, D]
""",
}
"""Orders, bad ids, repeated ids and mixed states."""

HISTORIES: Final[Mapping[str, str]] = {
    "Three restarts change nothing about a protection, set at launch or while an instance is stopped": """
- run: {name: A, DisableApiTermination: true}
- run: {name: B, InstanceInitiatedShutdownBehavior: terminate}
- settle
- terminate: [A]
- terminate: {ids: [A], Force: true}
- stop: [A, B]
- settle
- terminate: [A]
- modify: {id: B, DisableApiTermination: true}
- start: [A, B]
- settle
- terminate: [B]
- reboot: [A, B]
- stop: [B, A]
- settle
- terminate: [A]
- stop: [A]
- start: [B, A]
- settle
- terminate: [B]
- stop: [A, B]
- settle
- start: [A, B]
- settle
- start: [B]
- reboot: [A, B]
- describe-attribute: {id: A, attribute: DisableApiTermination}
- describe-attribute: {id: B, attribute: DisableApiTermination}
- describe-attribute: {id: B, attribute: InstanceInitiatedShutdownBehavior}
- terminate: [A]
- terminate: [B]
- settle
- modify: {id: B, DisableApiTermination: false}
- describe-attribute: {id: B, attribute: DisableApiTermination}
- terminate: [B]
- settle
- modify: {id: B, DisableApiTermination: true}
""",
    "DisableApiTermination and the shutdown behavior change as often as they are set": """
- run: {name: A}
- settle
- modify: {id: A, DisableApiTermination: true}
- modify: {id: A, DisableApiTermination: false}
- describe-attribute: {id: A, attribute: DisableApiTermination}
- modify: {id: A, DisableApiTermination: true}
- describe-attribute: {id: A, attribute: DisableApiStop}
- terminate: [A]
- modify: {id: A, DisableApiTermination: false}
- describe-attribute: {id: A, attribute: DisableApiTermination}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate}
- modify: {id: A, InstanceInitiatedShutdownBehavior: stop}
- describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate}
- describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}
- stop: [A]
- settle
""",
    "DisableApiStop changes as often as it is set, and leaves the other protection": """
- run: {name: A, DisableApiStop: true, DisableApiTermination: true}
- run: {name: B, DisableApiStop: true}
- settle
- describe-attribute: {id: A, attribute: DisableApiTermination}
- describe-attribute: {id: A, attribute: DisableApiStop}
- modify: {id: A, DisableApiStop: false}
- modify: {id: B, DisableApiStop: false}
- describe-attribute: {id: A, attribute: DisableApiStop}
- modify: {id: A, DisableApiStop: true}
- modify: {id: B, DisableApiStop: true}
- stop: [A]
- stop: [B]
- terminate: [B]
- modify: {id: A, DisableApiStop: false}
- describe-attribute: {id: A, attribute: DisableApiStop}
- describe-attribute: {id: A, attribute: DisableApiTermination}
- terminate: [A]
- settle
""",
    "A dry run does nothing, however often it is sent": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- settle
- terminate: {ids: [A, B], DryRun: true}
- terminate: {ids: [B], Force: true, DryRun: true}
- stop: {ids: [B], Force: true, DryRun: true}
- reboot: {ids: [B], DryRun: true}
- stop: [A]
- settle
- start: {ids: [A], DryRun: true}
- describe: [A]
- start: [A]
- settle
- stop: {ids: [A], DryRun: true}
- describe: [A]
- terminate: {ids: [A], DryRun: true}
- stop: {ids: [A], DryRun: true}
- settle
""",
    "A dry run of a change changes nothing": """
- run: {name: A, volumes: [{name: d}]}
- settle
- modify: {id: A, DisableApiTermination: true, DryRun: true}
- modify: {id: A, DisableApiStop: true, DryRun: true}
- modify: {id: A, InstanceInitiatedShutdownBehavior: terminate, DryRun: true}
- modify: {id: A, BlockDeviceMappings: {volume: d, DeleteOnTermination: false}, DryRun: true}
- describe-attribute: {id: A, attribute: DisableApiTermination}
- describe-attribute: {id: A, attribute: DisableApiStop}
- describe-attribute: {id: A, attribute: InstanceInitiatedShutdownBehavior}
- describe: [A]
- terminate: [A]
- settle
""",
    "A dry run for several instances does nothing": """
- run: {name: A}
- run: {name: B}
- settle
- stop: {ids: [A, B], DryRun: true}
- describe: [A, B]
- terminate: {ids: [B, A], DryRun: true}
- stop: [A, B]
- settle
- start: {ids: [A, B], DryRun: true}
- start: [A, B]
- settle
""",
    "An instance that was stopped twice and rebooted is terminated": """
- run: {name: A}
- settle
- stop: [A]
- settle
- stop: {ids: [A], Force: true}
- start: [A]
- settle
- reboot: [A]
- stop: {ids: [A], Force: true}
- settle
- terminate: [A]
- settle
- start: [A]
- start: [A]
- reboot: [A]
- stop: [A]
- stop: [A]
- stop: [A]
- describe: [A]
- modify: {id: A, DisableApiTermination: true}
- terminate: [A]
""",
    "An instance that is rebooted again and again keeps its state": """
- run: {name: A}
- settle
- reboot: [A]
- reboot: [A]
- reboot: [A]
- reboot: [A]
- terminate: [A]
- settle
""",
    "A stop after a hibernation is a plain stop": """
- run: {name: A, HibernationOptions.Configured: true}
- settle
- stop: {ids: [A], Hibernate: true}
- settle
- start: [A]
- settle
- reboot: [A]
- stop: [A]
- settle
- start: [A]
- settle
- start: [A]
""",
    "Requests leave alone what they do not name": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 1}
- run: {name: C, zone: 2}
- settle
- modify: {id: A, DisableApiTermination: true}
- describe-attribute: {id: B, attribute: DisableApiTermination}
- reboot: [B]
- stop: {ids: [C], Force: true}
- settle
- stop: {ids: [A], Force: true}
- settle
- start: [A]
- settle
- terminate: [A]
- settle
- terminate: [B]
- settle
- terminate: [C]
""",
}
"""Repetition, and effects of requests long ago."""

VOLUMES: Final[Mapping[str, str]] = {
    "Every instance of a batch takes its own volumes along": """
- run: {name: A, zone: 1, volumes: [{name: a, DeleteOnTermination: true}, {name: b, DeleteOnTermination: true}]}
- run: {name: B, zone: 2, volumes: [{name: c, DeleteOnTermination: false}, {name: d, DeleteOnTermination: false}]}
- settle
- terminate: [A, B]
- settle
""",
    "Volumes that are attached later keep their flags over a restart, attached again or not": """
- run: {name: A}
- create-volume: {name: v}
- create-volume: {name: w}
- settle
- attach: {volume: v, id: A, device: /dev/sdf}
- attach: {volume: w, id: A, device: /dev/sdg}
- settle
- modify: {id: A, BlockDeviceMappings: {volume: w, DeleteOnTermination: true}}
- stop: [A]
- settle
- detach: {volume: v}
- settle
- start: [A]
- settle
- attach: {volume: v, id: A, device: /dev/sdh}
- settle
- terminate: [A]
- settle
""",
    "A dry run makes, attaches and detaches no volume": """
- run: {name: A, volumes: [{name: d}]}
- create-volume: {name: v}
- settle
- create-volume: {name: w, DryRun: true}
- attach: {volume: v, id: A, device: /dev/sdf, DryRun: true}
- detach: {volume: d, DryRun: true}
- describe-volumes: {volumes: [v], DryRun: true}
- settle
""",
    "A volume is attached and detached only where that fits": """
- run: {name: A, volumes: [{name: d}]}
- create-volume: {name: v}
- settle
- attach: {volume: v, id: {malformed: "foo"}, device: /dev/sdf}
- attach: {volume: v, id: {unknown: 1}, device: /dev/sdf}
- attach: {volume: d, id: A, device: /dev/sdf}
- detach: {volume: v}
- settle
""",
    "A root volume leaves only a stopped instance, and a volume only the instance that is named": """
- run: {name: A, volumes: [{name: d}]}
- run: {name: B}
- settle
- describe: [A, B]
- detach: {volume: A.root}
- detach: {volume: A.root, id: A}
- detach: {volume: d, id: B}
- detach: {volume: d, id: {unknown: 1}}
- detach: {volume: d, id: {malformed: "foo"}}
- describe: [A]
- stop: [A]
- settle
- detach: {volume: A.root, id: B}
- detach: {volume: A.root, id: A}
- detach: {volume: d, id: A}
- settle
- describe-volumes: [A.root, d]
- attach: {volume: A.root, id: B, device: /dev/sdf}
- settle
- detach: {volume: A.root, id: B}
- settle
- describe-volumes: [A.root]
""",
    "An instance without its root volume does not start": """
- run: {name: A}
- settle
- describe: [A]
- stop: [A]
- settle
- detach: {volume: A.root}
- settle
- start: [A]
- settle
""",
    "A device that a volume of the instance uses takes no other volume": """
- run: {name: A}
- create-volume: {name: v}
- create-volume: {name: w}
- settle
- describe: [A]
- attach: {volume: v, id: A, device: /dev/xvda}
- attach: {volume: w, id: A, device: /dev/sda1}
- attach: {volume: v, id: A, device: /dev/sdf}
- attach: {volume: w, id: A, device: /dev/sdf}
- settle
- describe: [A]
""",
    "A volume is deleted once it is attached to nothing": """
- run: {name: A, volumes: [{name: d}]}
- create-volume: {name: v}
- settle
- describe: [A]
- delete-volume: A.root
- delete-volume: d
- describe: [A]
- detach: {volume: d}
- settle
- delete-volume: {volume: d, DryRun: true}
- describe-volumes: [d]
- delete-volume: d
- settle
- describe-volumes: [d, v]
- delete-volume: d
- attach: {volume: d, id: A, device: /dev/sdf}
- delete-volume: v
- settle
- describe-volumes: [v]
""",
    "A volume that went with its instance is unknown": """
- run: {name: A, volumes: [{name: d, DeleteOnTermination: true}]}
- run: {name: B}
- settle
- terminate: [A]
- settle
- attach: {volume: d, id: B, device: /dev/sdf}
- detach: {volume: d}
- describe-volumes: [d]
- settle
""",
    "A volume that is kept by a change survives restarts and termination": """
- run: {name: A, volumes: [{name: a-data, DeleteOnTermination: false}]}
- settle
- modify: {id: A, BlockDeviceMappings: {volume: A.root, DeleteOnTermination: false}}
- modify: {id: A, BlockDeviceMappings: {volume: a-data, DeleteOnTermination: true}}
- stop: [A]
- settle
- start: [A]
- settle
- terminate: [A]
- settle
""",
}
"""Volumes created by a launch or later, after restarts and in batches."""

LAUNCHES: Final[Mapping[str, str]] = {
    "Each instance of a launch has the attributes that the launch gives": """
- run: {name: A, count: 2, DisableApiTermination: true, InstanceInitiatedShutdownBehavior: terminate}
- settle
- describe-attribute: {id: A1, attribute: InstanceInitiatedShutdownBehavior}
- describe-attribute: {id: A2, attribute: DisableApiTermination}
- describe-attribute: {id: A2, attribute: InstanceInitiatedShutdownBehavior}
""",
    "A launch with a range makes as many as it can, and one that is sent again makes nothing": """
- run: {name: A, count: 3, MinCount: 1}
- run: {name: B, count: 2, MinCount: 1, ClientToken: t1}
- settle
- run-again: {name: B}
- run-again: {name: B, count: 3}
- run-again: {name: B, DisableApiTermination: true}
- run: {name: C, ClientToken: T1}
- settle
- stop: [{all: B}]
- settle
- run-again: {name: B}
- terminate: [{all: B}]
- settle
- run-again: {name: B}
""",
    "A launch that is sent again for another zone makes new instances": """
- run: {name: A, zone: 1, ClientToken: t1}
- settle
- run-again: {name: A, zone: 2}
- run-again: {name: A}
""",
}
"""Ranges and client tokens."""

LISTINGS: Final[Mapping[str, str]] = {
    "Everything is listed, and a filter by state lists what passes it": """
- run: {name: A, count: 2}
- run: {name: B}
- run: {name: C}
- settle
- stop: [B]
- terminate: [C]
- settle
- start: [B]
- settle
- stop: [{all: A}]
- settle
- describe: []
- describe: {ids: [], instance-state-name: [stopped, terminated]}
- describe: {ids: [A1, B], instance-state-name: [running]}
""",
    "A filter by zone lists what passes it, also beside another one": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 1}
- run: {name: C, zone: 2}
- settle
- stop: [B]
- settle
- describe: {ids: [], availability-zone: [1], instance-state-name: [running]}
- describe: {ids: [], instance-state-name: [stopped], availability-zone: [2]}
""",
}
"""Descriptions that list instances, and the fields that EC2 keeps."""

ZONES: Final[Mapping[str, str]] = {
    "Instances in two zones are stopped, started and terminated together": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- settle
- stop: [A, B]
- settle
- start: [B, A]
- settle
- terminate: [A, B]
- settle
""",
}
"""Batches over two zones that are not refused."""

THREE_ZONES: Final[Mapping[str, str]] = {
    "Two protected instances in three zones shield their zones": """
- run: {name: A, zone: 1, DisableApiTermination: true}
- run: {name: B, zone: 2, DisableApiTermination: true}
- run: {name: C, zone: 2}
- run: {name: D, zone: 3}
- settle
- terminate: [A, B, C, D]
- settle
- terminate: [C]
""",
    "A protected instance in the first of three zones shields no other": """
- run: {name: A, zone: 1, DisableApiTermination: true}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- settle
- terminate: [A, B, C]
- settle
""",
    "A protected instance in the last of three zones is the one that is named": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3, DisableApiTermination: true}
- settle
- terminate: [A, B, C]
- settle
""",
    "A protected instance in the middle one of three zones shields no other": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2, DisableApiTermination: true}
- run: {name: C, zone: 3}
- run: {name: D, zone: 2}
- settle
- terminate: [A, D, B, C]
- settle
""",
    "Instances in three zones are stopped, started and terminated together": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2}
- run: {name: C, zone: 3}
- run: {name: D, zone: 3}
- settle
- terminate: [D]
- settle
- stop: [A, B, D]
- settle
- stop: [A, B, C]
- settle
- start: [A, B, C]
- settle
- terminate: [A, B, C]
- settle
""",
}
"""Patterns that need a third zone."""

SECOND_CALLER: Final[Mapping[str, str]] = {
    "A caller without permission is refused, and does nothing to several instances": """
- run: {name: A, zone: 1}
- run: {name: B, zone: 2, DisableApiTermination: true}
- settle
- terminate: {ids: [A, B], DryRun: true, as: nobody}
- terminate: {ids: [A, B], as: nobody}
- stop: {ids: [A, B], DryRun: true, as: nobody}
- stop: {ids: [B, A], as: nobody}
- reboot: {ids: [A, B], DryRun: true, as: nobody}
- settle
- stop: [A, B]
- settle
- start: {ids: [A, B], DryRun: true, as: nobody}
- start: {ids: [A, B], as: nobody}
- settle
""",
    "A caller without permission makes, attaches and detaches no volume": """
- run: {name: A, volumes: [{name: d}]}
- create-volume: {name: v}
- settle
- create-volume: {name: w, as: nobody}
- create-volume: {name: w, DryRun: true, as: nobody}
- attach: {volume: v, id: A, device: /dev/sdf, as: nobody}
- attach: {volume: v, id: A, device: /dev/sdf, DryRun: true, as: nobody}
- detach: {volume: d, as: nobody}
- detach: {volume: d, DryRun: true, as: nobody}
- describe-volumes: {volumes: [v], as: nobody}
- settle
""",
    "A caller without permission deletes no volume": """
- create-volume: {name: v}
- settle
- delete-volume: {volume: v, as: nobody}
- delete-volume: {volume: v, DryRun: true, as: nobody}
- describe-volumes: [v]
""",
}
"""Patterns that need a caller without permission."""

STEPS_ON_DEMAND: Final[Mapping[str, str]] = {
    "A shutdown from inside does what the shutdown behavior says, protected or not": """
- run: {name: A, InstanceInitiatedShutdownBehavior: terminate, DisableApiTermination: true}
- run: {name: B, InstanceInitiatedShutdownBehavior: stop, DisableApiStop: true}
- run: {name: C}
- settle
- modify: {id: C, InstanceInitiatedShutdownBehavior: terminate}
- shutdown-in-guest: A
- shutdown-in-guest: B
- shutdown-in-guest: C
- settle
- start: [B]
- settle
""",
    "A shutdown from inside ends an instance on instance store": """
- run: {name: A, root: instance-store}
- settle
- shutdown-in-guest: A
- settle
""",
    "A retirement stops an instance, protected or not": """
- run: {name: A, DisableApiStop: true}
- settle
- retire: A
- settle
""",
    "A retirement ends an instance on instance store": """
- run: {name: A, root: instance-store, DisableApiTermination: true}
- settle
- retire: A
- settle
""",
    "A launch that fails ends its instance": """
- run: {name: A}
- fail-launch: A
- settle
""",
}
"""Patterns that need steps on demand."""

WAITING: Final[Mapping[str, str]] = {
    "A protection that was cleared a minute ago holds no longer": """
- run: {name: A, DisableApiTermination: true}
- settle
- modify: {id: A, DisableApiTermination: false}
- wait: 61
- terminate: [A]
- settle
""",
}
"""Patterns that need time."""

AT_ONCE: Final[Mapping[str, str]] = {
    "A reboot of an instance that is stopping leaves it stopping": """
- run: {name: A}
- settle
- stop: [A]
- reboot: [A]
- describe: [A]
- settle
""",
    "A volume is attached to no instance that is pending": """
- create-volume: {name: v}
- settle
- run: {name: A}
- attach: {volume: v, id: A, device: /dev/sdf}
- settle
""",
    "A volume is asked to be deleted while it is created, detached or deleted": """
- run: {name: A, volumes: [{name: d}]}
- settle
- create-volume: {name: v}
- delete-volume: v
- detach: {volume: d}
- delete-volume: d
- settle
- create-volume: {name: w}
- settle
- delete-volume: w
- delete-volume: w
- settle
- describe-volumes: [d]
""",
}
"""Patterns that meet an instance in transition, on a target that shows this state."""

MANY: Final[Mapping[str, str]] = {
    "As many as fifty-one instances are described and terminated together": """
- run: {name: A, count: 51}
- settle
- describe: [{all: A}]
- terminate: [{all: A}, {malformed: "foo"}]
- settle
- terminate: [{all: A}]
- settle
""",
    "A protected instance behind fifty others shields them all": """
- run: {name: A, count: 50}
- run: {name: B, DisableApiTermination: true}
- settle
- terminate: [{all: A}, B]
- settle
""",
}
"""Patterns with more instances than some emulators return in one reply."""

TEXTS: Final = (
    BATCHES,
    HISTORIES,
    VOLUMES,
    LAUNCHES,
    LISTINGS,
    ZONES,
    THREE_ZONES,
    SECOND_CALLER,
    STEPS_ON_DEMAND,
    WAITING,
    AT_ONCE,
    MANY,
)
"""All of them."""
