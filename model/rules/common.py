"""Refusals that several operations share: permission, the dry run, and ids that lead nowhere."""

from typing import Final

from ..choices import (
    LIMIT_COUNTS,
    MALFORMED_ATTRIBUTE_ID,
    NEW_ID,
    UNKNOWN_ID,
    Choices,
    MalformedAttributeId,
    NewId,
    Repeats,
    UnknownId,
)
from ..clauses import clause
from ..outcomes import Refusal, Rung
from ..requests import AttributeRequest, BatchRequest, Caller, ErrorCode, Request
from ..states import Visibility
from ..world import IdForm, Instance, World

LIMIT: Final = 1000
"""The most ids one request may name (TERM-9)."""

BAD_ID: Final = frozenset({Refusal.MALFORMED, Refusal.NOT_FOUND})
BEFORE_EFFECT: Final = BAD_ID | {Refusal.UNAUTHORIZED}
"""What precedes a refusal that carries out the rest of the request: no bad id, and permission (TERM-3, ERR-5).

Refusals that change nothing have no known order among each other (E-31), but for bad ids in a termination (E-32).
"""


@clause("ERR-5", "DRY-2")
def unauthorized(world: World, request: Request, choices: Choices) -> bool:
    """The caller may not do this."""
    return request.caller is Caller.NOBODY


@clause("DRY-1")
def only_dry_run(world: World, request: Request, choices: Choices) -> bool:
    """The request only asks whether it would be permitted."""
    return request.dry_run


@clause("TERM-8", "STOP-9", "START-8", "REBOOT-4")
def names_nothing(world: World, request: BatchRequest, choices: Choices) -> bool:
    """No id was sent."""
    return request.count == 0


@clause("TERM-9")
def names_too_many(world: World, request: BatchRequest, choices: Choices) -> bool:
    """More ids were sent than a request may name."""
    if choices.of(LIMIT_COUNTS) is Repeats.OCCURRENCE:
        return request.count > LIMIT
    return request.distinct > LIMIT


@clause("ERR-2")
def malformed(world: World, request: Request, choices: Choices, i: Instance) -> bool:
    """The id is no instance id, or one that EC2 can tell it never gave out."""
    if world.id_form(i) is IdForm.UNCERTAIN:
        return choices.at(UNKNOWN_ID, i) is UnknownId.MALFORMED
    return world.id_form(i) is IdForm.MALFORMED


def malformed_as_id(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """A malformed id that an attribute operation calls a malformed id."""
    if choices.of(MALFORMED_ATTRIBUTE_ID) is MalformedAttributeId.INVALID_VALUE:
        return malformed(world, request, choices, i) and world.id_form(i) is IdForm.UNCERTAIN
    return malformed(world, request, choices, i)


def malformed_as_value(world: World, request: AttributeRequest, choices: Choices, i: Instance) -> bool:
    """A malformed id that an attribute operation calls an invalid value."""
    if choices.of(MALFORMED_ATTRIBUTE_ID) is MalformedAttributeId.INVALID_VALUE:
        return world.id_form(i) is IdForm.MALFORMED
    return False


@clause("VIS-1", "TERM-7")
def known(world: World, choices: Choices, i: Instance) -> bool:
    """EC2 has created the id, the operation knows it already, and EC2 has not forgotten it."""
    if world.id_form(i) is not IdForm.ISSUED:
        return False
    if world.visibility(i) is Visibility.SETTLING:
        return choices.at(NEW_ID, i) is NewId.KNOWN
    return world.visibility(i) is Visibility.VISIBLE


@clause("ERR-1")
def not_found(world: World, request: Request, choices: Choices, i: Instance) -> bool:
    """The id is well-formed, and no instance that EC2 knows has it."""
    return not known(world, choices, i) and not malformed(world, request, choices, i)


UNAUTHORIZED: Final = Rung(
    Refusal.UNAUTHORIZED,
    "ERR-5",
    ErrorCode.UNAUTHORIZED,
    holds=unauthorized,
    status=403,
    clause_when_dry="DRY-2",
)
DRY_RUN: Final = Rung(
    Refusal.DRY_RUN,
    "DRY-1",
    ErrorCode.DRY_RUN,
    holds=only_dry_run,
    status=412,
    wordings=("Request would have succeeded, but DryRun flag is set.",),
    after=frozenset({Refusal.UNAUTHORIZED}),
    clause_when_dry="DRY-1",
)
TOO_MANY: Final = Rung(Refusal.TOO_MANY, "TERM-9", ErrorCode.ANY, status=None, holds=names_too_many)
MALFORMED_WORDINGS: Final = (
    'Invalid id: "{id}"',
    'Invalid id: "{id}" (expecting "i-...")',
    "The instance ID '{id}' is malformed",
)
MALFORMED: Final = Rung(Refusal.MALFORMED, "ERR-2", ErrorCode.MALFORMED, trips=malformed, wordings=MALFORMED_WORDINGS)
MALFORMED_AS_ID: Final = Rung(
    Refusal.MALFORMED, "ERR-2", ErrorCode.MALFORMED, trips=malformed_as_id, wordings=MALFORMED_WORDINGS
)
MALFORMED_AS_VALUE: Final = Rung(
    Refusal.MALFORMED,
    "ERR-2",
    ErrorCode.INVALID_VALUE,
    trips=malformed_as_value,
    wordings=("Value ({id}) for parameter instanceId is invalid. Expected: 'i-...'.",),
)
NOT_FOUND: Final = Rung(
    Refusal.NOT_FOUND,
    "ERR-1",
    ErrorCode.NOT_FOUND,
    trips=not_found,
    wordings=("The instance ID '{id}' does not exist", "The instance IDs '{ids}' do not exist"),
)
