"""Facts about what descriptions show: terminated instances, reasons, codes and status."""

from typing import Final

from .fact import ASSUMED, DOCUMENTED, RECORDED, Fact

SHAPE: Final[tuple[Fact, ...]] = (
    Fact(
        "T-01",
        "One page says that a terminated instance stays visible for about an hour. Another says: usually less than "
        "an hour.",
        DOCUMENTED,
        ("aws:API_TerminateInstances", "aws:API_DescribeInstances", "ug23:terminating-instances"),
    ),
    Fact(
        "T-02",
        "Recordings show terminated instances after 14, 23, 24, 26 and 45 minutes. None shows one after more than "
        "46 minutes.",
        RECORDED,
        (
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-03",
        "In the recordings, 38 terminated instances have no private or public address, VpcId, SubnetId or "
        "SourceDestCheck. Their block devices, network interfaces, security groups and DNS names are empty. They "
        "keep their placement, launch settings, reasons and often their tags.",
        RECORDED,
        (
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-04",
        "A shutting-down instance already has no private address, VpcId, SubnetId or SourceDestCheck. Its DNS names "
        "and security groups are empty.",
        RECORDED,
        ("rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",),
    ),
    Fact(
        "T-05",
        "After a user stops or terminates an instance, StateReason is Client.UserInitiatedShutdown. "
        "StateTransitionReason is User initiated (YYYY-MM-DD HH:MM:SS GMT), with the time of the request. So it is "
        "in 99 of 99 recordings.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_2.json",
            "rec:c7n__test_offhours_records__ec2.DescribeInstances_1.json",
            "rec:c7n__test_iam_instance_profile_inuse__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-06",
        "After a hibernation, StateReason is Client.UserInitiatedHibernate.",
        RECORDED,
        ("rec:c7n__test_ec2_stop_hibernate__ec2.DescribeInstances_2.json",),
    ),
    Fact(
        "T-07",
        "A running instance has an empty StateTransitionReason and no StateReason, even after a restart. So it is "
        "in 178 of 179 recordings.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.DescribeInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
    Fact(
        "T-08",
        "If EC2 ends an instance, StateTransitionReason shows Service initiated. After a shutdown from inside the "
        "guest it shows Client.InstanceInitiatedShutdown. The quotes are not public.",
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
        "No recording shows the reason of an instance that is terminated a second time, or after a stop.",
        ASSUMED,
    ),
    Fact(
        "H-01",
        "The code of a state is a 16-bit number. Only its low byte counts. The high byte is internal.",
        DOCUMENTED,
        ("seed", "model:service-2"),
    ),
    Fact(
        "H-02",
        "In all 326 recorded pairs of code and name, the high byte is zero and both mean the same state.",
        RECORDED,
        (
            "rec:c7n__test_ec2_terminate__ec2.TerminateInstances_1.json",
            "rec:c7n__test_action_filter_call__ec2.DescribeInstances_1.json",
        ),
    ),
)
