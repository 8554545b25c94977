"""Error codes that say nothing about the request: bad credentials, no permission, no capacity."""

from typing import Final

NO_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
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
NO_PERMISSION: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
"""The caller has no permission."""
THROTTLED: Final = frozenset(
    {
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""The caller sent too many requests in too short a time. EC2 did nothing."""
NO_CAPACITY: Final = frozenset(
    {
        "InsufficientInstanceCapacity",
        "InstanceLimitExceeded",
        "RequestLimitExceeded",
        "VcpuLimitExceeded",
    }
)
"""Errors that may answer any request at any time (facts E-20, E-23) and say nothing about the lifecycle."""
