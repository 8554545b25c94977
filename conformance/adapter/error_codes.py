"""Error codes by which AWS refuses the caller, or anyone for now, and not the request."""

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
"""Nobody is known by these credentials, or no longer."""
NO_PERMISSION: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
"""Who they belong to has no permission."""
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
"""Too much was asked for in too short a time: nothing was done."""
NO_CAPACITY: Final = frozenset(
    {
        "InsufficientInstanceCapacity",
        "InstanceLimitExceeded",
        "RequestLimitExceeded",
        "VcpuLimitExceeded",
    }
)
"""Errors that may answer any request at any time (facts E-20, E-23): they say nothing of the lifecycle."""
