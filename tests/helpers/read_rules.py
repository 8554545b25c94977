"""Every rule of a specification, as the prover reads it and as it runs, side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from meanings import Known

from ec2_lifecycle.model.proof.outcome_text import fresh
from ec2_lifecycle.model.proof.reading import Reader
from ec2_lifecycle.model.proof.terms import Term, apply, or_
from ec2_lifecycle.model.proof.values import INSTANCE, VOLUME, Value
from ec2_lifecycle.model.proof.worlds import SymbolicChoices, SymbolicRequest, SymbolicWorld, any_world
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.theorems.happenings import SAYS_NOTHING

WORLD: Final = any_world("world")
CHOICES: Final = SymbolicChoices("choices")
ASKED_I: Final = apply("i", INSTANCE)
ASKED_V: Final = apply("v", VOLUME)
"""The instance or volume that a rule is asked about."""


def any_request(operation: Operation) -> SymbolicRequest:
    """Return a request of an operation of which nothing else is known."""
    return SymbolicRequest("request", operation)


@dataclass(frozen=True, eq=False)
class ReadRule:
    """A rule, and what the reading of it gave: its value, and where plain execution of it fails."""

    label: str
    rule: Callable[..., Any]
    arguments: tuple[Value, ...]
    value: Value
    undefined: Term
    only_named: bool = False
    """Whether it can be asked only about the volumes of the request."""

    def disagreements(self, known: Known) -> Iterator[str]:
        """Yield where the reading of the rule and its plain execution are not the same in a situation."""
        for subject in self._subjects(known):
            here = known.having(i=subject, v=subject)
            where = f"{self.label} of {subject or 'nobody'}"
            try:
                expected = self.rule(*self._plain_arguments(here, subject))
            except SAYS_NOTHING as error:
                if not here.value(self.undefined):
                    yield f"{where}: plain execution fails ({error!r}), and the reading does not say so"
                continue
            if here.value(self.undefined):
                yield f"{where}: the reading says that plain execution fails, and it gives {expected}"
            elif not here.agrees(self.value, expected):
                yield f"{where}: plain execution gives {expected}, and the reading something else"

    def _subjects(self, known: Known) -> tuple[str, ...]:
        if self.only_named:
            return known.situation.request.volume_ids
        asked = next((sort for one, sort in ((ASKED_I, INSTANCE), (ASKED_V, VOLUME)) if one in self.arguments), None)
        return known.identities[asked] if asked else ("",)

    def _plain_arguments(self, known: Known, subject: str) -> Iterator[object]:
        situation = known.situation
        for argument in self.arguments:
            match argument:
                case SymbolicWorld():
                    yield fresh(situation.world)
                case SymbolicRequest():
                    yield situation.request
                case SymbolicChoices():
                    yield situation.choices
                case _:
                    yield subject


def read_rule(label: str, rule: Callable[..., Any], *arguments: Value, only_named: bool = False) -> ReadRule:
    """Read a rule."""
    reader = Reader(watch=True)
    value = reader.call(rule, *arguments)
    return ReadRule(label, rule, arguments, value, or_(*reader.undefined), only_named)


def rules_of_operation(spec: Specification, operation: Operation) -> Iterator[ReadRule]:
    """Yield every rule of an operation: the rungs of its ladder, its effects, and what a reply tells."""
    rules, request = spec.operations[operation], any_request(operation)
    for number, rung in enumerate(rules.ladder):
        label = f"{operation.value}: rung {number} ({rung.refusal.value})"
        if rung.holds is not None:
            yield read_rule(f"{label} holds", rung.holds, WORLD, request, CHOICES)
        if rung.trips is not None:
            yield read_rule(f"{label} trips", rung.trips, WORLD, request, CHOICES, ASKED_I)
    if rules.instance is not None:
        yield read_rule(f"{operation.value}: instance", rules.instance, WORLD, request, CHOICES, ASKED_I)
    if rules.volume is not None:
        yield read_rule(f"{operation.value}: volume", rules.volume, WORLD, request, CHOICES, ASKED_V)
    if rules.created_instance is not None:
        yield read_rule(f"{operation.value}: created instance", rules.created_instance, request, ASKED_I)
    if rules.created_volume is not None:
        yield read_rule(f"{operation.value}: created volume", rules.created_volume, request, ASKED_V, only_named=True)


def rules_of_background(spec: Specification) -> Iterator[ReadRule]:
    """Yield every rule about what EC2 does by itself, what is at rest, and what a reply tells."""
    for step in spec.steps:
        yield read_rule(f"{step.name.value}: enabled", step.enabled, WORLD, ASKED_I)
        yield read_rule(f"{step.name.value}: after", step.after, WORLD, ASKED_I)
    for step in spec.volume_steps:
        yield read_rule(f"{step.name.value}: enabled", step.enabled, WORLD, CHOICES, ASKED_V)
        yield read_rule(f"{step.name.value}: after", step.after, WORLD, ASKED_V)
    yield read_rule("at rest", spec.at_rest, WORLD, ASKED_I)
    yield read_rule("volume at rest", spec.volume_at_rest, WORLD, ASKED_V)
    yield read_rule("previous state", spec.previous_state, WORLD, WORLD, ASKED_I)
    yield read_rule("current state", spec.current_state, WORLD, WORLD, ASKED_I)
