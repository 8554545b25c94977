"""The places of a module that mutants change: its rules and tables, and the parts that decide what EC2 does.

Parts without effect on behaviour are left out: docstrings, type annotations, and the ids of clauses.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final, TypeVar

from ..world import InstanceRecord, VolumeRecord
from .definitions import names_of
from .edits import Edit, Places

N = TypeVar("N", bound=ast.AST)

NAMES_A_CLAUSE: Final = frozenset(
    {
        "because",
        "clause",
        "clause_when_dry",
        "granted",
        "row",
        "unchanged",
        "unmoved",
    }
)
"""The fields of rungs, moves and the like that hold the id of a clause."""

FLAGS: Final = frozenset(
    field.name for record in (InstanceRecord, VolumeRecord) for field in fields(record) if field.type is bool
)
"""The fields of records that are true or false."""


@dataclass(frozen=True)
class Place:
    """A rule or a table: a statement of a module, with the values that its names have in the running module."""

    module: str
    name: str
    statement: ast.FunctionDef | ast.Assign | ast.AnnAssign
    scope: Mapping[str, Any]
    text: Places

    def nodes(self, kind: type[N]) -> Iterator[N]:
        """Yield the nodes of a kind that say what EC2 does, in the order of the text."""
        return (node for node in self._parents if isinstance(node, kind))

    def parent(self, node: ast.AST) -> ast.AST:
        """Return the node around one that `nodes` gave."""
        return self._parents[node]

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return dict(_behaviour(self.statement, self.statement))

    def meaning(self, node: ast.AST) -> Any:  # noqa: ANN401 - whatever a name of a module stands for
        """Return the value of a name, or a member of an enum that has a name; None for other nodes."""
        match node:
            case ast.Name(id=name):
                return self.scope.get(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if isinstance(self.scope.get(name), type):
                return getattr(self.scope[name], attribute, None)
            case _:
                return None

    def replaced(self, node: ast.expr, text: str) -> Edit:
        """Return the edit that replaces the text of a node."""
        span = self.text.span(node)
        return Edit(span, text, span)

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Yield the calls of the function with this name."""
        return (call for call in self.nodes(ast.Call) if isinstance(call.func, ast.Name) and call.func.id == name)

    def field(self, node: ast.AST) -> str | None:
        """Return the field that a value is given to in a call."""
        parent = self.parent(node)
        return parent.arg if isinstance(parent, ast.keyword) else None

    def conditions(self) -> Iterator[ast.expr]:
        """Yield the expressions that are true or false, and decide something."""
        for node in self._parents:
            match node:
                case ast.BoolOp(values=parts):
                    yield from parts
                case ast.If(test=part) | ast.IfExp(test=part) | ast.UnaryOp(op=ast.Not(), operand=part):
                    yield part
                case ast.Return(value=ast.expr() as part) if self._answers_yes_or_no:
                    yield part
                case ast.Call(func=ast.Name(id="any" | "all"), args=[ast.GeneratorExp(elt=part)]):
                    yield part
                case ast.keyword(arg=str(name), value=part) if name in FLAGS:
                    yield part
                case _:
                    pass

    @property
    def _answers_yes_or_no(self) -> bool:
        return isinstance(self.statement, ast.FunctionDef) and _named(self.statement.returns, "bool")


def places(module: str, text: str, scope: Mapping[str, Any]) -> Iterator[Place]:
    """Yield the places of a module's text; `scope` has the values of its names."""
    where = Places(text)
    for statement in ast.parse(text).body:
        match statement:
            case ast.FunctionDef(returns=returns) if _named(returns, "str"):
                continue  # it only finds the id of a clause
            case ast.Assign(value=ast.Attribute()):
                continue  # a shorter name for a member of an enum
            case ast.FunctionDef() | ast.Assign() | ast.AnnAssign():
                for name in names_of(statement):
                    yield Place(module, name, statement, scope, where)
            case _:
                continue


def _named(annotation: ast.expr | None, name: str) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == name


def _behaviour(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield the nodes that say what EC2 does, each with the one around it."""
    yield node, parent
    for part in _parts(node):
        yield from _behaviour(part, node)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef(body=body):
            yield from (part for part in body if not isinstance(part, ast.Expr))
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            yield value
        case ast.Call(func=function, args=args, keywords=keywords):
            yield function
            yield from args
            yield from (one for one in keywords if one.arg not in NAMES_A_CLAUSE)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield from (part for part in (key, value) if part is not None)
        case ast.IfExp(body=body, test=test, orelse=orelse):
            yield from (body, test, orelse)
        case _:
            yield from ast.iter_child_nodes(node)
