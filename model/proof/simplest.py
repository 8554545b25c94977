"""Simplifies the situation that a solver found: everything that need not be special becomes ordinary.

It tries wishes one after the other, and keeps each that is possible together with the earlier ones.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from ..choices import Choice
from ..requests import Caller
from ..states import Cause, Hibernation, InstanceState, RootDevice, ShutdownBehavior, Visibility, VolumeState
from ..theorems.invariants import cannot_stop, holds, stands
from ..world import Fate
from .expansion import Scope, expanded
from .models import Found, of_z3
from .sending import Stage
from .smtlib import Script
from .solvers import Answer, ask_z3
from .terms import BOOL, Term, and_, apply, eq, implies, member, not_, subterms
from .values import INSTANCE, VOLUME, Structure, condition, sort_of_enum
from .worlds import SymbolicRequest, SymbolicWorld

_USUAL: Final[tuple[tuple[str, Enum | bool], ...]] = (
    ("visibility", Visibility.VISIBLE),
    ("fate", Fate.NONE),
    ("termination_settling", False),
    ("stop_settling", False),
    ("root_device", RootDevice.EBS),
    ("shutdown_behavior", ShutdownBehavior.STOP),
    ("hibernation", Hibernation.OFF),
    ("disable_api_stop", False),
    ("disable_api_termination", False),
    ("has_run", True),
    ("state", InstanceState.RUNNING),
    ("cause", Cause.NONE),
)
"""What an instance usually is, the least telling first."""
_USUAL_VOLUME: Final[tuple[tuple[str, Enum | bool], ...]] = (
    ("detaching", False),
    ("root", False),
    ("delete_on_termination", True),
    ("state", VolumeState.IN_USE),
)
_USUAL_REQUEST: Final[tuple[tuple[str, Enum | bool], ...]] = (
    ("caller", Caller.OWNER),
    ("dry_run", False),
    ("force", False),
    ("hibernate", False),
    ("skip_os_shutdown", False),
    ("disable_api_stop", False),
    ("disable_api_termination", False),
)


def find(name: str, question: tuple[Term, ...], scope: Scope, wishes: Iterator[Term]) -> Found | None:
    """Return a model of formulas in a scope that meets as many wishes as possible; None if there is no model."""
    found = _asked(name, question, scope)
    if found is None:
        return None
    granted: list[Term] = []
    for wish in expanded(wishes, scope):
        if found.value(wish):
            granted.append(wish)
        elif (plainer := _asked(name, (*question, *granted, wish), scope)) is not None:
            granted.append(wish)
            found = plainer
    return found


def _asked(name: str, question: tuple[Term, ...], scope: Scope) -> Found | None:
    answered = ask_z3(Script(f"{name}, {scope}", question), keep_model=True)
    return Found(scope, of_z3(answered.model)) if answered.answer is Answer.SAT else None


def wishes(
    stage: Stage, world: SymbolicWorld, request: SymbolicRequest | None, formulas: tuple[Term, ...], scope: Scope
) -> Iterator[Term]:
    """Yield what one would wish of a situation: that it can be reached, and then that nothing in it is unusual."""
    instances, volumes = scope.members(INSTANCE), scope.members(VOLUME)
    yield and_(*_sound(stage, world, instances, volumes))
    if request is not None:
        yield from _usual(vars(request), _USUAL_REQUEST)
        if request.count.op != "integer":
            yield eq(request.count, request.distinct)
    symbols = {str(part.what): part for part in subterms(*formulas) if part.op == "apply"}
    for choice in stage.spec.choices:
        yield from _preferred(choice, symbols, instances)
    for field in _USUAL:
        yield and_(*(_usual_there(world.instances.has(i), world.instances.at(i), field) for i in instances))
        yield from (_usual_there(world.instances.has(i), world.instances.at(i), field) for i in instances)
    for field in _USUAL_VOLUME:
        yield from (_usual_there(world.volumes.has(v), world.volumes.at(v), field) for v in volumes)


def _sound(
    stage: Stage, world: SymbolicWorld, instances: tuple[Term, ...], volumes: tuple[Term, ...]
) -> Iterator[Term]:
    for i in instances:
        rules = (condition(stage.reader.call(rule, world, i)) for rule in (stands, cannot_stop))
        yield implies(world.instances.has(i), and_(*rules))
    for v in volumes:
        yield implies(world.volumes.has(v), condition(stage.reader.call(holds, world, v)))


def _usual(fields: dict[str, Any], usual: tuple[tuple[str, Enum | bool], ...]) -> Iterator[Term]:
    for name, value in usual:
        if isinstance(fields.get(name), Term):
            yield _is(fields[name], value)


def _usual_there(there: Term, record: Structure, usual: tuple[str, Enum | bool]) -> Term:
    name, value = usual
    return implies(there, _is(record.fields[name], value))


def _is(term: Term, value: Enum | bool) -> Term:  # noqa: FBT001 - the value of a field
    if isinstance(value, Enum):
        return eq(term, member(sort_of_enum(type(value)), value.name))
    return term if value else not_(term)


def _preferred(choice: Choice[Any], symbols: dict[str, Term], instances: tuple[Term, ...]) -> Iterator[Term]:
    name, symbol = next(((n, s) for n, s in symbols.items() if n.endswith(f".{choice.id}")), ("", None))
    if symbol is None or symbol.sort == BOOL:
        return
    preferred = member(symbol.sort, choice.preferred.name)
    for args in [(i,) for i in instances] if symbol.args else [()]:
        yield eq(apply(name, symbol.sort, *args), preferred)
