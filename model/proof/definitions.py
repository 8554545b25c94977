"""Finds what the text of a module defines, imports and names, without running it."""

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True, eq=False)
class Definition:
    """The statement that gives a name its meaning, and the lines on which it stands."""

    statement: ast.stmt
    lines: tuple[str, ...]

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names that the statement uses, wherever they come from."""
        return frozenset(node.id for node in ast.walk(self.statement) if isinstance(node, ast.Name))

    def says(self, other: "Definition") -> bool:
        """Tell whether two statements say the same, whatever their layout and comments."""
        return self.lines == other.lines or self.said == other.said

    @cached_property
    def said(self) -> str:
        """The statement's syntax, without what is only said about a class and its members.

        (A class is vocabulary. A function's docstring is its promise, and is shown with it.)
        """
        part = self.statement
        if not isinstance(part, ast.ClassDef):
            return ast.dump(part)
        body = [member for member in part.body if not isinstance(member, ast.Expr)]
        return ast.dump(ast.ClassDef(part.name, part.bases, part.keywords, body, part.decorator_list))


@dataclass(frozen=True, slots=True)
class Imported:
    """Where an imported name comes from; `attribute` is empty for a module imported whole."""

    level: int
    module: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A module: its definitions and imports by name, and all names that it gives a meaning.

    `plain`: it has nothing but imports, definitions and documentation, so that running a part of it does no harm.
    """

    tree: ast.Module
    definitions: dict[str, Definition]
    imports: dict[str, Imported]
    bound: frozenset[str]
    plain: bool


@lru_cache(maxsize=256)
def read(text: str) -> Text:
    """Return what a module's text says; raises SyntaxError, ValueError."""
    tree = ast.parse(text)
    lines = text.split("\n")
    definitions: dict[str, Definition] = {}
    imports: dict[str, Imported] = {}
    bound: list[str] = []
    plain = True
    for statement in tree.body:
        names = names_of(statement)
        bound += names
        match statement:
            case ast.Import():
                imports |= {n: Imported(0, alias.name) for n, alias in zip(names, statement.names, strict=True)}
            case ast.ImportFrom(module=module, level=level):
                for name, alias in zip(names, statement.names, strict=True):
                    imports[name] = Imported(level, module or "", alias.name)
                    plain = plain and name != "*"
            case ast.Expr(value=ast.Constant()):
                pass
            case _ if len(names) == 1:
                definitions[names[0]] = Definition(statement, tuple(lines[_lines_of(statement)]))
            case _:
                plain = False
    return Text(tree, definitions, imports, frozenset(bound), plain and len(set(bound)) == len(bound))


def names_of(statement: ast.stmt) -> list[str]:
    """Return the names that an import, a definition or an assignment gives a meaning; none for other statements."""
    match statement:
        case ast.Import(names=aliases):
            return [alias.asname or alias.name.partition(".")[0] for alias in aliases]
        case ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name for alias in aliases]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def _lines_of(statement: ast.stmt) -> slice:
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    return slice(first - 1, statement.end_lineno)
