"""Wrong targets for dry runs, refusals, and what a request must leave alone."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from botocore.exceptions import ClientError
from wrong_doubles import WrongTarget
from wrong_replies import METHODS, Around, Ec2, Reply, code_of, error, message_of, wrapped
from wrong_rules import accepting, played, with_rules, with_rung

from ec2_lifecycle.model.choices import STOP_BATCH, STOP_PROTECTION_SCOPE, Choices, Scope
from ec2_lifecycle.model.clauses import Part
from ec2_lifecycle.model.outcomes import Refusal, Rung
from ec2_lifecycle.model.requests import Caller, ErrorCode, Operation, Request
from ec2_lifecycle.model.specification import EC2
from ec2_lifecycle.model.world import World

TERMINATE: Final = Operation.TERMINATE
STOP: Final = Operation.STOP
BATCHES: Final = (TERMINATE, STOP, Operation.START, Operation.REBOOT, Operation.DESCRIBE)


# What refusals say: for each rung of each ladder another code, status and message.

_OTHER_CODE: Final = {Refusal.VOLUME_NOT_FOUND: ErrorCode.NOT_FOUND}

_ONLY_IF: Final[Mapping[tuple[Operation, Refusal], Mapping[str, Scope]]] = {
    (STOP, Refusal.STOP_PROTECTED): {STOP_BATCH.id: Scope.ZONE},
    (TERMINATE, Refusal.STOP_PROTECTED_WHOLE): {STOP_PROTECTION_SCOPE.id: Scope.REQUEST},
}
"""The picks without which a rung never applies."""


def _lies(rung: Rung) -> Iterator[tuple[Part, Reply]]:
    """Yield what a refusal can say wrongly, and the fields of its rung that make it do so."""
    if rung.code is not ErrorCode.ANY:
        yield Part.CODE, {"code": _OTHER_CODE.get(rung.refusal, ErrorCode.VOLUME_NOT_FOUND)}
    if rung.status is not None:
        yield Part.STATUS, {"status": 409}
    if rung.wordings:
        yield Part.MESSAGE, {"wordings": ("No.",)}


def _lying_refusals() -> Iterator[WrongTarget]:
    for operation, rules in EC2.operations.items():
        for rung in {rung.refusal: rung for rung in rules.ladder}.values():
            for part, fields in _lies(rung):
                if EC2.clauses[rung.clause].level_of(part) is None:
                    continue
                yield WrongTarget(
                    rung.clause,
                    f"{operation.value}, {rung.refusal.value}: another {part.value}",
                    played(with_rung(operation, rung.refusal, **fields), _ONLY_IF.get((operation, rung.refusal))),
                    # A volume may be for a while about to be deleted, and then no refusal at all is due.
                    part=None if operation is Operation.DESCRIBE_VOLUMES and part is Part.CODE else part,
                )


# Dry runs and callers.


def _in_earnest(ec2: Ec2, sent: Reply) -> Reply:
    return ec2.call(**{**sent, "DryRun": False})


def _done_all_the_same(ec2: Ec2, sent: Reply) -> Reply:
    try:
        return ec2.call(**sent)
    except ClientError as refused:
        if code_of(refused) == "DryRunOperation":
            ec2.call(**{**sent, "DryRun": False})
        raise


def _by_the_owner(ec2: Ec2, sent: Reply) -> Reply:
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


def _disregarding_bad_ids(ec2: Ec2, sent: Reply) -> Reply:
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
        empty = {
            METHODS[TERMINATE]: "TerminatingInstances",
            METHODS[STOP]: "StoppingInstances",
            METHODS[Operation.START]: "StartingInstances",
            METHODS[Operation.DESCRIBE]: "Reservations",
        }
        return {empty.get(str(ec2.call.__name__), "Return"): []}


def _naming_another(ec2: Ec2, sent: Reply) -> Reply:
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


def _reaching_further() -> Mapping[Operation, Around]:
    """End or stop also the instance that was launched last."""
    launched: list[str] = []

    def run(ec2: Ec2, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        launched.extend(instance["InstanceId"] for instance in reply["Instances"])
        return reply

    def change(ec2: Ec2, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        if launched[-1] not in sent["InstanceIds"]:
            ec2.call(**{**sent, "InstanceIds": launched[-1:]})
        return reply

    return {Operation.RUN: run, TERMINATE: change, STOP: change}


def _changing_another() -> Mapping[Operation, Around]:
    """Change an attribute of every instance."""
    launched: list[str] = []

    def run(ec2: Ec2, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        launched.extend(instance["InstanceId"] for instance in reply["Instances"])
        return reply

    def modify(ec2: Ec2, sent: Reply) -> Reply:
        reply = ec2.call(**sent)
        for i in launched:
            if "BlockDeviceMappings" not in sent:
                with suppress(ClientError):
                    ec2.call(**{**sent, "InstanceId": i})
        return reply

    return {Operation.RUN: run, Operation.MODIFY: modify}


def _stopping_before_a_reboot(ec2: Ec2, sent: Reply) -> Reply:
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


def _ids_looked_at_late(operation: Operation, first: frozenset[Refusal]) -> WrongTarget:
    def later(rung: Rung) -> Rung:
        if rung.refusal in (Refusal.MALFORMED, Refusal.NOT_FOUND):
            return replace(rung, after=first)
        return replace(rung, after=frozenset({Refusal.UNAUTHORIZED}), by_zone=False) if rung.refusal in first else rung

    return WrongTarget(
        "ERR-3",
        f"{operation.value} looks at the ids last",
        played(with_rules(operation, ladder=tuple(map(later, EC2.operations[operation].ladder)))),
    )


WRONG_ERRORS: Final = (
    *_lying_refusals(),
    *(
        WrongTarget("DRY-1", f"a dry run of {o.value} is carried out", wrapped(lambda o=o: {o: _in_earnest}))
        for o in (TERMINATE, STOP)
    ),
    *(
        WrongTarget(
            "DRY-1",
            f"a dry run of {o.value} is answered as one, and carried out",
            wrapped(lambda o=o: {o: _done_all_the_same}),
        )
        for o in (TERMINATE, STOP)
    ),
    *(
        WrongTarget(
            "DRY-2",
            f"a dry run of {o.value} asks for no permission",
            played(with_rung(o, Refusal.UNAUTHORIZED, holds=_unauthorized_in_earnest)),
        )
        for o in (TERMINATE, STOP)
    ),
    WrongTarget(
        "DRY-2",
        "a dry run is refused for lack of permission, and carried out",
        wrapped(lambda: {TERMINATE: _by_the_owner}),
    ),
    *(
        WrongTarget(clause, f"bad ids of {o.value} are disregarded", wrapped(lambda o=o: {o: _disregarding_bad_ids}))
        for o in BATCHES
        for clause in (("DESC-1",) if o is Operation.DESCRIBE else ("ERR-1", "ERR-2"))
    ),
    *(_ids_looked_at_late(operation, first) for operation, first in _LATE_IDS),
    *(
        WrongTarget(
            "ERR-4", f"{status} answers an unknown id", played(with_rung(TERMINATE, Refusal.NOT_FOUND, status=status))
        )
        for status in (200, 302, 500)
    ),
    *(
        WrongTarget("ERR-5", f"nobody needs permission for {o.value}", played(accepting(o, Refusal.UNAUTHORIZED)))
        for o in (TERMINATE, STOP, Operation.DESCRIBE)
    ),
    *(
        WrongTarget("ERR-6", f"a refused {o.value} names another instance", wrapped(lambda o=o: {o: _naming_another}))
        for o in (TERMINATE, STOP, Operation.START)
    ),
    WrongTarget("FRAME-1", "a stop or termination takes one more instance with it", wrapped(_reaching_further)),
    WrongTarget("FRAME-1", "a changed attribute changes for all", wrapped(_changing_another)),
    WrongTarget("FRAME-2", "a refused reboot stops", wrapped(lambda: {Operation.REBOOT: _stopping_before_a_reboot})),
)
