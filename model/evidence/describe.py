"""Facts about descriptions and lists: ids, filters, pages, reservations."""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

DESCRIBE: Final[tuple[Fact, ...]] = (
    Fact(
        "D-01",
        "Describing an unknown id fails with InvalidInstanceID.NotFound. A filter with an unknown or malformed id "
        "gives an empty list.",
        REPORTED,
        ("file:aws/aws-cli:test_ec2.py", "file:boto/botocore:ec2.feature"),
    ),
    Fact(
        "D-02",
        "MaxResults must not be combined with ids. A page counts reservations, not instances.",
        DOCUMENTED,
        ("aws:API_DescribeInstances", "model:paginators-1"),
    ),
    Fact(
        "D-03",
        "A description lists its elements in any order. It is eventually consistent.",
        DOCUMENTED,
        ("aws:API_DescribeInstances",),
    ),
    Fact(
        "D-04",
        "DescribeInstanceStatus shows only running instances, or all with IncludeAllInstances. It accepts up to 100 "
        "ids. It does not know ids of instances that EC2 has forgotten.",
        DOCUMENTED,
        (
            "aws:API_DescribeInstanceStatus",
            "gh:aws/aws-cli#3182",
            "rec:issue__describe_status_notfound_rawxml_2021.json",
        ),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "D-05",
        "A status is ok, impaired, initializing, insufficient-data or not-applicable. There are five codes of "
        "scheduled events.",
        DOCUMENTED,
        ("model:service-2", "aws:API_DescribeInstanceStatus"),
    ),
    Fact(
        "D-06",
        "Filter names and values are case-sensitive. The values of one filter are alternatives. If there are "
        "several filters, all must match.",
        DOCUMENTED,
        ("aws:API_DescribeInstances",),
    ),
    Fact(
        "D-07",
        "Newer API models have IncludeManagedResources, and an Operator for each instance.",
        DOCUMENTED,
        ("model:service-2",),
    ),
    Fact(
        "D-08",
        "Each launch makes one reservation. Its instances stay in this reservation, even when they are terminated.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
        ),
    ),
    Fact(
        "D-09",
        "No recording shows what DescribeInstanceAttribute answers about a terminated instance.",
        ASSUMED,
    ),
    Fact(
        "F-01",
        "DescribeInstances without ids and filters shows all instances of the caller in the Region, including "
        "terminated ones that are still visible.",
        DOCUMENTED,
        ("aws:API_DescribeInstances",),
    ),
    Fact(
        "F-02",
        "DescribeInstanceStatus with more than 100 ids is refused with InvalidRequest.",
        DOCUMENTED,
        (
            "aws:API_DescribeInstanceStatus",
            "gh:bastillion-io/Bastillion-EC2#8",
            "gh:sensu-plugins/sensu-plugins-aws#195",
        ),
        parts={Part.CODE: REPORTED, Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "F-03",
        "More than 200 filter values in one call are refused with FilterLimitExceeded.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:gjbae1212/gossm#35"),
        parts={Part.MESSAGE: REPORTED},
    ),
    Fact(
        "F-04",
        "A MaxResults below the minimum is refused with InvalidParameterValue, although the documented code is "
        "InvalidMaxResults.",
        REPORTED,
        ("gh:aws/aws-sdk-ruby#2575", "aws:errors-overview"),
    ),
    Fact(
        "F-05",
        "An unknown filter is refused with InvalidParameterValue, although the documented code is InvalidFilter. "
        "EC2 never ignores it.",
        REPORTED,
        ("gh:aws/aws-cli#2516", "gh:aws/aws-cli#7225", "gh:aws/aws-cli#1248", "aws:errors-overview"),
    ),
    Fact(
        "F-06",
        "The launch sets the ReservationId. Every description shows an instance in the same reservation, and the "
        "instances of one launch share it.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
        ),
    ),
    Fact(
        "F-07",
        "For some seconds after a change, a description may show the state before it.",
        REPORTED,
        ("gh:boto/boto3#4386", "gh:hashicorp/packer#5007", "gh:hashicorp/packer#5029", "gh:boto/boto3#2556"),
    ),
    Fact(
        "F-08",
        "An unknown request parameter is refused: The parameter … is not recognized. The documented code is "
        "UnknownParameter.",
        REPORTED,
        ("gh:cloudyr/aws.ec2#24", "aws:errors-overview"),
    ),
    Fact(
        "F-09",
        "If a zone is disrupted, DescribeInstances fails if it names instances in this zone, or no instances at all.",
        DOCUMENTED,
        ("aws:API_DescribeInstances",),
        parts={Part.CODE: ASSUMED},
    ),
    Fact(
        "F-10",
        "In 2015, EC2 refused MaxResults together with a tag filter. Today's page does not mention this limit.",
        REPORTED,
        ("gh:aws/aws-sdk-ruby#689",),
        until="unknown",
    ),
    Fact(
        "F-11",
        "A DescribeInstances with ids shows only those, and one with filters only the instances that meet them.",
        DOCUMENTED,
        ("aws:API_DescribeInstances",),
    ),
)
