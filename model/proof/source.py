"""Finds the source of a rule, as a syntax tree with the lines it has in its file."""

import ast
import inspect
import linecache
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Final


class OutsideSubset(Exception):
    """A rule uses something that the prover cannot read; the message names file, line and construct."""

    def __init__(self, file: str, line: int, construct: str) -> None:
        super().__init__(file, line, construct)  # so that it can be sent from one process to another
        self._place = f"{file}:{line}"
        self._construct = construct

    def __str__(self) -> str:
        return f"{self._place}: {self._construct} is outside the subset of Python that can be proved"


@dataclass(frozen=True, slots=True)
class Source:
    """A function's definition, and its file for messages."""

    definition: ast.FunctionDef
    file: str


TRANSPARENT: Final = frozenset({"clause", "once_per_request", "property", "theorem"})
"""The decorators that leave what a function says as it is."""


@lru_cache(maxsize=4096)
def source_of(function: FunctionType) -> Source:
    """Return the definition of a function, without what decorates it; raises `OutsideSubset` where there is none."""
    code = inspect.unwrap(function).__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    file = short(code.co_filename)
    found = _definitions("".join(lines)).get((code.co_name, code.co_firstlineno))
    if found is None:
        raise OutsideSubset(file, code.co_firstlineno, f"{code.co_name} (a function without a definition)")
    for decorator in found.decorator_list:
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(name, ast.Name) or name.id not in TRANSPARENT:
            raise OutsideSubset(file, decorator.lineno, f"the decorator `{ast.unparse(decorator)}`")
    return Source(found, file)


def short(file: str) -> str:
    """Return a file's name below the folder `model`, which is the same on every machine."""
    _, model, below = file.rpartition("/model/")
    return f"model/{below}" if model else file.rpartition("/")[2]


@lru_cache(maxsize=64)
def _definitions(text: str) -> dict[tuple[str, int], ast.FunctionDef]:
    """Return every function in a file by its name and its first line, that of its first decorator if it has one."""
    return {
        (node.name, node.decorator_list[0].lineno if node.decorator_list else node.lineno): node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }
