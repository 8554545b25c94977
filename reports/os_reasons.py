"""Why the operating system refused something, in this project's own words.

The words of the system differ from one to the next, and are nothing to rely on. Its numbers are.
"""

import errno
from collections.abc import Mapping
from typing import Final

_REASONS: Final[Mapping[int, str]] = {
    errno.EACCES: "permission denied",
    errno.EADDRINUSE: "address already in use",
    errno.EADDRNOTAVAIL: "no such address on this machine",
    errno.ECONNABORTED: "connection aborted",
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EDQUOT: "disk quota exceeded",
    errno.EEXIST: "file exists",
    errno.EFBIG: "file too large",
    errno.EHOSTUNREACH: "no route to the host",
    errno.EIO: "input or output failed",
    errno.EISDIR: "is a directory",
    errno.ELOOP: "too many symbolic links",
    errno.EMFILE: "too many open files",
    errno.ENAMETOOLONG: "file name too long",
    errno.ENETUNREACH: "network unreachable",
    errno.ENOENT: "no such file or directory",
    errno.ENOSPC: "no space left on device",
    errno.ENOTDIR: "not a directory",
    errno.EPERM: "operation not permitted",
    errno.EPIPE: "nobody reads",
    errno.EROFS: "read-only file system",
    errno.ETIMEDOUT: "timed out",
}


def os_reason(error: OSError) -> str:
    """Return why the system refused, in our words for the number of the error, or in the system's words."""
    return _REASONS.get(error.errno or 0) or (error.strerror or str(error)).lower() or type(error).__name__
