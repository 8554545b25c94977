"""Parses the options of a served model: its behaviour, choices, delays and clock."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import Final, TypeVar, get_args

from ....model.background import StepName, VolumeStepName
from ....model.choices import CHOICES, Choice
from ....strategies.files.yaml_nodes import suggestion
from ..behaviour import AT_ONCE, DELAYS, SLOW, Behaviour, Bounds, ChoicePolicy, StepKind
from ..beyond.behind import Behind, WrongBeyond, behind_of
from ..declared import NOTHING, Declaration, Declared, WrongDeclaration, declared_of
from ..planned_failures import SLOW_REPLY, FailureName
from .endpoint import NOBODY

E = TypeVar("E", bound=Enum)

ON_DEMAND: Final = "on-demand"
"""The delay of a step that happens only on demand."""
_PRESETS: Final[Mapping[str, Mapping[StepKind, Bounds | None]]] = {
    "none": AT_ONCE,
    "usual": DELAYS,
    "slow": SLOW,
    ON_DEMAND: dict.fromkeys(DELAYS),
}
BEHAVIOURS: Final[Mapping[str, Behaviour]] = {
    "preferred": Behaviour(),
    "adversarial": Behaviour(choice_policy=ChoicePolicy.HARDEST, permute=True, high_byte=True),
    "random": Behaviour(choice_policy=ChoicePolicy.RANDOM, permute=True),
}
"""Presets for open points: the most likely alternative, the hardest on clients, or a random one each time."""

VISIBLE_WITH: Final[Mapping[StepKind, str]] = {
    StepName.BECOMES_VISIBLE: "new-id=not-yet",
    StepName.TERMINATION_CLEARS: "cleared-protection=still-enforced",
    StepName.STOP_CLEARS: "cleared-protection=still-enforced",
    StepName.FATE_TERMINATES: "free-zones=after-answer",
    StepName.FATE_STOPS: "free-zones=after-answer",
}
"""The choices without which the delay of a step is not visible."""


class WrongSetting(ValueError):
    """An invalid setting; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a served model behaves.

    `clock_is_frozen`: the clock moves only when it is advanced.
    `nobody`: the access key of a caller without permissions.
    `beyond`: the EC2 behind the model, if there is one.
    `lenient`: it accepts parameters that the model neither holds nor shows again.
    `fail`: the share of requests that fail, by the failure; `slow`: how many seconds late a slow reply is.
    `declared`: what exists beside instances and volumes.
    """

    behaviour: Behaviour = field(default_factory=lambda: Behaviour(delays=AT_ONCE))
    clock_is_frozen: bool = False
    nobody: str = NOBODY
    beyond: Behind | None = None
    lenient: bool = False
    fail: Mapping[str, float] = field(default_factory=dict[str, float])
    slow: float = SLOW_REPLY
    declared: Declared = NOTHING


def name_of(member: Enum) -> str:
    """Return how users write an enum member: its name in lower case, with dashes."""
    return member.name.lower().replace("_", "-")


STEPS: Final[Mapping[str, StepKind]] = {name_of(step): step for kind in (StepName, VolumeStepName) for step in kind}
"""The background steps by the names that users write."""


def settings_of(  # noqa: PLR0913 - all by keyword, each with a default
    *,
    behaviour: str = "preferred",
    choices: Mapping[str, str] | None = None,
    delays: str | float = "none",
    delay: Mapping[str, str | float] | None = None,
    failures: float = 0.0,
    seed: int = 0,
    clock: str = "runs",
    nobody: str = NOBODY,
    beyond: str | None = None,
    lenient: bool = False,
    read_lag: float = 0.0,
    fail: Mapping[str, float] | None = None,
    slow: float = SLOW_REPLY,
    declare: Declaration | None = None,
) -> Settings:
    """Return the settings for the values that users write; raises `WrongSetting`.

    `choices` settles open points by id. `delay` sets the delay of single steps by name, `delays` that of the others:
    `none`, `usual`, `slow`, `on-demand`, seconds as `5`, or bounds as `2..10`. The time until terminated instances
    are forgotten changes only by `delay` and by `on-demand`.
    `failures` is the share of launches and starts that fail; the clock `runs` or `stands`.
    `beyond` names the EC2 behind the model: `moto` or `endpoint:URL`.
    `lenient`: parameters are accepted that the model neither holds nor shows again.
    `read_lag`: how many seconds late reads are. `fail`: the share of requests that fail, by the failure.
    `slow`: how many seconds late a slow reply is.
    `declare`: what exists beside instances and volumes, or the name of a TOML file that says so.
    """
    _check_type("choices", choices or {}, Mapping)
    _check_type("delay", delay or {}, Mapping)
    _check_type("failures", failures, (int, float))
    _check_type("seed", seed, int)
    _check_type("nobody", nobody, str)
    _check_type("lenient", lenient, bool)
    _check_type("fail", fail or {}, Mapping)
    for name, seconds in (("read_lag", read_lag), ("slow", slow)):
        _check_type(name, seconds, (int, float))
        if not (seconds >= 0 and isfinite(seconds)):
            raise WrongSetting(f"{name} is {seconds}; write a number of seconds from 0.")
    if not nobody:
        raise WrongSetting("nobody is empty; give an access key that no other caller uses.")
    if not 0 <= failures <= 1:
        raise WrongSetting(f"The share of failures is {failures}; write one from 0 to 1.")
    single = dict(_step_delay(step, text) for step, text in (delay or {}).items())
    picks = dict(_pick(choice, alternative) for choice, alternative in (choices or {}).items())
    base = _lookup(BEHAVIOURS, behaviour, "behaviour")
    return Settings(
        Behaviour(
            seed=seed,
            choice_policy=base.choice_policy,
            picks=picks,
            delays={**_delays(delays), **single},
            failures=failures,
            read_lag=float(read_lag),
            permute=base.permute,
            high_byte=base.high_byte,
        ),
        clock_is_frozen=_lookup({"runs": False, "stands": True}, clock, "setting of the clock"),
        nobody=nobody,
        beyond=None if beyond is None else _behind(beyond),
        lenient=lenient,
        fail=_shares(fail or {}),
        slow=float(slow),
        declared=NOTHING if declare is None else _declared(declare, beyond),
    )


def _declared(declare: Declaration, beyond: str | None) -> Declared:
    _check_type("declare", declare, (Declared, Mapping, str, os.PathLike))
    if beyond is not None:
        raise WrongSetting("declare and beyond exclude each other: the EC2 behind says what exists; create it there.")
    try:
        return declared_of(declare)
    except WrongDeclaration as error:
        raise WrongSetting(str(error)) from None


def _shares(fail: Mapping[str, float]) -> Mapping[str, float]:
    """Return the shares of requests that fail."""
    for name, share in fail.items():
        _lookup(dict.fromkeys(get_args(FailureName)), name, "failure")
        _check_type(f"The share of {name}", share, (int, float))
        if not 0 <= share <= 1:
            raise WrongSetting(f"The share of {name} is {share}; write one from 0 to 1.")
    if sum(fail.values()) > 1:
        raise WrongSetting(
            f"The shares in fail make {sum(fail.values()):g} in all; write shares of at most 1 together."
        )
    return dict(fail)


def _behind(text: str) -> Behind:
    _check_type("beyond", text, str)
    try:
        return behind_of(text)
    except WrongBeyond as error:
        raise WrongSetting(str(error)) from None


def _check_type(name: str, given: object, kind: type | tuple[type, ...]) -> None:
    """Raise `WrongSetting` for a value of the wrong type, because untyped programs pass settings too."""
    if not isinstance(given, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise WrongSetting(f"{name} is {given!r}; give one of type {' or '.join(each.__name__ for each in kinds)}.")


def _step_delay(step: str, text: str | float) -> tuple[StepKind, Bounds | None]:
    kind = _lookup(STEPS, step, "background step")
    if kind not in DELAYS:
        raise WrongSetting(f"{step} happens only on demand, and takes no delay.")
    return kind, _bounds(text)


def _delays(text: str | float) -> Mapping[StepKind, Bounds | None]:
    if isinstance(text, str) and text in _PRESETS:
        return _PRESETS[text]
    if isinstance(text, Mapping):  # an untyped program confuses the two settings
        raise WrongSetting("delays is one delay for all steps; use delay for those of single steps.")
    bounds = _bounds(text, *_PRESETS)
    return {step: DELAYS[step] if step is StepName.FORGOTTEN else bounds for step in DELAYS}


def _bounds(given: str | float, *words: str) -> Bounds | None:
    """Return the bounds of a delay in seconds, or None for a step on demand."""
    if given == ON_DEMAND:
        return None
    text = str(given)
    least, _, most = text.partition("..")
    try:
        bounds = (float(least), float(most or least))
    except ValueError:
        bounds = (-1.0, -1.0)
    if not (0 <= bounds[0] <= bounds[1] and isfinite(bounds[1])):
        others = f"one of {', '.join(words)}" if words else ON_DEMAND
        raise WrongSetting(f'"{text}" is not a delay; write 5 (seconds), 2..10 (bounds), or {others}.')
    return bounds


def _pick(choice: str, alternative: str) -> tuple[str, Enum]:
    by_id: dict[str, Choice[Enum]] = {each.id: each for each in CHOICES}
    known = _lookup(by_id, choice, "choice")
    alternatives = {name_of(each): each for each in known.alternatives}
    return known.id, _lookup(alternatives, alternative, f"alternative of {known.id}")


T = TypeVar("T")


def _lookup(known: Mapping[str, T], name: str, what: str) -> T:
    if name not in known:
        raise WrongSetting(f'There is no {what} "{name}"; {suggestion(str(name), known)}.')
    return known[name]
