"""Facts about EBS volumes: what termination does to them, and which of their operations are refused."""

from typing import Final

from ..clauses import Part
from .fact import DOCUMENTED, RECORDED, REPORTED, Fact

VOLUMES: Final[tuple[Fact, ...]] = (
    Fact(
        "V-01",
        "By default, DeleteOnTermination is true for the root volume. It is true for data volumes that a launch "
        "through the API or the command line creates, and false for volumes that are attached later. The console "
        "and an older version of the guide keep data volumes.",
        DOCUMENTED,
        (
            "aws:UG/preserving-volumes-on-termination",
            "aws:UG/how-ec2-instance-termination-works",
            "aws:API_TerminateInstances",
        ),
    ),
    Fact(
        "V-02",
        "The block device mapping of the image gives the default. The launch can override it.",
        DOCUMENTED,
        ("aws:API_RunInstances", "aws:UG/preserving-volumes-on-termination"),
    ),
    Fact(
        "V-03",
        "AttachVolume sets DeleteOnTermination to false.",
        RECORDED,
        ("rec:cloudtrail__manageiq__AttachVolume.json",),
    ),
    Fact(
        "V-04",
        "ModifyInstanceAttribute changes DeleteOnTermination of an attached volume, even while the instance runs.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute",),
    ),
    Fact(
        "V-05",
        "A shutting-down instance still lists its block devices. A terminated one lists no block devices and no "
        "network interfaces, in 38 of 38 recordings.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "V-06",
        "Stopped and stopping instances keep their block devices, network interface, private address and subnet. A "
        "stopped instance has no automatically assigned public address.",
        RECORDED,
        (
            "rec:c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
            "rec:c7n__test_encrypt_volumes__ec2.DescribeInstances_2.json",
        ),
    ),
    Fact(
        "V-07",
        "At a termination, volumes with DeleteOnTermination are deleted, and the others become available. A volume "
        "is creating, available, in-use, deleting, deleted or error. AWS does not document when exactly a volume "
        "leaves in-use.",
        DOCUMENTED,
        ("aws:UG/how-ec2-instance-termination-works", "ug23:terminating-instances", "model:service-2"),
    ),
    Fact(
        "V-08",
        "A request for a deleted volume fails with InvalidVolume.NotFound, HTTP 400. The message is: The volume '…' "
        "does not exist., with a full stop.",
        RECORDED,
        ("rec:c7n__test_ebs_force_delete__ec2.DescribeVolumes_3.json",),
    ),
    Fact(
        "VR-01",
        "AttachVolume across zones is refused with InvalidVolume.ZoneMismatch: The volume '…' is not in the same "
        "availability zone as instance '…'. The page also lists InvalidVolumeID.ZoneMismatch.",
        DOCUMENTED,
        (
            "aws:API_AttachVolume",
            "aws:errors-overview",
            "gh:linuxkit/linuxkit#2388",
            "gh:portworx/px-dev#42",
            "gh:galaxyproject/cloudlaunch#2",
            "gh:kubernetes-sigs/aws-ebs-csi-driver#52",
            "gh:rexray/rexray#124",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "VR-02",
        "AttachVolume of a volume that is already attached is refused with VolumeInUse: … is already attached to an "
        "instance. This does not hold for a Multi-Attach volume.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:portworx/px-dev#42", "gh:aws/aws-sdk-java#1623"),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "VR-03",
        "AttachVolume with a device name that the instance already uses is refused with InvalidParameterValue.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:nanovms/ops#1189",
            "gh:kopeio/etcd-manager#323",
            "gh:mantl/mantl#819",
            "gh:rexray/rexray#425",
            "gh:Netflix/aminator#238",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "VR-04",
        "AttachVolume with an invalid device name is refused with InvalidParameterValue.",
        REPORTED,
        ("gh:sous-chefs/aws#134", "gh:base2genomics/batchit#15", "gh:kubernetes/kubernetes#42293"),
    ),
    Fact(
        "VR-05",
        "DetachVolume of a volume that is not attached is refused with IncorrectState: Volume '…' is in the "
        "'available' state.",
        REPORTED,
        (
            "gh:hashicorp/terraform#9023",
            "gh:hashicorp/terraform-provider-aws#1011",
            "gh:kubernetes-sigs/aws-ebs-csi-driver#1801",
        ),
    ),
    Fact(
        "VR-06",
        "DetachVolume from an instance to which the volume is not attached is refused with InvalidAttachment.NotFound.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "VR-07",
        "The root volume of a running instance cannot be detached, not even with Force. The root volume of a "
        "stopped instance can.",
        DOCUMENTED,
        (
            "aws:API_DetachVolume",
            "ug23:ebs-detaching-volume",
            "gh:red-hat-storage/ocs-ci#1764",
            "gh:floci-io/floci#1787",
        ),
    ),
    Fact(
        "VR-08",
        "DetachVolume from an instance that is shutting down may be refused with IncorrectInstanceState.",
        REPORTED,
        ("gh:hashicorp/terraform#18965",),
    ),
    Fact(
        "VR-09",
        "A volume with Marketplace product codes can be attached and detached only while the instance is stopped.",
        DOCUMENTED,
        ("aws:API_AttachVolume", "gh:jtriley/StarCluster#238", "gh:jtriley/StarCluster#259"),
        parts={Part.CODE: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "VR-10",
        "DeleteVolume of an attached volume is refused with VolumeInUse.",
        DOCUMENTED,
        ("aws:API_DeleteVolume", "aws:errors-overview", "gh:NixOS/nixops-aws#104", "gh:gruntwork-io/cloud-nuke#10"),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "VR-11",
        "A malformed volume id is refused with InvalidVolumeID.Malformed or, by DescribeVolumes, with "
        "InvalidParameterValue.",
        DOCUMENTED,
        ("aws:errors-overview", "file:aws/aws-cli:test_ec2.py"),
    ),
    Fact(
        "VR-12",
        "AttachVolume to the id of a Spot request is refused with InvalidInstanceID.Malformed.",
        REPORTED,
        ("gh:hashicorp/terraform-provider-aws#12521",),
    ),
    Fact(
        "VR-13",
        "If an instance already has as many volumes as its type allows, another one is refused with "
        "AttachmentLimitExceeded.",
        DOCUMENTED,
        ("aws:API_AttachVolume", "aws:errors-overview"),
    ),
    Fact(
        "VR-14",
        "AttachVolume of a volume that is still being created is refused with IncorrectState.",
        DOCUMENTED,
        ("aws:errors-overview",),
        parts={Part.STATUS: REPORTED},
    ),
    Fact(
        "VR-15",
        "DeleteVolume deletes a volume that is available. The volume can stay in the state deleting for minutes.",
        DOCUMENTED,
        ("aws:API_DeleteVolume",),
    ),
)
