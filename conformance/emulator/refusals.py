"""Builds the error replies of the model, with the codes and texts of EC2."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from botocore.exceptions import ClientError

from ...model.outcomes import Refusal, Rung
from ...model.requests import ErrorCode, Operation, VolumeRequest
from ...model.step import applies, offenders
from ...model.world import Instance, Volume
from .simulation import Answer
from .variation import metadata
from .wire.ec2_errors import Ec2Error

ANY_STATUS: Final = 409
ANY_CODE: Final = "SomethingIsWrong"
"""An arbitrary 4xx status and client error code, for refusals where no fact gives one."""

WITHOUT_WORDING: Final[Mapping[tuple[Operation | None, Refusal], tuple[Ec2Error, ...]]] = {
    (None, Refusal.UNAUTHORIZED): (Ec2Error.UNAUTHORIZED,),
    (None, Refusal.EMPTY): (Ec2Error.NO_IDS,),
    (Operation.TERMINATE, Refusal.TOO_MANY): (Ec2Error.TOO_MANY_IDS,),
    (Operation.RUN, Refusal.STOP_PROTECTION_UNSUPPORTED): (Ec2Error.STOP_PROTECTION_AT_LAUNCH,),
    (Operation.START, Refusal.PENDING): (Ec2Error.START_STATE,),
    (Operation.START, Refusal.INSTANCE_STORE): (Ec2Error.START_OF_INSTANCE_STORE,),
    (Operation.REBOOT, Refusal.REBOOT_STATE): (Ec2Error.REBOOT_STATE,),
    (Operation.REBOOT, Refusal.REBOOT_INSTANCE_STATE): (Ec2Error.REBOOT_INSTANCE_STATE,),
    (Operation.MODIFY, Refusal.WRONG_STATE): (Ec2Error.DEAD_ATTRIBUTE,),
    (Operation.MODIFY, Refusal.STOP_PROTECTION_UNSUPPORTED): (Ec2Error.STOP_PROTECTION,),
    (Operation.MODIFY, Refusal.NOT_ATTACHED): (Ec2Error.NO_DEVICE,),
    (Operation.DESCRIBE_ATTRIBUTE, Refusal.DEAD): (Ec2Error.DEAD_READ,),
    (Operation.ATTACH, Refusal.STOPPING): (Ec2Error.ATTACH_STATE,),
    (Operation.ATTACH, Refusal.DEAD): (Ec2Error.ATTACH_STATE,),
    (Operation.ATTACH, Refusal.VOLUME_UNAVAILABLE): (Ec2Error.ATTACHED_STILL, Ec2Error.BEING_DELETED),
    (Operation.ATTACH, Refusal.VOLUME_CREATING): (Ec2Error.BEING_CREATED,),
    (Operation.ATTACH, Refusal.VOLUME_ELSEWHERE): (Ec2Error.ZONES_DIFFER,),
    (Operation.DETACH, Refusal.NOT_ATTACHED): (Ec2Error.NO_ATTACHMENT,),
    (Operation.DETACH, Refusal.DETACHING): (Ec2Error.BEING_DETACHED,),
    (Operation.DETACH, Refusal.ROOT_IN_USE): (Ec2Error.ROOT_IN_USE,),
    (Operation.DETACH, Refusal.HELD_ELSEWHERE): (Ec2Error.HELD_BY_ANOTHER,),
    (Operation.DELETE_VOLUME, Refusal.DETACHING): (Ec2Error.NOT_DELETABLE,),
    (Operation.DELETE_VOLUME, Refusal.VOLUME_UNREADY): (Ec2Error.NOT_DELETABLE,),
}
"""The errors of the rungs that have no wording, for any operation or for one; one of two is for a volume that is held.

If a rung has a code, it is that of the error."""


class OwnRefusal(ClientError):
    """A refusal for reasons outside the specification, with the facts behind its code."""

    facts: tuple[str, ...] = ()


def client_error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    """Return an error reply of EC2, as a boto3 client raises it."""
    return ClientError(*_reply_of(operation, code, message, status))


def _reply_of(operation: str, code: str, message: str, status: int) -> tuple[Any, str]:
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata(status)}, operation


def rejected(operation: Operation | str, error: Ec2Error, **parts: object) -> ClientError:
    """Return the error of a request that the emulator itself refuses, with the parts of its message."""
    name = operation.value if isinstance(operation, Operation) else operation
    refusal = OwnRefusal(*_reply_of(name, error.value.code, error.text(**parts), error.value.status))
    refusal.facts = error.value.facts
    return refusal


def not_found(operation: str, absent: Sequence[str]) -> ClientError:
    """Return the error for unknown instances, in an operation outside the specification."""
    if absent[1:]:
        return rejected(operation, Ec2Error.NONE_FOUND, ids=", ".join(absent))
    return rejected(operation, Ec2Error.NOT_FOUND, id=absent[0])


def error_of(answer: Answer, rung: Rung, rng: random.Random | None, *, lavish: bool = False) -> ClientError:
    """Return the error for a refusal; of several possible wordings or instances `rng` chooses, or the first is used.

    With `lavish`, a code or status that no fact gives is an arbitrary one.
    """
    own = None if rung.wordings else _without_wording(answer, rung)
    code = rung.code.value
    if rung.code is ErrorCode.ANY:
        code = ANY_CODE if lavish else (own or Ec2Error.OTHER).value.code
    message = _worded(answer, rung, rng) if own is None else _filled(own, answer, rung, rng)
    return client_error(answer.request.operation.value, code, message, rung.status or (ANY_STATUS if lavish else 400))


def _without_wording(answer: Answer, rung: Rung) -> Ec2Error:
    """Return the error of a rung without a wording."""
    operation = answer.request.operation
    errors = WITHOUT_WORDING.get((operation, rung.refusal)) or WITHOUT_WORDING.get((None, rung.refusal))
    if not errors:
        return Ec2Error.OTHER
    first, *others = errors
    return others[0] if others and not answer.before.attached(_volume(answer, rung)) else first


def _filled(error: Ec2Error, answer: Answer, rung: Rung, rng: random.Random | None) -> str:
    """Return the message of an error, about one of the instances or volumes that cause it."""
    parts: dict[str, object] = {"why": rung.refusal.value}
    if rung.trips is not None:
        i = _shuffled(offenders(rung, answer.before, answer.request, answer.choices), rng)[0]
        parts["id"] = i
        if i in answer.before.instances:
            parts["state"] = answer.before.state(i).value
    if answer.request.volume_ids:
        volume = _volume(answer, rung)
        state = answer.before.volume_state(volume).value
        parts |= {"volume": volume, "volume_state": state, "holder": answer.before.holder(volume) or "nothing"}
    return error.text(**parts)


def _worded(answer: Answer, rung: Rung, rng: random.Random | None) -> str:
    """Return a wording of a rung."""
    about = offenders(rung, answer.before, answer.request, answer.choices)
    several = [wording for wording in rung.wordings if "{ids}" in wording]
    fitting = several if several and len(about) > 1 else [w for w in rung.wordings if w not in several]
    wording = rng.choice(fitting) if rng else fitting[0]
    if "{ids}" in wording:
        return wording.replace("{ids}", ", ".join(_shuffled(about, rng)))
    if "{volume}" in wording:
        volume = _volume(answer, rung)
        wording = wording.replace("{volume}", volume).replace("{holder}", answer.before.holder(volume))
    return wording.replace("{id}", _shuffled(about, rng)[0]) if "{id}" in wording else wording


def _shuffled(about: tuple[Instance, ...], rng: random.Random | None) -> list[Instance]:
    return rng.sample(about, len(about)) if rng else list(about)


def _volume(answer: Answer, rung: Rung) -> Volume:
    """Return the first volume to which the refusal applies on its own."""
    request = answer.request
    if not isinstance(request, VolumeRequest):
        return request.volume_ids[0]
    return next(
        (v for v in request.volumes if applies(rung, answer.before, replace(request, volumes=(v,)), answer.choices)),
        request.volumes[0],
    )
