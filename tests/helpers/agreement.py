"""Asks a solver whether the meaning that `model/proof` reads in the rules is what plain execution does."""

from collections.abc import Mapping, Sequence
from enum import Enum

from as_formulas import ScopeTerms

from ec2_lifecycle.model.background import StepName, VolumeStepName
from ec2_lifecycle.model.outcomes import Rung
from ec2_lifecycle.model.proof.expansion import Scope as SolverScope
from ec2_lifecycle.model.proof.expansion import expanded
from ec2_lifecycle.model.proof.obligations import CHOICES, REQUEST, WORLD
from ec2_lifecycle.model.proof.reading import Reader
from ec2_lifecycle.model.proof.sending import Stage, SymbolicSent, SymbolicStep
from ec2_lifecycle.model.proof.smtlib import Script
from ec2_lifecycle.model.proof.solvers import Answer, ask_z3
from ec2_lifecycle.model.proof.terms import Term, and_, eq, not_, or_
from ec2_lifecycle.model.proof.worlds import SymbolicChoices, SymbolicRequest, any_world
from ec2_lifecycle.model.reach.acts import Act, InstanceEvent
from ec2_lifecycle.model.reach.branching import Picks
from ec2_lifecycle.model.reach.moves import acts_in, ways
from ec2_lifecycle.model.reach.scope import STRANGERS, Scope
from ec2_lifecycle.model.requests import Operation, Request
from ec2_lifecycle.model.specification import Specification
from ec2_lifecycle.model.world import Instance, Volume, World

BATCH = 100
"""How many worlds one question is about."""

Outcome = tuple[tuple[Rung | None, World], ...]
"""What plain execution gives under one setting of the choices: every permitted answer, with the world after."""
Outcomes = Sequence[tuple[Outcome, Sequence[Picks]]]
"""Every outcome of an act, with the settings of the choices that lead to it."""
Tried = Sequence[tuple[World, Mapping[Act, Outcomes]]]
"""Worlds, and what each act about one thing gave there."""


def names_in(scope: Scope) -> ScopeTerms:
    """Return the names of all that can be in a world of a scope, or in a request."""
    named = {i for form in scope.requests for i in form.instances}
    instances = (*(Instance(f"i{n + 1}") for n in range(scope.instances)), *(i for i in STRANGERS if i in named))
    volumes = tuple(Volume(f"v{n + 1}") for n in range(scope.volumes))
    return ScopeTerms(SolverScope(len(instances), scope.zones, len(volumes)), instances, scope.zone_names, volumes)


class Meaning:
    """What is read of one operation, or of one background step, over the worlds of a scope."""

    def __init__(self, spec: Specification, scope: Scope, about: Enum) -> None:
        self.about = about
        self.scope = scope
        self.choices = {choice.id: choice for choice in spec.choices}
        self.before = any_world(WORLD)
        self.stage = Stage(spec, Reader())
        settled = SymbolicChoices(CHOICES)
        if isinstance(about, Operation):
            self.request = SymbolicRequest(REQUEST, about)
            sent = SymbolicSent(self.stage, self.before, self.request, settled)
            self.after = sent.after
            ladder = spec.operations[about].ladder
            self.permitted: dict[Rung | None, Term] = {None: sent.succeeds}
            self.permitted |= {rung: sent.permitted(rung) for rung in ladder}
            self.answered: dict[Rung | None, Term] = {None: sent.succeeds}
            self.answered |= {rung: sent.refused_for(rung.refusal) for rung in ladder}
        else:
            step = next(step for step in (*spec.steps, *spec.volume_steps) if step.name is about)
            taken = SymbolicStep(self.stage, self.before, step, settled)
            self.after = taken.after
            self.subject = taken.subject
            # It comes where it is enabled: that is what is noted of it last.
            self.permitted = self.answered = {None: self.stage.facts.pop()}
        self.facts = and_(*self.stage.facts)

    def question(self, tried: Tried) -> Script:
        """Ask for a world, one of those tried, and an act in it that has another outcome than plain execution gave."""
        terms = names_in(self.scope)
        somewhere = or_(*(self._denied(terms, world, acts) for world, acts in tried))
        closed = (c for c in self.choices.values() if self.scope.choices is not None and c.id not in self.scope.choices)
        formulas = (*map(terms.preferred, closed), *terms.definitions, somewhere)
        return Script(f"{self.about.value}, in the scope {self.scope.name}", tuple(expanded(formulas, terms.scope)))

    def _denied(self, terms: ScopeTerms, world: World, acts: Mapping[Act, Outcomes]) -> Term:
        denied = (and_(self._is(terms, act), self._denied_of(terms, outcomes)) for act, outcomes in acts.items())
        return and_(terms.world(self.before, world), terms.strangers(self.before, world), or_(*denied))

    def _is(self, terms: ScopeTerms, act: Act) -> Term:
        if isinstance(act, Request):
            return terms.request(self.request, act)
        return eq(
            self.subject, terms.instance(act.instance) if isinstance(act, InstanceEvent) else terms.volume(act.volume)
        )

    def _denied_of(self, terms: ScopeTerms, outcomes: Outcomes) -> Term:
        """Return that with some choices there is another outcome; choices that were not read are any."""
        return or_(
            *(
                and_(or_(*(terms.picks(self.choices, picks) for picks in settings)), self._another(terms, outcome))
                for outcome, settings in outcomes
            )
        )

    def _another(self, terms: ScopeTerms, outcome: Outcome) -> Term:
        given = {answer for answer, _ in outcome}
        same = (test if answer in given else not_(test) for answer, test in self.permitted.items())
        # With an answer that is not permitted the facts do not hold: the first part is for those.
        elsewhere = (
            and_(self.answered[answer], self.facts, not_(terms.world(self.after, after))) for answer, after in outcome
        )
        return or_(not_(and_(*same)), *elsewhere)


def outcomes_of(spec: Specification, scope: Scope, world: World, act: Act) -> Outcomes:
    """Execute an act in every way; settings of the choices with one outcome go together."""
    found: list[tuple[Outcome, list[Picks]]] = []
    for way in ways(spec, scope, world, act):
        outcome = tuple((taken.answer, taken.after) for taken in way.transitions)
        settings = next((settings for known, settings in found if known == outcome), None)
        if settings is None:
            found.append((outcome, [way.choices.picks]))
        else:
            settings.append(way.choices.picks)
    return found


def name_of(act: Act) -> Operation | StepName | VolumeStepName:
    """Return the operation, or the name of the background step."""
    return act.operation if isinstance(act, Request) else act.name


def disagreements(read: Specification, executed: Specification, scope: Scope, worlds: Sequence[World]) -> list[str]:
    """Return where the solver, told the meaning of one specification, does not say what execution of another gave."""
    meanings: dict[Enum, Meaning] = {}
    found: list[str] = []
    for start in range(0, len(worlds), BATCH):
        tried: dict[Enum, list[tuple[World, dict[Act, Outcomes]]]] = {}
        for world in worlds[start : start + BATCH]:
            acts: dict[Enum, dict[Act, Outcomes]] = {}
            for act in acts_in(executed, scope, world):
                acts.setdefault(name_of(act), {})[act] = outcomes_of(executed, scope, world, act)
            for about, of_name in acts.items():
                tried.setdefault(about, []).append((world, of_name))
        for about, of_name in tried.items():
            if about not in meanings:
                meanings[about] = Meaning(read, scope, about)
            said = ask_z3(meanings[about].question(of_name)).answer
            if said is not Answer.UNSAT:
                found.append(f"{about.value}, in worlds {start} to {start + BATCH}: {said.value}")
    return found
