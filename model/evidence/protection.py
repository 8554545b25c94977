"""Facts about termination protection and stop protection."""

from typing import Final

from ..clauses import Part
from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

PROTECTION: Final[tuple[Fact, ...]] = (
    Fact(
        "P-01",
        "DisableApiTermination and DisableApiStop are false by default; both can be set at launch, and while the "
        "instance is running or stopped.",
        DOCUMENTED,
        ("model:service-2", "ug23:terminating-instances", "aws:UG/ec2-stop-protection"),
    ),
    Fact(
        "P-02",
        "Termination protection keeps an instance of either root device type from being terminated through the API. "
        "Stop protection cannot be set on instance store-backed or Spot Instances; no source shows the error.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute", "aws:UG/ec2-stop-protection"),
        parts={Part.CODE: ASSUMED, Part.STATUS: ASSUMED, Part.MESSAGE: ASSUMED},
    ),
    Fact(
        "P-03",
        "On a Spot Instance even a write of false to disableApiTermination is refused with UnsupportedOperation.",
        REPORTED,
        ("rec:issue__modify_protection_spot_2018.json", "gh:cloud-custodian/cloud-custodian#2083"),
    ),
    Fact(
        "P-04",
        "Stop protection blocks stop and terminate and does not set termination protection, which does not block a "
        "stop.",
        DOCUMENTED,
        ("aws:UG/ec2-stop-protection",),
    ),
    Fact(
        "P-05",
        "A change of protection on a terminated instance is refused with IncorrectInstanceState, HTTP 400; the "
        "message allows it in running, pending, stopping and stopped.",
        REPORTED,
        ("gh:giantswarm/aws-operator#1521", "rec:issue__modify_protection_on_terminated_2019.json"),
    ),
    Fact(
        "P-06",
        "A change of protection takes a while to be enforced: a termination right after clearing it may still be "
        "refused for seconds.",
        DOCUMENTED,
        ("aws:UG/ec2-stop-protection",),
    ),
    Fact(
        "P-07",
        "Protection prevents neither a shutdown from inside the guest, nor scheduled events and retirement, nor "
        "scale-in by Auto Scaling, nor a Spot interruption.",
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
        "DescribeInstanceAttribute answers the value of DisableApiTermination or DisableApiStop; DescribeInstances "
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
        "Whether Force overrides stop protection is not documented; protection is assumed to hold.",
        ASSUMED,
    ),
    Fact(
        "P-12",
        "An instance with termination protection survived the forced deletion of its Auto Scaling group.",
        REPORTED,
        ("gh:go-to-k/cdkd#799", "gh:go-to-k/cdkd#798"),
    ),
)
