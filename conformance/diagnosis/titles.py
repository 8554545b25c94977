"""The title of a defect: what the target does wrongly, and what EC2 does, for readers who know nothing of this project.

A title is made of the closed vocabularies of a divergence alone: the same defect has the same title on every target.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ...model.requests import ErrorCode, Operation
from ...model.states import VolumeState
from ...strategies.scenario.steps import READS
from ..oracle.blame import phrase
from ..oracle.divergence import ABOUT_ANOTHER, ERROR_AS_SUCCESS, Divergence
from .catalogue import in_words, known_fault
from .deviations import Deviation, aspect_of, deviation_of, is_of_an_unknown_volume
from .harm import DEAD, GONE, refusals, values

_NOTHING_NAMED: Final = "a request"
_FREE: Final = VolumeState.AVAILABLE.value
_MOST_FIELDS: Final = 3
"""The most fields that a title names; the finding has all of them."""
_NAMED: Final[Mapping[str, str]] = {
    "DESC-1": "an unknown instance id",
    "ERR-1": "an unknown instance id",
    "ERR-2": "a malformed instance id",
    "ERR-3": "a bad id beside a protected instance",
    "KIND-2": "an instance store-backed instance",
    "PROT-1": "an instance with termination protection",
    "PROT-2": "an instance with stop protection",
    "PROT-9": "stop protection of an instance store-backed instance",
    "REBOOT-4": "a request without instance ids",
    "START-7": "a request with an instance that cannot be started",
    "START-8": "a request without instance ids",
    "START-12": "an instance without its root volume",
    "STOP-8": "a request with an instance that cannot be stopped",
    "STOP-9": "a request without instance ids",
    "TERM-3": "a request with a bad id",
    "TERM-6": "a request with a protected instance",
    "TERM-8": "a request without instance ids",
    "TERM-9": "more than 1000 instance ids",
    "TERM-11": "an instance with stop protection",
    "TOKEN-2": "a client token that was sent before with other parameters",
    "VOL-7": "a deleted volume",
    "VOL-12": "a volume of another Availability Zone",
    "VOL-13": "a volume that is already attached",
    "VOL-14": "a volume that is still being created",
    "VOL-15": "a volume that is attached to nothing",
    "VOL-16": "a volume that is not attached to the instance",
    "VOL-17": "the root volume of a running instance",
    "VOL-18": "a volume that is attached to another instance",
    "VOL-19": "a device that another volume of the instance uses",
    "VOL-21": "a volume that is attached to an instance",
}
"""By clause, what a request names that EC2 refuses."""
_OF_ANY_REQUEST: Final[Mapping[ErrorCode, str]] = {
    ErrorCode.UNAUTHORIZED: "a caller without permission",
    ErrorCode.DRY_RUN: "a dry run",
}
"""What a request is that EC2 refuses whatever it names, by the code."""
_ACCEPTED: Final[Mapping[str, str]] = {
    "VOL-17": "the root volume of a stopped instance",
    "VOL-18": "a volume of the named instance",
    "VOL-20": "an available volume",
}
"""By clause, what a request names that EC2 accepts, where it refuses something else."""
_REPEATED: Final[Mapping[str, str]] = {
    "TOKEN-1": "a launch that is sent again with its client token",
    "TOKEN-3": "a launch whose client token was sent for another Availability Zone",
    "TOKEN-4": "a launch whose client token differs from another one only in case",
}
"""By clause, what a launch is that EC2 accepts."""
_SPARED: Final[Mapping[str, str]] = {
    "PROT-1": "that has termination protection",
    "TERM-4": "that a protected instance in the same zone shields",
    "TERM-11": "that shares a request and a zone with one that has stop protection",
    "FRAME-1": "that the request does not name",
    "DRY-1": "although the request is a dry run",
    "DRY-2": "although the request is a dry run without permission",
    "ERR-5": "for a caller without permission",
    "FRAME-2": "although it refuses the request",
    "TERM-3": "although it refuses the request",
    "START-7": "although it refuses the request",
    "STOP-8": "although it refuses the request",
    "STOP-11": "although it refuses the request",
}
"""By clause, why an instance must stay as it is."""
_OF_KEPT_FIELDS: Final[Mapping[str, str]] = {
    "changed": "{operation} shows another {fields} of an instance than before; EC2 keeps it",
    "reused": "{operation} puts a launch into the reservation of another launch",
    "stale": "StartInstances leaves the {fields} of a stopped instance as it was; EC2 sets it anew",
}
"""The titles of what is wrong with a field that EC2 keeps, by the topic of what is seen."""
_OF_LISTINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "RUN-8": {
        "items:fewer": "RunInstances launches fewer instances than MaxCount, although more can be launched",
        "items:out-of-range": "RunInstances launches fewer instances than MinCount, or more than MaxCount",
    },
    "TOKEN-1": {
        "items:new": "RunInstances launches again when a launch is sent again with its client token",
        "items:missing": "RunInstances leaves out an instance when a launch is sent again with its client token",
    },
    "TOKEN-3": {"items:again": "RunInstances launches nothing in another Availability Zone with the same client token"},
    "TOKEN-4": {"items:again": "RunInstances treats two client tokens as one if they differ only in case"},
    "LIST-1": {"items:missing": "DescribeInstances without ids leaves out an instance"},
    "LIST-2": {
        "items:missing": "DescribeInstances leaves out an instance that passes its filter",
        "items:listed": "DescribeInstances lists an instance that does not pass its filter",
    },
}
"""The titles of what is wrong with what a launch, or a description that names no instance, lists; by the clause."""
_VERBS: Final[Mapping[Operation, str]] = {
    Operation.RUN: "launches",
    Operation.TERMINATE: "terminates",
    Operation.STOP: "stops",
    Operation.START: "starts",
    Operation.REBOOT: "reboots",
}


def title_of(divergence: Divergence) -> str:
    """Return what a target does wrongly where it shows this divergence."""
    known = known_fault(divergence)
    if known is not None:
        return in_words(known.title, divergence.operation.value, aspect_of(divergence), (divergence.expected_class,))
    return _TITLES[deviation_of(divergence)](divergence)


def _granted(d: Divergence) -> str:
    codes = refusals(d.expected_class)
    if ErrorCode.DRY_RUN in codes:
        return f"{d.operation.value} ignores DryRun"
    if ErrorCode.UNAUTHORIZED in codes:
        return f"{d.operation.value} obeys a caller without permission"
    if ErrorCode.UNSUPPORTED_HIBERNATION in codes:
        return f"{d.operation.value} accepts Hibernate for an instance that was not launched for hibernation"
    return f"{d.operation.value} accepts {_named(d)}; EC2 refuses it{_with(d.expected_class)}"


def _refused(d: Divergence) -> str:
    if d.clause in _REPEATED:
        return (
            f"{d.operation.value} answers {_code_in_words(d.observed_class)} for {_REPEATED[d.clause]}; EC2 accepts it"
        )
    what = "a launch" if d.operation is Operation.RUN else _subject(d)
    return f"{d.operation.value} refuses {what}{_with(d.observed_class)}; EC2 accepts it"


def _code(d: Divergence) -> str:
    ours, theirs = _code_in_words(d.expected_class), _code_in_words(d.observed_class)
    return f"{d.operation.value} answers {theirs} for {_named(d)}; EC2 answers {ours}"


def _crash(d: Divergence) -> str:
    does = f"refuses the request{_with(d.expected_class)}" if refusals(d.expected_class) else "accepts the request"
    on = "" if _named(d) == _NOTHING_NAMED else f" on {_named(d)}"
    return f"{d.operation.value} fails{on} with a server error; EC2 {does}"


def _status(d: Divergence) -> str:
    if d.observed_class == ERROR_AS_SUCCESS:
        return d.title
    return f"{d.operation.value} refuses{_for(d) or ' a request'}, but not with EC2's HTTP status"


def _message(d: Divergence) -> str:
    if d.observed_class == ABOUT_ANOTHER:
        return f"{d.operation.value} refuses a request, and its message names something that is not the reason"
    return f"{d.operation.value} refuses{_for(d) or ' a request'}, but not with EC2's message"


def _effect(d: Divergence) -> str:
    seen, due = values(d.observed_class), values(d.expected_class)
    if seen == {"inconsistent"}:
        return _inconsistent(d)
    operation, now, wanted = d.operation.value, _or(seen), _or(due)
    if seen == due:
        return f"{operation} shows a {now} instance as if another event had led to this state"
    if d.operation in READS:
        return f"An instance is {now} without any request that changes it; in EC2 it is {wanted}"
    why = f" {_SPARED[d.clause]}" if d.clause in _SPARED else ""
    if seen <= DEAD and not due & DEAD:
        verb = "terminates" if d.operation is Operation.TERMINATE else "ends"
        return f"{operation} {verb} an instance{why or ' that must survive'}"
    if due <= DEAD and not seen & DEAD:
        if d.state in DEAD:
            return f"{operation} brings a terminated instance back to {now}"
        return f"{operation} leaves an instance {now}{_unshielded(d)}; EC2 terminates it"
    return _changed(d, now, wanted, why)


def _changed(d: Divergence, now: str, wanted: str, why: str) -> str:
    """Return the title of a change of state that ends no instance and spares none."""
    operation = d.operation.value
    if why:
        of_which, although = (why, "") if why.startswith(" that") else ("", why)
        return f"{operation} changes an instance{of_which} to {now}{although}"
    if d.operation is Operation.RUN:
        return f"RunInstances shows a new instance as {now}; in EC2 it is {wanted}"
    if d.state in values(d.expected_class):
        return f"{operation} changes {_subject(d)} to {now}; in EC2 it stays {wanted}"
    return f"{operation} leaves an instance {now}; in EC2 it is {wanted}"


def _unshielded(d: Divergence) -> str:
    return " although no protected instance is in its zone" if d.clause == "TERM-5" else ""


def _inconsistent(d: Divergence) -> str:
    return f"{d.operation.value} shows a state whose code and name do not belong together"


def _current(d: Divergence) -> str:
    return _replied_state(d, "current")


def _previous(d: Divergence) -> str:
    return _replied_state(d, "previous")


def _replied_state(d: Divergence, which: str) -> str:
    seen, due = (
        _or({one.removeprefix(f"{which}-") for one in values(k)}) for k in (d.observed_class, d.expected_class)
    )
    return f"{d.operation.value} reports {seen} as the {which} state of {_subject(d)}; EC2 reports {due}"


def _listed(d: Divergence) -> str:
    if d.clause in _OF_LISTINGS:
        return _OF_LISTINGS[d.clause][d.observed_class]
    thing = "a volume" if d.operation is Operation.DESCRIBE_VOLUMES else "an instance"
    does = {
        "items:missing": f"leaves out {thing} that it was asked for",
        "items:repeated": f"lists {thing} more than once",
        "items:listed": f"lists {thing} that it was not asked for",
        "items:other-count": "lists another number of instances than the request asks for",
    }.get(d.observed_class)
    return f"{d.operation.value} {does}" if does else _otherwise(d)


def _attribute(d: Divergence) -> str:
    name = d.observed_class.partition(":")[0]
    now, wanted = _or(values(d.observed_class)), _or(values(d.expected_class))
    if d.operation is Operation.RUN:
        return f"RunInstances leaves {name} at {now}; in EC2 it is {wanted}"
    return f"{d.operation.value} changes {name} to {now}; in EC2 it stays {wanted}"


def _volume(d: Divergence) -> str:
    if is_of_an_unknown_volume(d):
        return f"{d.operation.value} does not know a volume that it must show"
    topic, _, seen = d.observed_class.partition(":")
    due = values(d.expected_class)
    if topic == "DeleteOnTermination":
        verb = "shows" if d.operation in READS else "leaves"
        wanted = _or({one.lower() for one in due})
        return f"{d.operation.value} {verb} DeleteOnTermination of a volume as {seen.lower()}; in EC2 it is {wanted}"
    if topic == "device":
        return {
            "not attached": f"{d.operation.value} does not list a volume that is attached to the instance",
            "attached": f"{d.operation.value} lists a volume that is not attached to the instance",
        }.get(seen, f"{d.operation.value} shows a volume as attached to another instance")
    if seen in GONE and not due & GONE:
        return "A volume is deleted that must be kept"
    must_go = due <= GONE or (due & GONE and seen == _FREE and _FREE not in due)
    if must_go and seen not in GONE:
        if d.clause == "VOL-20":
            return f"A volume that DeleteVolume deleted is still {seen}"
        return f"A volume that must be deleted with its instance is still {seen}"
    now = "in another state than EC2 has" if seen == "other" else seen
    return f"A volume is {now}; in EC2 {_due_volume(d.expected_class)}"


def _due_volume(expected_class: str) -> str:
    """Return what a volume is in EC2, where the alternatives may be about its state, its flag and its device."""
    due: dict[str, set[str]] = {}
    for alternative in expected_class.split("|"):
        topic, _, value = alternative.partition(":")
        due.setdefault(topic, set()).add(value)
    states, flags, devices = (due.pop(topic, set()) for topic in ("volume", "DeleteOnTermination", "device"))
    said = [f"it is {_or(states)}"] if states else []
    said += [f"its DeleteOnTermination is {_or({flag.lower() for flag in flags})}"] if flags else []
    said += [f"it is {_or(devices)}"] if devices else []
    return ", or ".join((*said, *map(phrase, due)))


def _never(d: Divergence) -> str:
    wanted = _or(values(d.expected_class))
    if d.clause == "VOL-6":
        return "A volume of a terminated instance is never deleted or released"
    if d.clause == "VOL-20":
        return "A volume is never deleted after DeleteVolume"
    if wanted == "reached":
        return "A volume that is created or detached never becomes available"
    if d.clause == "TERM-5":
        return f"{d.operation.value} leaves an instance {d.state}{_unshielded(d)}; EC2 terminates it"
    after = "" if d.operation in READS else f" after {d.operation.value}"
    return f"{_subject(d).capitalize()} never becomes {wanted}{after}"


def _field(d: Divergence) -> str:
    topic = d.observed_class.partition(":")[0]
    of = f" of {_subject(d)}" if d.state != "-" else ""
    seen, due = values(d.observed_class), values(d.expected_class)
    if topic in _OF_KEPT_FIELDS:
        return _OF_KEPT_FIELDS[topic].format(operation=d.operation.value, fields=_fields(seen))
    match topic:
        case "shown":
            return f"{d.operation.value} shows {_fields(seen)}{of}; EC2 leaves {_it(seen)} out"
        case "missing":
            return f"{d.operation.value} leaves out {_fields(seen)}{of}; EC2 shows {_it(seen)}"
        case "reason":
            said = "no StateReason" if seen == {"none"} else f"{_or(seen)} as StateReason"
            return f"{d.operation.value} shows {said}{of}; EC2 shows {_or(due)}"
        case "transition-reason":
            return f"{d.operation.value} shows a StateTransitionReason{of} that is not in EC2's form"
        case "root":
            return (
                f"{d.operation.value} shows an instance with the root device type {_or(seen)}; its image has {_or(due)}"
            )
        case "zone":
            return f"{d.operation.value} shows an instance in another Availability Zone than it was launched in"
        case _:
            return _otherwise(d)


def _unreadable(d: Divergence) -> str:
    return d.title


def _otherwise(d: Divergence) -> str:
    return f"{d.operation.value} gives {phrase(d.observed_class)}; EC2 gives {phrase(d.expected_class)}"


_TITLES: Final[Mapping[Deviation, Callable[[Divergence], str]]] = {
    Deviation.GRANTED: _granted,
    Deviation.REFUSED: _refused,
    Deviation.CODE: _code,
    Deviation.CRASH: _crash,
    Deviation.STATUS: _status,
    Deviation.MESSAGE: _message,
    Deviation.EFFECT: _effect,
    Deviation.CURRENT: _current,
    Deviation.PREVIOUS: _previous,
    Deviation.LISTED: _listed,
    Deviation.ATTRIBUTE: _attribute,
    Deviation.FIELD: _field,
    Deviation.VOLUME: _volume,
    Deviation.NEVER: _never,
    Deviation.UNREADABLE: _unreadable,
}


def short_list(words: Sequence[str], of: str, most: int = 2) -> str:
    """Return words as a list; of more than `most`, how many others there are of this kind."""
    if len(words) <= most:
        return " and ".join(words)
    others = len(words) - most
    return f"{', '.join(words[:most])} and {others} other {of}{'s' if others > 1 else ''}"


def _subject(d: Divergence) -> str:
    return "an instance" if d.state == "-" else f"a {_or(set(d.state.split('|')))} instance"


def _named(d: Divergence) -> str:
    """Return what a request names that EC2 refuses."""
    if d.clause in _ACCEPTED and not refusals(d.expected_class):
        return _ACCEPTED[d.clause]
    if d.clause in _NAMED:
        return _NAMED[d.clause]
    codes = refusals(d.expected_class)
    if codes & _OF_ANY_REQUEST.keys():
        return next(what for code, what in _OF_ANY_REQUEST.items() if code in codes)
    return _NOTHING_NAMED if d.state == "-" else _subject(d)


def _for(d: Divergence) -> str:
    return "" if _named(d) == _NOTHING_NAMED else f" {_named(d)}"


def _with(kind: str) -> str:
    """Return ` with` and the code of a refusal; nothing where any code will do."""
    return "" if refusals(kind) == frozenset({ErrorCode.ANY}) else f" with {_code_in_words(kind)}"


def _code_in_words(kind: str) -> str:
    known = sorted(code.value for code in refusals(kind) - {ErrorCode.ANY})
    if not known and refusals(kind):
        return "an error code of its own"
    return " or ".join(known) if known else "an error code that EC2 does not use here"


def _or(words: set[str]) -> str:
    return " or ".join(sorted(words))


def _fields(names: set[str]) -> str:
    return short_list(sorted(names), "field", _MOST_FIELDS)


def _it(names: set[str]) -> str:
    return "it" if len(names) == 1 else "them"
