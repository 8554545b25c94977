"""Explains a call in words: the clause behind each part of its answer, and the open points that it met."""

from collections.abc import Iterator
from typing import Final

from ...model.outcomes import Rung
from ...model.requests import Operation
from ...model.specification import EC2, Specification
from ...model.world import Instance
from .account import NO_VOLUME
from .call_log import Call
from .planned_failures import Effect
from .simulation import Answer
from .wire import services

_MOST: Final = 20
"""The most instances or volumes that an explanation lists."""


def explain(call: Call, spec: Specification = EC2) -> str:
    """Return why a call was answered as it was: one line for the call, and one for each reason."""
    return "\n".join([f"{call}", *(f"  {line}" for line in reasons(call, spec))])


def reasons(call: Call, spec: Specification = EC2) -> Iterator[str]:
    """Yield the reasons for the answer to a call, one sentence each."""
    if call.failure is not None:
        yield f"It failed on purpose ({call.failure.name}); the request was {call.failure.effect.value}."
        if call.failure.effect is Effect.NONE:
            return
    if call.code and call.age and (call.answer is None or call.answer.refusal is None):
        yield f"The read is {call.age:g} seconds late, and does not know the new id yet (E-25)."
        return
    if call.passed_on:
        yield "The EC2 behind the model answered."
    elif call.answer is None:
        yield _outside(call)
    else:
        found = [*_of_answer(call, call.answer, spec)]
        yield from found or ["No clause refuses it, and it changes nothing."]
    if call.age:
        yield f"It shows what was true {call.age:g} seconds before (F-07)."


def _outside(call: Call) -> str:
    """Return why a call was answered that never came to the rules."""
    if call.code:
        return f"The model itself refused it{_facts(call)}."
    if call.operation in {operation.value for operation in Operation}:
        return "It repeats a client token, and gets what the first request with that token made (K-01)."
    if call.service != services.EC2:
        return "The specification does not cover this service; the model knows the two callers."
    return "The specification does not cover this operation; the model answers from what it holds."


def _facts(call: Call) -> str:
    return f"; its code rests on {', '.join(call.facts)}" if call.facts else ""


def _of_answer(call: Call, answer: Answer, spec: Specification) -> Iterator[str]:
    if answer.refusal is not None:
        yield from _refused(call, answer, answer.refusal, spec)
    elif call.code:
        yield f"The specification permits it; the model refused it for another reason{_facts(call)}."
    if answer.refusal.by_zone if answer.refusal is not None else not call.code:
        yield from _changes(answer, spec)
    yield from _open_points(answer, spec)


def _open_points(answer: Answer, spec: Specification) -> Iterator[str]:
    """Yield the open points that the rules met, each alternative with the instances for which it was chosen."""
    about: dict[tuple[str, str], list[Instance]] = {}
    for (choice_id, instance), alternative in answer.settled().items():
        subjects = about.setdefault((choice_id, alternative.name.lower().replace("_", "-")), [])
        subjects.extend(() if instance is None else (instance,))
    questions = {choice.id: choice.question for choice in spec.choices}
    for (choice_id, alternative), subjects in about.items():
        question = f" ({questions[choice_id]})" if choice_id in questions else ""
        more = f" and {len(subjects) - _MOST} more" if len(subjects) > _MOST else ""
        of = f" for {', '.join(subjects[:_MOST])}{more}" if subjects else ""
        yield f"Open point {choice_id}{question}: {alternative}{of}."


def _refused(call: Call, answer: Answer, rung: Rung, spec: Specification) -> Iterator[str]:
    yield f"Refused by {call.clause}: {_sentence(call.clause, spec)}"
    because = [i for i in dict.fromkeys(answer.request.instances) if _applies(answer, rung, i)]
    if rung.trips is not None:
        for i in because[:_MOST]:
            yield f"It applies to {i} ({_state(answer, i)})."


def _applies(answer: Answer, rung: Rung, i: Instance) -> bool:
    """Tell whether a refusal applies because of an instance."""
    return rung.trips is not None and rung.trips(answer.before, answer.request, answer.choices, i)


def _changes(answer: Answer, spec: Specification) -> Iterator[str]:
    """Yield what became of each instance and volume that the request names, with the clause that promises it."""
    lines: list[str] = []
    for i in dict.fromkeys(answer.request.instances):
        before, after = answer.before.instances.get(i), answer.after.instances.get(i)
        if after is None:
            continue
        if before == after:
            if answer.refusal is not None and not _applies(answer, answer.refusal, i):
                lines.append(f"{i} in {after.zone} stays {after.state.value}{_because(answer, spec, i)}.")
        elif before is None:
            lines.append(f"{i} is new, in {after.zone}: {after.state.value}.")
        else:
            clause = _because(answer, spec, i)
            moved = before.state is not after.state
            states = f"{before.state.value} -> {after.state.value}" if moved else f"{after.state.value}, changed"
            lines.append(f"{i} in {after.zone}: {states}{clause}.")
    for v in dict.fromkeys(answer.request.volume_ids):
        was, now = answer.before.volumes.get(v), answer.after.volumes.get(v)
        if now is None or was == now:
            continue
        if was is None or was == NO_VOLUME:
            lines.append(f"{v} is new, in {now.zone}: {now.state.value}.")
        else:
            moved = was.state is not now.state
            became = f"{was.state.value} -> {now.state.value}" if moved else f"{now.state.value}, changed"
            lines.append(f"{v}: {became}.")
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"And {len(lines) - _MOST} more."


def _because(answer: Answer, spec: Specification, i: Instance) -> str:
    rule = spec.operations[answer.request.operation].instance
    if rule is None:
        return ""
    return f" ({rule(answer.before, answer.request, answer.choices, i).because})"


def _state(answer: Answer, i: Instance) -> str:
    record = answer.before.instances.get(i)
    return "no such instance" if record is None else f"{record.state.value}, in {record.zone}"


def _sentence(clause: str, spec: Specification) -> str:
    return spec.clauses[clause].sentence if clause in spec.clauses else ""
