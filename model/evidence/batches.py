"""Facts about requests that name several instances."""

from typing import Final

from .fact import ASSUMED, DOCUMENTED, RECORDED, REPORTED, Fact

BATCHES: Final[tuple[Fact, ...]] = (
    Fact(
        "B-01",
        "A termination that fails, for example for one incorrect id, terminates none of the named instances.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed"),
    ),
    Fact(
        "B-02",
        "Where a termination names protected instances, it terminates nothing in their Availability Zones, and the "
        "named instances of the other zones; it reports failure.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed", "ug23:terminating-instances"),
        since="2022 at the latest, in the documentation",
    ),
    Fact(
        "B-03",
        "The error of such a request is expected to name a protected instance. Which one, and whether the other "
        "zones' instances end before or after the answer, is not known.",
        ASSUMED,
    ),
    Fact(
        "B-04",
        "Terminating instances more than once succeeds each time. Whether a protected instance that is already "
        "shutting down or terminated still shields its zone is not known.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed"),
    ),
    Fact(
        "B-05",
        "Whether stop protection shields a zone like termination protection is not known: the rule about zones "
        "speaks of termination protection only.",
        ASSUMED,
    ),
    Fact(
        "B-06",
        "A batch in one zone with one protected instance is refused as a whole, and the others stay untouched.",
        REPORTED,
        ("gh:cloud-custodian/cloud-custodian#7555",),
    ),
    Fact(
        "B-07",
        "A start that is refused for the state of one named instance starts none; the message names one instance.",
        REPORTED,
        (
            "gh:aws-solutions/instance-scheduler-on-aws#281",
            "gh:aws-solutions/instance-scheduler-on-aws#266",
            "gh:cloud-custodian/cloud-custodian#3143",
        ),
    ),
    Fact(
        "B-08",
        "A stop that is refused for the state of one named instance stops none.",
        REPORTED,
        ("gh:zenoss/zenosslabs#6", "gh:redhat-cop/agnosticd#1026"),
    ),
    Fact(
        "B-09",
        "What becomes of the other instances where a stop is refused for stop protection is not known. The rule about "
        "zones is documented for TerminateInstances only.",
        ASSUMED,
    ),
    Fact(
        "B-10",
        "The items of a reply come in another order than the ids of the request.",
        RECORDED,
        (
            "rec:c7n__test_asg_suspend__ec2.StopInstances_1.json",
            "rec:c7n__test_asg_resume__ec2.StartInstances_1.json",
            "aws:API_DescribeInstances",
        ),
    ),
    Fact(
        "B-11",
        "What EC2 makes of an id that a request names twice is not known: one item, or one for each time.",
        ASSUMED,
    ),
    Fact(
        "B-12",
        "ModifyInstanceAttribute and DescribeInstanceAttribute take one instance and one attribute for each call.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute", "aws:API_DescribeInstanceAttribute"),
    ),
    Fact(
        "B-13",
        "A successful termination of instances in different states answers each by its own: stopped to terminated "
        "beside running to shutting-down.",
        RECORDED,
        ("rec:transcript__terminate_mixed_batch_2022-11-14.json",),
    ),
    Fact(
        "B-14",
        "A user saw in practice that instances in the zone of a protected one were not terminated.",
        REPORTED,
        ("gh:airbnb/stemcell#107",),
    ),
)
