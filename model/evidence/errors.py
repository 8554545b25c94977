"""Facts about error codes, HTTP statuses and texts, and about which of several errors is reported."""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

ERRORS: Final[tuple[Fact, ...]] = (
    Fact(
        "E-01",
        "A request with an unknown id is refused with InvalidInstanceID.NotFound, HTTP 400. The message is: The "
        "instance ID '…' does not exist, without a full stop.",
        REPORTED,
        (
            "rec:issue__describe_notfound_after_run_rawxml_2020.json",
            "file:jenkinsci/ec2-fleet-plugin:EC2ApiTest.java",
            "file:boto/botocore:ec2.feature",
        ),
    ),
    Fact(
        "E-02",
        "Several unknown ids share one message: The instance IDs '…, …' do not exist. It lists only missing ids, in "
        "any order. If ids age out, it may not list all of them.",
        REPORTED,
        (
            "gh:getmoto/moto#4903",
            "file:jenkinsci/ec2-fleet-plugin:EC2ApiTest.java",
            "gh:pinterest/teletraan#31",
            "gh:hortonworks/cloudbreak#14575",
        ),
    ),
    Fact(
        "E-03",
        "EC2 treats an id of another account like an unknown one. The page of DescribeInstances says instead that "
        "the output omits it. The contradiction is unresolved.",
        REPORTED,
        ("gh:boto/boto3#567", "aws:API_DescribeInstances"),
    ),
    Fact(
        "E-04",
        "A text that is not an id is refused with InvalidInstanceID.Malformed, HTTP 400. The message is: Invalid "
        'id: "…". An older version adds: (expecting "i-...").',
        REPORTED,
        (
            "rec:issue__stop_malformed_2021.json",
            "gh:hashicorp/terraform#26322",
            "gh:aws-quickstart/quickstart-confluent-kafka#50",
            "file:aws/aws-cli:test_ec2.py",
        ),
    ),
    Fact(
        "E-05",
        "EC2 may call an invented id of 17 hexadecimal digits malformed, in either wording, or unknown. Long ids "
        "have a structure that EC2 can check.",
        REPORTED,
        ("gh:boto/boto3#176",),
    ),
    Fact(
        "E-06",
        "In 2016 and 2019, EC2 treated an id with a trailing space as unknown, and so an id whose number of "
        "hexadecimal digits is not 8 or 17.",
        REPORTED,
        ("file:jenkinsci/ec2-fleet-plugin:EC2ApiTest.java", "gh:boto/boto3#567"),
    ),
    Fact(
        "E-07",
        "ModifyInstanceAttribute refuses an id with a wrong prefix with InvalidParameterValue: Value (…) for "
        "parameter instanceId is invalid. Expected: 'i-...'. CreateTags refuses it with InvalidID.",
        REPORTED,
        ("gh:aws/aws-cli#2389", "gh:gruntwork-io/terratest#204"),
    ),
    Fact(
        "E-08",
        "TerminateInstances without any id is refused with InvalidParameterCombination: No instances specified. "
        "Nobody knows how EC2 refuses a stop, start or reboot without ids. MissingParameter is probable.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "gh:gruntwork-io/cloud-nuke#731",
            "file:hazelcast/hazelcast-simulator:aws-ec2_provision.sh",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-09",
        "TerminateInstances takes up to 1000 instance ids. No source shows the error beyond that limit.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed"),
        parts={Part.CODE: ASSUMED, Part.STATUS: ASSUMED, Part.MESSAGE: ASSUMED},
    ),
    Fact(
        "E-10",
        "EC2 refuses to terminate an instance with termination protection, with OperationNotPermitted, HTTP 400. "
        "The message names the instance and its attribute disableApiTermination.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "rec:issue__terminate_protected_2018.json",
            "gh:rebuy-de/aws-nuke#279",
            "gh:jenkinsci/ec2-plugin#33",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-11",
        "Stop protection blocks termination too. The error is OperationNotPermitted, HTTP 400, and its message "
        "names the attribute disableApiStop.",
        DOCUMENTED,
        (
            "aws:UG/ec2-stop-protection",
            "file:rebuy-de/aws-nuke:ec2-instances.go",
            "gh:cloud-custodian/cloud-custodian#7597",
        ),
        parts={Part.CODE: REPORTED, Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-12",
        "EC2 refuses to stop a stop-protected instance, with OperationNotPermitted, HTTP 400. The message names the "
        "instance and its attribute disableApiStop.",
        RECORDED,
        ("rec:c7n__test_ec2_stop_with_protection_enabled__ec2.StopInstances_1.json",),
    ),
    Fact(
        "E-13",
        "If both protections are set, no recording shows which attribute a refused termination names. aws-nuke "
        "clears disableApiTermination first, so that one is expected.",
        ASSUMED,
        ("file:rebuy-de/aws-nuke:ec2-instances.go",),
    ),
    Fact(
        "E-14",
        "EC2 refuses a request that the state of an instance does not allow, with IncorrectInstanceState, HTTP 400. "
        "An example is a change of the user data of an instance that is not stopped.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:hashicorp/packer#2763", "file:eucalyptus/eucalyptus:VmControl.java"),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-15",
        "EC2 refuses to attach a volume to an instance that is still starting, with IncorrectState, HTTP 400: "
        "Instance '…' is not 'running'. The documentation allows running and stopped instances.",
        REPORTED,
        ("rec:issue__attach_volume_pending_2021.json", "gh:ansible-collections/amazon.aws#497"),
    ),
    Fact(
        "E-16",
        "Other operations refuse a terminated or pending instance with InvalidInstanceID: The terminated instance "
        "'…' is not in a valid state for this operation.",
        REPORTED,
        ("rec:issue__associate_eip_terminated_2021.json", "gh:bevacqua/grunt-ec2#15"),
    ),
    Fact(
        "E-17",
        "EC2 refuses to stop an instance store-backed instance, with UnsupportedOperation: it does not have an "
        "'ebs' root device type.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:mitchellh/vagrant-aws#193", "file:eucalyptus/eucalyptus:VmControl.java"),
        parts={Part.STATUS: ASSUMED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-18",
        "EC2 refuses to stop a Spot Instance of a one-time request, with UnsupportedOperation.",
        REPORTED,
        (
            "gh:smoketurner/serverless-vpc-plugin#492",
            "gh:diodonfrost/terraform-aws-lambda-scheduler-stop-start#8",
            "gh:cloud-custodian/cloud-custodian#8003",
        ),
    ),
    Fact(
        "E-19",
        "EC2 refuses to start an instance without a root volume, with InvalidParameterValue.",
        REPORTED,
        ("rec:issue__start_no_root_volume_2021.json", "gh:aws-solutions/instance-scheduler-on-aws#266"),
    ),
    Fact(
        "E-20",
        "A launch or a start may be refused for capacity or for a limit: InsufficientInstanceCapacity (a server "
        "error), InstanceLimitExceeded, VcpuLimitExceeded (recorded).",
        DOCUMENTED,
        ("aws:errors-overview", "rec:cloudtrail__invictus__RunInstances__VcpuLimitExceeded.json"),
    ),
    Fact(
        "E-21",
        "A dry run by a caller with permission fails with DryRunOperation, HTTP 412: Request would have succeeded, "
        "but DryRun flag is set.",
        REPORTED,
        ("gh:aws/karpenter-provider-aws#8015", "gh:aws/aws-cli#3127", "gh:aws/aws-cli#1574"),
    ),
    Fact(
        "E-22",
        "A caller without permission is refused with UnauthorizedOperation: You are not authorized to perform this "
        "operation. Since 2024 the text also names the user and the resource. Those who quote it saw HTTP 403.",
        RECORDED,
        (
            "rec:cloudtrail__stratus__RunInstances__Unauthorized.json",
            "rec:cloudtrail__invictus__GetPasswordData__Unauthorized.json",
            "gh:hashicorp/terraform-provider-aws#4664",
            "gh:rebuy-de/aws-nuke#517",
        ),
        parts={Part.STATUS: REPORTED},
    ),
    Fact(
        "E-23",
        "For a while, EC2 may refuse any operation with RequestLimitExceeded. Its HTTP status is not certain.",
        ASSUMED,
    ),
    Fact(
        "E-24",
        "Client errors have an HTTP status from 400 to 499, and server errors one from 500 to 599.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "E-25",
        "Right after a launch, operations may not know the id. Each operation learns of it at its own time.",
        DOCUMENTED,
        (
            "aws:errors-overview",
            "rec:issue__describe_notfound_after_run_rawxml_2020.json",
            "gh:boto/boto3#2556",
            "gh:aws/aws-sdk-ruby#1198",
            "gh:aws/aws-sdk-ruby#859",
            "gh:aws/aws-sdk-java#911",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-26",
        "For a failed call, CloudTrail writes an errorCode (Client. and the code) and an errorMessage, and no "
        "response elements.",
        RECORDED,
        (
            "rec:cloudtrail__invictus__RunInstances__VcpuLimitExceeded.json",
            "rec:cloudtrail__invictus__RunInstances__InvalidParameterValue.json",
            "rec:cloudtrail__stratus__RunInstances__Unauthorized.json",
        ),
    ),
    Fact(
        "E-27",
        "Nobody knows which error a user gets who terminates an instance that a service manages.",
        ASSUMED,
    ),
    Fact(
        "E-28",
        "An unknown attribute name is refused with InvalidParameterValue: Value (…) for parameter attribute is "
        "invalid. Unknown attribute.",
        REPORTED,
        ("gh:aws/aws-cli#4273",),
    ),
    Fact(
        "E-29",
        "DescribeInstances with ids and MaxResults is refused with InvalidParameterCombination, HTTP 400.",
        DOCUMENTED,
        ("aws:API_DescribeInstances", "gh:yuuki/grabeni#7"),
        parts={Part.CODE: REPORTED, Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-30",
        "If the caller may not use the action, UnauthorizedOperation comes before NotFound and Malformed. "
        "Recordings show it for GetPasswordData and DescribeInstanceAttribute, with ids that are not even "
        "hexadecimal.",
        RECORDED,
        (
            "rec:cloudtrail__invictus__GetPasswordData__Unauthorized.json",
            "rec:cloudtrail__invictus__DescribeInstanceAttribute__Unauthorized.json",
        ),
    ),
    Fact(
        "E-31",
        "With permission, the error for a malformed id is assumed to come before that for an unknown one, and both "
        "before those for states and protection. If permission depends on the instance, the order is open.",
        ASSUMED,
    ),
    Fact(
        "E-32",
        "One bad id makes a termination fail before it does anything. So bad ids come before protection and changes "
        "of state. The order of malformed and unknown ids is open.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed"),
    ),
    Fact(
        "E-33",
        "If a dry run names an unknown id or a protected instance, nobody knows which error comes first. The "
        "documentation says only that a dry run checks permissions.",
        ASSUMED,
        ("aws:API_TerminateInstances",),
    ),
    Fact(
        "E-34",
        "Any request may fail with a server error (HTTP 5xx). A request that changes something may have taken "
        "effect all the same.",
        DOCUMENTED,
        ("aws:errors-overview", "gh:aws/aws-sdk-java#1623"),
    ),
    Fact(
        "E-35",
        "AWS lists RequestLimitExceeded both among the server errors and as a client error, so neither its class nor "
        "its status can be judged.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "E-36",
        "A change to an unknown or disallowed instance type is refused with InvalidInstanceAttributeValue or "
        "InvalidParameterValue.",
        DOCUMENTED,
        (
            "aws:API_ModifyInstanceAttribute",
            "aws:errors-overview",
            "gh:hashicorp/terraform-provider-aws#37849",
            "gh:pulumi/pulumi#16758",
            "gh:hashicorp/terraform-provider-aws#38536",
        ),
        parts={Part.STATUS: REPORTED, Part.MESSAGE: REPORTED},
    ),
    Fact(
        "E-37",
        "A change of an attribute that cannot be modified is refused with UnsupportedInstanceAttribute. A change of "
        "an attribute that belongs to one of several network interfaces is refused with InvalidInstanceID.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
    Fact(
        "E-38",
        "An operation on an instance or a volume that a service manages may be refused; DetachVolume gives "
        "UnsupportedOperationException.",
        DOCUMENTED,
        ("aws:API_DetachVolume", "aws:API_ModifyInstanceAttribute"),
    ),
    Fact(
        "E-39",
        "A launch with an instance profile that was created seconds before may be refused with InvalidParameterValue.",
        RECORDED,
        ("rec:cloudtrail__invictus__RunInstances__InvalidParameterValue.json",),
    ),
    Fact(
        "E-40",
        "AWS changes wordings: many error messages read differently since August 2026.",
        REPORTED,
        ("gh:getmoto/moto#10198", "gh:getmoto/moto#9554"),
        date="2026-08",
    ),
    Fact(
        "E-41",
        "An action that EC2 does not have is refused with InvalidAction, HTTP 400: The action … is not valid for this "
        "web service.",
        REPORTED,
        ("gh:boto/boto#1282", "gh:cognitect-labs/aws-api#6", "aws:errors-overview"),
    ),
    Fact(
        "E-42",
        "If a VPC, an address or an allocation does not exist, the error is InvalidVpcID.NotFound, "
        "InvalidAddress.NotFound or InvalidAllocationID.NotFound.",
        DOCUMENTED,
        ("aws:errors-overview",),
    ),
)
