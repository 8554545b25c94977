"""The open points of the specification: no fact says what EC2 does, so the specification permits every alternative.

A rule reads a choice by `choices.of(CHOICE)` (one answer for the whole request)
or `choices.at(CHOICE, instance)` (one answer for each instance).
`preferred` is the most likely alternative. `hardest` is the hardest one for clients.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar, cast

from .world import Instance

A = TypeVar("A", bound=Enum)


@dataclass(frozen=True, eq=False)
class Choice(Generic[A]):
    """One open point. Its alternatives are the members of the enum of `preferred`."""

    id: str
    question: str
    preferred: A
    hardest: A
    source: str
    """The facts that do not answer it."""
    per_instance: bool = False
    """Its scope: one instance, or a whole request."""

    @property
    def alternatives(self) -> tuple[A, ...]:
        """Every alternative, the preferred one first."""
        return (self.preferred, *(a for a in type(self.preferred) if a is not self.preferred))


class Choices(ABC):
    """One setting of every choice."""

    @abstractmethod
    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative that holds: for the request (`instance` None) or for one instance."""

    def of(self, choice: Choice[A]) -> A:
        """Return the alternative that holds for the whole request."""
        return self.pick(choice, None)

    def at(self, choice: Choice[A], instance: Instance) -> A:
        """Return the alternative that holds for one instance."""
        return self.pick(choice, instance)


@dataclass(frozen=True)
class Settled(Choices):
    """The same answers for all requests: those in `picks` by id, and the preferred (or hardest) one for the rest."""

    picks: Mapping[str, Enum]
    hardest: bool = False

    def pick(self, choice: Choice[A], instance: Instance | None) -> A:
        """Return the alternative set by id, else the default; the same for every instance."""
        del instance
        default = choice.hardest if self.hardest else choice.preferred
        return cast("A", self.picks.get(choice.id, default))


PREFERRED: Final = Settled({})
HARDEST: Final = Settled({}, hardest=True)


class DeadProtected(Enum):
    """How long a protected instance shields."""

    NEVER = "only while it is alive"
    SHUTTING_DOWN = "also while it is shutting down"
    ALWAYS = "until it is forgotten"


class Scope(Enum):
    """How far a protection or a refusal reaches."""

    ZONE = "the named instances of its zone"
    REQUEST = "the whole request"


class Effect(Enum):
    """When a request has its effect."""

    BEFORE_ANSWER = "before the answer"
    AFTER_ANSWER = "some time after the answer"


class Repeats(Enum):
    """What is counted where an id is sent more than once."""

    DISTINCT = "distinct ids"
    OCCURRENCE = "occurrences"


class Verdict(Enum):
    """Whether a request goes through."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Force(Enum):
    """What `Force` does to stop protection."""

    STILL_PROTECTED = "stop protection holds all the same"
    OVERRIDES = "Force overrides it"


class Reboot(Enum):
    """What becomes of a reboot where nothing can be rebooted."""

    IGNORED = "succeeds, without effect"
    INCORRECT_STATE = "IncorrectState"
    INCORRECT_INSTANCE_STATE = "IncorrectInstanceState"


class PendingEnd(Enum):
    """Where a terminated pending instance goes first."""

    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


class UnknownId(Enum):
    """The code for a well-formed id that was never given out."""

    NOT_FOUND = "InvalidInstanceID.NotFound"
    MALFORMED = "InvalidInstanceID.Malformed"


class DeadChange(Enum):
    """What becomes of a change to an instance that is shutting down or terminated."""

    REFUSED = "refused"
    IGNORED = "accepted, without effect"
    APPLIED = "accepted and carried out"


class MalformedAttributeId(Enum):
    """The code for a malformed id in an attribute operation."""

    MALFORMED = "InvalidInstanceID.Malformed"
    INVALID_VALUE = "InvalidParameterValue"


class NamedProtection(Enum):
    """Which of two protections a refusal names."""

    TERMINATION = "disableApiTermination"
    STOP = "disableApiStop"


class NewId(Enum):
    """Whether an operation knows an id that was given out a moment ago."""

    KNOWN = "known"
    NOT_YET = "not yet known"


class Cleared(Enum):
    """Whether a protection that was cleared a moment ago still holds."""

    AT_ONCE = "no longer enforced"
    STILL_ENFORCED = "still enforced for seconds"


class Reason(Enum):
    """Which reason an instance shows that is terminated again."""

    KEPT = "the earlier one"
    USER = "Client.UserInitiatedShutdown"


class HibernateReason(Enum):
    """Which reason a stop with Hibernate leaves."""

    HIBERNATE = "Client.UserInitiatedHibernate"
    SHUTDOWN = "Client.UserInitiatedShutdown"


class Hibernate(Enum):
    """What becomes of a stop with Hibernate if it is not known to be refused."""

    ACCEPTED = "the instance stops"
    REFUSED = "UnsupportedHibernationConfiguration"


class Release(Enum):
    """When EC2 deletes or detaches the volumes of an instance that ends."""

    ONCE_TERMINATED = "once the instance is terminated"
    WHILE_SHUTTING_DOWN = "while it is shutting down"


DEAD_PROTECTED: Final = Choice(
    "dead-protected",
    "How long does a protected instance shield its zone?",
    preferred=DeadProtected.NEVER,
    hardest=DeadProtected.ALWAYS,
    source="B-04",
)
STOP_PROTECTION_SCOPE: Final = Choice(
    "stop-protection-scope",
    "What does a stop-protected instance keep from being terminated?",
    preferred=Scope.ZONE,
    hardest=Scope.REQUEST,
    source="B-05, E-11",
)
STOP_BATCH: Final = Choice(
    "stop-batch",
    "What does a stop-protected instance keep from being stopped?",
    preferred=Scope.REQUEST,
    hardest=Scope.ZONE,
    source="B-09",
)
FREE_ZONES: Final = Choice(
    "free-zones",
    "When a request fails for protection, when are the instances of the other zones terminated (or stopped)?",
    preferred=Effect.BEFORE_ANSWER,
    hardest=Effect.AFTER_ANSWER,
    source="B-03",
)
REPEATS: Final = Choice(
    "repeats",
    "What does a reply list where an id was sent more than once?",
    preferred=Repeats.DISTINCT,
    hardest=Repeats.OCCURRENCE,
    source="B-11",
)
LIMIT_COUNTS: Final = Choice(
    "limit-counts",
    "What does the limit of 1000 ids count?",
    preferred=Repeats.DISTINCT,
    hardest=Repeats.OCCURRENCE,
    source="E-09, B-11",
)
STOP_AT_REST: Final = Choice(
    "stop-at-rest",
    "What becomes of a stop of a stop-protected instance that is already stopping or stopped?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.REFUSED,
    source="E-12 (recorded for a running instance only)",
    per_instance=True,
)
FORCE_STOP: Final = Choice(
    "force-stop",
    "What does Force do to stop protection?",
    preferred=Force.STILL_PROTECTED,
    hardest=Force.OVERRIDES,
    source="P-11",
)
REBOOT_UNSETTLED: Final = Choice(
    "reboot-unsettled",
    "What becomes of a reboot of an instance that is neither running nor terminated?",
    preferred=Reboot.IGNORED,
    hardest=Reboot.INCORRECT_STATE,
    source="S-22, S-23",
    per_instance=True,
)
START_PENDING: Final = Choice(
    "start-pending",
    "What becomes of a start of a pending instance?",
    preferred=Verdict.ACCEPTED,
    hardest=Verdict.REFUSED,
    source="S-19",
    per_instance=True,
)
START_SHUTTING_DOWN: Final = Choice(
    "start-shutting-down",
    "What becomes of a start of an instance that is shutting down?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.ACCEPTED,
    source="S-20",
    per_instance=True,
)
PENDING_END: Final = Choice(
    "pending-end",
    "Where does a terminated pending instance go first?",
    preferred=PendingEnd.SHUTTING_DOWN,
    hardest=PendingEnd.TERMINATED,
    source="S-10",
    per_instance=True,
)
UNKNOWN_ID: Final = Choice(
    "unknown-id",
    "Which code answers a hexadecimal id that was never given out, but for one of eight digits?",
    preferred=UnknownId.NOT_FOUND,
    hardest=UnknownId.MALFORMED,
    source="E-05, E-06",
    per_instance=True,
)
MALFORMED_ATTRIBUTE_ID: Final = Choice(
    "malformed-attribute-id",
    "Which code answers a malformed id in an attribute operation?",
    preferred=MalformedAttributeId.MALFORMED,
    hardest=MalformedAttributeId.INVALID_VALUE,
    source="E-04, E-07",
)
BOTH_PROTECTIONS: Final = Choice(
    "both-protections",
    "Which attribute does the refusal name where both protections are set?",
    preferred=NamedProtection.TERMINATION,
    hardest=NamedProtection.STOP,
    source="E-13",
    per_instance=True,
)
NEW_ID: Final = Choice(
    "new-id",
    "Is an id known to an operation right after its launch?",
    preferred=NewId.KNOWN,
    hardest=NewId.NOT_YET,
    source="E-25",
    per_instance=True,
)
CLEARED_PROTECTION: Final = Choice(
    "cleared-protection",
    "Is a protection enforced right after it was cleared?",
    preferred=Cleared.AT_ONCE,
    hardest=Cleared.STILL_ENFORCED,
    source="P-06",
    per_instance=True,
)
REPEATED_REASON: Final = Choice(
    "repeated-reason",
    "Which reason does an instance show that was ended otherwise and is then terminated by a user?",
    preferred=Reason.KEPT,
    hardest=Reason.USER,
    source="T-10",
    per_instance=True,
)
HIBERNATE_REASON: Final = Choice(
    "hibernate-reason",
    "Which reason does a stop with Hibernate leave on an instance that may not be able to hibernate?",
    preferred=HibernateReason.HIBERNATE,
    hardest=HibernateReason.SHUTDOWN,
    source="S-11, T-06",
)
HIBERNATE: Final = Choice(
    "hibernate",
    "What becomes of a stop with Hibernate if the instance is not running, or may have been launched for hibernation?",
    preferred=Hibernate.ACCEPTED,
    hardest=Hibernate.REFUSED,
    source="S-33 (recorded for a running instance only)",
    per_instance=True,
)
RELEASE: Final = Choice(
    "release",
    "When are the volumes of an ending instance deleted or detached?",
    preferred=Release.ONCE_TERMINATED,
    hardest=Release.WHILE_SHUTTING_DOWN,
    source="V-07",
)
DEAD_ATTRIBUTE: Final = Choice(
    "dead-attribute",
    "What becomes of a request for an attribute of an instance that is shutting down or terminated?",
    preferred=Verdict.ACCEPTED,
    hardest=Verdict.REFUSED,
    source="D-09",
)
DEAD_CHANGE: Final = Choice(
    "dead-change",
    "What becomes of a change to another attribute than protection of such an instance?",
    preferred=DeadChange.REFUSED,
    hardest=DeadChange.IGNORED,
    source="P-05 (says it of protection only), V-04, V-07",
)
FORCE_FIRST_LAUNCH: Final = Choice(
    "force-first-launch",
    "What becomes of a forced stop of an instance in its first launch?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.ACCEPTED,
    source="S-15 (quotes of stops without Force), S-16",
    per_instance=True,
)
ATTACH_STOPPING: Final = Choice(
    "attach-stopping",
    "Can a volume be attached to an instance that is stopping?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.ACCEPTED,
    source="E-15",
)
DETACH_ROOT: Final = Choice(
    "detach-root",
    "Can the root volume be detached from an instance that is neither running nor stopped?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.ACCEPTED,
    source="VR-07 (says it of running and stopped instances)",
)
DELETE_UNREADY: Final = Choice(
    "delete-unready",
    "Can a volume be deleted that is still being created, or that is being deleted?",
    preferred=Verdict.REFUSED,
    hardest=Verdict.ACCEPTED,
    source="VR-15 (says only that the volume must be available)",
)

CHOICES: Final[tuple[Choice[Enum], ...]] = cast(
    "tuple[Choice[Enum], ...]",
    (
        DEAD_PROTECTED,
        STOP_PROTECTION_SCOPE,
        STOP_BATCH,
        FREE_ZONES,
        REPEATS,
        LIMIT_COUNTS,
        STOP_AT_REST,
        FORCE_STOP,
        REBOOT_UNSETTLED,
        START_PENDING,
        START_SHUTTING_DOWN,
        PENDING_END,
        UNKNOWN_ID,
        MALFORMED_ATTRIBUTE_ID,
        BOTH_PROTECTIONS,
        NEW_ID,
        CLEARED_PROTECTION,
        REPEATED_REASON,
        HIBERNATE_REASON,
        HIBERNATE,
        RELEASE,
        DEAD_ATTRIBUTE,
        DEAD_CHANGE,
        FORCE_FIRST_LAUNCH,
        ATTACH_STOPPING,
        DETACH_ROOT,
        DELETE_UNREADY,
    ),
)
"""Every open point, in the order of the ledger's topics."""
