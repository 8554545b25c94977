"""Builds errors as boto3 raises them, worded by the rungs of a refusal ladder."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from botocore.exceptions import ClientError

from ...model.outcomes import Refusal, Rung
from ...model.requests import ErrorCode, Operation, VolumeRequest
from ...model.step import applies, offenders
from ...model.world import Instance, Volume
from .simulation import Answer
from .variation import metadata

ANY_STATUS: Final = 409
ANY_CODE: Final = "SomethingIsWrong"
"""An arbitrary 4xx status and client error code, for refusals where no fact gives one."""

_WITHOUT_CODE: Final = {Refusal.EMPTY: "MissingParameter"}
"""Codes for rungs without one (E-08); the default is `InvalidParameterValue`."""

UNAUTHORIZED: Final = "You are not authorized to perform this operation."
_WITHOUT_WORDING: Final = {
    Refusal.EMPTY: "The request must contain the parameter InstanceId",
    Refusal.UNAUTHORIZED: UNAUTHORIZED,
}
"""Messages for rungs without a wording (E-08, E-22)."""


def client_error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    """Return an error reply of EC2, as a boto3 client raises it."""
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata(status)}
    return ClientError(reply, operation)


def rejected(operation: Operation | str, message: str, code: str = "InvalidParameterValue") -> ClientError:
    """Return the error for parameters outside the specification."""
    return client_error(operation.value if isinstance(operation, Operation) else operation, code, message)


def not_found(operation: str, absent: Sequence[str]) -> ClientError:
    """Return the error for unknown instances, in an operation outside the specification."""
    said = f"The instance ID{'s' if absent[1:] else ''} '{', '.join(absent)}' do{'' if absent[1:] else 'es'} not exist"
    return client_error(operation, "InvalidInstanceID.NotFound", said)  # E-01, E-02


def error_of(answer: Answer, rung: Rung, rng: random.Random | None, *, lavish: bool = False) -> ClientError:
    """Return the error for a refusal; of several possible wordings or instances `rng` chooses, or the first is used.

    With `lavish`, a code or status that no fact gives is an arbitrary one.
    """
    code = rung.code.value
    if rung.code is ErrorCode.ANY:
        code = ANY_CODE if lavish else _WITHOUT_CODE.get(rung.refusal, "InvalidParameterValue")
    return client_error(
        answer.request.operation.value,
        code,
        _message(answer, rung, rng),
        rung.status or (ANY_STATUS if lavish else 400),
    )


def _message(answer: Answer, rung: Rung, rng: random.Random | None) -> str:
    if not rung.wordings:
        return _WITHOUT_WORDING.get(rung.refusal, f"The request is refused: {rung.refusal.value}.")
    about = offenders(rung, answer.before, answer.request, answer.choices)
    several = [wording for wording in rung.wordings if "{ids}" in wording]
    fitting = several if several and len(about) > 1 else [w for w in rung.wordings if w not in several]
    wording = rng.choice(fitting) if rng else fitting[0]
    if "{ids}" in wording:
        return wording.replace("{ids}", ", ".join(_shuffled(about, rng)))
    if "{volume}" in wording:
        wording = wording.replace("{volume}", _volume(answer, rung))
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
