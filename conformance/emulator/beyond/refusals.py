"""The errors of the model in front of another EC2: EC2's codes, and where EC2 has no such error, our own sentence."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ....model.states import InstanceState
from ..variation import metadata


def refused(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    """Return an error as a boto3 client raises it."""
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata(status)}
    return ClientError(reply, operation)


def error_of_reply(operation: str, reply: Mapping[str, Any]) -> ClientError:
    """Return the error of the EC2 behind, from its reply."""
    read: Any = reply
    return ClientError(read, operation)


def token_mismatch(operation: str) -> ClientError:
    """Return the error for a client token that was used with other parameters (K-02)."""
    message = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
    return refused(operation, "IdempotentParameterMismatch", message)


def unauthorized(operation: str) -> ClientError:
    """Return the error for a caller without permission (E-22)."""
    message = "You are not authorized to perform this operation."
    return refused(operation, "UnauthorizedOperation", message, 403)


def dry_run(operation: str) -> ClientError:
    """Return the answer to a dry run that would succeed (E-21)."""
    message = "Request would have succeeded, but DryRun flag is set."
    return refused(operation, "DryRunOperation", message, 412)


def absent(operation: str, one: str) -> ClientError:
    """Return the error for an instance or a volume that the model does not have (E-01)."""
    if one.startswith("vol-"):
        return refused(operation, "InvalidVolume.NotFound", f"The volume '{one}' does not exist.")
    return refused(operation, "InvalidInstanceID.NotFound", f"The instance ID '{one}' does not exist")


def not_held(operation: str, what: str) -> ClientError:
    """Return the refusal of a launch with something that the model does not have."""
    return refused(operation, "Unsupported", f"ec2-lifecycle has no {what}.")


def wrong_state(operation: str, one: str, state: InstanceState) -> ClientError:
    """Return the error for an instance whose network cannot change now."""
    message = f"The instance '{one}' is {state.value}; ec2-lifecycle does this to a running or a stopped one."
    return refused(operation, "IncorrectInstanceState", message)
