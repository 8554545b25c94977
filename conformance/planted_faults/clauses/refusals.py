"""Faults in dry runs, refusals, and what a request must leave alone."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from botocore.exceptions import ClientError

from ....model.choices import STOP_BATCH, STOP_PROTECTION_SCOPE, Choices, Scope
from ....model.clauses import Part
from ....model.outcomes import Refusal, Rung
from ....model.requests import Caller, ErrorCode, Operation, Request
from ....model.specification import EC2
from ....model.world import World
from ...adapter.arguments import METHODS
from ..fault import Fault
from ..faulty_ec2 import intercepting, obeying
from ..replies import LISTS, Interceptor, Original, Reply, code_of, error, message_of
from ..rules import accepting, with_rules, with_rung

TERMINATE: Final = Operation.TERMINATE
STOP: Final = Operation.STOP
BATCHES: Final = (TERMINATE, STOP, Operation.START, Operation.REBOOT, Operation.DESCRIBE)


# What refusals say: for each rung of each ladder another code, status and message.

_OTHER_CODE: Final = {Refusal.VOLUME_NOT_FOUND: ErrorCode.NOT_FOUND}
_VOLUMES: Final = (Operation.ATTACH, Operation.DETACH, Operation.DELETE_VOLUME)
"""The operations that may not know a volume yet, so that InvalidVolume.NotFound is no wrong code."""

_ONLY_IF: Final[Mapping[tuple[Operation, Refusal], Mapping[str, Scope]]] = {
    (STOP, Refusal.STOP_PROTECTED): {STOP_BATCH.id: Scope.ZONE},
    (TERMINATE, Refusal.STOP_PROTECTED_WHOLE): {STOP_PROTECTION_SCOPE.id: Scope.REQUEST},
}
"""The picks without which a rung never applies."""


def _lies(operation: Operation, rung: Rung) -> Iterator[tuple[Part, Reply]]:
    """Yield what a refusal can say wrongly, and the fields of its rung that make it do so."""
    other = ErrorCode.VOLUME_NOT_FOUND
    if operation in _VOLUMES:
        other = ErrorCode.ZONE_MISMATCH if rung.code is ErrorCode.VOLUME_IN_USE else ErrorCode.VOLUME_IN_USE
    if rung.code is not ErrorCode.ANY:
        yield Part.CODE, {"code": _OTHER_CODE.get(rung.refusal, other)}
    if rung.status is not None:
        yield Part.STATUS, {"status": 409}
    if rung.wordings:
        yield Part.MESSAGE, {"wordings": ("No.",)}


def _lying_refusals() -> Iterator[Fault]:
    for operation, rules in EC2.operations.items():
        for rung in {rung.refusal: rung for rung in rules.ladder}.values():
            if rung.refusal is Refusal.VOLUME_CREATING:
                continue  # the volume may be available by then, so that another code breaks VOL-8
            for part, fields in _lies(operation, rung):
                if EC2.clauses[rung.clause].level_of(part) is None:
                    continue
                yield Fault(
                    rung.clause,
                    f"{operation.value}, {rung.refusal.value}: another {part.value}",
                    obeying(with_rung(operation, rung.refusal, **fields), _ONLY_IF.get((operation, rung.refusal))),
                    # A volume may be for a while about to be deleted, and then no refusal at all is due.
                    part=None if operation is Operation.DESCRIBE_VOLUMES and part is Part.CODE else part,
                )


# Dry runs and callers.


def _in_earnest(ec2: Original, sent: Reply) -> Reply:
    return ec2.call(**{**sent, "DryRun": False})


def _done_all_the_same(ec2: Original, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "DryRunOperation":
            ec2.call(**{**sent, "DryRun": False})
        raise


def _by_the_owner(ec2: Original, sent: Reply) -> Reply:
    """Let a caller without permission in who only asks."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "UnauthorizedOperation":
            getattr(ec2.owner, str(ec2.call.__name__))(**{**sent, "DryRun": False})
        raise


def _unauthorized_in_earnest(world: World, request: Request, choices: Choices) -> bool:
    del world, choices
    return request.caller is Caller.NOBODY and not request.dry_run


# Ids.


def _disregarding_bad_ids(ec2: Original, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) not in ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"):
            raise
        known = {
            instance["InstanceId"]
            for reservation in ec2.owner.describe_instances()["Reservations"]
            for instance in reservation["Instances"]
        }
        good = [i for i in sent["InstanceIds"] if i in known]
        if good:
            return ec2.call(**{**sent, "InstanceIds": good})
        lists = {METHODS[operation]: key for operation, key in (*LISTS.items(), (Operation.DESCRIBE, "Reservations"))}
        return {lists.get(str(ec2.call.__name__), "Return"): []}


def _naming_another(ec2: Original, sent: Reply) -> Reply:
    """Name another instance of the request than the one that a refusal is about."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        ids = sent["InstanceIds"]
        about = next((i for i in ids if f"'{i}'" in message_of(refused)), None)
        other = next((i for i in reversed(ids) if i != about), None)
        if about is None or other is None or code_of(refused).startswith("InvalidInstanceID"):
            raise
        raise error(code_of(refused), message_of(refused).replace(about, other)) from None


# What must stay.


def _noting_launches(launched: list[str]) -> Interceptor:
    """Note the id of every instance that is launched."""

    def run(ec2: Original, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        launched.extend(instance["InstanceId"] for instance in reply["Instances"])
        return reply

    return run


def _reaching_further() -> Mapping[Operation, Interceptor]:
    """End or stop also the instance that was launched last."""
    launched: list[str] = []

    def change(ec2: Original, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        if launched[-1] not in sent["InstanceIds"]:
            ec2.call(**{**sent, "InstanceIds": launched[-1:]})
        return reply

    return {Operation.RUN: _noting_launches(launched), TERMINATE: change, STOP: change}


def _changing_another() -> Mapping[Operation, Interceptor]:
    """Change an attribute of every instance."""
    launched: list[str] = []

    def modify(ec2: Original, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        for i in launched:
            if "BlockDeviceMappings" not in sent:
                with suppress(ClientError):
                    ec2.call(**{**sent, "InstanceId": i})
        return reply

    return {Operation.RUN: _noting_launches(launched), Operation.MODIFY: modify}


def _stopping_before_a_reboot(ec2: Original, sent: Reply) -> Reply:
    """Stop what is to be rebooted before the rest of the request is looked at."""
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused).startswith("InvalidInstanceID"):
            for i in sent["InstanceIds"]:
                with suppress(ClientError):
                    ec2.owner.stop_instances(InstanceIds=[i])
        raise


_LATE_IDS: Final = ((TERMINATE, frozenset({Refusal.TERMINATION_PROTECTED, Refusal.STOP_PROTECTED})),)


def _ids_looked_at_late(operation: Operation, first: frozenset[Refusal]) -> Fault:
    def later(rung: Rung) -> Rung:
        if rung.refusal in (Refusal.MALFORMED, Refusal.NOT_FOUND):
            return replace(rung, after=first)
        return replace(rung, after=frozenset({Refusal.UNAUTHORIZED}), by_zone=False) if rung.refusal in first else rung

    return Fault(
        "ERR-3",
        f"{operation.value} looks at the ids last",
        obeying(with_rules(operation, ladder=tuple(map(later, EC2.operations[operation].ladder)))),
    )


REFUSAL_FAULTS: Final = (
    *_lying_refusals(),
    *(
        Fault("DRY-1", f"a dry run of {o.value} is carried out", intercepting(lambda o=o: {o: _in_earnest}))
        for o in (TERMINATE, STOP)
    ),
    *(
        Fault(
            "DRY-1",
            f"a dry run of {o.value} is answered as one, and carried out",
            intercepting(lambda o=o: {o: _done_all_the_same}),
        )
        for o in (TERMINATE, STOP)
    ),
    *(
        Fault(
            "DRY-2",
            f"a dry run of {o.value} asks for no permission",
            obeying(with_rung(o, Refusal.UNAUTHORIZED, holds=_unauthorized_in_earnest)),
        )
        for o in (TERMINATE, STOP)
    ),
    Fault(
        "DRY-2",
        "a dry run is refused for lack of permission, and carried out",
        intercepting(lambda: {TERMINATE: _by_the_owner}),
    ),
    *(
        Fault(clause, f"bad ids of {o.value} are disregarded", intercepting(lambda o=o: {o: _disregarding_bad_ids}))
        for o in BATCHES
        for clause in (("DESC-1",) if o is Operation.DESCRIBE else ("ERR-1", "ERR-2"))
    ),
    *(_ids_looked_at_late(operation, first) for operation, first in _LATE_IDS),
    *(
        Fault(
            "ERR-4", f"{status} answers an unknown id", obeying(with_rung(TERMINATE, Refusal.NOT_FOUND, status=status))
        )
        for status in (200, 302, 500)
    ),
    *(
        Fault("ERR-5", f"nobody needs permission for {o.value}", obeying(accepting(o, Refusal.UNAUTHORIZED)))
        for o in (TERMINATE, STOP, Operation.DESCRIBE)
    ),
    *(
        Fault("ERR-6", f"a refused {o.value} names another instance", intercepting(lambda o=o: {o: _naming_another}))
        for o in (TERMINATE, STOP, Operation.START)
    ),
    Fault("FRAME-1", "a stop or termination takes one more instance with it", intercepting(_reaching_further)),
    Fault("FRAME-1", "a changed attribute changes for all", intercepting(_changing_another)),
    Fault("FRAME-2", "a refused reboot stops", intercepting(lambda: {Operation.REBOOT: _stopping_before_a_reboot})),
)
