"""What becomes of EBS volumes when instances stop, end, and gain or lose volumes."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

VOLUMES: Final[tuple[Clause, ...]] = (
    Clause(
        id="VOL-1",
        sentence="By default, the volumes that a launch attaches are deleted when the instance is terminated.",
        evidence={
            Part.OUTCOME: documented("V-01", "V-02", note="the console and older prose of the guide keep data volumes"),
        },
        effect="volumes remain after their instances, or a user loses data",
    ),
    Clause(
        id="VOL-2",
        sentence="By default, volumes that are attached after the launch survive the termination of the instance.",
        evidence={
            Part.OUTCOME: documented("V-01", "V-03", note="recorded: attached with DeleteOnTermination false"),
        },
        effect="a data volume is lost with the instance that it was attached to",
    ),
    Clause(
        id="VOL-3",
        sentence="DeleteOnTermination decides whether a termination deletes an attached volume. This holds for a "
        "value from the launch and for a later change.",
        evidence={Part.OUTCOME: documented("V-02", "V-04", "V-07")},
        effect="data that should be kept is deleted, or the reverse",
    ),
    Clause(
        id="VOL-4",
        sentence="A stop keeps the root device and every other attached volume.",
        evidence={Part.OUTCOME: recorded("V-06")},
        effect="a stop loses data, and the instance cannot be started again",
    ),
    Clause(
        id="VOL-5",
        sentence="AttachVolume sets DeleteOnTermination to false.",
        evidence={Part.OUTCOME: recorded("V-03")},
        effect="a data volume is deleted with the instance that it was attached to",
    ),
    Clause(
        id="VOL-6",
        sentence="When an instance is terminated, each attached volume is deleted or becomes available. Its "
        "DeleteOnTermination says which.",
        evidence={Part.OUTCOME: documented("V-07", note="no source says when exactly a volume leaves in-use")},
        effect="a volume stays attached to an instance that is gone, and cannot be used again",
    ),
    Clause(
        id="VOL-7",
        sentence="A request for a deleted volume fails with InvalidVolume.NotFound.",
        evidence={
            Part.OUTCOME: recorded("V-08"),
            Part.CODE: recorded("V-08"),
            Part.STATUS: recorded("V-08"),
            Part.MESSAGE: recorded("V-08"),
        },
        effect="a client believes that it can still use a deleted volume",
    ),
    Clause(
        id="VOL-8",
        sentence="A volume can be attached to a running or stopped instance, but not to one that is still starting "
        "or has ended.",
        evidence={
            Part.OUTCOME: reported("E-15", "E-16", note="other operations refuse a terminated instance"),
            Part.CODE: reported("E-15", note="while it is starting; the code for a terminated one is open"),
            Part.STATUS: reported("E-15"),
            Part.MESSAGE: reported("E-15", note="while it is starting"),
        },
        effect="a volume is attached to an instance that cannot use it",
    ),
    Clause(
        id="VOL-9",
        sentence="The description of a running, stopping or stopped instance lists its attached "
        "volumes, each with its DeleteOnTermination.",
        evidence={Part.OUTCOME: recorded("V-05", "V-06", "V-04")},
        effect="a user cannot see in advance which volumes a termination will delete",
    ),
    Clause(
        id="VOL-10",
        sentence="A volume is in-use while it is attached to an instance. After it is created or detached, it "
        "becomes available.",
        evidence={Part.OUTCOME: documented("V-07", "W-06")},
        effect="a client waits forever for its volume, or attaches it twice",
    ),
    Clause(
        id="VOL-11",
        sentence="A volume that is being detached cannot be attached, detached or deleted. A volume that is being "
        "deleted cannot be attached or detached. No volume can be attached to a stopping instance.",
        evidence={Part.OUTCOME: assumed("E-15", "V-07", note="no source tells these refusals")},
        effect="a tool that does not wait for a detachment works in tests and fails in production",
    ),
    Clause(
        id="VOL-12",
        sentence="A volume can be attached only to an instance in its own Availability Zone. EC2 refuses any other "
        "attachment.",
        evidence={
            Part.OUTCOME: documented("VR-01"),
            Part.CODE: documented("VR-01"),
            Part.STATUS: reported("VR-01"),
            Part.MESSAGE: reported("VR-01"),
        },
        effect="a volume is attached to an instance that cannot reach it",
    ),
    Clause(
        id="VOL-13",
        sentence="A volume that is attached to an instance cannot be attached again.",
        evidence={
            Part.OUTCOME: documented("VR-02"),
            Part.CODE: documented("VR-02"),
            Part.STATUS: reported("VR-02"),
            Part.MESSAGE: reported("VR-02"),
        },
        effect="two instances write to one volume, and its data is lost",
    ),
    Clause(
        id="VOL-14",
        sentence="A volume that is still being created cannot be attached.",
        evidence={
            Part.OUTCOME: documented("VR-14"),
            Part.CODE: documented("VR-14"),
            Part.STATUS: documented("E-24", note="no exact number is known for this refusal"),
        },
        effect="a tool that does not wait for its volume works in tests and fails in production",
    ),
    Clause(
        id="VOL-15",
        sentence="EC2 refuses to detach a volume that is not attached.",
        evidence={
            Part.OUTCOME: reported("VR-05"),
            Part.CODE: reported("VR-05"),
            Part.STATUS: reported("VR-05"),
            Part.MESSAGE: reported("VR-05"),
        },
        effect="a tool believes that it detached a volume",
    ),
    Clause(
        id="VOL-16",
        sentence="DeleteOnTermination can be changed only for a volume that is attached to the named instance.",
        evidence={
            Part.OUTCOME: documented("R-173", "V-04"),
            Part.CODE: assumed("R-173", note="no source gives the code"),
        },
        effect="a tool believes that a volume outlives its instance, or the reverse",
    ),
    Clause(
        id="VOL-17",
        sentence="The root volume of a running instance cannot be detached. The root volume of a stopped instance can.",
        evidence={Part.OUTCOME: documented("VR-07", note="any error code: no source that anyone can open gives it")},
        effect="a running instance loses its root volume",
    ),
    Clause(
        id="VOL-18",
        sentence="If DetachVolume names an instance, it detaches the volume only from that instance. If the volume is "
        "attached to another instance, EC2 refuses with InvalidAttachment.NotFound.",
        evidence={Part.OUTCOME: documented("VR-06"), Part.CODE: documented("VR-06")},
        effect="a tool that detaches a volume from one instance takes it away from another",
    ),
    Clause(
        id="VOL-19",
        sentence="An instance never has two volumes at one device. If a volume is at the device that AttachVolume "
        "names, EC2 refuses with InvalidParameterValue.",
        evidence={
            Part.OUTCOME: documented("VR-03"),
            Part.CODE: documented("VR-03"),
            Part.MESSAGE: reported("VR-03"),
        },
        effect="a volume takes the place of another one, and an instance reads the wrong data",
    ),
    Clause(
        id="VOL-20",
        sentence="DeleteVolume deletes an available volume. It may refuse a volume that is still being created or "
        "that is being deleted.",
        evidence={Part.OUTCOME: documented("VR-15", "R-205", note="any error code: no reply was recorded")},
        effect="a tool believes that it deleted a volume, or cannot delete one",
    ),
    Clause(
        id="VOL-21",
        sentence="DeleteVolume never deletes a volume that is attached to an instance. EC2 refuses with VolumeInUse.",
        evidence={
            Part.OUTCOME: documented("VR-10"),
            Part.CODE: documented("VR-10"),
            Part.STATUS: reported("VR-10"),
            Part.MESSAGE: reported("VR-10"),
        },
        effect="a volume is deleted while an instance uses it, and its data is lost",
    ),
)
