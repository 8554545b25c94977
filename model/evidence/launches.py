"""Facts about launches: parameters and client tokens."""

from typing import Final

from ..clauses import Part
from .fact import DOCUMENTED, RECORDED, REPORTED, Fact

LAUNCHES: Final[tuple[Fact, ...]] = (
    Fact(
        "K-01",
        "RunInstances with the client token of a terminated instance is refused with IdempotentInstanceTerminated. "
        "Until then EC2 answered with the terminated instance. For a while both were seen.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:boto/boto3#4406",
            "gh:NixOS/amis#214",
            "gh:NixOS/amis#80",
            "gh:NixOS/nixops#418",
            "gh:ansible/ansible#8416",
            "gh:aws/aws-sdk-php#387",
        ),
        parts={Part.MESSAGE: REPORTED},
        since="about 2025-01",
    ),
    Fact(
        "K-02",
        "The same client token with other parameters is refused with IdempotentParameterMismatch.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "aws:errors-overview", "gh:aws/aws-sdk-php#387", "gh:ubicloud/ubicloud#5898"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "K-03",
        "A launch that names a zone is idempotent within that zone; otherwise within the Region.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency",),
    ),
    Fact(
        "K-04",
        "A client token has at most 64 ASCII characters, is case-sensitive, and holds for at least 24 hours after the "
        "instance is terminated.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "aws:API_RunInstances", "aws:errors-overview", "gh:ansible/ansible#4033"),
    ),
    Fact(
        "K-05",
        "A retry with the same token and parameters makes nothing new and answers the same instances as they are now.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "gh:boto/boto#619", "gh:evergreen-ci/evergreen#5557"),
    ),
    Fact(
        "K-06",
        "CreateVolume takes a client token under the same rules.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "aws:API_CreateVolume"),
    ),
    Fact(
        "L-01",
        "EC2 launches as many instances as it can up to MaxCount, and none where it cannot launch MinCount.",
        DOCUMENTED,
        ("aws:API_RunInstances", "gh:getmoto/moto#10215"),
    ),
    Fact(
        "L-02",
        "InstanceInitiatedShutdownBehavior stop with an instance-store image is refused with "
        "InvalidParameterCombination.",
        REPORTED,
        (
            "gh:mitchellh/vagrant-aws#131",
            "gh:hashicorp/packer#3624",
            "gh:ansible/ansible#19521",
            "gh:ansible/ansible#29456",
            "gh:puppetlabs-toy-chest/puppetlabs-aws#176",
            "gh:scylladb/cassandra-test-and-deploy#128",
            "gh:hashicorp/terraform#2887",
        ),
    ),
    Fact(
        "L-03",
        "A device name that EC2 does not take in a launch is refused with InvalidBlockDeviceMapping.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:aws/aws-cli#1071"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "L-04",
        "A launch needs an image; an unknown one is refused with InvalidAMIID.NotFound, Malformed or Unavailable.",
        DOCUMENTED,
        ("aws:API_RunInstances", "aws:errors-overview"),
    ),
    Fact(
        "L-05",
        "A launch with hibernation configured whose prerequisites are not met is refused with "
        "UnsupportedHibernationConfiguration.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "L-06",
        "What a launch sets is shown again, also on terminated instances: type, image, key, metadata and CPU options.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "L-07",
        "The image that an instance is launched from determines the type of its root volume: EBS or instance store.",
        DOCUMENTED,
        ("aws:UG/RootDeviceStorage",),
    ),
)
