"""Error codes by which AWS refuses the caller and not the request."""

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
MAY_NOT: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
"""Who they belong to has no permission."""
