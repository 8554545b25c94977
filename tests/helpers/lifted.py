"""A request sent in a world that is known, and sent symbolically: whatever can be asked of both, side by side."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from meanings import UNUSED, Known
from read_rules import CHOICES, WORLD, any_request
from situations import ZONES, Situation

from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.proof.outcome_text import fresh
from ec2_lifecycle.model.proof.sending import Stage, SymbolicSent
from ec2_lifecycle.model.proof.terms import BOOL, Term, apply, member
from ec2_lifecycle.model.proof.values import INSTANCE, VOLUME, ZONE, Members, Table
from ec2_lifecycle.model.proof.worlds import facts_of_request, facts_of_world
from ec2_lifecycle.model.requests import Operation
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.step import applies, permitted_refusals
from ec2_lifecycle.model.theorems.happenings import Sent
from ec2_lifecycle.model.world import Instance, Volume, World, Zone

SOME_ZONES = frozenset({ZONES[0], UNUSED})
"""The zones by which a request is parted."""


class Parted(Known):
    """A situation in which it is known, too, which zones a part of a request is about."""

    def _symbol(self, name: str, about: list[str]) -> object:
        return Zone(about[0]) in SOME_ZONES if name == "zones" else super()._symbol(name, about)


@dataclass(frozen=True, eq=False)
class Lifting:
    """Requests of one operation, sent symbolically: the first, and others that come of it, in the order made."""

    stage: Stage
    sent: dict[str, SymbolicSent]

    def disagreements(self, situation: Situation) -> Iterator[str]:
        """Yield where symbolic sending and plain execution are not the same in a situation."""
        for plain in sendings(self.stage.spec, situation, parts="within" in self.sent):
            known = Parted(situation, symbols(plain))
            for name, sent in plain.items():
                for told in (
                    *_answers_apart(known, self.sent[name], sent),
                    *_worlds_apart(known, self.sent[name], sent),
                ):
                    yield f"{sent.name.value}, {name}, answered by {answer_of(plain['first'])}: {told}"
            for fact in self.stage.facts:
                if not known.value(fact):
                    yield f"{situation.request}: {fact} is taken to hold, and does not"


def lifting(spec: Specification, operation: Operation, *, parts: bool = False) -> Lifting:
    """Send a request symbolically, then again, again unprotected, and, if wanted, its parts by zone."""
    request = any_request(operation)
    stage = Stage(spec, facts=[*facts_of_world(WORLD), *facts_of_request(WORLD, request)], requests=[request])
    first = SymbolicSent(stage, WORLD, request, CHOICES)
    sent = {"first": first, "again": first.again(), "unprotected": first.unprotected()}
    if parts:
        zones = Members(ZONE, lambda zone: apply("zones", BOOL, zone))
        sent |= {"within": first.within(zones), "beyond": first.beyond(zones)}
        sent["then"] = sent["beyond"].sent_in(sent["within"].after)
    return Lifting(stage, sent)


def sendings(spec: Specification, situation: Situation, *, parts: bool) -> Iterator[dict[str, Sent]]:
    """Yield the same requests sent by plain execution, once for each answer that is permitted to the first."""
    permitted = permitted_refusals(spec, fresh(situation.world), situation.request, situation.choices)
    for turn in range(max(1, len(permitted))):
        first = Sent(spec, fresh(situation.world), situation.request, situation.choices, _by_turn(turn))
        sent = {"first": first, "again": first.again(), "unprotected": first.unprotected()}
        if parts:
            sent |= {"within": first.within(SOME_ZONES), "beyond": first.beyond(SOME_ZONES)}
            sent["then"] = sent["beyond"].sent_in(sent["within"].after)
        yield sent


def _by_turn(turn: int) -> Callable[[tuple[Rung, ...]], Rung]:
    return lambda permitted: permitted[turn % len(permitted)]


def answer_of(sent: Sent) -> Rung | None:
    """Return the refusal that answered, or none."""
    permitted = permitted_refusals(sent.spec, sent.before, sent.request, sent.choices)
    return sent.answerer(permitted) if permitted else None


def symbols(plain: dict[str, Sent]) -> dict[str, object]:
    """Return what the symbols are that are about answers and about parts of a request."""
    known: dict[str, object] = {}
    for number, (name, sent) in enumerate(plain.items()):
        answer = answer_of(sent)
        ladder = sent.spec.operations[sent.name].ladder
        known |= {f"answer{number}.{place}": rung is answer for place, rung in enumerate(ladder)}
        known |= {f"request.{name}.count": sent.request.count, f"request.{name}.distinct": sent.request.distinct}
    return known


def _answers_apart(known: Known, symbolic: SymbolicSent, plain: Sent) -> Iterator[str]:
    ladder = plain.spec.operations[plain.name].ladder
    given = plain.before, plain.request, plain.choices
    permitted = permitted_refusals(plain.spec, *given)
    asked: list[tuple[str, Term, bool]] = [
        ("whether it succeeds", symbolic.succeeds, plain.succeeds),
        ("whether it is answered", symbolic.is_answered, plain.is_answered),
        ("whether it can be refused", symbolic.can_be_refused, plain.can_be_refused),
        ("whether it can be carried out", symbolic.can_be_carried_out, plain.can_be_carried_out),
        ("whether it is carried out", symbolic.carried_out, plain.carried_out),
        *((f"{r.refusal} applies", symbolic.applies(r), applies(r, *given)) for r in ladder),
        *((f"{r.refusal} is permitted", symbolic.permitted(r), r in permitted) for r in ladder),
        *((f"refused for {r.refusal}", symbolic.refused_for(r.refusal), plain.refused_for(r.refusal)) for r in ladder),
    ]
    for what, term, expected in asked:
        if known.value(term) != expected:
            yield f"{what}: {expected} by plain execution"


def _worlds_apart(known: Known, symbolic: SymbolicSent, plain: Sent) -> Iterator[str]:
    after: World = plain.after
    for i in map(Instance, known.identities[INSTANCE]):
        yield from _records_apart(known, symbolic.after.instances, i, after.instances.get(i))
    for v in map(Volume, known.identities[VOLUME]):
        yield from _records_apart(known, symbolic.after.volumes, v, after.volumes.get(v))


def _records_apart(known: Known, table: Table, identity: str, expected: object) -> Iterator[str]:
    key = member(known.scope.sort(table.sort), str(known.plain(identity, table.sort)))
    if known.value(table.has(key)) != (expected is not None):
        yield f"whether {identity} is there: {expected} by plain execution"
    elif expected is not None and not known.agrees(table.at(key), expected):
        yield f"{identity} is {expected} by plain execution"
