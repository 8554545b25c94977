"""Facts about what surrounds a launch: networks, images, key pairs, profiles and block devices.

The specification has none of these. The served model refuses with these codes and messages.
"""

from typing import Final

from ..clauses import Part
from .fact import DOCUMENTED, REPORTED, Fact

NETWORKS: Final[tuple[Fact, ...]] = (
    Fact(
        "N-01",
        "A launch with network interfaces, and with a subnet, security groups or a private address beside them, is "
        "refused with InvalidParameterCombination: Network interfaces and an instance-level subnet ID may not be "
        "specified on the same request. For the others the message says security groups, or private IP address.",
        REPORTED,
        ("gh:aws/aws-cli#809", "gh:aws/aws-cli#518", "gh:hashicorp/terraform#687"),
    ),
    Fact(
        "N-02",
        "A launch with an unknown security group is refused with InvalidGroup.NotFound: The security group '…' does "
        "not exist. If the VPC of the launch lacks the group, the message may add: in VPC '…'.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:aws/aws-sdk-java#202",
            "gh:kubernetes-sigs/aws-load-balancer-controller#2371",
            "gh:getmoto/moto#5484",
        ),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-03",
        "A launch without a subnet is refused with VPCIdNotSpecified if there is no default VPC: No default VPC for "
        "this user. GroupName is only supported for EC2-Classic and default VPC. Some replies have only the first "
        "sentence.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:google/cloud-forensics-utils#316",
            "gh:devopshobbies/terraform-tutorial#13",
            "gh:ryanmurakami/hbfl#40",
        ),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-04",
        "A launch without a subnet is refused with MissingInput if the default VPC has no subnet: No subnets found for "
        "the default VPC '…'. Please specify a subnet.",
        REPORTED,
        ("gh:terraform-aws-modules/terraform-aws-ec2-instance#50", "gh:PierreBeucher/cloudypad#154"),
    ),
    Fact(
        "N-05",
        "A launch with an unknown image is refused with InvalidAMIID.NotFound: The image id '[…]' does not exist.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:ambrosejcarr/seqc#324", "gh:validatedpatterns/agof#57"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-06",
        "A launch with an unknown key pair is refused with InvalidKeyPair.NotFound: The key pair '…' does not exist.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:hashicorp/vault-guides#260", "gh:ttlequals0/autovpn#21"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-07",
        "A launch with a private address that is in use is refused with InvalidIPAddress.InUse: Address … is in use.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:aws/aws-cli#7178", "gh:kelseyhightower/kubernetes-the-hard-way#129"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-08",
        "A launch with an unknown instance profile is refused with InvalidParameterValue: Value (…) for parameter "
        "iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name.",
        REPORTED,
        ("gh:CiscoDevNet/cloud-cml#4", "gh:hashicorp/terraform-provider-aws#27516"),
    ),
    Fact(
        "N-09",
        "A launch into a full subnet is refused with InsufficientFreeAddressesInSubnet: There are not enough free "
        "addresses in subnet '…' to satisfy the requested number of instances.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:osbuild/osbuild-composer#1575", "gh:PrairieLearn/PrairieLearn#3271"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-10",
        "A block device of a launch that has only a name is refused with MissingParameter: The request must contain "
        "the parameter ebs. A volume without a size or a snapshot is refused with: … size or snapshotId.",
        REPORTED,
        ("gh:hashicorp/packer#3799", "gh:hashicorp/packer#5020", "gh:getmoto/moto#2949"),
    ),
    Fact(
        "N-11",
        "To detach the primary network interface is refused with OperationNotPermitted: The network interface at "
        "device index 0 and networkCard index 0 cannot be detached.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:getmoto/moto#7678", "gh:redhat-performance/cloud-governance#952"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-12",
        "To attach a network interface at a device index that is taken is refused with InvalidParameterValue: Instance "
        "'…' already has an interface attached at device index '…'.",
        REPORTED,
        ("gh:hashicorp/terraform-provider-aws#906", "gh:lstoll/k8s-vpcnet#71"),
    ),
    Fact(
        "N-13",
        "To delete a subnet or a VPC that something uses is refused with DependencyViolation: The subnet '…' has "
        "dependencies and cannot be deleted. For a security group the message is: resource … has a dependent object.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:chef-boneyard/chef-provisioning-aws#498",
            "gh:giantswarm/aws-operator#109",
            "gh:aws/aws-cdk#14456",
        ),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "N-14",
        "If the attachment of a network interface does not exist, the error is InvalidAttachmentID.NotFound.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "N-15",
        "If the state of an instance does not allow a change of its network, the error is IncorrectInstanceState.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "N-16",
        "A network interface that is in use cannot be deleted or attached to another instance. The error is "
        "InvalidNetworkInterface.InUse.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "N-17",
        "A launch into a zone of the default VPC that has no default subnet is refused with InvalidInput: No default "
        "subnet for availability zone: '…'.",
        REPORTED,
        ("file:juju/juju:local_test.go", "gh:getmoto/moto#8813"),
    ),
)
