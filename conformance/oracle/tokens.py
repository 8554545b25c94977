"""Judges launches that are sent again with their ClientToken (facts K-01 to K-05).

No rule of the model speaks of tokens: what a token launched is known from the reply to the first launch with it.
Where that reply leaves it open whether the token was used, nothing is judged.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from ...model.requests import Caller, LaunchRequest, TokenError
from ...model.states import RootDevice
from ...model.world import Instance
from ...reports.safe_text import count
from ..adapter.observation import Instances, Observation, Refused
from .divergence import code_class
from .fault import Fault
from .items import left_out

AGAIN: Final = "TOKEN-1"
OTHERWISE: Final = "TOKEN-2"
ELSEWHERE: Final = "TOKEN-3"
OTHER_CASE: Final = "TOKEN-4"
_DAY: Final = 24 * 3600.0
"""The seconds for which EC2 surely knows a token (fact K-04)."""
_MISMATCH: Final = TokenError.IDEMPOTENT_MISMATCH.value
_WITH_MISMATCH: Final = f"{_MISMATCH} (the token was sent with other parameters: {OTHERWISE})"
ABOUT_TOKENS: Final = frozenset({TokenError.IDEMPOTENT_MISMATCH.value, TokenError.IDEMPOTENT_TERMINATED.value})


class How(Enum):
    """How a launch repeats an earlier one."""

    THE_SAME = "with the same parameters"
    OTHERWISE = "with other parameters"
    ELSEWHERE = "in another zone"
    OTHER_CASE = "with a token that differs in case"


class _First(NamedTuple):
    """The first launch with a token in a zone, the instances that its reply showed, and when it came."""

    request: LaunchRequest
    made: tuple[Instance, ...]
    received: float


class Repeat(NamedTuple):
    """A launch that repeats another one, and the instances that the token has launched."""

    how: How
    made: tuple[Instance, ...]

    @property
    def is_new_launch(self) -> bool:
        """Whether EC2 launches something new by it."""
        return self.how in (How.ELSEWHERE, How.OTHER_CASE)


class Found(NamedTuple):
    """What is wrong with the reply to a repeated launch, and the clauses that it could have broken."""

    faults: tuple[Fault, ...] = ()
    checked: tuple[str, ...] = ()


@dataclass(slots=True)
class Tokens:
    """The tokens of a scenario's launches, and what each has launched."""

    _firsts: dict[str, list[_First]] = field(default_factory=dict[str, "list[_First]"])
    _doubtful: set[str] = field(default_factory=set[str])
    """Tokens that a launch may have used or not: it was a dry run, was refused, or had no reply."""

    def repeated(self, request: LaunchRequest, sent: float) -> Repeat | None:
        """Return what a launch repeats; None: nothing, or nobody knows."""
        if not _is_in_earnest(request) or request.token in self._doubtful:
            return None
        firsts = self._firsts.get(request.token)
        if firsts is None:
            alike = [
                one for token, ones in self._firsts.items() if token.lower() == request.token.lower() for one in ones
            ]
            return Repeat(How.OTHER_CASE, _made_by(alike)) if alike else None
        if sent - max(first.received for first in firsts) > _DAY:
            return None
        here = next((first for first in firsts if first.request.zone == request.zone), None)
        if here is None:
            return Repeat(How.ELSEWHERE, _made_by(firsts))
        same = _parameters(here.request) == _parameters(request)
        return Repeat(How.THE_SAME if same else How.OTHERWISE, here.made)

    def take(self, request: LaunchRequest, observation: Observation, received: float) -> None:
        """Take in a launch, and what its reply shows."""
        if not request.token:
            return
        if not _is_in_earnest(request) or not isinstance(observation, Instances):
            self._doubtful.add(request.token)
            return
        shown = (*(seen.instance for seen in observation.items), *map(Instance, sorted(left_out(observation))))
        self._firsts.setdefault(request.token, []).append(_First(request, tuple(dict.fromkeys(shown)), received))


def judge_repeat(
    repeat: Repeat,
    request: LaunchRequest,
    observation: Observation,
    dead: Collection[Instance],
    gone: Collection[Instance],
) -> Found:
    """Judge the reply to a launch that repeats another one; `dead` and `gone` may be terminated, or forgotten.

    Of the instances shown only that they are the same is judged, since they may be in any state by now (fact K-05).
    """
    if isinstance(observation, Refused):  # why it is one nobody knows if its code cannot be read
        return Found() if observation.unread else _refused(repeat, request, observation, dead=bool(dead))
    if not isinstance(observation, Instances):
        return Found()
    shown = {*(seen.instance for seen in observation.items), *map(Instance, left_out(observation))}
    match repeat.how:
        case How.THE_SAME:
            more = len(shown - {*repeat.made})
            less = sum(i not in shown and i not in gone for i in repeat.made)
            return Found(_other_instances(request, more, less), (AGAIN,))
        case How.OTHERWISE:
            return Found((_fault(OTHERWISE, request, f"refusal:{_MISMATCH}", "success", _WITH_MISMATCH, "success"),))
        case How.ELSEWHERE | How.OTHER_CASE:
            clause = ELSEWHERE if repeat.how is How.ELSEWHERE else OTHER_CASE
            if shown.isdisjoint(repeat.made):
                return Found(checked=(clause,))
            new, old = "instances of its own", "the instances of the other launch"
            return Found((_fault(clause, request, "items:new", "items:again", new, old),))


def _other_instances(request: LaunchRequest, more: int, less: int) -> tuple[Fault, ...]:
    expected = "the instances that the token has launched"
    if more:
        return (_fault(AGAIN, request, "items:again", "items:new", expected, count(more, "other instance")),)
    if less:
        return (_fault(AGAIN, request, "items:again", "items:missing", expected, f"{less} of them missing"),)
    return ()


def _refused(repeat: Repeat, request: LaunchRequest, refused: Refused, *, dead: bool) -> Found:
    """Judge a refusal; an instance may be `dead`, and then EC2 may refuse its token (fact K-01)."""
    code = refused.code
    kind, told = code_class(code, refused.status), f"{code} ({refused.message})"
    if repeat.is_new_launch:
        clause = ELSEWHERE if repeat.how is How.ELSEWHERE else OTHER_CASE
        return Found((_fault(clause, request, "success", kind, "success", told),) if code in ABOUT_TOKENS else ())
    if dead and kind == f"refusal:{TokenError.IDEMPOTENT_TERMINATED.value}":
        return Found()
    if repeat.how is How.THE_SAME:
        return Found((_fault(AGAIN, request, "success", kind, "success", told),))
    if kind == f"refusal:{_MISMATCH}":
        return Found(checked=(OTHERWISE,))
    if request.root_device is RootDevice.INSTANCE_STORE:
        return Found()  # what was changed may not fit it (PROT-9, fact L-02)
    return Found((_fault(OTHERWISE, request, f"refusal:{_MISMATCH}", kind, _WITH_MISMATCH, told),))


def _fault(
    clause: str, request: LaunchRequest, expected_class: str, observed_class: str, expected: str, observed: str
) -> Fault:
    return Fault(clause, request.operation, "-", expected_class, observed_class, (expected,), observed)


def _made_by(firsts: list[_First]) -> tuple[Instance, ...]:
    return tuple(dict.fromkeys(i for first in firsts for i in first.made))


def _is_in_earnest(request: LaunchRequest) -> bool:
    return bool(request.token) and not request.dry_run and request.caller is Caller.OWNER


def _parameters(request: LaunchRequest) -> tuple[object, ...]:
    """Return what a launch asks for, but for its zone and the names of what it makes."""
    volumes = tuple((v.device, v.delete_on_termination, v.root) for group in request.volumes[:1] for v in group)
    return (
        len(request.instances),
        request.min_count,
        request.root_device,
        request.disable_api_termination,
        request.disable_api_stop,
        request.shutdown_behavior,
        request.hibernation,
        volumes,
    )
