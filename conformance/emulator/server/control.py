"""The control endpoint of the served model: JSON, for this machine only; docs/serve.md describes the requests."""

from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from ....reports.misfits import mistake_in
from ..call_log import Call
from ..wire.http import HttpReply, HttpRequest, is_local
from .served_model import ServedModel, version_of_model

PREFIX: Final = "/_ec2-lifecycle/"
MOST_BYTES: Final = 1 << 28
"""Maximum size of a world file: one with 100,000 instances has 100 MB."""
ROUTES: Final = (
    f"GET {PREFIX}",
    f"POST {PREFIX}clock",
    f"POST {PREFIX}steps",
    f"POST {PREFIX}failures",
    f"GET {PREFIX}calls",
    f"GET {PREFIX}world",
    f"PUT {PREFIX}world",
    f"POST {PREFIX}reset",
)
"""All requests; `_perform` implements them."""
_JSON: Final = {"Content-Type": "application/json"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _ClockRequest:
    advance: float


@dataclass(frozen=True, slots=True)
class _StepRequest:
    step: str
    of: str


@dataclass(frozen=True, slots=True)
class _FailureRequest:
    operation: str
    failure: str
    times: int = 1


def is_control_path(path: str) -> bool:
    """Tell whether a request is for the control endpoint."""
    return path.startswith(PREFIX) or path == PREFIX.rstrip("/")


def has_local_name(host: str) -> bool:
    """Tell whether a `Host` header names this machine; the name in a browser page may resolve here (DNS rebinding)."""
    name = urlsplit(f"//{host}").hostname or ""
    return is_local(name)


def refused() -> HttpReply:
    """Return the reply to a request from elsewhere."""
    return _error(403, "The control endpoint answers this machine only.")


def control(model: ServedModel, request: HttpRequest) -> HttpReply:
    """Return the reply to a request of this machine for the control endpoint."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "GET" and kind != "application/json":
        # A browser page cannot send this type across origins without a CORS preflight, which is not granted.
        return _error(415, "Send application/json.")
    try:
        return _perform(model, request)
    except ValueError as error:  # the sentences of a wrong body, a wrong world, a wrong step or a wrong time
        return _error(400, str(error))


def _perform(model: ServedModel, request: HttpRequest) -> HttpReply:
    match request.method, request.path.removeprefix(PREFIX.rstrip("/")).removeprefix("/"):
        case "GET", "":
            return _status(model)
        case "POST", "clock":
            model.advance(_read(request, _ClockRequest).advance)
        case "POST", "steps":
            wanted = _read(request, _StepRequest)
            model.happen(wanted.step, wanted.of)
        case "POST", "failures":
            planned = _read(request, _FailureRequest)
            model.failures.plan(planned.operation, planned.failure, planned.times)
        case "GET", "calls":
            return HttpReply(200, _JSON, msgspec.json.encode([_call(model, call) for call in model.calls]))
        case "GET", "world":
            return HttpReply(200, _JSON, model.dump())
        case "PUT", "world":
            model.load(request.body)
        case "POST", "reset":
            model.reset()
        case method, path:
            return _error(404, f"There is no {method} {PREFIX}{path}; there are {', '.join(ROUTES)}.")
    return _status(model)


def _call(model: ServedModel, call: Call) -> dict[str, object]:
    """Return a call as JSON: what was asked, what was answered, and why."""
    return {
        "number": call.number,
        "at": call.at,
        "operation": call.operation,
        "region": call.region,
        "caller": call.caller,
        "arguments": call.arguments,
        "status": call.status,
        "code": call.code,
        "message": call.message,
        "failure": call.failure.name if call.failure is not None else "",
        "clause": call.clause,
        "choices": call.choices,
        "why": model.explain(call).splitlines()[1:],
    }


def _read(request: HttpRequest, kind: type[T]) -> T:
    """Return the JSON value in a body; raises ValueError."""
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The body is wrong: {mistake_in(request.body, kind)}.") from error


def _status(model: ServedModel) -> HttpReply:
    status = {"name": "ec2-lifecycle", "version": version_of_model(), "now": model.now}
    return HttpReply(200, _JSON, msgspec.json.encode(status))


def _error(status: int, sentence: str) -> HttpReply:
    return HttpReply(status, _JSON, msgspec.json.encode({"error": sentence}))
