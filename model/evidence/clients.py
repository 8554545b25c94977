"""Facts about what watches EC2: CloudTrail events, and the waiters of client libraries."""

from typing import Final

from .fact import ASSUMED, DOCUMENTED, RECORDED, Fact

CLIENTS: Final[tuple[Fact, ...]] = (
    Fact(
        "C-01",
        "A CloudTrail event of TerminateInstances has the event source ec2.amazonaws.com and readOnly false. Newer "
        "versions also have managementEvent and eventCategory.",
        RECORDED,
        (
            "rec:cloudtrail__manageiq__TerminateInstances.json",
            "rec:cloudtrail__invictus__TerminateInstances__ok__1.json",
        ),
    ),
    Fact(
        "C-02",
        "Requests and responses in CloudTrail have instancesSet.items, with names in lower camel case. A stop also "
        "has force.",
        RECORDED,
        ("rec:cloudtrail__manageiq__TerminateInstances.json", "rec:cloudtrail__manageiq__StopInstances.json"),
    ),
    Fact(
        "C-03",
        "A RunInstances event has the protections, the client token, the counts and the zone of the request. Its "
        "response has pending instances in that zone.",
        RECORDED,
        ("rec:cloudtrail__manageiq__RunInstances.json",),
    ),
    Fact(
        "C-04",
        "A start event looks like that of a termination. The response of a reboot or a modification is {_return: "
        "true}.",
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
        "The waiter instance_exists describes the instance 40 times, every 5 seconds, and continues after NotFound.",
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
        "The waiter instance_terminated fails when an instance is pending or stopping, or when EC2 has forgotten "
        "its id.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-05",
        "The waiter instance_status_ok waits until every status is ok, and continues after NotFound.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-06",
        "The waiters of volumes wait for available, in-use or deleted. InvalidVolume.NotFound counts as deleted.",
        DOCUMENTED,
        ("model:waiters-2",),
    ),
    Fact(
        "W-07",
        "When Terraform deletes an instance, it waits while the instance is alive, and treats NotFound as success. "
        "It ignores a refused change of protection on Spot Instances. No file supports this.",
        ASSUMED,
    ),
)
