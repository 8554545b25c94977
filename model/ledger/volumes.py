"""What becomes of EBS volumes when instances stop, end, and gain or lose volumes."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

VOLUMES: Final[tuple[Clause, ...]] = (
    Clause(
        id="VOL-1",
        sentence="Unless told otherwise, the volumes attached at launch are deleted when the instance is terminated.",
        evidence={
            Part.OUTCOME: documented(
                "V-01: TerminateInstances page, and the command-line row of the user guide's table; its console row "
                "and its older prose keep data volumes; V-02: an image's mapping is overridden by the launcher's"
            )
        },
        effect="volumes pile up after their instances, or data is lost that a user meant to keep",
    ),
    Clause(
        id="VOL-2",
        sentence="Volumes attached after launch survive the termination of the instance, unless told otherwise.",
        evidence={
            Part.OUTCOME: documented(
                "V-01: TerminateInstances page and user guide; V-03: recorded, attached with DeleteOnTermination false"
            )
        },
        effect="a data volume is lost with the instance that it was lent to",
    ),
    Clause(
        id="VOL-3",
        sentence="DeleteOnTermination decides whether an attached volume is deleted at termination, whether set at "
        "launch or changed later.",
        evidence={
            Part.OUTCOME: documented(
                "V-02: set at launch; V-04: changed later, API model; V-07; TerminateInstances page"
            )
        },
        effect="data that was marked to be kept is deleted, or the other way round",
    ),
    Clause(
        id="VOL-4",
        sentence="Stopping keeps the root device and every other attached volume.",
        evidence={Part.OUTCOME: recorded("V-06: recorded stopped instances; also on the TerminateInstances page")},
        effect="a stop loses data, and the instance cannot be started again",
    ),
    Clause(
        id="VOL-5",
        sentence="AttachVolume sets DeleteOnTermination to false.",
        evidence={Part.OUTCOME: recorded("V-03: rec:cloudtrail__manageiq__AttachVolume.json")},
        effect="a data volume is deleted with the instance that it was attached to",
    ),
    Clause(
        id="VOL-6",
        sentence="When an instance is terminated each volume attached to it is deleted or becomes available, as its "
        "DeleteOnTermination says.",
        evidence={Part.OUTCOME: documented("V-07: user guide; when exactly a volume leaves in-use is undocumented")},
        effect="a volume hangs on an instance that is gone and cannot be used again",
    ),
    Clause(
        id="VOL-7",
        sentence="A deleted volume is answered with InvalidVolume.NotFound.",
        evidence={
            Part.OUTCOME: recorded("V-08: rec:c7n__test_ebs_force_delete__ec2.DescribeVolumes_3.json"),
            Part.CODE: recorded("V-08: InvalidVolume.NotFound"),
            Part.STATUS: recorded("V-08: 400 in the same recording"),
            Part.MESSAGE: recorded("V-08: The volume 'vol-…' does not exist., with the full stop"),
        },
        effect="a client takes a deleted volume for one that it can still use",
    ),
    Clause(
        id="VOL-8",
        sentence="A volume can be attached to a running or stopped instance, and not to one that is still starting or "
        "is gone.",
        evidence={
            Part.OUTCOME: reported(
                "E-15: ansible-collections/amazon.aws #497 (2021), refused while starting, documented for running and "
                "stopped; E-16: other operations refuse a terminated one"
            ),
            Part.CODE: reported("E-15: IncorrectState while starting; E-16: the code for a terminated one is open"),
            Part.STATUS: reported("E-15: 400"),
            Part.MESSAGE: reported("E-15: Instance is not 'running', while starting"),
        },
        effect="a volume is attached to what cannot use it",
    ),
    Clause(
        id="VOL-9",
        sentence="The description of a running, stopping or stopped instance lists its attached "
        "volumes, each with its DeleteOnTermination.",
        evidence={
            Part.OUTCOME: recorded(
                "V-05: even shutting-down, rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json; "
                "V-06: stopping and stopped; V-04: the flag"
            )
        },
        effect="a user cannot see beforehand which volumes a termination will delete",
    ),
    Clause(
        id="VOL-10",
        sentence="A volume is in-use while it is attached to an instance; created or detached, it becomes available.",
        evidence={
            Part.OUTCOME: documented(
                "V-07: the states of a volume, and available once its instance is gone; W-06: waiters of the API model"
            )
        },
        effect="a client waits for ever for its volume, or attaches one twice",
    ),
    Clause(
        id="VOL-11",
        sentence="A volume is attached only while it is available and in the zone of the instance, "
        "and detached or changed only where it is attached.",
        evidence={Part.OUTCOME: assumed("V-04, V-07: the facts tell the states of a volume, not these refusals")},
        effect="a volume is attached twice, or to an instance that cannot reach it",
    ),
)
