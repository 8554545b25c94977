"""Compares a success with the refusals, or a refusal with the others, that were permitted instead."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ...model.clauses import Part
from ...model.outcomes import Move, Refusal, Rung
from ...model.requests import AttributeRequest, BatchRequest, ErrorCode, Operation, Request
from ...model.rules.common import BAD_ID
from ...model.specification import Specification
from ...model.states import InstanceState, RootDevice
from ...model.world import Instance, InstanceRecord
from ...strategies.scenario.steps import READS
from ..adapter.observation import Observation, Refused
from .divergence import ABOUT_ANOTHER, CLIENT_ERROR, ERROR_AS_SUCCESS, NO_STATUS, SERVER_ERROR, code_class
from .fault import Fault, found_in
from .history import History
from .items import DEAD, by_instance, readable_clause, shown_attribute_clause
from .messages import named_by, named_in, permitted
from .options import Fates
from .values import released_clause

PROTECTED: Final = (Refusal.TERMINATION_PROTECTED, Refusal.STOP_PROTECTED, Refusal.STOP_PROTECTED_WHOLE)


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a request may have been answered: by a refusal, or by success (None).

    `possible` and `certain` are the instances that a refusal may, or must, be about.
    `of_root`: the request names a root volume. `holders` are the instances that have the named volumes.
    """

    rung: Rung | None
    fates: Mapping[Instance, Fates]
    possible: frozenset[Instance]
    certain: frozenset[Instance]
    of_root: bool = False
    holders: frozenset[Instance] = frozenset()


def header_fault(
    spec: Specification, request: Request, observation: Observation, ways: Collection[Way], history: History
) -> tuple[Fault | None, bool]:
    """A success where only refusals are permitted, a refusal where only success is, or an error of another code.

    Tells also whether what the request did is in doubt.
    """
    rungs = list(dict.fromkeys(rung for way in ways if (rung := way.rung) is not None))
    success = any(way.rung is None for way in ways)
    expected = tuple(
        [f"{rung.code.value} ({rung.refusal.value}: {rung.clause})" for rung in rungs] + ["success"] * success
    )
    if not isinstance(observation, Refused):
        rung = _first_judged(spec, request, rungs, Part.OUTCOME)
        if rung is None:
            return None, True
        about, state = _about(ways, rung)
        return (
            Fault(
                _clause_of_success(request, rung, about, observation),
                request.operation,
                state,
                f"refusal:{rung.code.value}",
                "success",
                expected,
                "success",
                instance=about,
            ),
            True,
        )
    observed = f"{observation.code} ({observation.message})"
    observed_class = code_class(observation.code, observation.status)
    foreign = is_foreign(spec, request, observation)
    if foreign and success:
        rungs = [rung for rung in rungs if may_be_due(rung, request)]
    if rungs and (not success or foreign):
        ladder = spec.operations[request.operation].ladder
        may_be_partial = any(r.by_zone and (r in rungs or r.code.value == observation.code) for r in ladder)
        rung = _first_judged(spec, request, rungs, Part.CODE)
        if rung is None:
            return None, success or may_be_partial
        about, state = _about(ways, rung)
        malformed = next((other for other in rungs if other.refusal is Refusal.MALFORMED), None)
        if (
            malformed is not None
            and observation.code == ErrorCode.NOT_FOUND.value
            and _calls_unknown(observation, ways)
        ):
            rung = malformed  # an id that is none was called unknown, whatever else the message names
        elif observation.status < SERVER_ERROR and any(observation.code == other.code.value for other in rungs):
            # The code is right; the message names what cannot be the reason.
            return _about_refusal(
                "ERR-6", request, *_ANOTHER, " or ".join(_wordings(rungs)), observation.message
            ), may_be_partial
        return (
            Fault(
                _clause_of_other(spec, request, rung, observation),
                request.operation,
                state,
                f"refusal:{rung.code.value}",
                observed_class,
                expected,
                observed,
                instance=about,
            ),
            success or observation.status >= SERVER_ERROR or may_be_partial,
        )
    clause, about, state = _granted(request, observation, ways, history)
    if any(rung.refusal is Refusal.VOLUME_NOT_FOUND for rung in rungs):
        clause = "VOL-7"
    return (
        Fault(
            clause,
            request.operation,
            state,
            "success",
            observed_class,
            expected,
            observed,
            instance=about,
        ),
        True,
    )


def is_foreign(spec: Specification, request: Request, observation: Observation) -> bool:
    """Tell whether a request is refused with a code that no refusal of its operation has."""
    ladder = spec.operations[request.operation].ladder
    return isinstance(observation, Refused) and all(rung.code.value != observation.code for rung in ladder)


def _calls_unknown(refused: Refused, ways: Collection[Way]) -> bool:
    """Tell whether a refusal for an unknown id names an id that can only be malformed."""
    if refused.code != ErrorCode.NOT_FOUND.value:
        return False
    about: dict[Refusal, set[Instance]] = {Refusal.MALFORMED: set(), Refusal.NOT_FOUND: set()}
    for way in ways:
        if way.rung is not None and way.rung.refusal in about:
            about[way.rung.refusal].update(way.possible)
    return bool(named_in(refused.message, tuple(about[Refusal.MALFORMED] - about[Refusal.NOT_FOUND])))


def may_be_due(rung: Rung, request: Request) -> bool:
    """Tell whether a target with another code may mean this refusal; never for an id that it may not know yet."""
    return rung.refusal is not Refusal.NOT_FOUND or request.operation in READS


_ANOTHER: Final = ("message:known", ABOUT_ANOTHER)


def _wordings(rungs: Iterable[Rung]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wording for rung in rungs for wording in rung.wordings))


def _clause_of_success(request: Request, rung: Rung, about: Instance | None, observation: Observation) -> str:
    """Return the clause by which a request that succeeded should have been refused.

    Where the reply says that a protected instance ends, the protection is disregarded; else the failure is not told.
    """
    if request.operation is not Operation.TERMINATE or about is None or rung.refusal not in PROTECTED:
        return clause_of(rung, request)
    listed = by_instance(observation).get(about)
    if listed is None or listed.first[1] not in DEAD:
        return "TERM-6"
    return "PROT-1" if rung.refusal is Refusal.TERMINATION_PROTECTED else clause_of(rung, request)


def clause_of(rung: Rung, request: Request) -> str:
    """Return the clause that promises a refusal, which is another one where it answers a dry run."""
    return rung.clause_when_dry if request.dry_run and rung.clause_when_dry else rung.clause


def _clause_of_other(spec: Specification, request: Request, rung: Rung, observation: Refused) -> str:
    """Return the clause by which a refusal should have been this one and not the one observed.

    A state or a protection that is reported before a bad id breaks the order of the ladder.
    """
    if observation.status >= SERVER_ERROR:
        return "ERR-4"
    later = [other for other in spec.operations[request.operation].ladder if other.code.value == observation.code]
    if rung.refusal in BAD_ID and later and all(rung.refusal in other.after for other in later):
        return "ERR-3"
    return clause_of(rung, request)


def _first_judged(spec: Specification, request: Request, rungs: list[Rung], part: Part) -> Rung | None:
    """Return the first refusal whose evidence makes a finding; none where one of them is only assumed.

    An id that may be called malformed or unknown is taken for unknown: it looks like an id.
    """
    judged = [rung for rung in rungs if spec.clauses[clause_of(rung, request)].level_of(part) is not None]
    if not judged or len(judged) < len(rungs):
        return None
    unknown = next((rung for rung in judged if rung.refusal is Refusal.NOT_FOUND), None)
    return unknown if judged[0].refusal is Refusal.MALFORMED and unknown is not None else judged[0]


def _about(ways: Collection[Way], rung: Rung) -> tuple[Instance | None, str]:
    """Return the instance that a refusal is about, and the states in which it may be."""
    mine = [way for way in ways if way.rung is rung]
    suspects = sorted({i for way in mine for i in way.certain}) or sorted({i for way in mine for i in way.possible})
    if not suspects:
        return None, "-"
    i = suspects[0]
    return i, found_in(before for way in mine for before, _ in way.fates.get(i, ()))


def _granted(
    request: Request, observation: Refused, ways: Collection[Way], history: History
) -> tuple[str, Instance | None, str]:
    """Return the clause by which a request should have succeeded, and the instance for which it did not."""
    if request.operation is Operation.DETACH and any(way.of_root for way in ways if way.rung is None):
        return "VOL-17", None, "-"
    fates: dict[Instance, list[tuple[InstanceRecord, Move]]] = {}
    for way in ways:
        if way.rung is None:
            for i, found in way.fates.items():
                fates.setdefault(i, []).extend(found)
    named = named_in(observation.message, request.instances)
    for i in (*named, *request.instances):
        if fates.get(i):
            before, move = fates[i][0]
            clause = _granted_clause(request, observation, before, move)
            if isinstance(request, BatchRequest) and request.distinct < request.count:
                clause = "DESC-3"
            if i in history.cleared and observation.code == ErrorCode.NOT_PERMITTED.value:
                clause = "PROT-8"
            return clause, i, found_in(b for b, _ in fates[i])
    if request.operation is Operation.DESCRIBE_VOLUMES:
        return released_clause(request.volume_ids[0], history), None, "-"
    return readable_clause(request), None, "-"


def _granted_clause(request: Request, observation: Refused, before: InstanceRecord, move: Move) -> str:
    """Return the clause by which a request should have succeeded for one instance."""
    if request.operation is Operation.DESCRIBE and before.state in DEAD:
        return "TERM-7"
    if observation.code == ErrorCode.NOT_FOUND.value and before.state not in DEAD:
        return "VIS-1"
    if request.operation is Operation.DESCRIBE:
        return "DESC-2"
    if isinstance(request, AttributeRequest):
        if request.operation is Operation.DESCRIBE_ATTRIBUTE:
            return shown_attribute_clause(request.attribute)
        in_doubt = before.state in (InstanceState.PENDING, InstanceState.STOPPING)
        return "PROT-4" if in_doubt and move.row == "PROT-8" else move.row
    by_kind = request.operation in (Operation.STOP, Operation.START, Operation.TERMINATE)
    if by_kind and observation.code == ErrorCode.UNSUPPORTED.value and before.root_device is RootDevice.EBS:
        return "KIND-1"
    if (
        request.operation is Operation.STOP
        and observation.code == ErrorCode.NOT_PERMITTED.value
        and before.disable_api_termination
    ):
        return "PROT-5"
    return move.granted or move.row


def refusal_faults(
    request: Request, observation: Refused, rungs: Collection[Rung], ways: Collection[Way]
) -> tuple[Fault, ...]:
    """Judge the status and the message of a refusal whose code is permitted."""
    possible = frozenset(i for way in ways for i in way.possible)
    certain = frozenset(request.instances).intersection(*(way.certain for way in ways))
    holders = frozenset(i for way in ways for i in way.holders)
    faults: list[Fault] = []
    rung = next(iter(rungs))
    clause = clause_of(rung, request)
    if observation.status == NO_STATUS:
        pass
    elif not CLIENT_ERROR <= observation.status < SERVER_ERROR:
        faults.append(
            _about_refusal(
                "ERR-4", request, "status:4xx", "status:other", "a status of the 400-series", str(observation.status)
            )
        )
    elif all(r.status is not None and r.status != observation.status for r in rungs):
        faults.append(
            _about_refusal(
                clause,
                request,
                f"status:{rung.status}",
                "status:other-4xx",
                f"status {rung.status}",
                str(observation.status),
            )
        )
    if not any(permitted(r, observation.message, possible, certain, request.volume_ids, holders) for r in rungs):
        about_another = any(not named_by(r, observation.message) <= possible | holders for r in rungs)
        faults.append(
            _about_refusal(
                "ERR-6" if about_another else clause,
                request,
                *(_ANOTHER if about_another else ("message:known", "message:other")),
                " or ".join(_wordings(rungs)),
                observation.message,
            )
        )
    return tuple(faults)


def error_as_success(request: Request, observation: Refused) -> Fault:
    """An error came with the status of a success: clients that look at the status take the request for done."""
    return Fault(
        "ERR-4",
        request.operation,
        "-",
        "status:4xx",
        ERROR_AS_SUCCESS,
        ("a status of the 400-series",),
        f"status {observation.status} with the error {observation.code}",
        title=f"Error replies have the HTTP status {observation.status} of a success",
    )


def _about_refusal(
    clause: str, request: Request, expected_class: str, observed_class: str, expected: str, observed: str
) -> Fault:
    return Fault(clause, request.operation, "-", expected_class, observed_class, (expected,), observed)
