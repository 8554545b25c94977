"""Facts about termination protection and stop protection."""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

PROTECTION: Final[tuple[Fact, ...]] = (
    Fact(
        "P-01",
        "DisableApiTermination and DisableApiStop are false by default. Both can be set at launch, and while the "
        "instance is running or stopped.",
        DOCUMENTED,
        ("model:service-2", "ug23:terminating-instances", "aws:UG/ec2-stop-protection"),
    ),
    Fact(
        "P-02",
        "Termination protection prevents a termination through the API, for both root device types. Stop protection "
        "cannot be set on instance store-backed or Spot Instances. No source shows the error.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute", "aws:UG/ec2-stop-protection"),
        parts={Part.CODE: ASSUMED, Part.STATUS: ASSUMED, Part.MESSAGE: ASSUMED},
    ),
    Fact(
        "P-03",
        "On a Spot Instance, EC2 refuses every change of disableApiTermination with UnsupportedOperation, even to "
        "false.",
        REPORTED,
        ("rec:issue__modify_protection_spot_2018.json", "gh:cloud-custodian/cloud-custodian#2083"),
    ),
    Fact(
        "P-04",
        "Stop protection blocks stops and terminations, but does not set termination protection. Termination "
        "protection does not block a stop.",
        DOCUMENTED,
        ("aws:UG/ec2-stop-protection",),
    ),
    Fact(
        "P-05",
        "EC2 refuses to change the protection of a terminated instance, with IncorrectInstanceState, HTTP 400. The "
        "message allows the change in the states running, pending, stopping and stopped.",
        REPORTED,
        ("gh:giantswarm/aws-operator#1521", "rec:issue__modify_protection_on_terminated_2019.json"),
    ),
    Fact(
        "P-06",
        "EC2 enforces a change of protection after a while. For some seconds after protection was cleared, it may "
        "still refuse a termination.",
        DOCUMENTED,
        ("aws:UG/ec2-stop-protection",),
    ),
    Fact(
        "P-07",
        "Protection does not prevent a shutdown from inside the guest, a scheduled event, retirement, scale-in by "
        "Auto Scaling, or a Spot interruption.",
        DOCUMENTED,
        ("ug23:terminating-instances", "aws:UG/ec2-stop-protection"),
    ),
    Fact(
        "P-08",
        "A termination by Auto Scaling is a TerminateInstances event in CloudTrail with the normal reply.",
        RECORDED,
        ("rec:cloudtrail__manageiq__TerminateInstances.json",),
    ),
    Fact(
        "P-09",
        "DescribeInstanceAttribute shows the value of DisableApiTermination or DisableApiStop. DescribeInstances "
        "shows neither.",
        RECORDED,
        (
            "rec:c7n__test_ec2_termination-protected_filter__ec2.DescribeInstanceAttribute_1.json",
            "rec:c7n__test_ec2_termination-protected_filter__ec2.DescribeInstanceAttribute_2.json",
        ),
    ),
    Fact(
        "P-10",
        "A successful ModifyInstanceAttribute has an empty body.",
        RECORDED,
        (
            "rec:c7n__test_ec2_stop_with_protection_enabled__ec2.ModifyInstanceAttribute_1.json",
            "rec:c7n__test_ec2_resize__ec2.ModifyInstanceAttribute_1.json",
        ),
    ),
    Fact(
        "P-11",
        "AWS does not document whether Force overrides stop protection. Protection is assumed to hold.",
        ASSUMED,
    ),
    Fact(
        "P-12",
        "An instance with termination protection survived the forced deletion of its Auto Scaling group.",
        REPORTED,
        ("gh:go-to-k/cdkd#799", "gh:go-to-k/cdkd#798"),
    ),
)
