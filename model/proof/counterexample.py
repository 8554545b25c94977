"""Searches small scopes for a world in which a theorem fails, and lets plain execution confirm it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from textwrap import shorten
from typing import Any

from ..background import BackgroundStep, VolumeStep
from ..choices import Choices
from ..outcomes import Rung
from ..requests import Request
from ..theorems.happenings import SAYS_NOTHING, Sent, Standing, happened
from ..world import Instance, Volume, World
from .expansion import Scope, counted, expanded, scopes_for
from .models import Found
from .naming import named
from .obligations import CHOICES, Obligation, premise_of
from .sending import SymbolicSent, SymbolicStanding, SymbolicStep
from .simplest import find, wishes
from .terms import Term, subterms
from .values import Members, Value
from .worlds import SymbolicRequest, SymbolicWorld


class ProverBug(Exception):
    """The prover contradicts plain execution: what it says of any theorem cannot be trusted until this is mended."""


@dataclass(frozen=True)
class Example:
    """A plain situation out of a small scope: of a theorem that fails, or of a premise that is met."""

    about: Enum | None
    scope: Scope
    world: World
    choices: Choices
    request: Request | None
    """What is sent, where a request happens (or is asked about)."""
    subject: str | None
    """The instance or volume to which a background step comes."""
    arguments: dict[str, Any]
    """The values of the theorem's other parameters, by name."""
    answers: tuple[Rung | None, ...] = ()
    """The refusals by which plain execution answered, one for each request that was sent."""
    error: str | None = None
    """What stopped plain execution, where a rule says nothing."""


def found_in_scopes(obligation: Obligation, formulas: tuple[Term, ...], *, plain: bool = True) -> Iterator[Found]:
    """Yield a model of formulas in each scope with one, the smallest first; `plain`: what can be is as usual."""
    simple = named(formulas, {})
    world, request = world_and_request(obligation)
    for scope in scopes_for((*simple, *formulas)):
        question = (*expanded(simple, scope), *expanded(counted(obligation.stage, scope), scope))
        wanted = wishes(obligation.stage, world, request, formulas, scope) if plain else iter(())
        found = find(obligation.name, question, scope, wanted)
        if found is not None:
            yield found


def world_and_request(obligation: Obligation) -> tuple[SymbolicWorld, SymbolicRequest | None]:
    """Return what is not known of a situation: the world, and the request where one is sent."""
    first = next(iter(obligation.arguments.values()))
    sent = next((value for value in obligation.arguments.values() if isinstance(value, SymbolicSent)), None)
    return first.world if isinstance(first, SymbolicStanding) else first.before, sent and sent.request


def counterexample(obligation: Obligation, *, plain: bool = True) -> Example | None:
    """Return the smallest situation in which a theorem fails, confirmed by plain execution; None: there is none here.

    `plain`: whatever need not be special in it is as usual. Raises `ProverBug` where plain execution does not confirm.
    """
    return _first(obligation, obligation.refutation, lambda holds: not holds, obligation.theorem.formula, plain=plain)


def witness(obligation: Obligation) -> Example | None:
    """Return the smallest situation in which the premise of a theorem is met, confirmed by plain execution."""
    return _first(obligation, obligation.witness, lambda holds: holds, premise_of(obligation.theorem.formula))


def _first(
    obligation: Obligation,
    formulas: tuple[Term, ...],
    wanted: Callable[[bool], bool],
    formula: Callable[..., bool],
    *,
    plain: bool = True,
) -> Example | None:
    found = next(found_in_scopes(obligation, formulas, plain=plain), None)
    if found is None:
        return None
    example = situation(obligation, found, formulas)
    for answers, holds, error in played(obligation, example, formula):
        if error is not None or wanted(holds):
            return replace(example, answers=answers, error=error)
    raise ProverBug(
        f"{obligation.name}: the solver and plain execution disagree; this is a mistake in model/proof, "
        f"please report it with this situation: {shorten(str(example), 4000)}"
    )


def situation(obligation: Obligation, found: Found, formulas: tuple[Term, ...]) -> Example:
    """Return a plain situation as a model has it."""
    first, *others = obligation.arguments.items()
    subject = first[1]
    world, request = world_and_request(obligation)
    return Example(
        about=obligation.about,
        scope=found.scope,
        world=found.world(world),
        choices=found.choices(CHOICES, obligation.stage.spec.choices, subterms(*formulas)),
        request=None if request is None else found.request(request),
        subject=found.identity(subject.subject) if isinstance(subject, SymbolicStep) else None,
        arguments={name: _plain(found, value) for name, value in others},
    )


def _plain(found: Found, value: Value) -> object:
    if isinstance(value, Members):
        return found.zones(value.has)
    return found.identity(value) if isinstance(value, Term) else None


def played(
    obligation: Obligation, example: Example, formula: Callable[..., bool]
) -> Iterator[tuple[tuple[Rung | None, ...], bool, str | None]]:
    """Yield what plain execution makes of a formula, for every answer that is permitted: answers, result, error."""
    untried: list[tuple[int, ...]] = [()]
    while untried:
        plan = untried.pop()
        given: list[Rung] = []

        def answerer(permitted: tuple[Rung, ...], plan: tuple[int, ...] = plan, given: list[Rung] = given) -> Rung:
            step = len(given)
            if step >= len(plan):
                before = plan + (0,) * (step - len(plan))
                untried.extend((*before, other) for other in range(1, len(permitted)))
            given.append(permitted[plan[step] if step < len(plan) else 0])
            return given[-1]

        try:
            result = formula(**plain_arguments(obligation, example, answerer))
        except SAYS_NOTHING as error:
            yield tuple(given), False, f"{type(error).__name__}: {error}"
        else:
            yield tuple(given), result, None


def plain_arguments(
    obligation: Obligation, example: Example, answerer: Callable[[tuple[Rung, ...]], Rung]
) -> dict[str, Any]:
    """Return the arguments of a theorem in a plain situation."""
    spec = obligation.stage.spec
    plain: dict[str, Any] = dict(example.arguments)
    for name, value in obligation.arguments.items():
        match value:
            case SymbolicSent():
                plain[name] = Sent(spec, example.world, example.request, example.choices, answerer)
            case SymbolicStanding():
                plain[name] = Standing(spec, example.world, example.choices)
            case SymbolicStep():
                step = next(s for s in (*spec.steps, *spec.volume_steps) if s.name is obligation.about)
                if not _can_come(step, example):
                    raise ProverBug(f"{obligation.name}: the solver lets a step come that plain execution does not")
                plain[name] = happened(spec, example.world, step, str(example.subject))
            case _:
                continue
    return plain


def _can_come(step: BackgroundStep | VolumeStep, example: Example) -> bool:
    if isinstance(step, VolumeStep):
        return step.enabled(example.world, example.choices, Volume(str(example.subject)))
    return step.enabled(example.world, Instance(str(example.subject)))
