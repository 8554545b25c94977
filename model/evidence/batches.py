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
        "If a termination names protected instances, EC2 terminates nothing in their Availability Zones. It "
        "terminates the named instances in the other zones, and reports a failure.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed", "ug23:terminating-instances"),
        since="2022 at the latest, in the documentation",
    ),
    Fact(
        "B-03",
        "The error of such a request is expected to name a protected instance. Nobody knows which one, or whether "
        "the instances in the other zones end before or after the answer.",
        ASSUMED,
    ),
    Fact(
        "B-04",
        "Terminating instances more than once succeeds each time. Nobody knows whether a protected instance still "
        "shields its zone while it is shutting down or terminated.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "seed"),
    ),
    Fact(
        "B-05",
        "Nobody knows whether stop protection shields a zone as termination protection does. The rule about zones "
        "mentions only termination protection.",
        ASSUMED,
    ),
    Fact(
        "B-06",
        "If a batch in one zone has a protected instance, EC2 refuses the whole batch. The other instances do not "
        "change.",
        REPORTED,
        ("gh:cloud-custodian/cloud-custodian#7555",),
    ),
    Fact(
        "B-07",
        "If EC2 refuses a start because of the state of one named instance, it starts none of them. The message "
        "names one instance.",
        REPORTED,
        (
            "gh:aws-solutions/instance-scheduler-on-aws#281",
            "gh:aws-solutions/instance-scheduler-on-aws#266",
            "gh:cloud-custodian/cloud-custodian#3143",
        ),
    ),
    Fact(
        "B-08",
        "If EC2 refuses a stop because of the state of one named instance, it stops none of them.",
        REPORTED,
        ("gh:zenoss/zenosslabs#6", "gh:redhat-cop/agnosticd#1026"),
    ),
    Fact(
        "B-09",
        "If EC2 refuses a stop because of stop protection, nobody knows what happens to the other instances. AWS "
        "documents the rule about zones for TerminateInstances only.",
        ASSUMED,
    ),
    Fact(
        "B-10",
        "The items of a reply may come in a different order than the ids of the request.",
        RECORDED,
        (
            "rec:c7n__test_asg_suspend__ec2.StopInstances_1.json",
            "rec:c7n__test_asg_resume__ec2.StartInstances_1.json",
            "aws:API_DescribeInstances",
        ),
    ),
    Fact(
        "B-11",
        "Nobody knows whether a reply has one item or two if the request names an id twice.",
        ASSUMED,
    ),
    Fact(
        "B-12",
        "ModifyInstanceAttribute and DescribeInstanceAttribute accept one instance and one attribute per call.",
        DOCUMENTED,
        ("aws:API_ModifyInstanceAttribute", "aws:API_DescribeInstanceAttribute"),
    ),
    Fact(
        "B-13",
        "If a termination names instances in different states, the reply shows each change on its own: one from "
        "stopped to terminated, and another from running to shutting-down.",
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
