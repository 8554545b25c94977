"""Facts about launches: parameters and client tokens."""

from typing import Final

from ..clauses import Part
from .fact import DOCUMENTED, RECORDED, REPORTED, Fact

LAUNCHES: Final[tuple[Fact, ...]] = (
    Fact(
        "K-01",
        "RunInstances with the client token of a terminated instance is refused with IdempotentInstanceTerminated. "
        "Earlier, EC2 answered with the terminated instance. For a while users saw both.",
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
        "A launch with a used client token and other parameters is refused with IdempotentParameterMismatch.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "aws:errors-overview", "gh:aws/aws-sdk-php#387", "gh:ubicloud/ubicloud#5898"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "K-03",
        "The client token of a launch that names a zone is idempotent within this zone. Without a zone, it is "
        "idempotent within the Region.",
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
        "A retry with the same token and parameters creates nothing. Its reply shows the same instances as they are "
        "now.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "gh:boto/boto#619", "gh:evergreen-ci/evergreen#5557"),
    ),
    Fact(
        "K-06",
        "CreateVolume accepts a client token, with the same rules.",
        DOCUMENTED,
        ("aws:ec2-api-idempotency", "aws:API_CreateVolume"),
    ),
    Fact(
        "L-01",
        "EC2 launches as many instances as it can, up to MaxCount. If it cannot launch MinCount, it launches none.",
        DOCUMENTED,
        ("aws:API_RunInstances", "gh:getmoto/moto#10215"),
    ),
    Fact(
        "L-02",
        "EC2 refuses a launch with the InstanceInitiatedShutdownBehavior stop and an instance-store image, with "
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
        "A launch with an invalid device name is refused with InvalidBlockDeviceMapping.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:aws/aws-cli#1071"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "L-04",
        "A launch needs an image. If the image is unknown, the error is InvalidAMIID.NotFound, Malformed or "
        "Unavailable.",
        DOCUMENTED,
        ("aws:API_RunInstances", "aws:errors-overview"),
    ),
    Fact(
        "L-05",
        "If a launch configures hibernation and does not meet its prerequisites, it is refused with "
        "UnsupportedHibernationConfiguration.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "L-06",
        "Descriptions show what the launch set, even of terminated instances: type, image, key, metadata and CPU "
        "options.",
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
