"""Error codes that say nothing about the request: bad credentials, no permission, no capacity.

They come from the page of error codes, the page of common errors of all AWS services, and the errors that AWS's SDKs
take for throttling.
"""

from typing import Final

NO_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""The credentials are unknown or expired."""
NO_PERMISSION: Final = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"})
"""The caller has no permission."""
THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""The caller sent too many requests in too short a time. EC2 did nothing."""
UNFINISHED: Final = frozenset({"RequestAbortedException", "RequestTimeoutException"})
"""The request was cut off. Nobody knows how far it got."""
NO_CAPACITY: Final = frozenset(
    {
        "InsufficientInstanceCapacity",
        "InstanceLimitExceeded",
        "RequestLimitExceeded",
        "VcpuLimitExceeded",
    }
)
"""Errors that may answer any request at any time (facts E-20, E-23) and say nothing about the lifecycle."""
