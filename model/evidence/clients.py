"""Facts about what watches EC2: CloudTrail events, and the waiters of client libraries."""

from typing import Final

from .fact import ASSUMED, DOCUMENTED, RECORDED, Fact

CLIENTS: Final[tuple[Fact, ...]] = (
    Fact(
        "C-01",
        "A CloudTrail event of TerminateInstances has event source ec2.amazonaws.com, readOnly false, and in newer "
        "versions managementEvent and eventCategory.",
        RECORDED,
        (
            "rec:cloudtrail__manageiq__TerminateInstances.json",
            "rec:cloudtrail__invictus__TerminateInstances__ok__1.json",
        ),
    ),
    Fact(
        "C-02",
        "Requests and responses in CloudTrail hold instancesSet.items with lower camel case names; a stop adds force.",
        RECORDED,
        ("rec:cloudtrail__manageiq__TerminateInstances.json", "rec:cloudtrail__manageiq__StopInstances.json"),
    ),
    Fact(
        "C-03",
        "A RunInstances event holds the protections, the client token, the counts and the zone asked for; its response "
        "has pending instances in that zone.",
        RECORDED,
        ("rec:cloudtrail__manageiq__RunInstances.json",),
    ),
    Fact(
        "C-04",
        "A start event looks like a termination's; reboot and modify answer {_return: true}.",
        RECORDED,
        ("rec:cloudtrail__manageiq__StartInstances.json", "rec:cloudtrail__manageiq__RebootInstances.json"),
    ),
    Fact(
        "C-05",
        "A failed call has errorCode, errorMessage and its request parameters, but no response elements.",
        RECORDED,
        (
            "rec:cloudtrail__invictus__RunInstances__VcpuLimitExceeded.json",
            "rec:cloudtrail__stratus__RunInstances__Unauthorized.json",
        ),
    ),
    Fact(
        "C-06",
        "CloudTrail events are unordered and arrive within about 15 minutes.",
        DOCUMENTED,
        ("aws:cloudtrail/log-file-examples",),
    ),
    Fact(
        "W-01",
        "The waiter instance_exists describes every 5 seconds, 40 times, and goes on after NotFound.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-02",
        "The waiter instance_running fails when an instance is shutting-down, terminated or stopping.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-03",
        "The waiter instance_stopped fails when an instance is pending or terminated.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-04",
        "The waiter instance_terminated fails when an instance is pending or stopping, and on an id that has aged out.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-05",
        "The waiter instance_status_ok needs every status ok, and goes on after NotFound.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-06",
        "The waiters of volumes wait for available, in-use or deleted; InvalidVolume.NotFound counts as deleted.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-07",
        "Terraform's deletion waits through every living state, takes NotFound for gone, and ignores a refused change "
        "of protection on Spot Instances. No file was cited for it.",
        ASSUMED,
    ),
)
