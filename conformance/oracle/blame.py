"""Finds the step and the clause to blame for what is wrong."""

from collections.abc import Collection
from typing import Final

from ...model.clauses import Part
from ...model.requests import Operation
from ...model.specification import Specification
from ...model.states import InstanceState, VolumeState
from ...model.world import Fate, Instance, Volume
from .belief import Hypothesis
from .divergence import ABOUT_ANOTHER, NEVER_AT_REST, Divergence
from .fault import Fault
from .history import History


def stuck(hypotheses: Collection[Hypothesis], history: History, name: Instance | Volume) -> Fault:
    """An instance or volume stayed in transition for too long."""
    last = history.last.get(name)
    operation = last.operation if last is not None else Operation.DESCRIBE
    records = sorted((r for h in hypotheses for r in h.instances.get(Instance(name), ())), key=repr)
    if not records:
        left = [r for h in hypotheses for r in h.volumes.get(Volume(name), ())]
        own = any(r.detaching or r.state is VolumeState.CREATING for r in left)
        deleted = history.why(name, "") == "VOL-20"
        return Fault(
            "VOL-10" if own else "VOL-20" if deleted else "VOL-6",
            Operation.DESCRIBE_VOLUMES,
            "-",
            "rest:reached",
            NEVER_AT_REST,
            (f"volume {name} comes to rest",),
            f"volume {name} did not change",
            volume=Volume(name),
            opens=frozenset({name}),
        )
    record = records[0]
    if record.fate is Fate.TERMINATE:
        clause, wanted = "TERM-5", "terminated"
    elif record.state is InstanceState.PENDING:
        clause, wanted = ("START-6" if record.has_run else "RUN-3"), "running"
    elif record.state is InstanceState.STOPPING:
        clause, wanted = "STOP-7", "stopped"
    elif record.fate is Fate.STOP:
        clause, wanted = "STOP-11", "stopped"
    else:
        clause, wanted = "TERM-18", "terminated"
    return Fault(
        clause,
        operation,
        record.state.value,
        f"rest:{wanted}",
        NEVER_AT_REST,
        (f"{name} {wanted} in the end",),
        f"{name} still {record.state.value}",
        instance=Instance(name),
        opens=frozenset({name}),
    )


def blamed(spec: Specification, history: History, step: int, fault: Fault) -> Divergence | None:
    """Return a fault as a divergence of the step that made it; None where the promise is only assumed."""
    clause, operation, state = fault.clause, fault.operation, fault.state
    name = fault.volume or fault.instance
    last = history.last.get(fault.instance or "") if fault.expected_class.startswith("rest:") else None
    if fault.step is not None:
        step = fault.step
    if last is not None:
        step = last.step
    in_vain = history.changed_in_vain(name, fault.observed_class) if name is not None else None
    if in_vain is not None and spec.clauses[in_vain.because].level_of(_part(fault)) is not None:
        clause, operation, state, step = in_vain.because, in_vain.operation, in_vain.state, in_vain.step
    elif not clause:
        touch = history.touched.get(name) if name is not None else None
        by = history.bystander
        if fault.volume is not None:
            clause = history.why(fault.volume, "VOL-9")
        elif touch is not None:
            clause, operation, state, step = touch.because, touch.operation, touch.state, touch.step
        elif by is not None and by.step > history.seen_after.get(str(name), -1):
            clause, operation, step = by.because, by.operation, by.step
        else:
            clause = "STATE-3"
    expected = tuple(f"{one} ({clause})" for one in fault.expected) if not fault.clause else fault.expected
    part = _part(fault)
    if spec.clauses[clause].level_of(part) is None:
        return None
    of = "" if state == "-" else f" of a {state} instance"
    return Divergence(
        clause=clause,
        part=part,
        operation=operation,
        state=state,
        expected_class=fault.expected_class,
        observed_class=fault.observed_class,
        step=step,
        instance=fault.instance,
        title=fault.title
        or f"{operation.value}{of}: {phrase(fault.observed_class)} instead of {phrase(fault.expected_class)}",
        expected=expected,
        observed=fault.observed,
        volume=fault.volume,
    )


_PHRASES: Final = {
    "state": "state {}",
    "items": "{} item",
    "shown": "{} shown",
    "missing": "no {}",
    "message": "{} message",
    "status": "status {}",
    "volume": "volume {}",
    "reason": "StateReason {}",
    "transition-reason": "{} StateTransitionReason",
    "device": "volume {}",
    "zone": "{} zone",
    "root": "{} root device",
    "kept": "the same {}",
    "changed": "another {}",
    "new": "a new {}",
    "reused": "the {} of another launch",
    "renewed": "a new {}",
    "stale": "the old {}",
    "refusal": "{}",
}
"""The classes of replies in words, by their topic."""


def phrase(kind: str) -> str:
    """Return a class of replies in words."""
    topics = {one.partition(":")[0] for one in kind.split("|")}
    if topics in ({"shown"}, {"missing"}):
        fields = ", ".join(one.partition(":")[2] for one in kind.split("|"))
        return _PHRASES[topics.pop()].format(fields)
    return " or ".join(_one_phrase(one) for one in kind.split("|"))


def _one_phrase(kind: str) -> str:
    topic, colon, rest = kind.partition(":")
    if topic == "rest":
        return "stays as it is" if rest == "never" else f"{rest} in the end"
    if topic == "state" and rest.startswith(("current-", "previous-")):
        return "{} state {}".format(*rest.split("-", 1))
    if not colon:
        return topic
    return _PHRASES.get(topic, f"{topic} {{}}").format(rest)


def _part(fault: Fault) -> Part:
    if fault.expected_class.startswith("status:"):
        return Part.STATUS
    if fault.expected_class.startswith("message:") and fault.observed_class != ABOUT_ANOTHER:
        return Part.MESSAGE  # whom it names is no matter of words
    if fault.observed_class.startswith("refusal:") and "success" not in fault.expected_class:
        return Part.CODE
    return Part.OUTCOME
