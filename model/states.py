"""The states of instances and volumes, by EC2's own names."""

from enum import Enum
from typing import Final


class InstanceState(Enum):
    """The six states of an instance (clause STATE-1); the value is EC2's name for it."""

    PENDING = "pending"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"
    STOPPING = "stopping"
    STOPPED = "stopped"


CODES: Final = {
    InstanceState.PENDING: 0,
    InstanceState.RUNNING: 16,
    InstanceState.SHUTTING_DOWN: 32,
    InstanceState.TERMINATED: 48,
    InstanceState.STOPPING: 64,
    InstanceState.STOPPED: 80,
}
"""The low byte of each state's code (clause STATE-1)."""


class VolumeState(Enum):
    """The states of an EBS volume that the lifecycle of an instance can cause (fact V-07)."""

    CREATING = "creating"
    AVAILABLE = "available"
    IN_USE = "in-use"
    DELETING = "deleting"
    DELETED = "deleted"


GONE: Final = (VolumeState.DELETING, VolumeState.DELETED)
"""The states of a volume that is being deleted, or that is deleted: it never leaves them."""


class RootDevice(Enum):
    """What an instance boots from: it decides whether the instance can be stopped (KIND-1, KIND-2)."""

    EBS = "ebs"
    INSTANCE_STORE = "instance-store"


class ShutdownBehavior(Enum):
    """What a shutdown from inside the guest does: `InstanceInitiatedShutdownBehavior`."""

    STOP = "stop"
    TERMINATE = "terminate"


class Hibernation(Enum):
    """Whether a launch configured the instance for hibernation: `HibernationOptions.Configured`."""

    UNKNOWN = "unknown"
    """The launch was not seen, or a launch template may say it."""
    OFF = "off"
    CONFIGURED = "configured"


class Cause(Enum):
    """Why an instance is in its state: the classes of `StateReason.Code` that EC2 tells apart (facts T-05…T-09)."""

    NONE = "none"
    """A running instance: no reason (T-07)."""
    LAUNCH = "pending"
    """Being launched (S-02)."""
    USER_SHUTDOWN = "Client.UserInitiatedShutdown"
    USER_HIBERNATE = "Client.UserInitiatedHibernate"
    GUEST_SHUTDOWN = "Client.InstanceInitiatedShutdown"
    SERVICE = "service"
    """EC2 did it itself: a failed launch or start, a retirement. Any code but the user-initiated ones (T-08, T-09)."""
    OPEN = "open"
    """No fact gives the reason, so any reason is permitted."""


class Visibility(Enum):
    """Whether the API knows an instance's id."""

    SETTLING = "settling"
    """Just launched: other operations may not know it yet (fact E-25)."""
    VISIBLE = "visible"
    FORGOTTEN = "forgotten"
    """Terminated, and no longer known to EC2 (facts T-01, T-02)."""
