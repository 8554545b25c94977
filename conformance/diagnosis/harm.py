"""What a defect does to whoever relies on the target: the harm and, in a few words, why it matters.

Both follow from the operation, from what EC2 does and from what the target does, never from the target's name.
"""

from typing import Final

from ...model import states
from ...model.requests import Attribute, ErrorCode, Operation, TokenError
from ...reports.harm import Harm, severity
from ...strategies.scenario.steps import READS
from ..oracle.divergence import ABOUT_ANOTHER, ERROR_AS_SUCCESS, Divergence
from .deviations import Deviation, deviation_of, is_of_an_unknown_volume

DEAD: Final = frozenset({"shutting-down", "terminated"})
GONE: Final = frozenset(state.value for state in states.GONE)
_HARMS: Final = {
    Deviation.GRANTED: Harm.REFUSES_OR_ACCEPTS,
    Deviation.REFUSED: Harm.REFUSES_OR_ACCEPTS,
    Deviation.CODE: Harm.WRONG_CODE,
    Deviation.CRASH: Harm.REFUSES_OR_ACCEPTS,
    Deviation.STATUS: Harm.WRONG_CODE,
    Deviation.MESSAGE: Harm.WRONG_LOOK,
    Deviation.EFFECT: Harm.MISLEADS,
    Deviation.CURRENT: Harm.MISLEADS,
    Deviation.PREVIOUS: Harm.MISLEADS,
    Deviation.LISTED: Harm.MISLEADS,
    Deviation.ATTRIBUTE: Harm.MISLEADS,
    Deviation.VOLUME: Harm.MISLEADS,
    Deviation.NEVER: Harm.MISLEADS,
    Deviation.FIELD: Harm.WRONG_LOOK,
    Deviation.UNREADABLE: Harm.WRONG_LOOK,
}
_PROTECTING: Final = frozenset({ErrorCode.NOT_PERMITTED, ErrorCode.UNAUTHORIZED, ErrorCode.DRY_RUN})
"""The refusals that keep alive what the request names; other refusals find something wrong with the request."""
_SURVIVES_WITH: Final = {
    f"{Attribute.DISABLE_API_TERMINATION.value}:true",
    f"{Attribute.SHUTDOWN_BEHAVIOR.value}:stop",
    "DeleteOnTermination:False",
}
"""The values of attributes with which an instance or a volume outlives what would otherwise end it."""
_ENDS_WITH: Final = {
    f"{Attribute.DISABLE_API_TERMINATION.value}:false",
    f"{Attribute.SHUTDOWN_BEHAVIOR.value}:terminate",
    "DeleteOnTermination:True",
}
_MISLEADING_FIELDS: Final = ("zone:", "root:", "changed:", "reused:", "stale:")
"""Fields by which tools decide what a request does to an instance; other fields are a matter of shape."""


def harm_of(divergence: Divergence) -> Harm:
    """Return the harm of a defect, by the part that is broken: an end that should not be is the worst."""
    deviation = deviation_of(divergence)
    expected, observed = divergence.expected_class, divergence.observed_class
    if is_of_an_unknown_volume(divergence):
        return Harm.DESTROYS
    if deviation in (Deviation.EFFECT, Deviation.VOLUME):
        seen, due = values(observed), values(expected)
        for gone in (DEAD, GONE):
            if seen <= gone and not due & gone:
                return Harm.DESTROYS
            if due <= gone and not seen & gone:
                return Harm.LEAKS
    if deviation in (Deviation.ATTRIBUTE, Deviation.VOLUME) and divergence.operation not in READS:
        if expected in _SURVIVES_WITH:
            return Harm.DESTROYS
        if expected in _ENDS_WITH:
            return Harm.LEAKS
    if deviation is Deviation.GRANTED and divergence.clause == "TERM-6":
        return Harm.MISLEADS  # the failure is not reported; whether anything protected ended is another clause
    if deviation is Deviation.GRANTED and divergence.operation is Operation.TERMINATE and refusals(expected):
        return Harm.DESTROYS if refusals(expected) <= _PROTECTING else Harm.REFUSES_OR_ACCEPTS
    never_ends = deviation is Deviation.NEVER and (values(expected) <= DEAD or divergence.clause == "VOL-6")
    launched_twice = divergence.clause == "TOKEN-1" and observed == "items:new"
    if never_ends or launched_twice:
        return Harm.LEAKS
    misleads = observed.startswith(_MISLEADING_FIELDS) or observed in (ERROR_AS_SUCCESS, ABOUT_ANOTHER)
    return Harm.MISLEADS if misleads else _HARMS[deviation]


def is_milder(divergence: Divergence, other: Divergence) -> bool:
    """Tell whether a divergence does less harm than another one."""
    return severity_of(divergence) > severity_of(other)


def severity_of(divergence: Divergence) -> int:
    """Return the place of a divergence's harm in the order of harms; 0 is the worst."""
    return severity(harm_of(divergence).value)


def effect_of(divergence: Divergence) -> str | None:
    """Return why a defect matters, in a few words; None where the effect of its clause says it."""
    match deviation_of(divergence):
        case Deviation.GRANTED:
            return _effect_of_success(divergence)
        case Deviation.CODE | Deviation.STATUS | Deviation.MESSAGE | Deviation.CRASH | Deviation.REFUSED:
            return _effect_of_refusal(divergence)
        case Deviation.EFFECT | Deviation.VOLUME | Deviation.ATTRIBUTE:
            return _effect_of_outcome(divergence)
        case Deviation.NEVER:
            return _effect_of_waiting(divergence)
        case Deviation.FIELD if divergence.observed_class == "reason:none":
            return "a tool that asks why an instance is in its state gets no answer"
        case _:
            return None


def _effect_of_success(divergence: Divergence) -> str | None:
    """Return why it matters that a request succeeds which EC2 refuses."""
    codes = refusals(divergence.expected_class)
    if ErrorCode.DRY_RUN in codes:
        return _EFFECTS_OF_DRY_RUNS.get(divergence.operation, "a dry run does what it should only have checked")
    if ErrorCode.UNAUTHORIZED in codes:
        return f"a caller without permission gets through with {divergence.operation.value}"
    if divergence.clause == "PROT-4":
        return "a tool believes that it protects an instance, which is gone"
    return None


def _effect_of_refusal(divergence: Divergence) -> str | None:
    """Return why it matters that a request is refused, or refused in another way."""
    if divergence.observed_class in (ERROR_AS_SUCCESS, ABOUT_ANOTHER) or divergence.clause in ("VIS-1", "TERM-2"):
        return None
    if deviation_of(divergence) is Deviation.REFUSED:
        what = "a cleanup" if divergence.operation is Operation.TERMINATE else "a tool"
        return f"{what} that works on EC2 fails here with {divergence.operation.value}"
    return {
        Deviation.CODE: "a tool that decides by the error code does the wrong thing, or stops",
        Deviation.STATUS: "a client that decides by the HTTP status misunderstands the refusal",
        Deviation.MESSAGE: "a tool or a person that searches a log for EC2's message does not find it",
        Deviation.CRASH: "client libraries treat it as an outage, and send the request again",
    }[deviation_of(divergence)]


def _effect_of_waiting(divergence: Divergence) -> str:
    """Return why it matters that something never comes to rest."""
    wanted = values(divergence.expected_class)
    if divergence.clause == "VOL-6":
        return "a volume stays attached to an instance that is gone: it costs money, and cannot be used again"
    if wanted <= DEAD:
        return "instances that EC2 ends keep running, and cost money"
    return f"a client that waits for {' or '.join(sorted(wanted - {'reached'})) or 'the volume'} waits forever"


_EFFECTS_OF_DRY_RUNS: Final = {
    Operation.TERMINATE: "a dry run terminates instances that it should only have checked",
    Operation.DESCRIBE: "a tool that checks its permissions with a dry run gets the wrong answer",
    Operation.DESCRIBE_ATTRIBUTE: "a tool that checks its permissions with a dry run gets the wrong answer",
    Operation.DESCRIBE_VOLUMES: "a tool that checks its permissions with a dry run gets the wrong answer",
}
_EFFECTS_OF_ATTRIBUTES: Final = {
    f"{Attribute.DISABLE_API_TERMINATION.value}:true": "an instance that its owner protected can be terminated",
    f"{Attribute.DISABLE_API_TERMINATION.value}:false": "an instance that nobody protects cannot be terminated",
    f"{Attribute.DISABLE_API_STOP.value}:true": "an instance that must stay up can be stopped",
    f"{Attribute.DISABLE_API_STOP.value}:false": "an instance that nobody protects cannot be stopped",
    f"{Attribute.SHUTDOWN_BEHAVIOR.value}:stop": "a shutdown from inside deletes an instance that should have stopped",
    f"{Attribute.SHUTDOWN_BEHAVIOR.value}:terminate": "an instance that its own shutdown should end only stops",
}


def _effect_of_outcome(divergence: Divergence) -> str | None:
    """Return why it matters that something is in another state, or has another attribute."""
    harm, observed = harm_of(divergence), divergence.observed_class
    if observed.startswith("DeleteOnTermination:"):
        if divergence.operation in READS:
            return "a user cannot see in advance which volumes a termination will delete"
        return "a volume is lost with its instance" if harm is Harm.DESTROYS else "a volume outlives its instance"
    if deviation_of(divergence) is Deviation.ATTRIBUTE:
        return _EFFECTS_OF_ATTRIBUTES.get(divergence.expected_class)
    if observed.startswith("volume:"):
        return {
            Harm.DESTROYS: "data that EC2 keeps is lost",
            Harm.LEAKS: "volumes outlive their instances, and cost money",
        }.get(harm)
    if harm is Harm.LEAKS:
        if divergence.state in DEAD:
            return "an instance that is gone runs again, and costs money"
        return "an instance that EC2 ends keeps running, and costs money"
    return None


def refusals(kind: str) -> frozenset[ErrorCode | TokenError]:
    """Return the error codes that a class of replies names."""
    named = {one.removeprefix("refusal:") for one in kind.split("|") if one.startswith("refusal:")}
    return frozenset(code for code in (*ErrorCode, *TokenError) if code.value in named)


def values(kind: str) -> set[str]:
    """Return what the alternatives of a class say of its topic."""
    return {one.partition(":")[2] for one in kind.split("|")}
