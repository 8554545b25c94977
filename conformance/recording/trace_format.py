"""The format of traces: one JSON object per line, with its kind in `line`.

The first line is a `Header`. Lines of a scenario carry its number, because scenarios may be played in parallel.
A newer minor version may add fields and kinds of lines, which readers ignore; a change of meaning,
or an addition that readers must not ignore, is a new major version.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, cast

import msgspec

from ...model.requests import REQUEST_TYPES, Operation, Request
from ...reports.misfits import misfit, mistake_in
from ...strategies.scenario.steps import Push
from ..execution.listener import SettleResult
from ..oracle.settings import Settings
from .json_values import Json

T = TypeVar("T")

SCHEMA: Final = "1.0"
"""The version of the format: major and minor."""
_NO_HEADER: Final = "this is not the first line of a trace"
_MAJOR: Final = int(SCHEMA.partition(".")[0])


class TraceError(Exception):
    """The trace cannot be written or read: `FILE:LINE: what was wrong, and what to do`."""

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {message}")


@dataclass(frozen=True, slots=True)
class Header:
    """The origin of the trace; times are seconds of the target's clock, from an arbitrary start."""

    trace: str
    """The version of the format."""
    target: str
    version: str
    """The version of the target, if known."""
    zones: tuple[str, ...]
    capabilities: tuple[str, ...]
    started: str
    """In UTC."""
    seed: int
    versions: Mapping[str, str]
    """The versions of this project, Python and the packages that made the calls."""
    settings: Settings
    """The delays that the oracle allowed when the run was judged."""


@dataclass(frozen=True, slots=True)
class Began:
    """A scenario begins; a walk has no title."""

    scenario: int
    source: str
    """Why it is played: from the `corpus`, `generated`, or to `minimise` a finding."""
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
    """A request by names, and its answer: the pages of the reply, and the error that ended them."""

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
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    """The values of those that replies must show again, such as the InstanceType of a launch."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The play triggered a background step."""

    scenario: int
    step: int
    instance: str
    push: Push


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a settle: its result, the number of polls, and the volumes that it waited for."""

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
    """The fingerprints of the divergences, as judged then."""
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
    """Return a line as JSON, with its newline."""
    data = {"line": _NAMES_OF[type(line)], **_without_defaults(line)}
    return json.dumps(data, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def decode(text: bytes) -> Line | None:
    """Return what a line says, or None for a kind of line that this version does not know; raises ValueError."""
    try:
        data: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(mistake_in(text, dict)) from error
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - what is wrong is the text
    kind = NAMES.get(str(cast("dict[str, Json]", data).get("line")))
    return None if kind is None else _converted(cast("object", data), kind)


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
        return _converted(data, Header)
    except ValueError as error:
        raise TraceError(path, 1, f"{_NO_HEADER} ({error}); record the run again") from error


def request_as_json(request: Request) -> Mapping[str, Json]:
    """Return a request as JSON, without default values."""
    return {"operation": request.operation.value, **_without_defaults(request)}


def request_from_json(data: Mapping[str, Json]) -> Request:
    """Return a request; raises ValueError, also for a field that would change its meaning if it were ignored."""
    operation = _converted(data.get("operation"), Operation)
    kind = REQUEST_TYPES[operation]
    unknown = data.keys() - {each.name for each in fields(kind)}
    if unknown:
        raise ValueError(f"a request has {min(unknown)}, which this version does not know")
    return _converted(data, kind)


def _converted(data: object, kind: type[T]) -> T:
    """Return what JSON says; raises ValueError."""
    try:
        return msgspec.convert(data, kind)
    except ValueError as error:
        raise ValueError(misfit(data, kind)) from error


def _without_defaults(value: Any) -> dict[str, Json]:  # noqa: ANN401 - any dataclass
    """Return the fields of a dataclass that differ from the defaults, as JSON."""
    usual = {each.name: _default(each) for each in fields(value)}
    changed = {name: getattr(value, name) for name in usual}
    return msgspec.to_builtins({name: one for name, one in changed.items() if one != usual[name]})


def _default(each: Field[Any]) -> object:
    return each.default_factory() if each.default_factory is not MISSING else each.default
