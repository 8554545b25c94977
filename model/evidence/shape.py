"""Facts about what descriptions show: terminated instances, reasons, codes and status."""

from typing import Final

from .fact import ASSUMED, DOCUMENTED, RECORDED, Fact

SHAPE: Final[tuple[Fact, ...]] = (
    Fact(
        "T-01",
        "A terminated instance stays visible for about an hour, says one page; usually less than an hour, says "
        "another.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "aws:API_DescribeInstances", "ug23:terminating-instances"),
    ),
    Fact(
        "T-02",
        "Terminated instances were still visible after 14, 23, 24, 26 and 45 minutes; none was seen older than 46.",
        RECORDED,
        (
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-03",
        "38 recorded terminated instances have no private or public address, VpcId, SubnetId or SourceDestCheck, and "
        "empty block devices, network interfaces, security groups and DNS names. They keep their placement, launch "
        "settings, reasons and often their tags.",
        RECORDED,
        (
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-04",
        "A shutting-down instance already has no private address, VpcId, SubnetId or SourceDestCheck, and empty DNS "
        "names and security groups.",
        RECORDED,
        ("rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",),
    ),
    Fact(
        "T-05",
        "After a user's stop or terminate StateReason is Client.UserInitiatedShutdown, and StateTransitionReason "
        "reads User initiated (YYYY-MM-DD HH:MM:SS GMT) with the time of the request; 99 of 99 recordings.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-06",
        "After a hibernation StateReason is Client.UserInitiatedHibernate.",
        RECORDED,
        ("rec:c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",),
    ),
    Fact(
        "T-07",
        "A running instance has an empty StateTransitionReason and no StateReason, also after a restart; 178 of 179 "
        "recordings.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-08",
        "An end by EC2 shows Service initiated in StateTransitionReason; a shutdown from inside the guest shows "
        "Client.InstanceInitiatedShutdown. The quotes have no public address.",
        ASSUMED,
    ),
    Fact(
        "T-09",
        "The API model lists the codes of StateReason, each with its case: Client.InstanceInitiatedShutdown for a "
        "shutdown from inside the guest, Server.… for reasons of EC2's own.",
        DOCUMENTED,
        ("model:service-2",),
    ),
    Fact(
        "T-10",
        "What reason an instance shows that is terminated a second time, or after a stop, is not recorded.",
        ASSUMED,
    ),
    Fact(
        "H-01",
        "The code of a state is a 16-bit number of which only the low byte counts; the high byte is internal.",
        DOCUMENTED,
        ("seed", "model:service-2"),
    ),
    Fact(
        "H-02",
        "All 326 recorded pairs of code and name have a zero high byte and agree.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
)
