"""The errors of the model in front of another EC2: EC2's codes, and where EC2 has no such error, our own sentence."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ....model.states import InstanceState
from ..refusals import rejected
from ..wire.ec2_errors import Ec2Error


def error_of_reply(operation: str, reply: Mapping[str, Any]) -> ClientError:
    """Return the error of the EC2 behind, from its reply."""
    read: Any = reply
    return ClientError(read, operation)


def token_mismatch(operation: str) -> ClientError:
    """Return the error for a client token that was used with other parameters (K-02)."""
    return rejected(operation, Ec2Error.TOKEN_WITH_OTHERS)


def unauthorized(operation: str) -> ClientError:
    """Return the error for a caller without permission (E-22)."""
    return rejected(operation, Ec2Error.UNAUTHORIZED)


def dry_run(operation: str) -> ClientError:
    """Return the answer to a dry run that would succeed (E-21)."""
    return rejected(operation, Ec2Error.DRY_RUN)


def absent(operation: str, one: str) -> ClientError:
    """Return the error for an instance or a volume that the model does not have (E-01)."""
    if one.startswith("vol-"):
        return rejected(operation, Ec2Error.NO_VOLUME, id=one)
    return rejected(operation, Ec2Error.NOT_FOUND, id=one)


def wrong_state(operation: str, one: str, state: InstanceState) -> ClientError:
    """Return the error for an instance whose network cannot change now (N-15)."""
    return rejected(operation, Ec2Error.NETWORK_STATE, id=one, state=state.value)
