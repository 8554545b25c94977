"""What a description shows, state by state."""

from typing import Final

from ..clauses import Clause, Part, assumed, documented, recorded, reported

DESCRIBE: Final[tuple[Clause, ...]] = (
    Clause(
        id="DESC-1",
        sentence="Describing an unknown id fails with InvalidInstanceID.NotFound.",
        evidence={
            Part.OUTCOME: documented("R-044", "D-01", "E-01"),
            Part.CODE: documented("R-044", "D-01", "E-05", note="or malformed, for an invented id of 17 digits"),
            Part.STATUS: reported("E-01"),
            Part.MESSAGE: reported("E-01", "E-02"),
        },
        effect="a client does not notice that the instance does not exist",
    ),
    Clause(
        id="DESC-2",
        sentence="A description shows the present state of each requested instance. It lists an instance once if "
        "the request names its id once.",
        evidence={Part.OUTCOME: recorded("S-32", "D-08", "D-03", note="in any order, and eventually consistent")},
        effect="a client acts on a wrong state, or misses an instance",
    ),
    Clause(
        id="DESC-3",
        sentence="A request that names an instance twice succeeds. The reply lists the instance once, or as often "
        "as the request names it.",
        evidence={Part.OUTCOME: assumed("B-11")},
        effect="a client counts an instance twice",
    ),
    Clause(
        id="DESC-4",
        sentence="Every description of an instance shows the same LaunchTime, until somebody starts or reboots the "
        "instance.",
        evidence={Part.OUTCOME: documented("S-34", note="what a reboot does to it is open")},
        effect="a cleaner that checks the age of instances keeps old ones or deletes new ones",
    ),
    Clause(
        id="LIST-1",
        sentence="DescribeInstances without ids and filters lists every instance of the caller in the Region, "
        "including terminated ones that are still visible.",
        evidence={Part.OUTCOME: documented("F-01", "T-01")},
        effect="a cleaner or an inventory misses instances, which keep running and cost money",
    ),
    Clause(
        id="LIST-2",
        sentence="DescribeInstances with the filter instance-state-name or availability-zone lists the instances with "
        "one of the named values, and no others. With both filters, it lists those that pass both.",
        evidence={Part.OUTCOME: documented("D-06", "F-01", "F-05", "F-11", note="a filter acts or is refused")},
        effect="a cleaner that selects instances by a filter deletes other instances",
    ),
    Clause(
        id="SHAPE-1",
        sentence="A terminated instance has no PrivateIpAddress, PublicIpAddress, VpcId, SubnetId or SourceDestCheck, "
        "and its DNS names are empty.",
        evidence={Part.OUTCOME: recorded("T-03")},
        effect="a client keeps using addresses that now belong to somebody else",
    ),
    Clause(
        id="SHAPE-2",
        sentence="A terminated instance has empty BlockDeviceMappings, NetworkInterfaces and SecurityGroups.",
        evidence={Part.OUTCOME: recorded("T-03", "V-05")},
        effect="a client believes that volumes and security groups are in use, although they are free",
    ),
    Clause(
        id="SHAPE-3",
        sentence="After a user stops or terminates an instance, StateReason is Client.UserInitiatedShutdown. After "
        "a hibernation it is Client.UserInitiatedHibernate.",
        evidence={Part.OUTCOME: recorded("T-05", "T-06")},
        effect="an audit cannot see whether a user or EC2 ended the instance",
    ),
    Clause(
        id="SHAPE-4",
        sentence="After a user stops or terminates an instance, StateTransitionReason is User initiated, followed "
        "by a time in the form (YYYY-MM-DD HH:MM:SS GMT).",
        evidence={Part.OUTCOME: recorded("T-05")},
        effect="a cleaner that decides by this time fails, or deletes a stopped instance too soon",
    ),
    Clause(
        id="SHAPE-5",
        sentence="A shutting-down instance already has no private address, VpcId or SubnetId, and its DNS names and "
        "SecurityGroups are empty.",
        evidence={Part.OUTCOME: recorded("T-04")},
        effect="a client reads addresses in a test that do not exist in production",
    ),
    Clause(
        id="SHAPE-6",
        sentence="A running instance has no StateReason and an empty StateTransitionReason, even after a restart.",
        evidence={Part.OUTCOME: recorded("T-07")},
        effect="a running instance looks as if somebody had stopped it",
    ),
    Clause(
        id="SHAPE-7",
        sentence="A stopped instance keeps its BlockDeviceMappings and its private address.",
        evidence={Part.OUTCOME: recorded("V-06")},
        effect="an instance comes back without its address or its volumes",
    ),
)
