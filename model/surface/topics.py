"""What the specification leaves out, by the names that users have for it: why, and what follows from it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """Something outside the specification.

    `why` and `consequence` are sentences. `paths` are the parameters and fields of it, as they begin; `facts` say what
    is known of it; `names` are other names that users may have for it.
    """

    name: str
    why: str
    consequence: str
    paths: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


TOPICS: Final[tuple[Topic, ...]] = (
    Topic(
        "network interfaces",
        "No fact says what becomes of an interface or its addresses when its instance ends.",
        "A request may name them. What an instance shows of them is judged only where a clause says so (SHAPE-1, "
        "SHAPE-2, SHAPE-5).",
        ("NetworkInterfaces", "SecondaryInterfaces"),
        ("T-03", "T-04"),
        ("network interface", "interfaces", "eni"),
    ),
    Topic(
        "Spot",
        "EC2 may stop or end a Spot Instance at any time, and starts some of them again by itself.",
        "A launch that asks for one is not judged, nor are its instances.",
        ("InstanceMarketOptions", "InstanceLifecycle", "SpotInstanceRequestId"),
        ("S-30", "P-03"),
        ("spot instances", "spot instance", "spot fleet"),
    ),
    Topic(
        "Auto Scaling",
        "A group launches and terminates instances by itself, with requests of its own.",
        "No scenario makes a group. What a service manages is not judged.",
        facts=("P-08", "P-12"),
        names=("autoscaling", "auto scaling group", "asg"),
    ),
    Topic(
        "launch templates",
        "A template sets parameters that the request does not show.",
        "A launch that names one is not judged, nor are its instances.",
        ("LaunchTemplate",),
        names=("launch template",),
    ),
    Topic(
        "other Regions",
        "The specification has only one account in one Region.",
        "Every scenario plays in the Region of its target. What other Regions have is not looked at.",
        facts=("E-03",),
        names=("regions", "region", "other accounts", "accounts"),
    ),
    Topic(
        "DescribeInstanceStatus",
        "It is not an operation of the specification.",
        "No scenario sends it, and a call of it is not judged.",
        facts=("D-04", "D-05", "F-02"),
        names=("instance status", "status checks"),
    ),
)
"""All of them."""
