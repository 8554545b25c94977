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
        effect="a client takes an instance that is not there for one without news",
    ),
    Clause(
        id="DESC-2",
        sentence="A description shows each instance asked for in its present state, and once if its id is named once.",
        evidence={Part.OUTCOME: recorded("S-32", "D-08", "D-03", note="in any order, and eventually consistent")},
        effect="a client acts on a state that is not so, or misses an instance",
    ),
    Clause(
        id="DESC-3",
        sentence="A request that names an instance twice succeeds, and lists it once, or once for each time.",
        evidence={Part.OUTCOME: assumed("B-11")},
        effect="a client counts an instance twice",
    ),
    Clause(
        id="DESC-4",
        sentence="An instance shows the same LaunchTime at each look, as long as nobody starts or reboots it.",
        evidence={Part.OUTCOME: documented("S-34", note="what a reboot does to it is open")},
        effect="a cleaner that goes by the age of instances spares old ones or deletes new ones",
    ),
    Clause(
        id="LIST-1",
        sentence="DescribeInstances without ids and filters lists every instance of the caller in the Region, also "
        "those that are terminated and still visible.",
        evidence={Part.OUTCOME: documented("F-01", "T-01")},
        effect="a cleaner or an inventory misses instances, which keep running and cost",
    ),
    Clause(
        id="LIST-2",
        sentence="A filter by instance-state-name or availability-zone lists the instances with one of its values, "
        "and no other; two filters list those that pass both.",
        evidence={Part.OUTCOME: documented("D-06", "F-01", "F-05", "F-11", note="a filter acts or is refused")},
        effect="a cleaner that selects instances by a filter deletes what the filter should have spared",
    ),
    Clause(
        id="SHAPE-1",
        sentence="A terminated instance has no PrivateIpAddress, PublicIpAddress, VpcId, SubnetId or SourceDestCheck, "
        "and its DNS names are empty.",
        evidence={Part.OUTCOME: recorded("T-03")},
        effect="a client keeps using addresses that belong to somebody else by now",
    ),
    Clause(
        id="SHAPE-2",
        sentence="A terminated instance has empty BlockDeviceMappings, NetworkInterfaces and SecurityGroups.",
        evidence={Part.OUTCOME: recorded("T-03", "V-05")},
        effect="a client counts volumes and security groups as used that are free",
    ),
    Clause(
        id="SHAPE-3",
        sentence="After a user's stop or terminate StateReason is Client.UserInitiatedShutdown, and after a "
        "hibernation Client.UserInitiatedHibernate.",
        evidence={Part.OUTCOME: recorded("T-05", "T-06")},
        effect="an audit cannot tell what a user ended from what EC2 ended",
    ),
    Clause(
        id="SHAPE-4",
        sentence="After a user's stop or terminate StateTransitionReason reads User initiated, followed by a time "
        "as (YYYY-MM-DD HH:MM:SS GMT).",
        evidence={Part.OUTCOME: recorded("T-05")},
        effect="a cleaner that reads from it how long an instance has been stopped fails, or deletes too soon",
    ),
    Clause(
        id="SHAPE-5",
        sentence="A shutting-down instance already has no private address, VpcId or SubnetId, and its DNS names and "
        "SecurityGroups are empty.",
        evidence={Part.OUTCOME: recorded("T-04")},
        effect="a client reads addresses in a test which are not there in production",
    ),
    Clause(
        id="SHAPE-6",
        sentence="A running instance has no StateReason and an empty StateTransitionReason, also after a restart.",
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
