"""The vocabulary of one version of the specification, read from its texts: each entry with its parts, as written."""

import ast
from collections.abc import Iterator, Mapping
from copy import copy
from enum import Enum
from typing import Final

from .definitions import names_of
from .variants import packages_of, path_of, read_module


class Kind(Enum):
    """The kinds of difference between two versions, in the order of the report."""

    MEMBER = "member"
    """A state, an operation, an error code, an alternative of a choice, the name of a background step."""
    FIELD = "field"
    OPERATION = "operation"
    REFUSAL = "refusal"
    STEP = "background step"
    CHOICE = "choice"
    ROW = "row"
    TABLE = "table"
    CLAUSE = "clause"
    RULE = "rule"


Parts = Mapping[str, str]
Entries = dict[tuple[Kind, str], Parts]

TEXT: Final = "text"
"""The part of an entry that is not worth quoting."""

ABOUT: Final = ("proof", "reach", "theorems")
"""The packages of `model` that only say something about the specification."""

_KINDS: Final = {
    "BackgroundStep": Kind.STEP,
    "VolumeStep": Kind.STEP,
    "Choice": Kind.CHOICE,
    "Clause": Kind.CLAUSE,
}
"""The records whose first field names an entry, wherever they stand in a table."""


def entries_of(texts: Mapping[str, str], label: str) -> Entries:
    """Return what a version has, by kind and name; `texts` are its modules by name; raises `DoesNotLoad`."""
    packages = packages_of(texts)
    trees = {
        name: read_module(text, path_of(name, packages, label)).tree
        for name, text in texts.items()
        if name.partition(".")[0] not in ABOUT
    }
    reader = _Reader(trees)
    found: Entries = {}
    for kind, name, parts in reader.entries():
        number, unique = 1, name
        while (kind, unique) in found:
            number += 1
            unique = f"{name} ({number})"
        found[kind, unique] = parts
    return found


_Entry = tuple[Kind, str, Parts]


class _Reader:
    """Reads the modules of one version; how its records are written is known from their own definitions."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        self._trees = trees
        classes = [part for tree in trees.values() for part in tree.body if isinstance(part, ast.ClassDef)]
        self._fields = {cls.name: tuple(name for name, _ in _fields(cls)) for cls in classes}
        self._operations = dict(_operations(trees))

    def entries(self) -> Iterator[_Entry]:
        """Yield every entry, in the order of the modules and of their texts."""
        for module, tree in self._trees.items():
            for statement in tree.body:
                yield from self._of_statement(module, statement)

    def _of_statement(self, module: str, statement: ast.stmt) -> Iterator[_Entry]:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                pass
            case ast.ClassDef():
                yield from _of_class(statement)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if names_of(statement):
                yield from self._of_table(module, names_of(statement)[0], value)
            case ast.FunctionDef(name=name):
                yield Kind.RULE, f"{name} of {module}", {TEXT: _written(statement)}
            case _:
                yield Kind.RULE, f"`{_written(statement).splitlines()[0]}` of {module}", {TEXT: _written(statement)}

    def _of_table(self, module: str, name: str, value: ast.expr) -> Iterator[_Entry]:
        match value:
            case ast.Dict(keys=keys, values=values):
                for key, row in zip(keys, values, strict=True):
                    yield Kind.ROW, f"{name}[{_written(key)}] of {module}", {"value": _written(row)}
            case ast.Call(func=ast.Name(id="Rung")):
                yield Kind.REFUSAL, f"{name} of {module}", self._parts(value)
            case ast.Call(func=ast.Name(id="OperationRules")):
                yield from self._of_operation(self._operations.get(f"{module}.{name}", f"{name} of {module}"), value)
            case ast.Call(func=ast.Name(id="Specification"), keywords=keywords):
                # Its operations are told with their rules.
                for one in keywords:
                    if one.arg != "operations":
                        yield Kind.TABLE, f"{one.arg} of {name}", {"value": _written(one.value)}
            case _ if entries := list(self._of_records(value)):
                yield from entries
            case _:
                yield Kind.TABLE, f"{name} of {module}", {"value": _written(value)}

    def _of_records(self, value: ast.expr) -> Iterator[_Entry]:
        """Yield the entries of a table of records, or of one record."""
        for part in value.elts if isinstance(value, ast.Tuple) else [value]:
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in _KINDS:
                name, *parts = self._parts(part).items()
                yield _KINDS[part.func.id], name[1].rpartition(".")[2].strip('"'), dict(parts)

    def _of_operation(self, operation: str, call: ast.Call) -> Iterator[_Entry]:
        given = self._arguments(call)
        ladder = given.pop("ladder", None)
        yield Kind.OPERATION, operation, {field: _written(value) for field, value in given.items()}
        for part in ladder.elts if isinstance(ladder, ast.Tuple) else []:
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "Rung":
                refusal, *parts = self._parts(part).items()
                yield Kind.REFUSAL, f"{refusal[1].rpartition('.')[2]} of {operation}", dict(parts)
            else:
                yield Kind.REFUSAL, f"{_written(part)} of {operation}", {}

    def _parts(self, call: ast.Call) -> dict[str, str]:
        """Return what a record is made of, field by field; a field that is a table, key by key."""
        parts: dict[str, str] = {}
        for field, value in self._arguments(call).items():
            if isinstance(value, ast.Dict):
                for key, one in zip(value.keys, value.values, strict=True):
                    parts[f"{field} of the {_written(key).rpartition('.')[2].lower()}"] = _written(one)
            else:
                parts[field] = _written(value)
        return parts

    def _arguments(self, call: ast.Call) -> dict[str, ast.expr]:
        """Return the arguments of a call by the names of the fields, in the order of these."""
        fields = self._fields.get(call.func.id, ()) if isinstance(call.func, ast.Name) else ()
        names = [*fields, *(f"argument {k}" for k in range(len(fields) + 1, len(call.args) + 1))]
        given = dict(zip(names, call.args, strict=False))
        given |= {keyword.arg or "**": keyword.value for keyword in call.keywords}
        return {name: given[name] for name in dict.fromkeys([*names, *given]) if name in given}


def _operations(trees: Mapping[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Yield the tables that hold the rules of an operation, each with EC2's name of the operation."""
    classes = (part for tree in trees.values() for part in tree.body if isinstance(part, ast.ClassDef))
    names = {name: value.strip('"') for cls in classes if cls.name == "Operation" for name, value in _members(cls)}
    for node in ast.walk(trees.get("specification", ast.Module([], []))):
        match node:
            case ast.keyword(arg="operations", value=ast.Dict(keys=keys, values=values)):
                for key, rules in zip(keys, values, strict=True):
                    member = _written(key).rpartition(".")[2]
                    yield f"rules.{_written(rules)}", names.get(member, member)
            case _:
                pass


def _of_class(cls: ast.ClassDef) -> Iterator[_Entry]:
    """Yield the members of an enum, the fields of a record, and the methods of either."""
    if any(_written(base).endswith("Enum") for base in cls.bases):
        for name, value in _members(cls):
            yield Kind.MEMBER, f"{cls.name}.{name}", {"value": value}
    else:
        for name, parts in _fields(cls):
            yield Kind.FIELD, f"{cls.name}.{name}", parts
    for part in cls.body:
        if isinstance(part, ast.FunctionDef):
            yield Kind.RULE, f"{cls.name}.{part.name}", {TEXT: _written(part)}


def _members(cls: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for part in cls.body:
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, _written(value)
            case _:
                pass


def _fields(cls: ast.ClassDef) -> Iterator[tuple[str, Parts]]:
    for part in cls.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
                yield name, {"type": _written(annotation)}
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                yield name, {"type": _written(annotation), "default": _written(value)}
            case _:
                pass


def _written(node: ast.AST | None) -> str:
    """Return a node as Python, in one way for all layouts; of a rule, without its docstring."""
    match node:
        case None:
            return "**"
        case ast.Constant(value=str(text)):
            return f'"{text}"'
        case ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *body]):
            undocumented = copy(node)
            undocumented.body = body or [ast.Pass()]
            return ast.unparse(undocumented)
        case _:
            return ast.unparse(node)
