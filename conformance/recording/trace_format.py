"""The lines of a trace: one JSON object each, with the kind of the line in `line`.

The first is a `Header`. What belongs to one scenario bears its number: several may be played at a time.
A newer minor version may add fields and kinds of lines, which are ignored; whatever changes what a line means,
or could not be ignored, is a new major version.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import msgspec

from ...model.requests import REQUEST_TYPES, Operation, Request
from ...strategies.scenario.steps import Push
from ..execution.listener import SettleResult
from ..oracle.settings import Settings
from .json_values import Json

SCHEMA: Final = "1.0"
"""The version of the format: major and minor."""
_NO_HEADER: Final = "this is not the first line of a trace"
_MAJOR: Final = int(SCHEMA.partition(".")[0])


class TraceError(Exception):
    """A trace that cannot be written or read: `FILE:LINE: what was wrong, and what to do`."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")


@dataclass(frozen=True, slots=True)
class Header:
    """Of what and how the trace was made; times are seconds of the target's clock, from any beginning."""

    trace: str
    """The version of the format."""
    target: str
    version: str
    """Of the target, as far as it tells."""
    zones: tuple[str, ...]
    capabilities: tuple[str, ...]
    started: str
    """In UTC."""
    seed: int
    versions: Mapping[str, str]
    """Of this project, Python and the packages that made the calls."""
    settings: Settings
    """What delays were granted when the run was judged."""


@dataclass(frozen=True, slots=True)
class Began:
    """A scenario begins: a known one with its title, a walk without."""

    scenario: int
    source: str
    """Why it is played: it is in the `corpus`, it is `generated`, or it is to `minimise` a finding."""
    started: str
    clock: float
    """The target's clock at `started`."""
    title: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step begins, written as in a scenario file."""

    scenario: int
    step: int
    does: Json


@dataclass(frozen=True, slots=True)
class MadeUp:
    """An id that no instance has: `unknown`, `unknown-short` or `malformed`."""

    scenario: int
    name: str
    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request by names, and what came back of it: pages of replies, and the error that ended them."""

    scenario: int
    step: int
    sent: float
    answered: float
    request: Mapping[str, Json]
    pages: tuple[Json, ...] = ()
    error: Json = None
    root: str = ""
    """The root device of the image that was launched."""
    parameters: tuple[str, ...] = ()
    """The paths of the parameters that were sent, where they are others than a target sends as a rule."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A background step was made to happen."""

    scenario: int
    step: int
    instance: str
    push: Push


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a wait: how it ended, after how many looks, and which volumes were waited for."""

    scenario: int
    step: int
    rest: SettleResult
    clock: float
    looks: int = 0
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A scenario is over."""

    scenario: int
    title: str
    shown: tuple[str, ...] = ()
    """The fingerprints of what diverged, as it was judged then."""
    skipped: str | None = None
    broken: str | None = None


Line: TypeAlias = Header | Began | Stepped | MadeUp | Exchange | Pushed | Settled | Ended

NAMES: Final[Mapping[str, type[Line]]] = {
    "trace": Header,
    "scenario": Began,
    "step": Stepped,
    "made-up": MadeUp,
    "exchange": Exchange,
    "push": Pushed,
    "settled": Settled,
    "end": Ended,
}
_NAMES_OF: Final = {kind: name for name, kind in NAMES.items()}


def encode(line: Line) -> bytes:
    """Return a line, with its end."""
    data = {"line": _NAMES_OF[type(line)], **_without_defaults(line)}
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def decode(text: bytes) -> Line | None:
    """Return what a line says, or None for a kind of line that this version does not know; raises ValueError."""
    data: Json = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - what is wrong is the text
    kind = NAMES.get(str(cast("dict[str, Json]", data).get("line")))
    return None if kind is None else msgspec.convert(data, kind)


def header_of(text: bytes, path: Path) -> Header:
    """Return the header in the first line of a trace; raises `TraceError`."""
    try:
        data = json.loads(text)
        schema = str(data["trace"])
        major = int(schema.partition(".")[0])
    except (ValueError, LookupError, TypeError):
        raise TraceError(path, 1, f"{_NO_HEADER}; name a file that run --record wrote") from None
    if major > _MAJOR:
        raise TraceError(path, 1, f"trace {schema} is newer than {SCHEMA}; replay it with a newer ec2-lifecycle")
    try:
        return msgspec.convert(data, Header)
    except ValueError as error:
        raise TraceError(path, 1, f"{_NO_HEADER} ({error}); record the run again") from error


def request_as_json(request: Request) -> Mapping[str, Json]:
    """Return a request as a trace has it: the names in it, and what is not as usual."""
    return {"operation": request.operation.value, **_without_defaults(request)}


def request_from_json(data: Mapping[str, Json]) -> Request:
    """Return a request; raises ValueError, also for a field that would change its meaning if it were ignored."""
    kind = REQUEST_TYPES[Operation(data.get("operation"))]
    unknown = data.keys() - {each.name for each in fields(kind)}
    if unknown:
        raise ValueError(f"a request has {min(unknown)}, which this version does not know")
    return msgspec.convert(data, kind)


def _without_defaults(value: Any) -> dict[str, Json]:  # noqa: ANN401 - any dataclass
    """Return the fields of a dataclass that are not as usual, as JSON."""
    usual = {each.name: _default(each) for each in fields(value)}
    changed = {name: getattr(value, name) for name in usual}
    return msgspec.to_builtins({name: one for name, one in changed.items() if one != usual[name]})


def _default(each: Field[Any]) -> object:
    return each.default_factory() if each.default_factory is not MISSING else each.default
